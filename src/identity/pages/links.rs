//! Forgotten passwords, and the pages that emailed links open. A page shows what its link does, and only its button
//! does it: mail scanners open links too.

use super::{email, new_password};
use crate::{
    base::{Problem, Token, paths},
    identity::{
        routes::Message,
        server::{
            self, Device, Owner, Pending,
            parse::line,
            queries::{AddressChange, Signup},
        },
    },
    invitations::server::access,
    server::{Fault, FieldChecks, Viewer, password},
    ui::{Banner, Button, ButtonKind, Field, FormActions, HiddenField, PasswordField, Tone},
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
    )
    .with_description("Get a link by email to set a new password for Accord."))
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
    let action = paths::verify(&token.reveal());
    let content = match server::find_pending(&visit.cx, &token).await? {
        Pending::SignUp(signup) => new_person(&visit, signup, action),
        Pending::AddressChange(change) => match visit.cx.viewer.as_deref() {
            None => sign_in_first(change, action),
            Some(viewer) if viewer.user_id != change.user_id => wrong_person(viewer, action),
            Some(_) => new_address(change, action),
        },
    };
    let errors = form_errors(&visit.form("verify"));
    Ok(Screen::plain(
        "Confirm your address",
        view! {
            <h1>"Confirm your address"</h1>
            {errors}
            {content}
        },
    ))
}

/// A browser that didn't sign up asks for name, company and password, because somebody else may have signed up with this
/// address and would otherwise know the password.
fn new_person(visit: &Visit, signup: Signup, action: String) -> AnyView {
    let Signup { id, email, name, company, .. } = signup;
    let fields = (!server::signed_up_here(&visit.cx, &visit.headers, id)).then(|| owner_fields(visit, &name, &company));
    view! {
        <p>
            "Confirm " <strong>{email}</strong> " to create an account for " <strong>{name}</strong>
            " of " <strong>{company}</strong> "."
        </p>
        <form class="form" method="post" action=action novalidate>
            {form_identity("verify", None)}
            {fields}
            {confirm_button()}
        </form>
    }
    .into_any()
}

fn owner_fields(visit: &Visit, name: &str, company: &str) -> AnyView {
    let back = visit.form("verify");
    view! {
        <p>"This isn't the browser that signed up, so choose your own password here. The one from the sign-up won't work."</p>
        <Field label="Your name" name="name" value=back.value_or("name", name) error=back.error("name") autocomplete="name" maxlength=100u32 required=true />
        <Field label="Company name" name="company" value=back.value_or("company", company) error=back.error("company") autocomplete="organization" maxlength=100u32 required=true />
        <PasswordField
            label="Password"
            name="password"
            error=back.error("password")
            help="At least 8 characters. Several words work well."
            autocomplete="new-password"
            required=true
        />
    }
    .into_any()
}

fn confirm_button() -> AnyView {
    view! {
        <FormActions>
            <Button kind=ButtonKind::Primary>"Confirm address"</Button>
        </FormActions>
    }
    .into_any()
}

/// Does not mention the current address: the new one may be mistyped and belong to a stranger.
fn new_address(change: AddressChange, action: String) -> AnyView {
    view! {
        <p>
            "Confirm " <strong>{change.email}</strong>
            " as your email address for Accord. You'll sign in with it and get our emails there. Confirm only if you asked for this change."
        </p>
        <form class="form" method="post" action=action>
            {form_identity("verify", None)}
            {confirm_button()}
        </form>
    }
    .into_any()
}

/// The sign-in form, which returns here. The link is in its body, not in a URL.
fn sign_in_first(change: AddressChange, next: String) -> AnyView {
    view! {
        <p>
            "Sign in with your current address first. Then you can confirm " <strong>{change.email}</strong>
            " as your new one. If you didn't ask for this change, close this page: nothing changes."
        </p>
        <form class="form" method="post" action=paths::SIGN_IN novalidate>
            {form_identity("signin", None)}
            <HiddenField name="next" value=next />
            <Field label="Current email" name="email" kind="email" autocomplete="username" required=true />
            <PasswordField label="Password" name="password" required=true />
            <FormActions>
                <Button kind=ButtonKind::Primary>"Sign in"</Button>
            </FormActions>
        </form>
    }
    .into_any()
}

fn wrong_person(viewer: &Viewer, next: String) -> AnyView {
    let text = format!("You're signed in as {} ({}).", viewer.name, viewer.email);
    view! {
        <Banner tone=Tone::Warning title=Problem::ChangeOfAnother.sentence()><p>{text}</p></Banner>
        <form method="post" action=paths::SIGN_OUT>
            <HiddenField name="next" value=next />
            <FormActions><Button kind=ButtonKind::Primary>"Switch account"</Button></FormActions>
        </form>
    }
    .into_any()
}

/// Confirms a sign-up or a change of address.
pub async fn post_verify(post: Post) -> PostResult {
    let (cx, token) = (&post.cx, token(post.param("token"))?);
    let owner = match server::find_pending(cx, &token).await? {
        Pending::AddressChange(_) => {
            let renewed = server::confirm_address(cx, token).await?;
            return Ok(Redirect::to(paths::ME).with_message(Message::AddressChanged).with_cookie(renewed));
        }
        Pending::SignUp(signup) if server::signed_up_here(cx, &post.headers, signup.id) => None,
        Pending::SignUp(signup) => Some(owner(&post, &signup)?),
    };
    let verified = server::verify_sign_up(cx, token, owner, &Device::of(cx, &post.headers)).await?;
    let next_step = match verified.invitation {
        None => Redirect::to(paths::HOME).with_message(Message::Welcome),
        Some((id, link)) => Redirect::to(paths::invitation(id))
            .with_message(Message::AccountCreated)
            .with_cookie(access::cookie(cx, id, &link)),
    };
    Ok(next_step.with_cookies(verified.cookies))
}

/// What the owner of the address entered. A field that the form lacks keeps the sign-up's value, except the password.
fn owner(post: &Post, signup: &Signup) -> Result<Owner, Fault> {
    let typed = |field: &str, kept: &str| {
        let is_posted = post.fields.names().any(|name| name == field);
        if is_posted { post.fields.get(field).to_owned() } else { kept.to_owned() }
    };
    let mut checked = FieldChecks::default();
    let name = checked.take("name", line(&typed("name", &signup.name), Problem::PersonNameMissing));
    let company = checked.take("company", line(&typed("company", &signup.company), Problem::CompanyNameMissing));
    let password = checked.take("password", password::parse(post.fields.get("password")));
    checked.finish(|| Some(Owner { name: name?, company: company?, password: password? }))
}
