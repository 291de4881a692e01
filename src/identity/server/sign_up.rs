//! Signing up: a person with a company, from a proved address.

use super::{
    Device, letters,
    parse::Newcomer,
    queries::{self, NewSignup, Person, Signup},
    queue_mail,
};
use crate::{
    accounts::{
        model::Plan,
        server::{self as accounts, NewAccount},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, AppError, EmailAddress, Id, InvitationId, Problem, Secret, SignupId, Token, UserId, paths},
    server::{Cx, Fault, Tx, ids::random_bytes, session, throttle::Limit},
};
use axum::http::{HeaderMap, HeaderValue};
use time::Duration;

const LIVES: Duration = Duration::days(3);
/// Names the sign-up whose mail this browser waits for, known address or not.
const COOKIE: &str = "accord-signup";

/// The invitation on whose page a sign-up began, and the secret of the link that opened it. The link proved nothing, or
/// another address; so the typed one is proved first, and then the page is opened again.
#[derive(Debug, Clone)]
pub struct ForInvitation {
    pub invitation_id: InvitationId,
    pub link: Token,
}

/// Takes a sign-up down and mails its link. Whether the address has a login already is told only to its mailbox: the page
/// says the same either way, and takes the same time. The cookie lets this browser ask for the mail again.
pub async fn sign_up(cx: &Cx, newcomer: Newcomer, for_: Option<ForInvitation>) -> Result<HeaderValue, Fault> {
    cx.take_by_address(Limit::SignUpAddress)?;
    cx.state.limits.take(Limit::SignUpRecipient, newcomer.email.key())?;
    let hash = cx.state.passwords.hash(&newcomer.password).await?;
    let id: SignupId = cx.state.make_id(cx.now);
    let content = [&id.bytes()[..], newcomer.email.shown().as_bytes()].concat();
    cx.write((newcomer, hash, for_), |tx, (newcomer, hash, for_)| {
        Box::pin(async move {
            let (token, expires_at) = (Token::from_bytes(random_bytes()), tx.now() + LIVES);
            let sealed = for_.as_ref().map(|it| tx.cx.state.seal.close(&id.bytes(), it.link.bytes()));
            let invitation_id = for_.map(|it| it.invitation_id);
            let new = NewSignup {
                id,
                token: token.hashed(),
                newcomer: &newcomer,
                password_hash: &hash,
                invitation_id,
                sealed_link: sealed.as_deref(),
                expires_at,
            };
            match queries::insert_signup(tx, &new).await? {
                Some(person) => queue_mail(tx, person, letters::already_has_login(invitation_id), None).await,
                None => {
                    let person = Person { name: newcomer.name, email: newcomer.email.deliverable() };
                    let letter = letters::confirm_address(&newcomer.company, invitation_id.is_some());
                    queue_mail(tx, person, letter, Some(&token)).await
                }
            }
        })
    })
    .await?;
    Ok(session::sealed_cookie(&cx.state, COOKIE, COOKIE.as_bytes(), &content, paths::SIGN_UP, LIVES))
}

/// The sign-up this browser waits for: what its cookie says.
fn waiting(cx: &Cx, headers: &HeaderMap) -> Option<(SignupId, EmailAddress)> {
    let content = session::unsealed_cookie(&cx.state, headers, COOKIE, COOKIE.as_bytes())?;
    let (id, email) = content.split_first_chunk::<12>()?;
    Some((SignupId::from_bytes(*id), EmailAddress::parse(std::str::from_utf8(email).ok()?).ok()?))
}

/// The address that the sign-up of this browser was made with.
pub fn waiting_address(cx: &Cx, headers: &HeaderMap) -> Option<String> {
    waiting(cx, headers).map(|(_, email)| email.shown().to_owned())
}

/// Mails the link of this browser's own sign-up again, never that of somebody else who typed the same address. The page
/// says the same whatever became of it.
pub async fn send_again(cx: &Cx, headers: &HeaderMap) -> Result<(), Fault> {
    let Some((id, email)) = waiting(cx, headers) else { return Err(Problem::SignUpAgain.into()) };
    cx.take_by_address(Limit::SignUpAddress)?;
    cx.state.limits.take(Limit::SignUpRecipient, email.key())?;
    cx.write((id, email), |tx, (id, email)| {
        Box::pin(async move {
            let (token, now) = (Token::from_bytes(random_bytes()), tx.now());
            let found = queries::renew_signup(tx, id, email.key(), token.hashed(), now + LIVES).await?;
            let person = Person { name: found.name.unwrap_or_default(), email: email.deliverable() };
            match found.company {
                _ if found.has_login => queue_mail(tx, person, letters::already_has_login(None), None).await,
                Some(company) => {
                    let letter = letters::confirm_address(&company, found.invitation_id.is_some());
                    queue_mail(tx, person, letter, Some(&token)).await
                }
                None => Ok(()),
            }
        })
    })
    .await
}

/// What following the link of a sign-up brought.
#[derive(Debug)]
pub struct Verified {
    /// The browser is signed in, and known from now on.
    pub cookies: Vec<HeaderValue>,
    /// The invitation to go on with, and the secret that opens its page.
    pub invitation: Option<(InvitationId, Token)>,
}

/// Follows the link of a sign-up: the address is proved, person and company exist, the browser is signed in. A company
/// that begins with an invitation has no plan yet; accepting brings it.
pub async fn verify_sign_up(cx: &Cx, token: Token, device: &Device) -> Result<Verified, Fault> {
    let (user_id, session, signup) = cx
        .write(token, |tx, token| {
            Box::pin(async move {
                let signup = queries::claim_signup(tx, token.hashed()).await?.ok_or(Problem::LinkUsed)?;
                let user_id = tx.make_id::<UserId>();
                let Signup { name, company, email, email_key, password_hash, .. } = &signup;
                queries::insert_user(tx, user_id, name, email, email_key, password_hash).await?;
                let plan = match signup.invitation_id {
                    Some(_) => None,
                    None => Plan::parse(&tx.cx.state.config.signup_plan),
                };
                let account = NewAccount { name: company.clone(), plan, trustedform: false };
                let account_id = found_account(tx, &account, user_id).await?;
                let session = session::start(tx, user_id, Some(account_id)).await?;
                Ok((user_id, session, signup))
            })
        })
        .await
        .map_err(|fault| match fault {
            // The form has no such field: the address got its login another way meanwhile.
            Fault::Told(AppError::Invalid(_)) => Problem::AddressHasLogin.into(),
            other => other,
        })?;
    let cookies = vec![session, device.cookie(&cx.state, cx.now, user_id)];
    Ok(Verified { cookies, invitation: onward(cx, &signup) })
}

fn onward(cx: &Cx, signup: &Signup) -> Option<(InvitationId, Token)> {
    let link = cx.state.seal.open(&signup.id.bytes(), signup.sealed_link.as_deref()?)?;
    Some((signup.invitation_id?, Token::from_bytes(link.try_into().ok()?)))
}

/// A person with a company, from somebody who proved the address by the link in a mail: signed in at once. The company
/// has no plan yet; accepting the invitation brings it.
/// The cookies: the session's, and the one by which this browser is known from then on.
pub async fn sign_up_from_invitation(cx: &Cx, newcomer: Newcomer, device: &Device) -> Result<[HeaderValue; 2], Fault> {
    let hash = hash_of_newcomer(cx, &newcomer.password).await?;
    let (user_id, session) = cx
        .write((newcomer, hash), |tx, (newcomer, hash)| {
            Box::pin(async move {
                let account = NewAccount { name: newcomer.company.clone(), plan: None, trustedform: false };
                let (user_id, account_id) = settle(tx, &newcomer, &hash, &account).await?;
                Ok((user_id, session::start(tx, user_id, Some(account_id)).await?))
            })
        })
        .await?;
    Ok([session, device.cookie(&cx.state, cx.now, user_id)])
}

/// A verified person with a company of the given subscriptions and an API key, for `accord account create` and the demo.
pub async fn create_with_account(
    cx: &Cx,
    newcomer: Newcomer,
    account: NewAccount,
) -> Result<(AccountId, UserId, Secret), Fault> {
    let hash = cx.state.passwords.hash(&newcomer.password).await?;
    cx.write((newcomer, hash, account), |tx, (newcomer, hash, account)| {
        Box::pin(async move {
            let (user_id, account_id) = settle(tx, &newcomer, &hash, &account).await?;
            let made = accounts::create_api_key(tx, account_id, user_id, "First key").await?;
            record(tx, Entry::about(account_id, Deed::ApiKeyCreated, made.id, "First key").by(user_id)).await?;
            Ok((account_id, user_id, made.key))
        })
    })
    .await
}

async fn found_account(tx: &mut Tx, account: &NewAccount, admin: UserId) -> Result<AccountId, Fault> {
    let account_id = accounts::create(tx, account, admin).await?;
    let created = Entry::about(account_id, Deed::AccountCreated, account_id, &account.name).by(admin);
    record(tx, created).await?;
    Ok(account_id)
}

async fn settle(
    tx: &mut Tx,
    newcomer: &Newcomer,
    hash: &str,
    account: &NewAccount,
) -> Result<(UserId, AccountId), Fault> {
    let user_id = create_person(tx, &newcomer.name, &newcomer.email, hash).await?;
    Ok((user_id, found_account(tx, account, user_id).await?))
}

/// The hash of the password of somebody who signs up by a mailed link; limited by network address.
pub async fn hash_of_newcomer(cx: &Cx, password: &Secret) -> Result<String, Fault> {
    cx.take_by_address(Limit::SignUpAddress)?;
    cx.state.passwords.hash(password).await
}

/// A login for an address whose owner has proved it, and has none yet. It belongs to no company.
pub async fn create_person(tx: &mut Tx, name: &str, email: &EmailAddress, hash: &str) -> Result<UserId, Fault> {
    let user_id = tx.make_id::<UserId>();
    if queries::find_user(tx, email.key()).await?.is_some() {
        return Err(Fault::Told(AppError::invalid("email", Problem::AddressHasLogin)));
    }
    // Sign-ups before the user, as whoever follows the link of one does.
    queries::void_signups(tx, email.key()).await?;
    queries::insert_user(tx, user_id, name, email.shown(), email.key(), hash).await?;
    Ok(user_id)
}
