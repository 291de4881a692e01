//! A forgotten password, and what the links in mails lead to. Each page shows what its link would do; only the button does
//! it, for mail scanners open links too.

use super::{email, new_password};
use crate::{
    base::{Problem, Token, paths},
    identity::{
        routes::Message,
        server::{
            self, Device, Waiting,
            queries::{AddressChange, Signup},
        },
    },
    invitations::server::access,
    server::Fault,
    ui::{Button, ButtonKind, Field, FormActions, PasswordField},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn forgot_page(visit: Visit) -> PageResult {
    let back = visit.form("forgot");
    let errors = form_errors(&back);
    Ok(Screen::plain(
        "Set a new password",
        view! {
            <h1>"Forgot your password?"</h1>
            <p class="lead">"We mail you a link to set a new one."</p>
            <form class="form" method="post" action=paths::FORGOT novalidate>
                {form_identity("forgot", None)}
                {errors}
                <Field label="Email" name="email" kind="email" value=back.value("email") error=back.error("email") autocomplete="username" autofocus=back.error.is_none() required=true />
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Send reset link"</Button>
                </FormActions>
            </form>
            <p class="muted">"You know it again? " <a href=paths::SIGN_IN>"Sign in"</a></p>
        },
    ))
}

pub async fn post_forgot(post: Post) -> PostResult {
    server::forgot_password(&post.cx, email(&post)?).await?;
    Ok(Redirect::to(paths::FORGOT_SENT))
}

/// The same for known and unknown addresses.
pub async fn forgot_sent_page(_visit: Visit) -> PageResult {
    Ok(Screen::plain(
        "Check your mail",
        view! {
            <h1>"Check your mail"</h1>
            <p>"We sent a mail to the address you entered. Its link sets a new password; it works once, for one hour."</p>
            <p class="muted">
                "Nothing there after a few minutes? Look into your spam folder, or "
                <a href=paths::FORGOT>"try again"</a> "."
            </p>
        },
    ))
}

fn token(text: &str) -> Result<Token, Fault> {
    Token::parse(text).ok_or(Problem::LinkUsed.into())
}

pub async fn reset_page(visit: Visit) -> PageResult {
    let token = token(visit.param("token"))?;
    let person = server::find_reset(&visit.cx, &token).await?;
    let back = visit.form("reset");
    let errors = form_errors(&back);
    let action = paths::reset(&token.reveal());
    Ok(Screen::plain(
        "Set a new password",
        view! {
            <h1>"Set a new password"</h1>
            <form class="form" method="post" action=action novalidate>
                {form_identity("reset", None)}
                {errors}
                // Password managers learn from it whose password this is.
                <Field label="Email" name="email" kind="email" value=person.email autocomplete="username" readonly=true />
                <PasswordField
                    label="Password"
                    name="password"
                    error=back.error("password")
                    help="At least 8 characters; a few words are best. You are signed out everywhere else."
                    autocomplete="new-password"
                    autofocus=back.error.is_none()
                    required=true
                />
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Set password"</Button>
                </FormActions>
            </form>
        },
    ))
}

pub async fn post_reset(post: Post) -> PostResult {
    let (token, password) = (token(post.param("token"))?, new_password(&post)?);
    let device = Device::of(&post.cx, &post.headers);
    let cookies = server::reset_password(&post.cx, token, &password, &device).await?;
    Ok(Redirect::to(paths::HOME).saying(Message::PasswordSet).with_cookies(cookies))
}

pub async fn verify_page(visit: Visit) -> PageResult {
    let token = token(visit.param("token"))?;
    let what = match server::find_waiting(&visit.cx, &token).await? {
        Waiting::SignUp(signup) => new_person(signup),
        Waiting::Change(change) => new_address(change),
    };
    let errors = form_errors(&visit.form("verify"));
    let action = paths::verify(&token.reveal());
    Ok(Screen::plain(
        "Confirm your address",
        view! {
            <h1>"Confirm your address"</h1>
            {errors}
            {what}
            <form class="form" method="post" action=action>
                {form_identity("verify", None)}
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Confirm address"</Button>
                </FormActions>
            </form>
        },
    ))
}

fn new_person(signup: Signup) -> AnyView {
    view! {
        <p>
            "You sign up for Accord as " <strong>{signup.name}</strong> " of " <strong>{signup.company}</strong>
            " with the address " <strong>{signup.email}</strong> "."
        </p>
    }
    .into_any()
}

/// Nothing of the present address: the new one may have been mistyped, and belong to a stranger.
fn new_address(change: AddressChange) -> AnyView {
    view! {
        <p>
            "From now on, the address " <strong>{change.email}</strong>
            " is that of your login at Accord: you sign in with it, and mails go there. Confirm only if you asked for it."
        </p>
    }
    .into_any()
}

/// The address of a new person, or the new address of a known one.
pub async fn post_verify(post: Post) -> PostResult {
    let (cx, token) = (&post.cx, token(post.param("token"))?);
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
