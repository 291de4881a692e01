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

pub use accepting::CompanyToAccept;
pub use ask::{InviteRecipient, InviteSource, post_invite_recipient, post_invite_source};
pub use invite::InvitePartner;
pub use list::{Invitations, actions as invitation_actions, post_act, post_invitations, state as invitation_state};
pub use manage::{CopyLink, Revoke, SendToAnotherAddress, post_address, post_link, post_revoke};
pub use posts::{post_company, post_decline, post_invitation, post_invite, post_link_ending, post_sign_up};
pub use recipients::{Recipients, post_recipients};
pub use remove::{RemoveInvited, post_remove_invited};
pub use stop::{StopInvitations, post_stop};
pub use visit::{Decline, Invitation, OpenLink, SignUpToAccept};
