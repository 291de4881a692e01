//! [ssr] Verbs on people. A row in `users` exists only for an address its owner has proved; before that there is a
//! sign-up that counts for nothing. So nobody can wait in somebody else's name (abuse-cases.md 18).

mod address;
mod device;
mod letters;
mod me;
pub mod parse;
pub mod queries;
mod reset;
mod sign_in;
mod sign_up;

pub use address::{ask_address, confirm_address};
pub use device::Device;
pub use me::{change_password, choose_docs_mails, end_other_sessions, end_session, rename};
pub use reset::{find_reset, forgot_password, reset_password};
pub use sign_in::{SignIn, sign_in, sign_out, switch_account};
pub use sign_up::{
    ForInvitation, Verified, create_person, create_with_account, hash_of_newcomer, send_again, sign_up,
    sign_up_from_invitation, verify_sign_up, waiting_address,
};

use crate::{
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{Problem, Token, UserId},
    server::{
        Cx, Fault, Tx,
        mail::{self, Letter, Outgoing},
        throttle::Limit,
    },
};
use queries::{AddressChange, Person, Signup};
use serde_json::Value;

/// What a link of `/verify/` would do.
pub enum Waiting {
    SignUp(Signup),
    Change(AddressChange),
}

/// What a link of `/verify/` shows before its button is pressed.
pub async fn find_waiting(cx: &Cx, token: &Token) -> Result<Waiting, Fault> {
    let (mut conn, hash) = (cx.read().await?, token.hashed());
    if let Some(signup) = queries::find_signup(&mut conn, hash, cx.now).await? {
        return Ok(Waiting::SignUp(signup));
    }
    let change = queries::find_change(&mut conn, hash, cx.now).await?;
    change.map(Waiting::Change).ok_or_else(|| unknown_link(cx))
}

/// The answer to a link that is not known, or not any more: all alike. Who tries many is stopped (abuse-cases.md 1).
fn unknown_link(cx: &Cx) -> Fault {
    cx.take_by_address(Limit::UnknownLink).err().unwrap_or(Problem::LinkUsed.into())
}

/// Writes down what somebody did about themselves, where their companies see it; without one it is kept all the same.
async fn record_personal(
    tx: &mut Tx,
    user_id: UserId,
    deed: Deed,
    before: Option<Value>,
    after: Option<Value>,
) -> Result<(), Fault> {
    let accounts = queries::list_accounts(tx, user_id).await?;
    let places = if accounts.is_empty() { vec![None] } else { accounts.into_iter().map(Some).collect() };
    for place in places {
        let mut entry = Entry::unnamed::<UserId>(place, deed).by(user_id);
        entry = before.clone().map_or(entry.clone(), |value| entry.clone().before(value));
        entry = after.clone().map_or(entry.clone(), |value| entry.clone().after(value));
        record(tx, entry).await?;
    }
    Ok(())
}

async fn queue_mail(tx: &mut Tx, person: Person, letter: Letter, secret: Option<&Token>) -> Result<(), Fault> {
    let secret = secret.map(Token::reveal);
    let mail = Outgoing { to: person.email, to_name: person.name, reply_to: None, letter, secret };
    mail::queue(tx, mail).await?;
    Ok(())
}
