//! [both] Pure ground: ids, the closed error that crosses the wire, addresses, secrets, pages.
//! Depends on nothing of ours.

pub mod paths;
pub(crate) mod text_enum;

#[cfg(feature = "ssr")]
mod email;
mod error;
mod form;
mod id;
#[cfg(feature = "ssr")]
mod secret;
mod when;

pub use error::{AppError, FieldError, Problem};
pub use form::FormReturn;
pub use id::*;
pub use when::When;

#[cfg(feature = "ssr")]
pub use email::{EmailAddress, EmailProblem};
#[cfg(feature = "ssr")]
pub use secret::{Hashed, Secret, Token};
