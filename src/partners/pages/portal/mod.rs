//! The portal: a partner as its own people see it. Its leads are a page of the room of leads.

mod docs;
mod performance;
mod profile;

pub use docs::PortalDocs;
pub use performance::{PortalPerformance, csv};
pub use profile::{PortalProfile, post_profile};
