//! Sign-up: creates a person with a company once the address is verified.

use super::{
    Device, attempts, letters,
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

const LINK_LIFETIME: Duration = Duration::days(3);
/// Identifies this browser's pending sign-up. It is set whether or not the address is known.
const COOKIE: &str = "accord-signup";
/// Where the cookie is sent: to resend the email, and to keep the password when the address is confirmed.
const COOKIE_PATHS: [&str; 2] = [paths::SIGN_UP, "/verify"];

/// The invitation on whose page a sign-up began, and the secret of the link that opened it. That link verified no
/// address or a different one, so the typed address is verified first, and then the invitation page opens again.
#[derive(Debug, Clone)]
pub struct ForInvitation {
    pub invitation_id: InvitationId,
    pub link: Token,
}

/// Stores a sign-up and emails its link. Only the address's mailbox learns whether a user already has it: the page is
/// the same either way and takes the same time. With the cookies, this browser can resend the email and confirm the
/// address without another password. Call [`count_sign_up`] first.
///
/// [`count_sign_up`]: super::count_sign_up
pub async fn sign_up(cx: &Cx, newcomer: Newcomer, invited: Option<ForInvitation>) -> Result<SignupCookies, Fault> {
    let hash = cx.state.passwords.hash(&newcomer.password).await?;
    let id: SignupId = cx.state.make_id(cx.now);
    let cookies = cookies(cx, id, &newcomer.email);
    cx.write((newcomer, hash, invited), |tx, (newcomer, hash, invited)| {
        Box::pin(async move {
            let (token, expires_at) = (Token::from_bytes(random_bytes()), tx.now() + LINK_LIFETIME);
            let sealed = invited.as_ref().map(|it| tx.cx.state.seal.close(&id.bytes(), it.link.bytes()));
            let invitation_id = invited.map(|it| it.invitation_id);
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
    Ok(cookies)
}

/// The cookies of this browser's pending sign-up, one for each path.
pub type SignupCookies = [HeaderValue; 2];

fn cookies(cx: &Cx, id: SignupId, email: &EmailAddress) -> SignupCookies {
    let content = [&id.bytes()[..], email.shown().as_bytes()].concat();
    COOKIE_PATHS.map(|path| session::sealed_cookie(&cx.state, COOKIE, COOKIE.as_bytes(), &content, path, LINK_LIFETIME))
}

/// This browser's pending sign-up, from its cookie.
fn pending(cx: &Cx, headers: &HeaderMap) -> Option<(SignupId, EmailAddress)> {
    let content = session::unsealed_cookie(&cx.state, headers, COOKIE, COOKIE.as_bytes())?;
    let (id, email) = content.split_first_chunk::<12>()?;
    Some((SignupId::from_bytes(*id), EmailAddress::parse(std::str::from_utf8(email).ok()?).ok()?))
}

/// True if this browser signed up with this address before.
pub(super) fn is_pending(cx: &Cx, headers: &HeaderMap, email: &EmailAddress) -> bool {
    pending(cx, headers).is_some_and(|(_, pending)| pending.key() == email.key())
}

/// True if this sign-up was made in this browser. Anyone can sign up with somebody else's address, so the password of a
/// sign-up counts only if the same browser confirms the address.
pub fn signed_up_here(cx: &Cx, headers: &HeaderMap, id: SignupId) -> bool {
    pending(cx, headers).is_some_and(|(own, _)| own == id)
}

/// The address of this browser's pending sign-up.
pub fn pending_address(cx: &Cx, headers: &HeaderMap) -> Option<String> {
    pending(cx, headers).map(|(_, email)| email.shown().to_owned())
}

/// Resends the link of this browser's own sign-up, never of one that someone else made with the same address. The page
/// is the same whatever the outcome.
pub async fn resend(cx: &Cx, headers: &HeaderMap) -> Result<SignupCookies, Fault> {
    let Some((id, email)) = pending(cx, headers) else { return Err(Problem::SignUpAgain.into()) };
    attempts::count_sign_up_again(cx, &email).await?;
    let cookies = cookies(cx, id, &email);
    cx.write((id, email), |tx, (id, email)| {
        Box::pin(async move {
            let (token, now) = (Token::from_bytes(random_bytes()), tx.now());
            let renewed = queries::renew_signup(tx, id, email.key(), token.hashed(), now + LINK_LIFETIME).await?;
            let person = Person { name: renewed.name.unwrap_or_default(), email: email.deliverable() };
            match renewed.company {
                _ if renewed.has_login => queue_mail(tx, person, letters::already_has_login(None), None).await,
                Some(company) => {
                    let letter = letters::confirm_address(&company, renewed.invitation_id.is_some());
                    queue_mail(tx, person, letter, Some(&token)).await
                }
                None => Ok(()),
            }
        })
    })
    .await?;
    Ok(cookies)
}

/// What the owner of an address enters when another browser signed up with it: their own name, company and password
/// replace those of the sign-up.
#[derive(Debug, Clone)]
pub struct Owner {
    pub name: String,
    pub company: String,
    pub password: Secret,
}

/// The result of confirming a sign-up.
#[derive(Debug)]
pub struct Verified {
    /// The session cookie and the device cookie.
    pub cookies: Vec<HeaderValue>,
    /// The invitation to continue with, and the secret that opens its page.
    pub invitation: Option<(InvitationId, Token)>,
}

/// Confirms a sign-up: creates the user and the account and signs the browser in. A company that signs up from an
/// invitation has no plan yet; accepting grants it. `owner` is given unless this browser signed up.
pub async fn verify_sign_up(cx: &Cx, token: Token, owner: Option<Owner>, device: &Device) -> Result<Verified, Fault> {
    let owner = match owner {
        Some(owner) => Some((cx.state.passwords.hash(&owner.password).await?, owner)),
        None => None,
    };
    let (user_id, session, signup) = cx
        .write((token, owner), |tx, (token, owner)| {
            Box::pin(async move {
                let signup = queries::claim_signup(tx, token.hashed()).await?.ok_or(Problem::LinkUsed)?;
                let signup = match owner {
                    Some((password_hash, Owner { name, company, .. })) => {
                        Signup { name, company, password_hash, ..signup }
                    }
                    None => signup,
                };
                let user_id = tx.make_id::<UserId>();
                let Signup { name, company, email, email_key, password_hash, .. } = &signup;
                queries::insert_user(tx, user_id, name, email, email_key, password_hash).await?;
                let plan = match signup.invitation_id {
                    Some(_) => None,
                    None => Plan::parse(&tx.cx.state.config.signup_plan),
                };
                let account = NewAccount { name: company.clone(), plan, trustedform: false };
                let account_id = create_account(tx, &account, user_id).await?;
                let session = session::start(tx, user_id, Some(account_id)).await?;
                Ok((user_id, session, signup))
            })
        })
        .await
        .map_err(|fault| match fault {
            // This form has no email field to mark. The address got a user another way in the meantime.
            Fault::Expected(AppError::Invalid(_)) => Problem::AddressHasLogin.into(),
            other => other,
        })?;
    let cookies = vec![session, device.cookie(&cx.state, cx.now, user_id)];
    Ok(Verified { cookies, invitation: invitation_to_continue(cx, &signup) })
}

fn invitation_to_continue(cx: &Cx, signup: &Signup) -> Option<(InvitationId, Token)> {
    let link = cx.state.seal.open(&signup.id.bytes(), signup.sealed_link.as_deref()?)?;
    Some((signup.invitation_id?, Token::from_bytes(link.try_into().ok()?)))
}

/// Creates a user and an account for someone who verified the address by the emailed invitation link, and signs them
/// in. The company has no plan yet; accepting the invitation grants it. Returns the session cookie and the device
/// cookie.
pub async fn sign_up_from_invitation(cx: &Cx, newcomer: Newcomer, device: &Device) -> Result<[HeaderValue; 2], Fault> {
    let hash = hash_sign_up_password(cx, &newcomer.password).await?;
    let (user_id, session) = cx
        .write((newcomer, hash), |tx, (newcomer, hash)| {
            Box::pin(async move {
                let account = NewAccount { name: newcomer.company.clone(), plan: None, trustedform: false };
                let (user_id, account_id) = create_person_and_account(tx, &newcomer, &hash, &account).await?;
                Ok((user_id, session::start(tx, user_id, Some(account_id)).await?))
            })
        })
        .await?;
    Ok([session, device.cookie(&cx.state, cx.now, user_id)])
}

/// Creates a verified user, an account with the given subscriptions, and an API key, for `accord account create` and
/// the demo data.
pub async fn create_with_account(
    cx: &Cx,
    newcomer: Newcomer,
    account: NewAccount,
) -> Result<(AccountId, UserId, Secret), Fault> {
    let hash = cx.state.passwords.hash(&newcomer.password).await?;
    cx.write((newcomer, hash, account), |tx, (newcomer, hash, account)| {
        Box::pin(async move {
            let (user_id, account_id) = create_person_and_account(tx, &newcomer, &hash, &account).await?;
            let created = accounts::create_api_key(tx, account_id, user_id, "First key").await?;
            record(tx, Entry::about(account_id, Deed::ApiKeyCreated, created.id, "First key").by(user_id)).await?;
            Ok((account_id, user_id, created.key))
        })
    })
    .await
}

async fn create_account(tx: &mut Tx, account: &NewAccount, admin: UserId) -> Result<AccountId, Fault> {
    let account_id = accounts::create(tx, account, admin).await?;
    let created = Entry::about(account_id, Deed::AccountCreated, account_id, &account.name).by(admin);
    record(tx, created).await?;
    Ok(account_id)
}

async fn create_person_and_account(
    tx: &mut Tx,
    newcomer: &Newcomer,
    hash: &str,
    account: &NewAccount,
) -> Result<(UserId, AccountId), Fault> {
    let user_id = create_person(tx, &newcomer.name, &newcomer.email, hash).await?;
    Ok((user_id, create_account(tx, account, user_id).await?))
}

/// Hashes the password of someone signing up by an emailed link, rate-limited by network address.
pub async fn hash_sign_up_password(cx: &Cx, password: &Secret) -> Result<String, Fault> {
    cx.take([cx.by_network(Limit::SignUpAddress)]).await?;
    cx.state.passwords.hash(password).await
}

/// Creates a user, in no account, for a verified address that has none yet.
pub async fn create_person(tx: &mut Tx, name: &str, email: &EmailAddress, hash: &str) -> Result<UserId, Fault> {
    let user_id = tx.make_id::<UserId>();
    if queries::find_user(tx, email.key()).await?.is_some() {
        return Err(Fault::Expected(AppError::invalid("email", Problem::AddressHasLogin)));
    }
    // Lock sign-ups before the user, the same order as confirming a sign-up.
    queries::void_signups(tx, email.key()).await?;
    queries::insert_user(tx, user_id, name, email.shown(), email.key(), hash).await?;
    Ok(user_id)
}
