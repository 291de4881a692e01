//! [ssr] The pages of invitations: sending them, the lists with their actions, and what an invitee sees.

mod accepting;
mod company;
mod decline;
mod endings;
mod facts;
mod invite;
mod invite_company;
mod join;
mod list;
mod manage;
mod receiving;
mod recipients;
mod remove;
mod sign_up;
mod stop;
pub mod team;
mod visit;

pub use accepting::{post_accept, post_ask_admin};
pub use company::{company_to_accept_page, post_company};
pub use decline::{decline_page, post_decline};
pub use endings::{post_link_ending, post_request};
pub use invite::{invite_partner_page, post_invite};
pub use invite_company::{invite_recipient_page, invite_source_page, post_invite_recipient, post_invite_source};
pub use join::post_join;
pub use list::{
    actions as invitation_actions, invitations_page, post_act, post_invitations, state as invitation_state,
};
pub use manage::{copy_link_page, post_address, post_link, post_revoke, revoke_page, send_to_another_address_page};
pub use recipients::{post_recipients, recipients_page};
pub use remove::{post_remove_invited, remove_invited_page};
pub use sign_up::{post_sign_up, sign_up_to_accept_page};
pub use stop::{post_stop, stop_invitations_page};
pub use visit::{invitation_page, open_link_page};
