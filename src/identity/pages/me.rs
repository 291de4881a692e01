//! `/me`: the viewer's own profile.

use super::{email, new_password, require};
use crate::{
    base::{Problem, Secret, SessionId, paths},
    identity::{
        routes::Message,
        server::{self, parse::line, queries},
        words::browser,
    },
    server::{
        Fault, clock,
        session::{self, ActiveSession},
    },
    ui::{
        Button, ButtonKind, Checkbox, Field, FormActions, HiddenField, PageHeader, Panel, PasswordField, Tag, TimeAgo,
        Tone,
    },
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn me_page(visit: Visit) -> PageResult {
    let viewer = visit.cx.viewer()?;
    let mut conn = visit.cx.read().await?;
    let open = session::list_active(&mut conn, viewer.user_id, visit.cx.now).await?;
    let wants_docs_mails = queries::wants_docs_mails(&mut conn, viewer.user_id).await?;
    let (name, email, this) = (viewer.name.clone(), viewer.email.clone(), viewer.session()?);
    Ok(Screen::app(
        "Your profile",
        "me",
        view! {
            <PageHeader title="Your profile" lead="These settings apply in every company you belong to." />
            {name_form(&visit, name)}
            {email_form(&visit, email)}
            {password_form(&visit)}
            {sessions(&visit, open, this, visit.cx.now)}
            {notifications(&visit, wants_docs_mails)}
        },
    ))
}

fn name_form(visit: &Visit, name: String) -> AnyView {
    let back = visit.form("name");
    let errors = form_errors(&back);
    view! {
        <Panel title="Name">
            <form class="form" method="post" action=paths::ME novalidate>
                {form_identity("name", None)}
                {errors}
                <Field label="Your name" name="name" value=back.value_or("name", &name) error=back.error("name") autocomplete="name" maxlength=100u32 required=true />
                <FormActions><Button>"Save name"</Button></FormActions>
            </form>
        </Panel>
    }
    .into_any()
}

pub async fn post_rename(post: Post) -> PostResult {
    let name = line(post.fields.get("name"), Problem::PersonNameMissing);
    server::rename(&post.cx, name.map_err(|problem| Fault::field("name", problem))?).await?;
    Ok(Redirect::to(paths::ME).with_message(Message::NameSaved))
}

fn email_form(visit: &Visit, email: String) -> AnyView {
    let back = visit.form("email");
    let errors = form_errors(&back);
    view! {
        <Panel title="Email" lead="We'll email a link to the new address. Your address changes once you confirm it there.">
            <form class="form" method="post" action=paths::ME novalidate>
                {form_identity("email", None)}
                {errors}
                <Field label="Email" name="email" kind="email" value=back.value_or("email", &email) error=back.error("email") autocomplete="email" required=true />
                <PasswordField label="Your password" name="email_password" error=back.error("email_password") required=true />
                <FormActions><Button>"Change address"</Button></FormActions>
            </form>
        </Panel>
    }
    .into_any()
}

pub async fn post_change_address(post: Post) -> PostResult {
    require(&post, &["email", "email_password"])?;
    let password = Secret::new(post.fields.get("email_password"));
    server::request_address_change(&post.cx, email(&post)?, &password).await?;
    Ok(Redirect::to(paths::ME).with_message(Message::AddressChangeRequested))
}

fn password_form(visit: &Visit) -> AnyView {
    let back = visit.form("password");
    let errors = form_errors(&back);
    view! {
        <Panel title="Password" lead="A new password signs you out everywhere else.">
            <form class="form" method="post" action=paths::ME novalidate>
                {form_identity("password", None)}
                {errors}
                <PasswordField label="Current password" name="password_current" error=back.error("password_current") required=true />
                <PasswordField
                    label="New password"
                    name="password"
                    error=back.error("password")
                    help="At least 8 characters. Several words work well."
                    autocomplete="new-password"
                    required=true
                />
                <FormActions><Button>"Change password"</Button></FormActions>
            </form>
        </Panel>
    }
    .into_any()
}

pub async fn post_change_password(post: Post) -> PostResult {
    require(&post, &["password_current", "password"])?;
    let current = Secret::new(post.fields.get("password_current"));
    let session = server::change_password(&post.cx, &current, &new_password(&post)?).await?;
    Ok(Redirect::to(paths::ME).with_message(Message::PasswordChanged).with_cookie(session))
}

fn sessions(visit: &Visit, open: Vec<ActiveSession>, this: SessionId, now: OffsetDateTime) -> AnyView {
    let errors = form_errors(&visit.form("session"));
    let others = open.len() > 1;
    let rows = open.into_iter().map(|session| session_row(session, this, now)).collect_view();
    let everywhere = others.then(|| {
        view! {
            <form method="post" action=paths::ME>
                {form_identity("others", None)}
                <Button>"Sign out everywhere else"</Button>
            </form>
        }
    });
    view! {
        <Panel title="Sessions" lead="Browsers you are signed in on.">
            {errors}
            <ul class="plain-list stack sessions">{rows}</ul>
            {everywhere}
        </Panel>
    }
    .into_any()
}

fn session_row(session: ActiveSession, this: SessionId, now: OffsetDateTime) -> impl IntoView + use<> {
    let seen = clock::display_time(session.last_seen_at, now);
    let name = browser(&session.browser);
    let from = (!session.address.is_empty()).then(|| format!("from {}, ", session.address));
    let id = format!("session-{}", session.id);
    view! {
        <li>
            <div id=id.clone()>
                <strong>{name}</strong>
                {(session.id == this).then(|| view! { " " <Tag tone=Tone::Positive text="This browser" /> })}
                <p class="muted">
                    {from} "last seen " <TimeAgo at_iso=seen.iso relative=seen.relative absolute=seen.absolute />
                </p>
            </div>
            <form method="post" action=paths::ME>
                {form_identity("session", None)}
                <HiddenField name="session" value=session.id.to_string() />
                <button class=ButtonKind::Secondary.class() type="submit" aria-describedby=id>"Sign out"</button>
            </form>
        </li>
    }
}

/// Ending this browser's own session signs the viewer out.
pub async fn post_end_session(post: Post) -> PostResult {
    let id: SessionId = post.fields.id("session")?;
    server::end_session(&post.cx, id).await?;
    if post.cx.viewer()?.session()? != id {
        return Ok(Redirect::to(paths::ME).with_message(Message::SessionEnded));
    }
    let forget = session::clear_cookie(&post.cx.state);
    Ok(Redirect::to(paths::HOME).with_message(Message::SignedOut).with_cookie(forget).clearing_cache())
}

pub async fn post_end_other_sessions(post: Post) -> PostResult {
    server::end_other_sessions(&post.cx).await?;
    Ok(Redirect::to(paths::ME).with_message(Message::SessionsEnded))
}

fn notifications(visit: &Visit, wants_docs_mails: bool) -> AnyView {
    let errors = form_errors(&visit.form("notifications"));
    view! {
        <Panel title="Notifications">
            <form class="form" method="post" action=paths::ME>
                {form_identity("notifications", None)}
                {errors}
                <Checkbox
                    label="Emails about Submission Docs"
                    name="docs_mails"
                    checked=wants_docs_mails
                    help="When a buyer shares Submission Docs with your company or changes them."
                />
                <FormActions><Button>"Save notifications"</Button></FormActions>
            </form>
        </Panel>
    }
    .into_any()
}

pub async fn post_notifications(post: Post) -> PostResult {
    server::choose_docs_mails(&post.cx, post.fields.is_checked("docs_mails")).await?;
    Ok(Redirect::to(paths::ME).with_message(Message::NotificationsSaved))
}
