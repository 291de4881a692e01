//! The forms in the frame around every page: switch account, light or dark theme, sign out.

use crate::{
    base::paths,
    identity::{routes::Message, server},
    server::{form::local_path, session},
    web::{Post, PostResult, Redirect, THEME_COOKIE},
};
use time::Duration;

pub async fn post_switch(post: Post) -> PostResult {
    server::switch_account(&post.cx, post.fields.id("account")?).await?;
    Ok(Redirect::to(paths::HOME).with_message(Message::AccountSwitched))
}

/// Anyone can choose light or dark. A cookie keeps the choice for a year.
pub async fn post_theme(post: Post) -> PostResult {
    let (value, age) = match post.fields.get("theme") {
        "light" => ("light", Duration::days(365)),
        "dark" => ("dark", Duration::days(365)),
        _ => ("", Duration::ZERO),
    };
    let cookie = session::set_cookie(&post.cx.state, THEME_COOKIE, value, "/", age);
    Ok(Redirect::to(local_path(post.fields.get("back"))).with_cookie(cookie))
}

pub async fn post_sign_out(post: Post) -> PostResult {
    let forget = server::sign_out(&post.cx).await?;
    let next = local_path(post.fields.get("next"));
    Ok(Redirect::to(next).with_message(Message::SignedOut).with_cookie(forget).clearing_cache())
}
