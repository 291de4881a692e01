//! The sign-in page.

use super::require;
use crate::{
    base::{Secret, paths},
    identity::server::{self, Device, SignIn},
    server::form::local_path,
    ui::{Button, ButtonKind, Field, FormActions, HiddenField, PasswordField},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn sign_in_page(visit: Visit) -> PageResult {
    let back = visit.form("signin");
    let next = back.value_or("next", &visit.query("next"));
    let errors = form_errors(&back);
    Ok(Screen::plain(
        "Sign in",
        view! {
            <h1>"Sign in"</h1>
            <form class="form" method="post" action=paths::SIGN_IN novalidate>
                {form_identity("signin", None)}
                <HiddenField name="next" value=next />
                {errors}
                <Field label="Email" name="email" kind="email" value=back.value("email") error=back.error("email") autocomplete="username" autofocus=back.error.is_none() required=true />
                <PasswordField label="Password" name="password" error=back.error("password") required=true />
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Sign in"</Button>
                </FormActions>
            </form>
            <p class="muted"><a href=paths::FORGOT>"Forgot your password?"</a></p>
            <p class="muted">"New here? " <a href=paths::SIGN_UP>"Create account"</a></p>
        },
    )
    .with_description("Sign in to Accord, where lead buyers and lead sellers connect."))
}

pub async fn post_sign_in(post: Post) -> PostResult {
    require(&post, &["email", "password"])?;
    let request = SignIn {
        email: post.fields.get("email").to_owned(),
        password: Secret::new(post.fields.get("password")),
        device: Device::of(&post.cx, &post.headers),
    };
    let cookies = server::sign_in(&post.cx, request).await?;
    Ok(Redirect::to(local_path(post.fields.get("next"))).with_cookies(cookies))
}
