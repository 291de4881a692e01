//! What the forms of the room's pages do.

use crate::{
    app::{posts::Post, shell::THEME_COOKIE},
    base::{Problem, Secret, Token, paths},
    identity::server::{self, parse::Newcomer},
    server::{
        Fault,
        form::{PostResult, Posted, local_path},
        session,
    },
};
use time::Duration;

pub async fn post_sign_up(post: Post) -> PostResult {
    let newcomer = Newcomer::from_form(&post.fields)?;
    server::sign_up(&post.cx, newcomer).await?;
    Ok(Posted::to(paths::SIGN_UP_SENT))
}

pub async fn post_sign_in(post: Post) -> PostResult {
    for field in ["email", "password"] {
        if post.fields.get(field).is_empty() {
            return Err(Fault::field(field, Problem::Required));
        }
    }
    let password = Secret::new(post.fields.get("password"));
    let cookie = server::sign_in(&post.cx, post.fields.get("email"), password).await?;
    Ok(Posted::to(local_path(post.fields.get("next"))).with_cookie(cookie))
}

pub async fn post_sign_out(post: Post) -> PostResult {
    let forget = server::sign_out(&post.cx).await?;
    Ok(Posted::to(local_path(post.fields.get("next"))).saying("signed-out").with_cookie(forget))
}

pub async fn post_verify(post: Post) -> PostResult {
    let token = Token::parse(post.param("token")).ok_or(Problem::LinkUsed)?;
    let cookie = server::verify_sign_up(&post.cx, token).await?;
    Ok(Posted::to(paths::HOME).saying("welcome").with_cookie(cookie))
}

pub async fn post_switch(post: Post) -> PostResult {
    server::switch_account(&post.cx, post.fields.id("account")?).await?;
    Ok(Posted::to(paths::HOME).saying("account-switched"))
}

/// Anybody may choose light or dark; it is kept in the browser for a year.
pub async fn post_theme(post: Post) -> PostResult {
    let (value, age) = match post.fields.get("theme") {
        "light" => ("light", Duration::days(365)),
        "dark" => ("dark", Duration::days(365)),
        _ => ("", Duration::ZERO),
    };
    let cookie = session::set_cookie(&post.cx.state, THEME_COOKIE, value, "/", age);
    Ok(Posted::to(local_path(post.fields.get("back"))).with_cookie(cookie))
}
