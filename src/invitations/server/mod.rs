//! [ssr] The verbs of invitations: send, renew, answer, accept; and notices, reminders and expiry.

mod accept;
pub mod access;
mod answer;
mod ask;
mod entities;
mod invitation;
pub mod joining;
pub mod letters;
mod notices;
mod partners;
pub mod queries;
mod receive;
mod removal;
mod renew;
mod send;

pub use accept::{Acceptance, accept, accept_or_tell};
pub use answer::{
    AskAdmin, Refusal, ask_admin, decline, find_stoppable, found_company, masked, request_new, set_stopped,
};
pub use ask::{Ask, Sent, Target};
pub use entities::remove_entity;
pub use invitation::{Connect, ConnectInvitation, Invitation, Join, JoinInvitation, Open, Purpose, State};
pub use notices::{dismiss, do_due, note_void};
pub use partners::{Removal, remove_partner};
pub use removal::{remove_invited, remove_source};
pub use renew::{
    act, copy_link, find_for, find_taken, hold_of_source, invite_again, readdress, resend, revoke, revoke_of_entity,
};
pub use send::send;

use crate::{
    base::MailId,
    server::{AppState, Fault, live::Event},
};
use futures::future::BoxFuture;

/// Called after an email was sent or has failed: updates the open pages that show its state, and notifies the inviter if it
/// can't be delivered.
pub fn after_mail(state: &AppState, mail_id: MailId) -> BoxFuture<'static, ()> {
    let state = state.clone();
    Box::pin(async move {
        if let Err(fault) = tell_of_mail(&state, mail_id).await {
            drop(fault.report());
        }
    })
}

async fn tell_of_mail(state: &AppState, mail_id: MailId) -> Result<(), Fault> {
    for (account_id, flow_id) in queries::flows_of_mail(&state.pool, mail_id).await? {
        state.live.publish(Event::FlowSources { account_id, flow_id });
    }
    let cx = state.system().await?;
    cx.write(Some(mail_id), |tx, only| Box::pin(notices::note_undeliverable(tx, only))).await?;
    Ok(())
}
