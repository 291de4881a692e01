//! The emails of the room.

use crate::{
    base::paths,
    server::mail::{Letter, Link},
};

/// Tells a connected seller that it was added to another flow and can read its docs.
pub fn docs_shared(buyer: &str, flow: &str, docs: String) -> Letter {
    Letter::new(&format!("{buyer} shared new Submission Docs with you"), &format!("{buyer} wants your leads in {flow}"))
        .preheader("See where and how to send them.")
        .text(&format!(
            "{buyer} added your company as a source of the flow {flow}. Its Submission Docs show where to send leads, \
             which fields to send, and which leads are accepted."
        ))
        .button("Read the Submission Docs", Link::path(docs))
        .plain_link("All your Submission Docs:", Link::path(paths::SUBMISSION_DOCS))
        .why(&format!("You received this email because your company is connected with {buyer} on Accord."))
}
