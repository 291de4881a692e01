//! [ssr] The pages of invitations: sending one from a flow, the list and what can be done there, and what an invited
//! person sees.

mod accepting;
mod ask;
mod endings;
mod facts;
mod invite;
mod joining;
mod list;
mod manage;
mod posts;
mod receiving;
mod recipients;
mod remove;
mod stop;
pub mod team;
mod visit;

pub use accepting::company_to_accept_page;
pub use ask::{invite_recipient_page, invite_source_page, post_invite_recipient, post_invite_source};
pub use invite::invite_partner_page;
pub use list::{
    actions as invitation_actions, invitations_page, post_act, post_invitations, state as invitation_state,
};
pub use manage::{copy_link_page, post_address, post_link, post_revoke, revoke_page, send_to_another_address_page};
pub use posts::{post_company, post_decline, post_invitation, post_invite, post_link_ending, post_sign_up};
pub use recipients::{post_recipients, recipients_page};
pub use remove::{post_remove_invited, remove_invited_page};
pub use stop::{post_stop, stop_invitations_page};
pub use visit::{decline_page, invitation_page, open_link_page, sign_up_to_accept_page};
