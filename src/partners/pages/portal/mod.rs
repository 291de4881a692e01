//! The portal: a partner as its own people see it. Its leads are a page of the room of leads.

mod docs;
mod performance;
mod profile;

pub use docs::portal_docs_page;
pub use performance::{csv, portal_performance_page};
pub use profile::{portal_profile_page, post_profile};
