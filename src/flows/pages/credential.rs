//! The credential of a source, as the tab Authentication and the Submission Docs show it, and what its forms do.

use crate::{
    base::{AccountId, CredentialId, FlowId, SourceId},
    flows::{
        routes::Message,
        server::{
            credentials::{self, Former, Made, USER_NAME, Valid},
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

/// Where and for whom the credential is shown.
pub struct Place {
    /// The page that takes the forms, with the part of it to go back to.
    pub action: String,
    /// The account that the page's forms act for; the docs have readers without one.
    pub acting: Option<AccountId>,
    pub may_rotate: bool,
}

/// User name and beginning of the secret, when it was made and used, and what the viewer may do about it.
pub fn shown(visit: &Visit, valid: Valid, place: &Place) -> AnyView {
    let now = visit.cx.now;
    let told = told_once(visit, &valid);
    let errors = [CREATE, ROTATE, END].map(|form| form_errors(&visit.form(form))).into_view();
    let Some(current) = valid.current else {
        let create = place.may_rotate.then(|| create_form(place));
        return view! { {errors} <p>"No credential was made yet."</p> {create} }.into_any();
    };
    let facts = facts(&current, now);
    let former = valid.former.map(|former| former_part(&former, now, place));
    let rotate = place.may_rotate.then(|| rotate_form(current.id, place));
    view! { {errors} {told} {facts} {former} {rotate} }.into_any()
}

fn facts(current: &Credential, now: OffsetDateTime) -> AnyView {
    let items = vec![
        ("User name".to_owned(), view! { <code>{USER_NAME}</code> }.into_any()),
        ("Secret".to_owned(), view! { <code>{format!("{}…", current.prefix)}</code> }.into_any()),
        ("Made".to_owned(), moment(Some(current.created_at), now)),
        ("Last used".to_owned(), moment(current.last_used_at, now)),
    ];
    view! { <KeyValues items /> }.into_any()
}

/// A moment in relative words, or that there was none.
fn moment(at: Option<OffsetDateTime>, now: OffsetDateTime) -> AnyView {
    let Some(at) = at else { return view! { "never" }.into_any() };
    let when = clock::when(at, now);
    view! { <TimeAgo at_iso=when.iso relative=when.relative absolute=when.absolute /> }.into_any()
}

fn create_form(place: &Place) -> AnyView {
    view! {
        <form method="post" action=place.action.clone()>
            {form_identity(CREATE, place.acting)}
            <Button kind=ButtonKind::Primary>"Create credential"</Button>
        </form>
    }
    .into_any()
}

fn rotate_form(current: CredentialId, place: &Place) -> AnyView {
    let card = |value: &str, title: &str, text: &str| Card {
        value: value.to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
        checked: value == "keep",
        ..Card::default()
    };
    let cards = vec![
        card("keep", "Keep the old one for 24 hours", "Time to put the new secret into the sending system."),
        card(
            "end",
            "End the old one now",
            "If somebody has it who should not. Leads sent with it are refused at once.",
        ),
    ];
    view! {
        <form class="form" method="post" action=place.action.clone()>
            {form_identity(ROTATE, place.acting)}
            <HiddenField name="credential" value=current.to_string() />
            <RadioCards legend="The old secret" name="former" cards />
            <FormActions>
                <Button>"Rotate credential"</Button>
            </FormActions>
        </form>
    }
    .into_any()
}

fn former_part(former: &Credential, now: OffsetDateTime, place: &Place) -> AnyView {
    let counts = format!(" counts until {}. It was last used ", until(former, now));
    let (prefix, used) = (format!("{}…", former.prefix), moment(former.last_used_at, now));
    let end = place.may_rotate.then(|| {
        view! {
            <form method="post" action=place.action.clone()>
                {form_identity(END, place.acting)}
                <HiddenField name="credential" value=former.id.to_string() />
                <Button kind=ButtonKind::Danger>"End now"</Button>
            </form>
        }
    });
    view! {
        <Banner tone=Tone::Info title="The former secret still counts.">
            <p><code>{prefix}</code> {counts} {used} "."</p>
            {end}
        </Banner>
    }
    .into_any()
}

fn until(credential: &Credential, now: OffsetDateTime) -> String {
    credential.ends_at.map(|at| clock::when(at, now).absolute).unwrap_or_default()
}

/// In the answer to the form that made it, and nowhere else, the secret; with what has become of it by now.
fn told_once(visit: &Visit, valid: &Valid) -> Option<AnyView> {
    let back = visit.back.as_ref()?;
    let was_accepted = back.was_accepted() && [CREATE, ROTATE].contains(&back.form.as_str());
    let secret = back.values.get("secret").filter(|_| was_accepted)?.clone();
    let made: CredentialId = back.values.get("made")?.parse().ok()?;
    let is = |credential: &Option<Credential>| credential.as_ref().is_some_and(|known| known.id == made);
    let (tone, standing) = match (is(&valid.current), &valid.former) {
        (true, None) => (Tone::Positive, "It is the only one that counts.".to_owned()),
        (true, Some(former)) => {
            (Tone::Positive, format!("It counts from now on; the former one until {}.", until(former, visit.cx.now)))
        }
        (false, Some(former)) if former.id == made => {
            let until = until(former, visit.cx.now);
            (Tone::Warning, format!("Somebody rotated it again meanwhile: this one counts until {until} only."))
        }
        (false, _) => (Tone::Danger, "Somebody rotated it again meanwhile: this one has ended.".to_owned()),
    };
    let text = if back.form == CREATE { "The credential was created." } else { "The credential was rotated." };
    let told = view! {
        <StatusMessage text />
        <Banner tone title="Copy the secret now: it is shown this once.">
            <p>{standing}</p>
        </Banner>
        <CodeBlock code=USER_NAME label="User name" />
        <CodeBlock code=secret label="Secret" />
    };
    Some(told.into_any())
}

pub async fn create(post: Post, flow_id: FlowId, source_id: SourceId) -> PostResult<Posted> {
    let input = (flow_id, source_id);
    let made = post.cx.write(input, |tx, (flow, source)| Box::pin(credentials::make(tx, flow, source))).await?;
    Ok(tell(post, &made))
}

pub async fn rotate(post: Post, flow_id: FlowId, source_id: SourceId) -> PostResult<Posted> {
    let former = match post.fields.get("former") {
        "keep" => Former::Kept,
        "end" => Former::EndedNow,
        _ => return Err(Fault::NOT_FOUND),
    };
    let input = (flow_id, source_id, post.fields.id::<CredentialId>("credential")?, former);
    let made = post
        .cx
        .write(input, |tx, (flow, source, current, former)| {
            Box::pin(credentials::rotate(tx, flow, source, current, former))
        })
        .await?;
    Ok(tell(post, &made))
}

/// Ends the former secret, and goes on to `page`.
pub async fn end(post: Post, flow_id: FlowId, source_id: SourceId, page: String) -> PostResult {
    let input = (flow_id, source_id, post.fields.id::<CredentialId>("credential")?);
    post.cx.write(input, |tx, (flow, source, former)| Box::pin(credentials::end_now(tx, flow, source, former))).await?;
    Ok(Redirect::to(page).saying(Message::CredentialEnded))
}

/// The page itself is the answer, so that the secret is in no address, no cookie and no history; posting it once more
/// names a credential that is not the current one any more.
fn tell(post: Post, made: &Made) -> Posted {
    let secret = ("secret".to_owned(), made.secret.reveal().to_owned());
    post.show_once([("made".to_owned(), made.id.to_string()), secret])
}
