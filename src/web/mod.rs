//! [ssr] The page framework: the table of routes, visits and screens, posted forms, and messages after a redirect. It
//! imports nothing from the rooms except the account plans.

mod confirm;
mod document;
mod forms;
mod frame;
mod function;
mod message;
mod page;
mod paging;
mod post;
mod posted;
mod routes;
mod screen;
mod visit;

pub use crate::server::Audience;
pub use confirm::{Confirm, ConfirmForm, consequences, no_longer_open};
pub use document::THEME_COOKIE;
pub use forms::{form_errors, form_identity, partner_identity};
pub use frame::{PortalAccess, theme_choice};
pub use message::Message;
pub(crate) use message::messages;
pub use page::PageResult;
pub use paging::ListPage;
pub use post::Post;
pub use posted::{PostResult, Posted, Redirect};
pub use routes::{Endpoint, Kind, PageRoute, Routes, page};
pub use screen::Screen;
pub use visit::Visit;
