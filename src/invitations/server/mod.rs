//! [ssr] Verbs on invitations: send, accept, decline.

mod accept;
pub mod access;
mod letters;
pub mod queries;
mod send;

pub use accept::{Acceptance, accept, decline};
pub use send::{Ask, Sent, send};

use crate::{
    base::MailId,
    server::{AppState, live::Event},
};
use futures::future::BoxFuture;

/// After a mail was sent or failed: the pages that show its state learn of it.
pub fn after_mail(state: &AppState, mail_id: MailId) -> BoxFuture<'static, ()> {
    let state = state.clone();
    Box::pin(async move {
        match queries::flows_of_mail(&state.pool, mail_id).await {
            Ok(flows) => {
                for (account_id, flow_id) in flows {
                    state.live.publish(Event::FlowSources { account_id, flow_id });
                }
            }
            Err(fault) => drop(fault.report()),
        }
    })
}
