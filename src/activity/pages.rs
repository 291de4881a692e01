//! [ssr] The activity page: what happened in the account, newest first.

use super::{
    model::Deed,
    server::{self, Line},
};
use crate::{
    accounts::model::Permission,
    base::EmailAddress,
    server::clock,
    ui::{EmptyState, Icon, PageHeader, TimeAgo, Timeline, TimelineItem, Tone},
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn activity_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    visit.cx.actor(membership.account_id, Permission::See)?;
    let mut conn = visit.cx.read().await?;
    let lines = server::list_latest(&mut conn, membership.account_id, 100).await?;
    let body = timeline(lines, visit.cx.now);
    Ok(Screen::app(
        "Activity",
        "activity",
        view! { <PageHeader title="Activity" lead="Who did what in this account. Entries can't be changed." />{body} },
    ))
}

pub fn timeline(lines: Vec<Line>, now: OffsetDateTime) -> AnyView {
    if lines.is_empty() {
        return view! { <EmptyState icon=Icon::Activity title="No activity yet" /> }.into_any();
    }
    let items = lines.into_iter().map(|line| item(line, now)).collect();
    view! { <Timeline items /> }.into_any()
}

fn item(line: Line, now: OffsetDateTime) -> TimelineItem {
    let at = clock::display_time(line.at, now);
    TimelineItem {
        icon: Icon::Activity,
        tone: Tone::Neutral,
        text: text(line.who, line.deed, line.subject_name),
        note: view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any(),
    }
}

/// "Ann *invited* bob@example.com". A few deeds read better without their actor or with another preposition.
fn text(who: Option<String>, deed: Deed, subject: String) -> AnyView {
    let passive = match deed {
        Deed::SourceConverted => Some(("", "is now an account source")),
        Deed::RecipientConverted => Some(("", "is now a recipient")),
        Deed::Declined if who.is_none() => Some(("The invitation to ", "was declined")),
        _ => None,
    };
    if let Some((before, after)) = passive {
        return view! { {before} <strong>{subject}</strong> " " {after} }.into_any();
    }
    let words = match deed {
        // The inviter's activity names the invited address, the accepting company's names the inviter.
        Deed::Accepted if EmailAddress::parse(&subject).is_ok() => "accepted the invitation to",
        Deed::Accepted => "accepted the invitation from",
        _ => deed.word(),
    };
    let who = who.unwrap_or_else(|| "Someone".to_owned());
    view! { <strong>{who}</strong> " " {words} " " <strong>{subject}</strong> }.into_any()
}
