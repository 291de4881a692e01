//! The credential of a source: the panel that the Authentication tab and the Submission Docs share, and its forms.

use crate::{
    base::{AccountId, CredentialId, FlowId, SourceId},
    flows::{
        routes::Message,
        server::{
            credentials::{self, ActiveCredentials, NewSecret, Previous, USER_NAME},
            queries::credentials::Credential,
        },
    },
    server::{Fault, clock},
    ui::{
        Banner, Button, ButtonKind, Card, CodeBlock, FormActions, HiddenField, KeyValues, RadioCards, StatusMessage,
        TimeAgo, Tone,
    },
    web::{Post, PostResult, Posted, Redirect, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use time::OffsetDateTime;

const CREATE: &str = "create-credential";
const ROTATE: &str = "rotate-credential";
const END: &str = "end-credential";

/// The target of the credential's forms: path, account, and whether the viewer may use them.
pub struct FormTarget {
    /// The page that handles the forms, with the fragment to return to.
    pub action: String,
    /// The account the forms act for. None in the docs, where a reader may have no account.
    pub acting: Option<AccountId>,
    pub may_rotate: bool,
}

/// The username, the start of the secret, when it was created and last used, and the forms the viewer may use.
pub fn panel(visit: &Visit, active: ActiveCredentials, target: &FormTarget) -> AnyView {
    let now = visit.cx.now;
    let new_secret = new_secret(visit, &active);
    let errors = [CREATE, ROTATE, END].map(|form| form_errors(&visit.form(form))).into_view();
    let Some(current) = active.current else {
        let create = target.may_rotate.then(|| create_form(target));
        return view! { {errors} <p>"No credential yet."</p> {create} }.into_any();
    };
    let facts = facts(&current, now);
    let previous = active.previous.map(|previous| previous_banner(&previous, now, target));
    let rotate = target.may_rotate.then(|| rotate_form(current.id, target));
    view! { {errors} {new_secret} {facts} {previous} {rotate} }.into_any()
}

fn facts(current: &Credential, now: OffsetDateTime) -> AnyView {
    let items = vec![
        ("Username".to_owned(), view! { <code>{USER_NAME}</code> }.into_any()),
        ("Secret".to_owned(), view! { <code>{format!("{}…", current.prefix)}</code> }.into_any()),
        ("Created".to_owned(), relative_time(Some(current.created_at), now)),
        ("Last used".to_owned(), relative_time(current.last_used_at, now)),
    ];
    view! { <KeyValues items /> }.into_any()
}

/// A relative time, or "never".
fn relative_time(at: Option<OffsetDateTime>, now: OffsetDateTime) -> AnyView {
    let Some(at) = at else { return view! { "never" }.into_any() };
    let when = clock::display_time(at, now);
    view! { <TimeAgo at_iso=when.iso relative=when.relative absolute=when.absolute /> }.into_any()
}

fn create_form(target: &FormTarget) -> AnyView {
    view! {
        <form method="post" action=target.action.clone()>
            {form_identity(CREATE, target.acting)}
            <Button kind=ButtonKind::Primary>"Create credential"</Button>
        </form>
    }
    .into_any()
}

fn rotate_form(current: CredentialId, target: &FormTarget) -> AnyView {
    let card = |value: &str, title: &str, text: &str| Card {
        value: value.to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
        checked: value == "keep",
        ..Card::default()
    };
    let cards = vec![
        card("keep", "Keep the old one for 24 hours", "Gives you time to update the sending system."),
        card("end", "End the old one now", "Choose this if it has leaked. Leads sent with it are refused immediately."),
    ];
    view! {
        <form class="form" method="post" action=target.action.clone()>
            {form_identity(ROTATE, target.acting)}
            <HiddenField name="credential" value=current.to_string() />
            <RadioCards legend="The old secret" name="former" cards />
            <FormActions>
                <Button>"Rotate credential"</Button>
            </FormActions>
        </form>
    }
    .into_any()
}

fn previous_banner(previous: &Credential, now: OffsetDateTime, target: &FormTarget) -> AnyView {
    let works = format!(" works until {}. Last used: ", end_time(previous, now));
    let (prefix, used) = (format!("{}…", previous.prefix), relative_time(previous.last_used_at, now));
    let end = target.may_rotate.then(|| {
        view! {
            <form method="post" action=target.action.clone()>
                {form_identity(END, target.acting)}
                <HiddenField name="credential" value=previous.id.to_string() />
                <Button kind=ButtonKind::Danger>"End now"</Button>
            </form>
        }
    });
    view! {
        <Banner tone=Tone::Info title="The old secret still works.">
            <p><code>{prefix}</code> {works} {used} "."</p>
            {end}
        </Banner>
    }
    .into_any()
}

fn end_time(credential: &Credential, now: OffsetDateTime) -> String {
    credential.ends_at.map(|at| clock::display_time(at, now).absolute).unwrap_or_default()
}

/// The secret, shown only in the response to the form that created it, and whether it still works.
fn new_secret(visit: &Visit, active: &ActiveCredentials) -> Option<AnyView> {
    let back = visit.back.as_ref()?;
    let was_accepted = back.was_accepted() && [CREATE, ROTATE].contains(&back.form.as_str());
    let secret = back.values.get("secret").filter(|_| was_accepted)?.clone();
    let made: CredentialId = back.values.get("made")?.parse().ok()?;
    let is = |credential: &Option<Credential>| credential.as_ref().is_some_and(|known| known.id == made);
    let (tone, validity) = match (is(&active.current), &active.previous) {
        (true, None) => (Tone::Positive, "It's the only secret that works.".to_owned()),
        (true, Some(previous)) => {
            (Tone::Positive, format!("It works now. The old secret works until {}.", end_time(previous, visit.cx.now)))
        }
        (false, Some(previous)) if previous.id == made => {
            let end = end_time(previous, visit.cx.now);
            (Tone::Warning, format!("Someone has rotated the credential again. This secret works until {end}."))
        }
        (false, _) => {
            (Tone::Danger, "Someone has rotated the credential again. This secret no longer works.".to_owned())
        }
    };
    let text = if back.form == CREATE { "Credential created." } else { "Credential rotated." };
    let panel = view! {
        <StatusMessage text />
        <Banner tone title="Copy the secret now. You won't see it again.">
            <p>{validity}</p>
        </Banner>
        <CodeBlock code=USER_NAME label="Username" />
        <CodeBlock code=secret label="Secret" />
    };
    Some(panel.into_any())
}

pub async fn create(post: Post, flow_id: FlowId, source_id: SourceId) -> PostResult<Posted> {
    let input = (flow_id, source_id);
    let new = post.cx.write(input, |tx, (flow, source)| Box::pin(credentials::create(tx, flow, source))).await?;
    Ok(show_secret(post, &new))
}

pub async fn rotate(post: Post, flow_id: FlowId, source_id: SourceId) -> PostResult<Posted> {
    let previous = match post.fields.get("former") {
        "keep" => Previous::Keep,
        "end" => Previous::EndNow,
        _ => return Err(Fault::NOT_FOUND),
    };
    let input = (flow_id, source_id, post.fields.id::<CredentialId>("credential")?, previous);
    let new = post
        .cx
        .write(input, |tx, (flow, source, current, previous)| {
            Box::pin(credentials::rotate(tx, flow, source, current, previous))
        })
        .await?;
    Ok(show_secret(post, &new))
}

/// Ends the previous secret and redirects to `page`.
pub async fn end(post: Post, flow_id: FlowId, source_id: SourceId, page: String) -> PostResult {
    let input = (flow_id, source_id, post.fields.id::<CredentialId>("credential")?);
    post.cx
        .write(input, |tx, (flow, source, previous)| Box::pin(credentials::end_now(tx, flow, source, previous)))
        .await?;
    Ok(Redirect::to(page).with_message(Message::CredentialEnded))
}

/// Responds with the page itself, so the secret is in no URL, cookie or browser history. Reposting the form fails
/// because it names a credential that is no longer current.
fn show_secret(post: Post, new: &NewSecret) -> Posted {
    let secret = ("secret".to_owned(), new.secret.reveal().to_owned());
    post.show_once([("made".to_owned(), new.id.to_string()), secret])
}
