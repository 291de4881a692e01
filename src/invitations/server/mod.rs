//! [ssr] The verbs of invitations: send, renew, answer, accept; and notices, reminders and expiry.

mod accept;
pub mod access;
mod answer;
mod company_invite;
mod due;
mod entities;
mod invitation;
pub mod letters;
mod limits;
mod links;
mod notices;
mod partners;
pub mod queries;
mod receive;
mod removal;
mod renew;
mod send;
pub mod team_invites;

pub use accept::{Acceptance, Onward, accept, accept_or_notify};
pub use answer::{
    AdminRequest, DeclineRequest, ask_admin, create_company, decline, find_stop_state, masked, request_new, set_stopped,
};
pub use company_invite::{CompanyInvite, SendResult, Target};
pub use due::run_due;
pub use entities::remove_entity;
pub use invitation::{Connect, ConnectInvitation, Invitation, Join, JoinInvitation, Open, Purpose, State};
pub use notices::{dismiss, notify_void};
pub use partners::{Removal, remove_partner};
pub use removal::{remove_invited, remove_source};
pub use renew::{
    act, copy_link, find_entity_at_address, find_for, invite_again, lock_of_source, readdress, resend, revoke,
    revoke_of_entity,
};
pub use send::{invite_facts, send};

use crate::{
    base::MailId,
    server::{AppState, Fault, live::Event},
};
use futures::future::BoxFuture;

/// Called after an email was sent or has failed: updates the open pages that show its state, and notifies the inviter
/// if it can't be delivered.
pub fn after_mail(state: &AppState, mail_id: MailId) -> BoxFuture<'static, ()> {
    let state = state.clone();
    Box::pin(async move {
        if let Err(fault) = update_after_mail(&state, mail_id).await {
            drop(fault.report());
        }
    })
}

async fn update_after_mail(state: &AppState, mail_id: MailId) -> Result<(), Fault> {
    for (account_id, flow_id) in queries::flows_of_mail(&state.pool, mail_id).await? {
        state.live.publish(Event::FlowSources { account_id, flow_id });
    }
    let cx = state.system().await?;
    due::notify_undeliverable(&cx, mail_id).await
}
