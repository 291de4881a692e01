//! What people see and change of their own login.

use crate::{
    base::{SessionId, paths},
    identity::{server::queries, words::browser},
    server::{
        clock,
        session::{self, Open},
    },
    ui::{Button, Checkbox, Field, FormActions, HiddenField, PageHeader, Panel, PasswordField, Tag, TimeAgo, Tone},
    web::{PageResult, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn me_page(visit: Visit) -> PageResult {
    let viewer = visit.cx.viewer()?;
    let mut conn = visit.cx.read().await?;
    let open = session::list_open(&mut conn, viewer.user_id, visit.cx.now).await?;
    let wants_docs_mails = queries::wants_docs_mails(&mut conn, viewer.user_id).await?;
    let (name, email, this) = (viewer.name.clone(), viewer.email.clone(), viewer.session()?);
    Ok(Screen::app(
        "Your login",
        "me",
        view! {
            <PageHeader title="Your login" lead="For you alone, in all companies you are in." />
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

fn email_form(visit: &Visit, email: String) -> AnyView {
    let back = visit.form("email");
    let errors = form_errors(&back);
    view! {
        <Panel title="Email" lead="We mail a link to a new address. It counts once you have followed it.">
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
                    help="At least 8 characters; a few words are best."
                    autocomplete="new-password"
                    required=true
                />
                <FormActions><Button>"Change password"</Button></FormActions>
            </form>
        </Panel>
    }
    .into_any()
}

fn sessions(visit: &Visit, open: Vec<Open>, this: SessionId, now: OffsetDateTime) -> AnyView {
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
        <Panel title="Sessions" lead="The browsers you are signed in with.">
            {errors}
            <ul class="plain-list stack sessions">{rows}</ul>
            {everywhere}
        </Panel>
    }
    .into_any()
}

fn session_row(session: Open, this: SessionId, now: OffsetDateTime) -> impl IntoView + use<> {
    let seen = clock::when(session.last_seen_at, now);
    let name = browser(&session.browser);
    let from = (!session.address.is_empty()).then(|| format!("from {}, ", session.address));
    let label = format!("Sign out {name}");
    view! {
        <li>
            <div>
                <strong>{name}</strong>
                {(session.id == this).then(|| view! { " " <Tag tone=Tone::Positive text="This one" /> })}
                <p class="muted">
                    {from} "last seen " <TimeAgo at_iso=seen.iso relative=seen.relative absolute=seen.absolute />
                </p>
            </div>
            <form method="post" action=paths::ME aria-label=label>
                {form_identity("session", None)}
                <HiddenField name="session" value=session.id.to_string() />
                <Button>"Sign out"</Button>
            </form>
        </li>
    }
}

fn notifications(visit: &Visit, wants_docs_mails: bool) -> AnyView {
    let errors = form_errors(&visit.form("notifications"));
    view! {
        <Panel title="Notifications">
            <form class="form" method="post" action=paths::ME>
                {form_identity("notifications", None)}
                {errors}
                <Checkbox
                    label="Mails about Submission Docs"
                    name="docs_mails"
                    checked=wants_docs_mails
                    help="When a buyer shares a page with your company, or changes one."
                />
                <FormActions><Button>"Save notifications"</Button></FormActions>
            </form>
        </Panel>
    }
    .into_any()
}
