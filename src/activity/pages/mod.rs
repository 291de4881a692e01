//! [ssr] The activity page: what happened in the account, newest first.

mod changes;
mod file;
mod filter;

pub use file::activity_csv;

use super::{
    model::Deed,
    server::{
        Line,
        search::{self, Record},
    },
};
use crate::{
    accounts::{model::Permission, server::queries as accounts},
    base::{ActivityId, EmailAddress, Problem, paths},
    server::{PageIds, PageRows, clock, page_rows::PAGE_BUDGET},
    ui::{EmptyState, Icon, LinkButton, PageHeader, Pagination, TimeAgo, Timeline, TimelineItem, Tone},
    web::{PageResult, Screen, Visit},
};
use changes::changes;
use filter::Filter;
use leptos::prelude::*;
use time::OffsetDateTime;

/// Entries of a page.
const PAGE: usize = 50;
/// One more, to know whether there are others.
const LIMIT: i64 = PAGE as i64 + 1;

pub async fn activity_page(visit: Visit) -> PageResult {
    let account_id = visit.cx.active_membership()?.account_id;
    visit.cx.actor(account_id, Permission::See)?;
    let read = Filter::read(|name| visit.query(name));
    let before = visit.query("before").parse::<ActivityId>().ok();
    let filter = read.clone().unwrap_or_default();
    let mut conn = visit.cx.read().await?;
    let zone = accounts::find_zone(&mut conn, account_id).await?;
    let people = accounts::list_names(&mut conn, account_id, filter::PEOPLE_LIMIT).await?;
    let form = filter.form(people);
    let body = match read {
        None => unreadable(),
        Some(filter) => {
            let found = search::find_ids(&mut conn, account_id, &filter.search(&zone), before, LIMIT).await?;
            let searched = found.searched;
            let page = PageIds::first(PAGE, found.ids);
            let records = search::load(&mut conn, account_id, &page, PAGE_BUDGET).await?;
            List { filter, records, searched, is_later_page: before.is_some() }.show(visit.cx.now)
        }
    };
    let lead = format!("Who did what in this account. Entries can't be changed. Days in {zone}.");
    Ok(Screen::app("Activity", "activity", view! { <PageHeader title="Activity" lead />{form}{body} }))
}

fn unreadable() -> AnyView {
    let text = Problem::FilterUnreadable.sentence();
    view! {
        <EmptyState icon=Icon::Search title="This can't be found" text>
            <LinkButton href=paths::ACTIVITY>"Show all"</LinkButton>
        </EmptyState>
    }
    .into_any()
}

/// One page of the entries of a filter.
struct List {
    filter: Filter,
    records: PageRows<Record>,
    /// The entry at which the search ended before the page was full.
    searched: Option<ActivityId>,
    is_later_page: bool,
}

impl List {
    fn show(self, now: OffsetDateTime) -> AnyView {
        let Self { filter, records, searched, is_later_page } = self;
        let path = filter.in_path(paths::ACTIVITY);
        let separator = if path.contains('?') { '&' } else { '?' };
        let after = |id: ActivityId| format!("{path}{separator}before={id}");
        let next = records.rows.last().filter(|_| records.has_more).map(|last| after(last.id));
        let further = searched.filter(|_| next.is_none()).map(|id| {
            view! { <p><a href=after(id)>"Search further back"</a></p> }
        });
        let is_empty = records.rows.is_empty();
        let about = records.rows.first().filter(|_| filter.is_about_one()).map(|record| {
            view! { <p class="muted">"Only entries about " <bdi>{record.subject_name.clone()}</bdi> "."</p> }
        });
        let summary = format!("{} entries, newest first", records.rows.len());
        let items = records.rows.iter().map(|record| item(record.line(), changes(record), now)).collect();
        let list = match (is_empty, is_later_page || further.is_some()) {
            (false, _) => view! { <Timeline items /> }.into_any(),
            (true, true) => view! { <p class="muted">"No matching entries here."</p> }.into_any(),
            (true, false) if filter == Filter::default() => nothing(),
            (true, false) => view! { <EmptyState icon=Icon::Search title="No matching entries" text="Change the filter or show everything." /> }.into_any(),
        };
        let file = (!is_empty)
            .then(|| view! { <LinkButton href=filter.in_path(paths::ACTIVITY_CSV)>"Download CSV"</LinkButton> });
        let first = is_later_page.then(|| view! { <LinkButton href=path.clone()>"Newest"</LinkButton> });
        view! {
            {about}
            {list}
            {further}
            <p class="actions">{file}{first}</p>
            {next.map(|next| view! { <Pagination summary next /> })}
        }
        .into_any()
    }
}

fn nothing() -> AnyView {
    view! { <EmptyState icon=Icon::Activity title="No activity yet" /> }.into_any()
}

pub fn timeline(lines: Vec<Line>, now: OffsetDateTime) -> AnyView {
    if lines.is_empty() {
        return nothing();
    }
    let items = lines.into_iter().map(|line| item(line, None, now)).collect();
    view! { <Timeline items /> }.into_any()
}

fn item(line: Line, changes: Option<AnyView>, now: OffsetDateTime) -> TimelineItem {
    let at = clock::display_time(line.at, now);
    TimelineItem {
        icon: Icon::Activity,
        tone: Tone::Neutral,
        text: text(line.who, line.deed, line.subject_name),
        note: view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> {changes} }.into_any(),
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
