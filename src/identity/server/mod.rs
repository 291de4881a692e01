//! [ssr] Verbs on people. A row in `users` exists only for a verified address. Before that there is only a sign-up,
//! which grants nothing, so nobody can reserve someone else's address (abuse-cases.md 18).

mod address;
mod attempts;
mod device;
mod letters;
mod me;
pub mod parse;
pub mod queries;
mod reset;
mod sign_in;
mod sign_up;

pub use address::{confirm_address, request_address_change};
pub use attempts::count_sign_up;
pub use device::Device;
pub use me::{change_password, choose_docs_mails, end_other_sessions, end_session, rename};
pub use reset::{find_reset, forgot_password, reset_password};
pub use sign_in::{SignIn, sign_in, sign_out, switch_account};
pub use sign_up::{
    ForInvitation, Owner, SignupCookies, Verified, create_person, create_with_account, hash_sign_up_password,
    pending_address, resend, sign_up, sign_up_from_invitation, signed_up_here, verify_sign_up,
};

use crate::{
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{Problem, Token, UserId},
    server::{
        Cx, Fault, Tx,
        mail::{self, Letter, MailSecret, Outgoing},
        throttle::Limit,
    },
};
use queries::{AddressChange, Person, Signup};
use serde_json::Value;

/// What a `/verify/` link confirms.
pub enum Pending {
    SignUp(Signup),
    AddressChange(AddressChange),
}

/// Looks up what a `/verify/` link confirms, without changing anything.
pub async fn find_pending(cx: &Cx, token: &Token) -> Result<Pending, Fault> {
    let change = {
        let (mut conn, hash) = (cx.read().await?, token.hashed());
        if let Some(signup) = queries::find_signup(&mut conn, hash, cx.now).await? {
            return Ok(Pending::SignUp(signup));
        }
        queries::find_change(&mut conn, hash, cx.now).await?
    };
    match change {
        Some(change) => Ok(Pending::AddressChange(change)),
        None => Err(unknown_link(cx).await),
    }
}

/// Unknown, used and expired links all get the same response. Trying many is rate-limited (abuse-cases.md 1).
async fn unknown_link(cx: &Cx) -> Fault {
    cx.take([cx.by_network(Limit::UnknownLink)]).await.err().unwrap_or(Problem::LinkUsed.into())
}

/// Records a change people make to their own profile in the activity of each of their accounts, or without an account
/// if they have none.
async fn record_personal(
    tx: &mut Tx,
    user_id: UserId,
    deed: Deed,
    before: Option<Value>,
    after: Option<Value>,
) -> Result<(), Fault> {
    let accounts = queries::list_accounts(tx, user_id).await?;
    let account_ids = if accounts.is_empty() { vec![None] } else { accounts.into_iter().map(Some).collect() };
    for account_id in account_ids {
        let mut entry = Entry::unnamed::<UserId>(account_id, deed).by(user_id);
        entry = before.clone().map_or(entry.clone(), |value| entry.clone().before(value));
        entry = after.clone().map_or(entry.clone(), |value| entry.clone().after(value));
        record(tx, entry).await?;
    }
    Ok(())
}

async fn queue_mail(tx: &mut Tx, person: Person, letter: Letter, secret: Option<&Token>) -> Result<(), Fault> {
    let secret = secret.map(MailSecret::of_link);
    let mail = Outgoing { to: person.email, to_name: person.name, reply_to: None, letter, secret };
    mail::queue(tx, mail).await?;
    Ok(())
}
