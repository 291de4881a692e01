//! [ssr] The pages of invitations: sending one from a flow, the list, and what an invited person sees.

mod endings;
mod invite;
mod list;
mod posts;
mod visit;

pub use invite::InvitePartner;
pub use list::Invitations;
pub use posts::{post_accept, post_decline, post_invite, post_sign_up};
pub use visit::{Decline, Invitation, OpenLink, SignUpToAccept};
