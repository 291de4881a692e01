//! The figures on Home. Each number leads to the list that it counts.

use crate::{
    base::paths,
    leads::model::{Filter, Outcome, Period},
    reports::{
        parts::{by_day, grouped, rate},
        server::account_figures::{Bought, Compared, PERIODS, SentTo, TopSource, days_before},
    },
    ui::{Cell, Column, DataTable, LinkButton, Panel, StatTile, StatTiles},
};
use leptos::prelude::*;
use time::Date;

/// Without test leads.
fn counted() -> Filter {
    Filter { test: Some(false), ..Filter::default() }
}

fn in_a_month() -> Filter {
    Filter { period: Some(Period::Month), ..counted() }
}

/// The leads that an account bought.
pub fn bought(figures: &Bought, pending_invitations: i64) -> AnyView {
    let chart = by_day(&figures.days);
    let lead = format!("Days in {}. Excludes test leads.", figures.time_zone);
    let periods = PERIODS.into_iter().zip(figures.periods);
    let tiles: Vec<_> = periods.map(|(period, compared)| tile(period, compared, figures.today)).collect();
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
fn tile(period: Period, compared: Compared, today: Date) -> AnyView {
    let Compared { now, before } = compared;
    let link = |outcome| Filter { period: Some(period), outcome, ..counted() }.in_path(paths::LEADS);
    let (first, last) = days_before(period, today);
    let earlier = Filter { from: Some(first), to: Some(last), ..counted() };
    let when = match (last - first).whole_days() + 1 {
        1 => " yesterday".to_owned(),
        days => format!(" in the {days} days before"),
    };
    let more = view! {
        <a href=link(Some(Outcome::Accepted))>{format!("{} accepted", grouped(now.accepted))}</a>
        " · "
        <a href=link(Some(Outcome::Rejected))>{format!("{} rejected", grouped(now.rejected))}</a>
        <br />
        <a href=earlier.in_path(paths::LEADS)>{grouped(before.leads())}</a>
        {when}
    };
    let more = more.into_any();
    view! { <StatTile label=period.word() value=grouped(now.leads()) href=link(None) more /> }.into_any()
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
    let [.., month] = sent.periods;
    let link = |filter: Filter, leads: i64| view! { <a href=filter.in_path(&path)>{grouped(leads)}</a> };
    let mut links = PERIODS.into_iter().zip(sent.periods).map(|(period, compared)| {
        let filter = Filter { period: Some(period), ..counted() };
        link(filter, compared.now.leads())
    });
    let (today, week, in_month) = (links.next(), links.next(), links.next());
    let (first, last) = days_before(Period::Month, sent.today);
    let before = link(Filter { from: Some(first), to: Some(last), ..counted() }, month.before.leads());
    view! {
        <tr>
            <Cell label="Buyer"><a class="cell-title" href=paths::portal(sent.partner_id)>{sent.buyer}</a></Cell>
            <Cell label="Today" numeric=true>{today}</Cell>
            <Cell label="7 days" numeric=true>{week}</Cell>
            <Cell label="30 days" numeric=true>{in_month}</Cell>
            <Cell label="30 days before" numeric=true>{before}</Cell>
            <Cell label="Accepted" numeric=true>{rate(month.now.leads(), month.now.accepted)}</Cell>
        </tr>
    }
}
