//! [both] Basic types: ids, errors, email addresses, secrets, paths. Depends on no other module.

mod fetch;
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
pub use fetch::Fetch;
pub use form::FormState;
pub use id::*;
pub use when::DisplayTime;

#[cfg(feature = "ssr")]
pub use {
    email::{EmailAddress, EmailProblem},
    secret::{Secret, SecretHash, Token},
};
