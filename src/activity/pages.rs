//! [ssr] What happened in the account, newest first.

use super::server::{self, Line};
use crate::{
    accounts::model::Permission,
    server::clock,
    ui::{EmptyState, Icon, PageHeader, TimeAgo, Timeline, TimelineItem, Tone},
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn activity_page(visit: Visit) -> PageResult {
    let place = visit.cx.active_place()?.clone();
    visit.cx.actor(place.account_id, Permission::See)?;
    let mut conn = visit.cx.read().await?;
    let lines = server::list_latest(&mut conn, place.account_id, 100).await?;
    let body = timeline(lines, visit.cx.now);
    Ok(Screen::app(
        "Activity",
        "activity",
        view! { <PageHeader title="Activity" lead="Who did what in this account. It cannot be changed." />{body} },
    ))
}

pub fn timeline(lines: Vec<Line>, now: OffsetDateTime) -> AnyView {
    if lines.is_empty() {
        return view! { <EmptyState icon=Icon::Activity title="Nothing happened yet" /> }.into_any();
    }
    let items = lines.into_iter().map(|line| item(line, now)).collect();
    view! { <Timeline items /> }.into_any()
}

fn item(line: Line, now: OffsetDateTime) -> TimelineItem {
    let at = clock::when(line.at, now);
    let who = line.who.unwrap_or_else(|| "Somebody".to_owned());
    TimelineItem {
        icon: Icon::Activity,
        tone: Tone::Neutral,
        text: view! { <strong>{who}</strong> " " {line.deed.word()} " " <strong>{line.subject_name}</strong> }
            .into_any(),
        note: view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any(),
    }
}
