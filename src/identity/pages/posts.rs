//! What the forms of the room's pages do.

use crate::{
    base::{EmailAddress, FieldError, Problem, Secret, SessionId, Token, paths},
    identity::{
        routes::Message,
        server::{
            self, Device, SignIn, Waiting,
            parse::{Newcomer, line},
        },
    },
    invitations::server::access,
    server::{Fault, form::local_path, password, session},
    web::{Post, PostResult, Redirect, THEME_COOKIE},
};
use time::Duration;

pub async fn post_sign_up(post: Post) -> PostResult {
    let newcomer = Newcomer::from_form(&post.fields)?;
    let waiting = server::sign_up(&post.cx, newcomer, None).await?;
    Ok(Redirect::to(paths::SIGN_UP_SENT).with_cookie(waiting))
}

pub async fn post_send_again(post: Post) -> PostResult {
    server::send_again(&post.cx, &post.headers).await?;
    Ok(Redirect::to(paths::SIGN_UP_SENT).saying(Message::MailSentAgain))
}

/// All of these fields at once, if one is empty.
fn require(post: &Post, fields: &[&str]) -> Result<(), Fault> {
    let empty = fields.iter().filter(|field| post.fields.get(field).is_empty());
    Fault::unless_empty(
        empty.map(|field| FieldError { field: (*field).to_owned(), problem: Problem::Required }).collect(),
    )
}

fn email(post: &Post) -> Result<EmailAddress, Fault> {
    EmailAddress::parse(post.fields.get("email")).map_err(|problem| Fault::field("email", problem.into()))
}

fn new_password(post: &Post) -> Result<Secret, Fault> {
    password::parse(post.fields.get("password")).map_err(|problem| Fault::field("password", problem))
}

fn token(post: &Post) -> Result<Token, Fault> {
    Token::parse(post.param("token")).ok_or(Problem::LinkUsed.into())
}

pub async fn post_sign_in(post: Post) -> PostResult {
    require(&post, &["email", "password"])?;
    let wish = SignIn {
        email: post.fields.get("email").to_owned(),
        password: Secret::new(post.fields.get("password")),
        device: Device::of(&post.cx, &post.headers),
    };
    let cookies = server::sign_in(&post.cx, wish).await?;
    Ok(Redirect::to(local_path(post.fields.get("next"))).with_cookies(cookies))
}

pub async fn post_sign_out(post: Post) -> PostResult {
    let forget = server::sign_out(&post.cx).await?;
    let next = local_path(post.fields.get("next"));
    Ok(Redirect::to(next).saying(Message::SignedOut).with_cookie(forget).clearing_cache())
}

/// The address of a new person, or the new address of a known one.
pub async fn post_verify(post: Post) -> PostResult {
    let (cx, token) = (&post.cx, token(&post)?);
    if let Waiting::Change(_) = server::find_waiting(cx, &token).await? {
        let renewed = server::confirm_address(cx, token).await?;
        let to = if cx.viewer.is_some() { paths::ME } else { paths::SIGN_IN };
        return Ok(Redirect::to(to).saying(Message::AddressChanged).with_cookies(renewed));
    }
    let verified = server::verify_sign_up(cx, token, &Device::of(cx, &post.headers)).await?;
    let onward = match verified.invitation {
        None => Redirect::to(paths::HOME).saying(Message::Welcome),
        Some((id, link)) => Redirect::to(paths::invitation(id))
            .saying(Message::AccountCreated)
            .with_cookie(access::cookie(cx, id, &link)),
    };
    Ok(onward.with_cookies(verified.cookies))
}

pub async fn post_forgot(post: Post) -> PostResult {
    server::forgot_password(&post.cx, email(&post)?).await?;
    Ok(Redirect::to(paths::FORGOT_SENT))
}

pub async fn post_reset(post: Post) -> PostResult {
    let (token, password) = (token(&post)?, new_password(&post)?);
    let device = Device::of(&post.cx, &post.headers);
    let cookies = server::reset_password(&post.cx, token, &password, &device).await?;
    Ok(Redirect::to(paths::HOME).saying(Message::PasswordSet).with_cookies(cookies))
}

/// The forms of one's own login.
pub async fn post_me(post: Post) -> PostResult {
    post.cx.viewer()?;
    let (cx, fields) = (&post.cx, &post.fields);
    let done = Redirect::to(paths::ME);
    match fields.get("form") {
        "name" => {
            let missing = |problem| Fault::field("name", problem);
            server::rename(cx, line(fields.get("name"), Problem::PersonNameMissing).map_err(missing)?).await?;
            Ok(done.saying(Message::NameSaved))
        }
        "email" => {
            require(&post, &["email", "email_password"])?;
            let password = Secret::new(fields.get("email_password"));
            server::ask_address(cx, email(&post)?, &password).await?;
            Ok(done.saying(Message::AddressAsked))
        }
        "password" => {
            require(&post, &["password_current", "password"])?;
            let current = Secret::new(fields.get("password_current"));
            let session = server::change_password(cx, &current, &new_password(&post)?).await?;
            Ok(done.saying(Message::PasswordChanged).with_cookie(session))
        }
        "session" => end_session(&post, done).await,
        "others" => {
            server::end_other_sessions(cx).await?;
            Ok(done.saying(Message::SessionsEnded))
        }
        "notifications" => {
            server::choose_docs_mails(cx, fields.is_checked("docs_mails")).await?;
            Ok(done.saying(Message::NotificationsSaved))
        }
        _ => Err(Problem::RequestUnreadable.into()),
    }
}

/// Of this browser as well: that is signing out.
async fn end_session(post: &Post, done: Redirect) -> PostResult {
    let id: SessionId = post.fields.id("session")?;
    server::end_session(&post.cx, id).await?;
    if post.cx.viewer()?.session()? != id {
        return Ok(done.saying(Message::SessionEnded));
    }
    let forget = session::forget(&post.cx.state);
    Ok(Redirect::to(paths::HOME).saying(Message::SignedOut).with_cookie(forget).clearing_cache())
}

pub async fn post_switch(post: Post) -> PostResult {
    server::switch_account(&post.cx, post.fields.id("account")?).await?;
    Ok(Redirect::to(paths::HOME).saying(Message::AccountSwitched))
}

/// Anybody may choose light or dark; it is kept in the browser for a year.
pub async fn post_theme(post: Post) -> PostResult {
    let (value, age) = match post.fields.get("theme") {
        "light" => ("light", Duration::days(365)),
        "dark" => ("dark", Duration::days(365)),
        _ => ("", Duration::ZERO),
    };
    let cookie = session::set_cookie(&post.cx.state, THEME_COOKIE, value, "/", age);
    Ok(Redirect::to(local_path(post.fields.get("back"))).with_cookie(cookie))
}
