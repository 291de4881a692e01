//! Forgotten passwords, and the pages that emailed links open. A page shows what its link does, and only its button
//! does it: mail scanners open links too.

use super::{email, new_password};
use crate::{
    base::{Problem, Token, paths},
    identity::{
        routes::Message,
        server::{
            self, Device, Pending,
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
            <p class="lead">"We'll email you a link to set a new one."</p>
            <form class="form" method="post" action=paths::FORGOT novalidate>
                {form_identity("forgot", None)}
                {errors}
                <Field label="Email" name="email" kind="email" value=back.value("email") error=back.error("email") autocomplete="username" autofocus=back.error.is_none() required=true />
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Send reset link"</Button>
                </FormActions>
            </form>
            <p class="muted">"Remembered it? " <a href=paths::SIGN_IN>"Sign in"</a></p>
        },
    ))
}

pub async fn post_forgot(post: Post) -> PostResult {
    server::forgot_password(&post.cx, email(&post)?).await?;
    Ok(Redirect::to(paths::FORGOT_SENT))
}

/// The page is the same for known and unknown addresses.
pub async fn forgot_sent_page(_visit: Visit) -> PageResult {
    Ok(Screen::plain(
        "Check your email",
        view! {
            <h1>"Check your email"</h1>
            <p>"We sent an email to the address you entered. Its link sets a new password and works once, within one hour."</p>
            <p class="muted">
                "Nothing after a few minutes? Check your spam folder, or "
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
                // Password managers save the new password under this address.
                <Field label="Email" name="email" kind="email" value=person.email autocomplete="username" readonly=true />
                <PasswordField
                    label="Password"
                    name="password"
                    error=back.error("password")
                    help="At least 8 characters. Several words work well. You'll be signed out everywhere else."
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
    Ok(Redirect::to(paths::HOME).with_message(Message::PasswordSet).with_cookies(cookies))
}

pub async fn verify_page(visit: Visit) -> PageResult {
    let token = token(visit.param("token"))?;
    let explanation = match server::find_pending(&visit.cx, &token).await? {
        Pending::SignUp(signup) => new_person(signup),
        Pending::AddressChange(change) => new_address(change),
    };
    let errors = form_errors(&visit.form("verify"));
    let action = paths::verify(&token.reveal());
    Ok(Screen::plain(
        "Confirm your address",
        view! {
            <h1>"Confirm your address"</h1>
            {errors}
            {explanation}
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
            "Confirm " <strong>{signup.email}</strong> " to create an account for " <strong>{signup.name}</strong>
            " of " <strong>{signup.company}</strong> "."
        </p>
    }
    .into_any()
}

/// Does not mention the current address: the new one may be mistyped and belong to a stranger.
fn new_address(change: AddressChange) -> AnyView {
    view! {
        <p>
            "Confirm " <strong>{change.email}</strong>
            " as your email address for Accord. You'll sign in with it and get our emails there. Confirm only if you asked for this change."
        </p>
    }
    .into_any()
}

/// Confirms a sign-up or a change of address.
pub async fn post_verify(post: Post) -> PostResult {
    let (cx, token) = (&post.cx, token(post.param("token"))?);
    if let Pending::AddressChange(_) = server::find_pending(cx, &token).await? {
        let renewed = server::confirm_address(cx, token).await?;
        let to = if cx.viewer.is_some() { paths::ME } else { paths::SIGN_IN };
        return Ok(Redirect::to(to).with_message(Message::AddressChanged).with_cookies(renewed));
    }
    let verified = server::verify_sign_up(cx, token, &Device::of(cx, &post.headers)).await?;
    let next_step = match verified.invitation {
        None => Redirect::to(paths::HOME).with_message(Message::Welcome),
        Some((id, link)) => Redirect::to(paths::invitation(id))
            .with_message(Message::AccountCreated)
            .with_cookie(access::cookie(cx, id, &link)),
    };
    Ok(next_step.with_cookies(verified.cookies))
}
