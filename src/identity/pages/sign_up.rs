//! Signing up, and the page after it that can have the mail sent again.

use crate::{
    base::{FormReturn, paths},
    identity::{
        routes::Message,
        server::{self, parse::Newcomer},
    },
    ui::{Button, ButtonKind, Field, FormActions, PasswordField},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn sign_up_page(visit: Visit) -> PageResult {
    let back = visit.form("signup");
    let errors = form_errors(&back);
    Ok(Screen::plain(
        "Create account",
        view! {
            <h1>"Create your account"</h1>
            <p class="lead">"For you and your company. We send you a mail to confirm the address."</p>
            <form class="form" method="post" action=paths::SIGN_UP novalidate>
                {form_identity("signup", None)}
                {errors}
                {newcomer_fields(&back, "")}
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Create account"</Button>
                </FormActions>
            </form>
            <p class="muted">"You have a login already? " <a href=paths::SIGN_IN>"Sign in"</a></p>
        },
    ))
}

/// Your name, company name, email, password: the same four wherever a person and a company sign up.
pub fn newcomer_fields(back: &FormReturn, email: &str) -> AnyView {
    let help = if email.is_empty() { "" } else { "The invitation was sent to this address." };
    view! {
        <Field label="Your name" name="name" value=back.value("name") error=back.error("name") autocomplete="name" maxlength=100u32 required=true />
        <Field label="Company name" name="company" value=back.value("company") error=back.error("company") autocomplete="organization" maxlength=100u32 required=true />
        <Field
            label="Email"
            name="email"
            kind="email"
            value=back.value_or("email", email)
            error=back.error("email")
            help
            autocomplete="email"
            required=true
        />
        <PasswordField
            label="Password"
            name="password"
            error=back.error("password")
            help="At least 8 characters; a few words are best."
            autocomplete="new-password"
            required=true
        />
    }
    .into_any()
}

pub async fn post_sign_up(post: Post) -> PostResult {
    let newcomer = Newcomer::from_form(&post.fields)?;
    let waiting = server::sign_up(&post.cx, newcomer, None).await?;
    Ok(Redirect::to(paths::SIGN_UP_SENT).with_cookie(waiting))
}

/// The same for known and unknown addresses. The browser that signed up can have its mail again by one press.
pub async fn sign_up_sent_page(visit: Visit) -> PageResult {
    let errors = form_errors(&visit.form("again"));
    let again = server::waiting_address(&visit.cx, &visit.headers).map(|email| {
        view! {
            <p>"The address is " <strong>{email}</strong> "."</p>
            <form class="form" method="post" action=paths::SIGN_UP_SENT>
                {form_identity("again", None)}
                <FormActions>
                    <Button>"Send the mail again"</Button>
                </FormActions>
            </form>
        }
    });
    Ok(Screen::plain(
        "Check your mail",
        view! {
            <h1>"Check your mail"</h1>
            {errors}
            <p>"We sent a mail to the address you entered. Open its link to confirm the address; then your account is ready."</p>
            {again}
            <p class="muted">
                "Nothing there after a few minutes? Look into your spam folder. Was the address not right? "
                <a href=paths::SIGN_UP>"Sign up again"</a> "."
            </p>
        },
    ))
}

pub async fn post_send_again(post: Post) -> PostResult {
    server::send_again(&post.cx, &post.headers).await?;
    Ok(Redirect::to(paths::SIGN_UP_SENT).saying(Message::MailSentAgain))
}
