//! The portal: the pages a partner's own people see. The page of its leads is in the `leads` room.

mod docs;
mod performance;
mod profile;

pub use docs::portal_docs_page;
pub use performance::{csv, portal_performance_page};
pub use profile::{portal_profile_page, post_profile};
