//! Changes to the viewer's own profile: name, password, sessions, notifications.

use super::{letters, queries, queries::User, queue_mail, record_personal};
use crate::{
    activity::model::Deed,
    base::{AppError, Id, Problem, Secret, SessionId},
    server::{Cx, Fault, session, throttle::Limit},
};
use axum::http::HeaderValue;
use serde_json::json;

/// Checks the viewer's current password again, so that an open or stolen session is not enough to take over their
/// account.
pub(super) async fn reauthenticate(cx: &Cx, field: &'static str, password: &Secret) -> Result<User, Fault> {
    let viewer = cx.viewer()?;
    cx.take([Limit::CurrentPassword.of(viewer.session()?.bytes())]).await?;
    let user = {
        let mut conn = cx.read().await?;
        queries::find_user(&mut conn, &viewer.email_key).await?.ok_or(AppError::SignedOut)?
    };
    if cx.state.passwords.verify(password, Some(user.password_hash.clone())).await? {
        return Ok(user);
    }
    Err(Fault::field(field, Problem::CurrentPasswordWrong))
}

pub async fn rename(cx: &Cx, name: String) -> Result<(), Fault> {
    let viewer = cx.viewer()?;
    if viewer.name == name {
        return Ok(());
    }
    cx.write((viewer.user_id, viewer.name.clone(), name), |tx, (user_id, before, after)| {
        Box::pin(async move {
            queries::rename_user(tx, user_id, &after).await?;
            let (before, after) = (json!({ "name": before }), json!({ "name": after }));
            record_personal(tx, user_id, Deed::NameChanged, Some(before), Some(after)).await
        })
    })
    .await
}

/// Sets a new password. All the user's sessions end, earlier emailed links stop working, and this browser gets a new
/// session.
pub async fn change_password(cx: &Cx, current: &Secret, new: &Secret) -> Result<HeaderValue, Fault> {
    let user = reauthenticate(cx, "password_current", current).await?;
    let hash = cx.state.passwords.hash(new).await?;
    cx.write((user, hash), |tx, (user, hash)| {
        Box::pin(async move {
            let person = queries::set_password(tx, user.id, &hash, Some(&user.password_hash)).await?;
            let wrong = || Fault::field("password_current", Problem::CurrentPasswordWrong);
            let person = person.ok_or_else(wrong)?;
            queries::void_links(tx, user.id).await?;
            session::end_all(tx, user.id, None).await?;
            record_personal(tx, user.id, Deed::PasswordChanged, None, None).await?;
            queue_mail(tx, person, letters::password_changed(), None).await?;
            let active = tx.cx.viewer()?.active;
            session::start(tx, user.id, active).await
        })
    })
    .await
}

/// Ends one of the viewer's sessions; the next request of that browser is signed out. Other users' sessions are 404.
pub async fn end_session(cx: &Cx, id: SessionId) -> Result<(), Fault> {
    let user_id = cx.viewer()?.user_id;
    cx.write((user_id, id), |tx, (user_id, id)| {
        Box::pin(async move {
            if !session::end_one(tx, user_id, id).await? {
                return Err(Fault::NOT_FOUND);
            }
            record_personal(tx, user_id, Deed::SessionEnded, None, None).await
        })
    })
    .await
}

/// Ends all of the viewer's sessions except this one.
pub async fn end_other_sessions(cx: &Cx) -> Result<(), Fault> {
    let viewer = cx.viewer()?;
    cx.write((viewer.user_id, viewer.session()?), |tx, (user_id, this)| {
        Box::pin(async move {
            let ended = session::end_all(tx, user_id, Some(this)).await?;
            if ended == 0 {
                return Ok(());
            }
            record_personal(tx, user_id, Deed::SessionEnded, None, Some(json!({ "sessions": ended }))).await
        })
    })
    .await
}

/// Sets whether the viewer gets emails about Submission Docs.
pub async fn choose_docs_mails(cx: &Cx, wanted: bool) -> Result<(), Fault> {
    let user_id = cx.viewer()?.user_id;
    cx.write((user_id, wanted), |tx, (user_id, wanted)| {
        Box::pin(async move {
            queries::choose_docs_mails(tx, user_id, wanted).await?;
            let after = json!({ "docs_mails": wanted });
            record_personal(tx, user_id, Deed::NotificationsChanged, None, Some(after)).await
        })
    })
    .await
}
