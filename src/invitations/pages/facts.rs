//! What the page shows an invited company: the inviter, what accepting shares and creates, the note and the expiry.

use crate::{
    invitations::{model::Kind, server::queries::Invitation},
    server::clock,
    ui::KeyValues,
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The page title of an invitation to connect, in the same words as the email's subject.
pub fn title(invitation: &Invitation) -> String {
    let company = &invitation.company;
    match invitation.kind() {
        Kind::Recipient => format!("{company} wants to send you leads"),
        _ => format!("{company} invites you to connect"),
    }
}

pub fn facts(invitation: &Invitation, now: OffsetDateTime) -> AnyView {
    let Invitation { company, inviter, note, email, flow, expires_at, .. } = invitation.clone();
    let who = inviter.map_or_else(|| company.clone(), |name| format!("{name} from {company}"));
    let expires = clock::display_time(expires_at, now);
    let (lead, gets) = match invitation.kind() {
        Kind::Recipient => (
            format!("{who} would like to send you leads."),
            format!(
                "A flow with {company} as a source, turned on. You set its rules and mappings and can turn it off at any time. {company} gets its Submission Docs, which explain where and how to send leads."
            ),
        ),
        _ => (
            format!("{who} would like to receive your leads."),
            format!("The Submission Docs of {company}, which explain where and how to send leads."),
        ),
    };
    let item = |label: &str, text: String| (label.to_owned(), view! { {text} }.into_any());
    let accepting = format!("Connects your company with {company}. {company} will see your name and your company's.");
    let items = [
        Some(item("Invited address", email)),
        flow.map(|flow| item("Flow", flow.name)),
        Some(item("Accepting", accepting)),
        Some(item("You get", gets)),
        Some(item("Expires", format!("{} ({})", clock::day(expires_at), expires.relative))),
    ];
    let items = items.into_iter().flatten().collect();
    view! {
        <p class="lead">{lead}</p>
        {(!note.is_empty()).then(|| view! { <figure class="note"><blockquote>{note}</blockquote><figcaption>{who.clone()}</figcaption></figure> })}
        <KeyValues items=items />
    }
    .into_any()
}
