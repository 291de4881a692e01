//! The performance panel of sources, shown in the portal, on a partner's page and on a source's page.

use super::server::performance::{self, Figures, Performance, Range, Scope, SourceName};
use crate::{
    base::AccountId,
    server::{Fault, clock},
    ui::{
        Cell, Chart, ChartKind, Column, DataTable, EmptyState, Icon, LinkButton, Panel, Series, StatTile, StatTiles,
        TabLink, Tabs, TimeAgo, Tone,
    },
};
use leptos::prelude::*;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime, macros::format_description};

/// Maximum reasons listed in rows; the rest are added up in one.
const MAX_REASONS: usize = 50;

/// The figures of some sources over time. `path` is the page that shows the panel, whose URL has the range (`?days=7`).
/// `csv` is the URL of the same figures as a file.
pub async fn performance_panel(
    conn: &mut PgConnection,
    account_id: AccountId,
    scope: Scope,
    range: Range,
    now: OffsetDateTime,
    path: &str,
    csv: Option<String>,
) -> Result<AnyView, Fault> {
    let performance = performance::performance(conn, account_id, scope, range, now).await?;
    Ok(panel(performance, scope, range, now, path, csv))
}

fn panel(
    performance: Performance,
    scope: Scope,
    range: Range,
    now: OffsetDateTime,
    path: &str,
    csv: Option<String>,
) -> AnyView {
    let Performance { time_zone, total, last_lead, days, sources, reasons } = performance;
    let csv = csv.map(|href| view! { <p class="actions"><LinkButton href>"Download CSV"</LinkButton></p> });
    let lead = format!("The last {} days in {time_zone}. Excludes test leads.", range.days());
    let tabs = Range::ALL.into_iter().map(|one| TabLink {
        href: format!("{path}?days={}", one.days()),
        label: format!("{} days", one.days()),
        current: one == range,
        count: None,
    });
    let tabs = tabs.collect();
    let by_source = matches!(scope, Scope::Partner(_)).then(|| by_source(sources, now));
    view! {
        <Panel title="Performance" lead>
            <Tabs label="Range" tabs />
            {tiles(total, last_lead, now)}
            {by_day(&days)}
            {csv}
        </Panel>
        {by_source}
        <Panel title="Reasons" lead="Why leads were not accepted.">{reasons_table(reasons)}</Panel>
    }
    .into_any()
}

fn tiles(total: Figures, last_lead: Option<OffsetDateTime>, now: OffsetDateTime) -> impl IntoView {
    let tests = match total.test {
        0 => String::new(),
        1 => "and 1 test lead".to_owned(),
        many => format!("and {} test leads", grouped(many)),
    };
    let last = last_lead.map_or_else(|| "none yet".to_owned(), |at| clock::display_time(at, now).relative);
    let rate = rate(total.leads(), total.accepted);
    let [leads, accepted, rejected] = [total.leads(), total.accepted, total.rejected].map(grouped);
    let [errors, refused] = [total.errors, total.refused].map(grouped);
    view! {
        <StatTiles>
            <StatTile label="Leads" value=leads hint=tests />
            <StatTile label="Accepted" value=accepted />
            <StatTile label="Rejected" value=rejected />
            <StatTile label="Acceptance rate" value=rate />
            <StatTile label="Errors" value=errors hint="could not be read, so not stored" />
            <StatTile label="Refused" value=refused hint="not let in, so not stored" />
            <StatTile label="Last lead" value=last />
        </StatTiles>
    }
}

/// A chart of accepted and rejected leads.
pub fn by_day(days: &[(Date, Figures)]) -> impl IntoView + use<> {
    let labels = days.iter().map(|(day, _)| day_label(*day)).collect();
    let one = |name: &str, tone, of: fn(&Figures) -> i64| Series {
        name: name.to_owned(),
        values: days.iter().map(|(_, figures)| of(figures)).collect(),
        tone,
    };
    let mut series = vec![
        one("Accepted", Some(Tone::Positive), |figures| figures.accepted),
        one("Rejected", Some(Tone::Danger), |figures| figures.rejected),
    ];
    if days.iter().any(|(_, figures)| figures.errors > 0) {
        series.push(one("Errors", None, |figures| figures.errors));
    }
    view! { <Chart caption="Leads by day" empty="No leads in this period." labels series kind=ChartKind::StackedBars /> }
}

fn day_label(day: Date) -> String {
    day.format(format_description!("[day padding:none] [month repr:short]")).unwrap_or_default()
}

fn by_source(sources: Vec<(SourceName, Figures)>, now: OffsetDateTime) -> AnyView {
    let body = if sources.is_empty() {
        view! { <EmptyState icon=Icon::Flow title="No sources yet" text="Figures appear here once this partner has a source." /> }.into_any()
    } else {
        let figures = ["Leads", "Accepted", "Rejected", "Rate"].map(|label| Column::new(label).numeric());
        let mut head = vec![Column::new("Source")];
        head.extend(figures);
        head.push(Column::new("Last lead"));
        let rows = sources.into_iter().map(|(source, figures)| source_row(source, figures, now)).collect_view();
        view! { <DataTable caption="By source" head>{rows}</DataTable> }.into_any()
    };
    view! { <Panel title="By source">{body}</Panel> }.into_any()
}

fn source_row(source: SourceName, figures: Figures, now: OffsetDateTime) -> impl IntoView {
    let last = source.last_lead.map(|at| {
        let at = clock::display_time(at, now);
        view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }
    });
    view! {
        <tr>
            <Cell label="Source"><span class="cell-title">{source.shown()}</span></Cell>
            <Cell label="Leads" numeric=true>{grouped(figures.leads())}</Cell>
            <Cell label="Accepted" numeric=true>{grouped(figures.accepted)}</Cell>
            <Cell label="Rejected" numeric=true>{grouped(figures.rejected)}</Cell>
            <Cell label="Rate" numeric=true>{rate(figures.leads(), figures.accepted)}</Cell>
            <Cell label="Last lead">{last}</Cell>
        </tr>
    }
}

fn reasons_table(mut reasons: Vec<(String, i64)>) -> AnyView {
    if reasons.is_empty() {
        return view! { <p>"No leads were rejected in this period."</p> }.into_any();
    }
    let others: i64 = reasons.iter().skip(MAX_REASONS).map(|(_, count)| count).sum();
    reasons.truncate(MAX_REASONS);
    if others > 0 {
        reasons.push(("Other reasons".to_owned(), others));
    }
    let head = vec![Column::new("Reason"), Column::new("Leads").numeric()];
    let rows = reasons
        .into_iter()
        .map(|(reason, count)| {
            let reason = if reason.is_empty() { "No reason given".to_owned() } else { reason };
            view! {
                <tr>
                    <Cell label="Reason">{reason}</Cell>
                    <Cell label="Leads" numeric=true>{grouped(count)}</Cell>
                </tr>
            }
        })
        .collect_view();
    view! { <DataTable caption="Reasons" head>{rows}</DataTable> }.into_any()
}

/// The share of accepted leads in whole percent, or a dash if there are no leads. It is 0% or 100% only if exactly so.
pub fn rate(leads: i64, accepted: i64) -> String {
    let percent = match (leads, accepted) {
        (0, _) => return "–".to_owned(),
        (leads, accepted) if accepted == leads => 100,
        (_, 0) => 0,
        (leads, accepted) => ((accepted * 100 + leads / 2) / leads).clamp(1, 99),
    };
    format!("{percent}%")
}

/// A count with thousands separators.
pub fn grouped(count: i64) -> String {
    let digits = count.to_string();
    let grouped: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    grouped.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_thousands_separators() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")];
        for (count, text) in cases {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn a_rate_is_0_or_100_percent_only_if_exact() {
        for ((leads, accepted), text) in [
            ((0, 0), "–"),
            ((3, 2), "67%"),
            ((1_000, 999), "99%"),
            ((1_000, 1_000), "100%"),
            ((1_000, 1), "1%"),
            ((5, 0), "0%"),
        ] {
            assert_eq!(rate(leads, accepted), text);
        }
    }
}
