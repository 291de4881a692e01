//! [ssr] Sign-up, sign-in, the pages their emails link to, and the profile. All of them work without script.

mod frame;
mod links;
mod me;
mod sign_in;
mod sign_up;

pub use frame::{post_sign_out, post_switch, post_theme};
pub use links::{forgot_page, forgot_sent_page, post_forgot, post_reset, post_verify, reset_page, verify_page};
pub use me::{
    me_page, post_change_address, post_change_password, post_end_other_sessions, post_end_session, post_notifications,
    post_rename,
};
pub use sign_in::{post_sign_in, sign_in_page};
pub use sign_up::{newcomer_fields, post_resend, post_sign_up, sign_up_page, sign_up_sent_page};

use crate::{
    base::{EmailAddress, FieldError, Problem, Secret},
    server::{Fault, password},
    web::Post,
};

/// Reports all empty fields together.
fn require(post: &Post, fields: &[&str]) -> Result<(), Fault> {
    let empty = fields.iter().filter(|field| post.fields.get(field).is_empty());
    Fault::reject_if_any(
        empty.map(|field| FieldError { field: (*field).to_owned(), problem: Problem::Required }).collect(),
    )
}

fn email(post: &Post) -> Result<EmailAddress, Fault> {
    EmailAddress::parse_typed(post.fields.get("email")).map_err(|problem| Fault::field("email", problem.into()))
}

fn new_password(post: &Post) -> Result<Secret, Fault> {
    password::parse(post.fields.get("password")).map_err(|problem| Fault::field("password", problem))
}
