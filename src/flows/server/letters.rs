//! The mails of the room.

use crate::{
    base::paths,
    server::mail::{Letter, Link},
};

/// A connected seller was added to a further flow: its docs are shared from now on.
pub fn docs_shared(buyer: &str, flow: &str, docs: String) -> Letter {
    Letter::new(&format!("{buyer} shares new Submission Docs with you"), &format!("{buyer} wants your leads in {flow}"))
        .preheader("Read where to send the leads.")
        .text(&format!(
            "{buyer} made your company a source of the flow {flow}. Its Submission Docs tell where to send leads, which \
             fields to send, and what makes a lead accepted."
        ))
        .button("Read the Submission Docs", Link::path(docs))
        .plain_link("All your Submission Docs:", Link::path(paths::SUBMISSION_DOCS))
        .why(&format!("You get this mail because your company is connected with {buyer} on Accord."))
}
