//! What the page tells an invited company: who invites, what accepting shares and creates, the note and the expiry.

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
    let Invitation { company, inviter, note, email, expires_at, .. } = invitation.clone();
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
    let text = |text: String| view! { {text} }.into_any();
    view! {
        <p class="lead">{lead}</p>
        {(!note.is_empty()).then(|| view! { <figure class="note"><blockquote>{note}</blockquote><figcaption>{who.clone()}</figcaption></figure> })}
        <KeyValues items=vec![
            ("Invited address".to_owned(), text(email)),
            ("Accepting".to_owned(), text(format!("Connects your company with {company}. {company} will see your name and your company's."))),
            ("You get".to_owned(), text(gets)),
            ("Expires".to_owned(), text(format!("{} ({})", clock::day(expires_at), expires.relative))),
        ] />
    }
    .into_any()
}
