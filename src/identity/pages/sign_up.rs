//! The sign-up page, and the page after it, which can resend the confirmation email.

use crate::{
    base::{FormState, paths},
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
            <p class="lead">"For you and your company. We'll email you a confirmation link."</p>
            <form class="form" method="post" action=paths::SIGN_UP novalidate>
                {form_identity("signup", None)}
                {errors}
                {newcomer_fields(&back, "")}
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Create account"</Button>
                </FormActions>
            </form>
            <p class="muted">"Already have an account? " <a href=paths::SIGN_IN>"Sign in"</a></p>
        },
    )
    .with_description("Create your company's account on Accord: build a flow, invite sellers and receive their leads."))
}

/// Name, company name, email and password: the same four fields wherever a person signs up with a company.
pub fn newcomer_fields(back: &FormState, email: &str) -> AnyView {
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
            help="At least 8 characters. Several words work well."
            autocomplete="new-password"
            required=true
        />
    }
    .into_any()
}

pub async fn post_sign_up(post: Post) -> PostResult {
    let newcomer = Newcomer::from_form(&post.fields)?;
    server::count_sign_up(&post.cx, &post.headers, &newcomer.email).await?;
    let cookies = server::sign_up(&post.cx, newcomer, None).await?;
    Ok(Redirect::to(paths::SIGN_UP_SENT).with_cookies(cookies))
}

/// The page is the same for known and unknown addresses. The browser that signed up can resend its email with one
/// click.
pub async fn sign_up_sent_page(visit: Visit) -> PageResult {
    let errors = form_errors(&visit.form("again"));
    let email = server::pending_address(&visit.cx, &visit.headers);
    let recipient = match &email {
        Some(email) => view! { <strong>{email.clone()}</strong> }.into_any(),
        None => view! { "the address you entered" }.into_any(),
    };
    let resend = email.map(|_| {
        view! {
            <form class="form" method="post" action=paths::SIGN_UP_SENT>
                {form_identity("again", None)}
                <FormActions>
                    <Button>"Resend email"</Button>
                </FormActions>
            </form>
        }
    });
    Ok(Screen::plain(
        "Check your email",
        view! {
            <h1>"Check your email"</h1>
            {errors}
            <p>"We sent an email to " {recipient} ". Open its link to finish creating your account."</p>
            {resend}
            <p class="muted">
                "Nothing after a few minutes? Check your spam folder. Wrong address? "
                <a href=paths::SIGN_UP>"Sign up again"</a> "."
            </p>
        },
    ))
}

pub async fn post_resend(post: Post) -> PostResult {
    let cookies = server::resend(&post.cx, &post.headers).await?;
    Ok(Redirect::to(paths::SIGN_UP_SENT).with_message(Message::EmailResent).with_cookies(cookies))
}
