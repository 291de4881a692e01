//! The leads of an account in the last 30 days, beside the 30 days before: those it bought, and those it sent to each
//! buyer. Test leads and what could not be read do not count.

use super::performance::{self, Figures};
use crate::{
    accounts::server::zone,
    base::{AccountId, PartnerId, SourceId},
    leads::model::Period,
    server::{AppState, Fault, kept::Kept},
};
use sqlx::PgConnection;
use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};
use time::{Date, Duration, OffsetDateTime};

/// Sources, reasons and buyers that are listed.
const LISTED: i64 = 5;
const BUYERS: usize = 20;
/// The figures of an account are kept for a minute if they were summed from more rows.
const MANY_ROWS: i64 = 5_000;
/// Figures of this process that are kept. Those of an account have 3 kB.
const MAX_KEPT: usize = 256;

/// The leads of a period that ends today, and those of the period of the same length before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    pub now: Figures,
    pub before: Figures,
}

/// The figures of each day that has any.
type Days = BTreeMap<Date, Figures>;

/// As the filter of the lists names them.
pub const PERIODS: [Period; 3] = [Period::Today, Period::Week, Period::Month];

/// The first and last day of the period before one.
pub fn days_before(period: Period, today: Date) -> (Date, Date) {
    let (first, last) = period.days(today);
    (first - (last - first) - Duration::DAY, first - Duration::DAY)
}

fn compare(days: &Days, today: Date) -> [Compared; 3] {
    let between = |(first, last): (Date, Date)| {
        let mut sum = Figures::default();
        days.range(first..=last).for_each(|(_, figures)| sum.add(figures));
        sum
    };
    PERIODS.map(|period| Compared { now: between(period.days(today)), before: between(days_before(period, today)) })
}

/// The first day of the month before the last one, the earliest that is summed.
fn first_day(today: Date) -> Date {
    days_before(Period::Month, today).0
}

/// Each of the last 30 days.
fn recent(days: &Days, today: Date) -> Vec<(Date, Figures)> {
    let ago = (0..30).rev().map(|days| today - Duration::days(days));
    ago.map(|day| (day, days.get(&day).copied().unwrap_or_default())).collect()
}

#[derive(Debug, Clone)]
pub struct TopSource {
    pub id: SourceId,
    pub flow_name: String,
    pub source_name: String,
    pub accepted: i64,
    pub rejected: i64,
}

/// The leads that an account bought.
#[derive(Debug)]
pub struct Bought {
    /// The zone in which days are counted.
    pub time_zone: String,
    pub today: Date,
    /// Of [`PERIODS`].
    pub periods: [Compared; 3],
    pub days: Vec<(Date, Figures)>,
    /// The sources with the most leads in 30 days.
    pub sources: Vec<TopSource>,
    /// The most frequent reasons for rejection in 30 days.
    pub reasons: Vec<(String, i64)>,
}

struct Figured(Kept<(AccountId, Date), Arc<Bought>>);

/// The figures of an account with very many sources can be a minute old.
pub async fn bought(
    conn: &mut PgConnection,
    state: &AppState,
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<Arc<Bought>, Fault> {
    let time_zone = performance::find_time_zone(conn, account_id).await?;
    let today = zone::day(&time_zone, now);
    let work = async {
        let (days, rows) = list_days(conn, account_id, first_day(today)).await?;
        let (month, _) = Period::Month.days(today);
        let figures = Bought {
            time_zone,
            today,
            periods: compare(&days, today),
            days: recent(&days, today),
            sources: list_top_sources(conn, account_id, month).await?,
            reasons: list_top_reasons(conn, account_id, month).await?,
        };
        Ok((Arc::new(figures), rows > MANY_ROWS))
    };
    state.shared.get(|| Figured(Kept::new(MAX_KEPT))).0.get((account_id, today), now, work).await
}

/// Also returns the number of rows that were summed.
async fn list_days(conn: &mut PgConnection, account_id: AccountId, first: Date) -> Result<(Days, i64), Fault> {
    let rows = sqlx::query!(
        r#"select day, count(*) as "rows!",
                  coalesce(sum(count) filter (where outcome = 'success'), 0)::bigint as "accepted!",
                  coalesce(sum(count) filter (where outcome = 'failure'), 0)::bigint as "rejected!"
           from source_days
           where account_id = $1 and day >= $2 and not test
           group by day"#,
        account_id as _,
        first,
    )
    .fetch_all(conn)
    .await?;
    let count = rows.iter().map(|row| row.rows).sum();
    let figures = |accepted, rejected| Figures { accepted, rejected, ..Figures::default() };
    Ok((rows.into_iter().map(|row| (row.day, figures(row.accepted, row.rejected))).collect(), count))
}

async fn list_top_sources(
    conn: &mut PgConnection,
    account_id: AccountId,
    first: Date,
) -> Result<Vec<TopSource>, Fault> {
    let sources = sqlx::query_as!(
        TopSource,
        r#"select fs.id as "id: SourceId", f.name as flow_name, e.name as source_name, d.accepted as "accepted!",
                  d.rejected as "rejected!"
           from (
               select source_id, coalesce(sum(count) filter (where outcome = 'success'), 0)::bigint as accepted,
                      coalesce(sum(count) filter (where outcome = 'failure'), 0)::bigint as rejected
               from source_days
               where account_id = $1 and day >= $2 and not test and outcome in ('success', 'failure')
               group by source_id
               order by sum(count) desc, source_id
               limit $3
           ) d
           join flow_sources fs on fs.id = d.source_id
           join flows f on f.id = fs.flow_id
           join entities e on e.id = fs.entity_id
           order by d.accepted + d.rejected desc, fs.id"#,
        account_id as _,
        first,
        LISTED,
    )
    .fetch_all(conn)
    .await?;
    Ok(sources)
}

async fn list_top_reasons(
    conn: &mut PgConnection,
    account_id: AccountId,
    first: Date,
) -> Result<Vec<(String, i64)>, Fault> {
    let rows = sqlx::query!(
        r#"select reason, sum(count)::bigint as "leads!"
           from source_days
           where account_id = $1 and day >= $2 and not test and outcome = 'failure'
           group by reason
           order by 2 desc, 1
           limit $3"#,
        account_id as _,
        first,
        LISTED,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.reason, row.leads)).collect())
}

/// The leads that an account sent to one buyer, counted in the days of that buyer.
#[derive(Debug, Clone)]
pub struct SentTo {
    pub partner_id: PartnerId,
    pub buyer: String,
    pub today: Date,
    /// Of [`PERIODS`].
    pub periods: [Compared; 3],
}

/// The connected buyers that got the most leads in 30 days; a buyer that got none in 60 days is not among them. Also
/// returns how many buyers got leads.
pub async fn list_sent(
    conn: &mut PgConnection,
    seller: AccountId,
    now: OffsetDateTime,
) -> Result<(Vec<SentTo>, usize), Fault> {
    // Zones are at most a day apart.
    let first = first_day(now.date()) - Duration::days(1);
    let rows = sqlx::query!(
        r#"select p.id as "partner_id!: PartnerId", a.name as "buyer!", a.time_zone as "time_zone!", d.day as "day!",
                  coalesce(sum(d.count) filter (where d.outcome = 'success'), 0)::bigint as "accepted!",
                  coalesce(sum(d.count) filter (where d.outcome = 'failure'), 0)::bigint as "rejected!"
           from live_connections c
           join accounts a on a.id = c.buyer_account_id
           join partners p on p.account_id = a.id and p.linked_account_id = c.seller_account_id and p.archived_at is null
           join flow_sources fs on fs.account_id = p.account_id and fs.partner_id = p.id
           join source_days d on d.source_id = fs.id and d.day >= $2 and not d.test
           where c.seller_account_id = $1
           group by p.id, a.id, d.day"#,
        seller as _,
        first,
    )
    .fetch_all(conn)
    .await?;
    let mut buyers = BTreeMap::<PartnerId, (String, String, Days)>::new();
    for row in rows {
        let (_, _, days) = buyers.entry(row.partner_id).or_insert_with(|| (row.buyer, row.time_zone, Days::new()));
        days.insert(row.day, Figures { accepted: row.accepted, rejected: row.rejected, ..Figures::default() });
    }
    let all = buyers.len();
    let mut sent: Vec<_> = buyers
        .into_iter()
        .map(|(partner_id, (buyer, time_zone, days))| {
            let today = zone::day(&time_zone, now);
            SentTo { partner_id, buyer, today, periods: compare(&days, today) }
        })
        .collect();
    let in_a_month = |one: &SentTo| one.periods.last().map(|period| period.now.leads());
    sent.sort_by_key(|one| (Reverse(in_a_month(one)), one.buyer.to_lowercase()));
    sent.truncate(BUYERS);
    Ok((sent, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_period_ends_today_and_is_compared_with_the_days_before() {
        let figures = |accepted| Figures { accepted, ..Figures::default() };
        let days: Days = [
            (date!(2026 - 02 - 15), figures(1)),
            (date!(2026 - 02 - 16), figures(10)),
            (date!(2026 - 02 - 22), figures(100)),
            (date!(2026 - 02 - 23), figures(1_000)),
            (date!(2026 - 03 - 01), figures(10_000)),
            // After a move to a zone further west.
            (date!(2026 - 03 - 02), figures(100_000)),
        ]
        .into();
        let today = date!(2026 - 03 - 01);
        let sums = compare(&days, today).map(|compared| (compared.now.leads(), compared.before.leads()));
        assert_eq!(sums, [(10_000, 0), (11_000, 110), (11_111, 0)]);
        let recent = recent(&days, today);
        assert_eq!((recent.len(), recent.last().map(|(_, figures)| figures.leads())), (30, Some(10_000)));
    }
}
