//! The figures on Home. Each number leads to the list that it counts.

use crate::{
    base::paths,
    leads::model::{Filter, Outcome, Period},
    reports::{
        parts::{by_day, grouped, rate},
        server::account_figures::{Bought, Compared, LENGTHS, SentTo, TopSource},
    },
    ui::{Cell, Column, DataTable, LinkButton, Panel, StatTile, StatTiles},
};
use leptos::prelude::*;
use time::{Date, Duration};

/// Without test leads.
fn counted() -> Filter {
    Filter { test: Some(false), ..Filter::default() }
}

fn in_a_month() -> Filter {
    Filter { period: Some(Period::Month), ..counted() }
}

const PERIODS: [Period; 3] = [Period::Today, Period::Week, Period::Month];

/// The leads that an account bought.
pub fn bought(figures: &Bought, pending_invitations: i64) -> AnyView {
    let chart = by_day(&figures.days);
    let lead = format!("Days in {}. Excludes test leads.", figures.time_zone);
    let tiles: Vec<_> =
        (0..3).map(|index| figures.periods.get(index).map(|compared| tile(index, *compared, figures.today))).collect();
    let pending = (pending_invitations > 0).then(|| {
        let href = paths::invitations_in("pending");
        view! { <StatTile label="Pending invitations" value=grouped(pending_invitations) href /> }
    });
    let sources = (!figures.sources.is_empty()).then(|| top_sources(figures.sources.clone()));
    let reasons = (!figures.reasons.is_empty()).then(|| top_reasons(figures.reasons.clone()));
    view! {
        <Panel title="Leads" lead>
            <StatTiles>{tiles}{pending}</StatTiles>
            {chart}
        </Panel>
        <div class="panels">{sources}{reasons}</div>
    }
    .into_any()
}

/// The figures of a period: leads, what became of them, and those of the period before.
fn tile(index: usize, compared: Compared, today: Date) -> AnyView {
    let (Some(period), Some(length)) = (PERIODS.get(index).copied(), LENGTHS.get(index).copied()) else {
        return ().into_any();
    };
    let Compared { now, before } = compared;
    let link = |outcome| Filter { period: Some(period), outcome, ..counted() }.in_path(paths::LEADS);
    let first = today - Duration::days(length - 1);
    let earlier = Filter { from: Some(first - Duration::days(length)), to: first.previous_day(), ..counted() };
    let more = view! {
        <a href=link(Some(Outcome::Accepted))>{format!("{} accepted", grouped(now.accepted))}</a>
        " · "
        <a href=link(Some(Outcome::Rejected))>{format!("{} rejected", grouped(now.rejected))}</a>
        <br />
        <a href=earlier.in_path(paths::LEADS)>{grouped(before.leads())}</a>
        {before_words(length)}
    };
    let more = more.into_any();
    view! { <StatTile label=period.word() value=grouped(now.leads()) href=link(None) more /> }.into_any()
}

fn before_words(length: i64) -> String {
    if length == 1 { " yesterday".to_owned() } else { format!(" in the {length} days before") }
}

fn top_sources(sources: Vec<TopSource>) -> AnyView {
    let head = vec![
        Column::new("Source"),
        Column::new("Flow"),
        Column::new("Leads").numeric(),
        Column::new("Accepted").numeric(),
    ];
    let rows = sources.into_iter().map(|source| {
        let href = Filter { source: Some(source.id), ..in_a_month() }.in_path(paths::LEADS);
        let leads = source.accepted + source.rejected;
        view! {
            <tr>
                <Cell label="Source"><span class="cell-title">{source.source_name}</span></Cell>
                <Cell label="Flow">{source.flow_name}</Cell>
                <Cell label="Leads" numeric=true><a href=href>{grouped(leads)}</a></Cell>
                <Cell label="Accepted" numeric=true>{rate(leads, source.accepted)}</Cell>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Panel title="Top sources" lead="With the most leads in the last 30 days.">
            <DataTable caption="Top sources" head>{rows}</DataTable>
        </Panel>
    }
    .into_any()
}

fn top_reasons(reasons: Vec<(String, i64)>) -> AnyView {
    let head = vec![Column::new("Reason"), Column::new("Leads").numeric()];
    let rows = reasons.into_iter().map(|(reason, count)| {
        let filter = Filter { outcome: Some(Outcome::Rejected), reason: reason.clone(), ..in_a_month() };
        let reason = if reason.is_empty() { "No reason given".to_owned() } else { reason };
        view! {
            <tr>
                <Cell label="Reason"><bdi>{reason}</bdi></Cell>
                <Cell label="Leads" numeric=true><a href=filter.in_path(paths::LEADS)>{grouped(count)}</a></Cell>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Panel title="Top reasons" lead="Why most leads were rejected in the last 30 days.">
            <DataTable caption="Top reasons" head>{rows}</DataTable>
        </Panel>
    }
    .into_any()
}

/// The leads that an account sent, by buyer. `all` counts the buyers, of which the first are listed.
pub fn sent(buyers: Vec<SentTo>, all: usize) -> Option<AnyView> {
    if buyers.is_empty() {
        return None;
    }
    let head = vec![
        Column::new("Buyer"),
        Column::new("Today").numeric(),
        Column::new("7 days").numeric(),
        Column::new("30 days").numeric(),
        Column::new("30 days before").numeric(),
        Column::new("Accepted").numeric(),
    ];
    let others = (all > buyers.len())
        .then(|| view! { <p class="actions"><LinkButton href=paths::BUYERS>"See all buyers"</LinkButton></p> });
    let rows = buyers.into_iter().map(buyer_row).collect_view();
    Some(
        view! {
            <Panel title="Leads you sent" lead="Days in each buyer's time zone. Excludes test leads.">
                <DataTable caption="Leads you sent" head>{rows}</DataTable>
                {others}
            </Panel>
        }
        .into_any(),
    )
}

fn buyer_row(sent: SentTo) -> impl IntoView {
    let path = paths::portal_leads(sent.partner_id);
    let [today, week, month] = sent.periods;
    let link = |period, leads: i64| {
        let href = Filter { period: Some(period), ..counted() }.in_path(&path);
        view! { <a href=href>{grouped(leads)}</a> }
    };
    let periods = [(Period::Today, today), (Period::Week, week), (Period::Month, month)];
    let [today, week, in_month] = periods.map(|(period, compared)| link(period, compared.now.leads()));
    view! {
        <tr>
            <Cell label="Buyer"><a class="cell-title" href=paths::portal(sent.partner_id)>{sent.buyer}</a></Cell>
            <Cell label="Today" numeric=true>{today}</Cell>
            <Cell label="7 days" numeric=true>{week}</Cell>
            <Cell label="30 days" numeric=true>{in_month}</Cell>
            <Cell label="30 days before" numeric=true>{grouped(month.before.leads())}</Cell>
            <Cell label="Accepted" numeric=true>{rate(month.now.leads(), month.now.accepted)}</Cell>
        </tr>
    }
}
