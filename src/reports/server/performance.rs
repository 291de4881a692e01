//! The performance of sources: leads by day, by source and by reason. It is summed from counts that the statement
//! storing a lead updates, so it always matches the stored leads. Four queries, whatever the number of sources and
//! days.

use crate::{
    accounts::server::zone,
    base::{AccountId, PartnerId, SourceId},
    server::Fault,
};
use sqlx::PgConnection;
use std::{collections::BTreeMap, iter};
use time::{Date, Duration, OffsetDateTime};

/// The sources whose performance is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All sources that currently belong to this partner.
    Partner(PartnerId),
    Source(SourceId),
}

impl Scope {
    /// The two ids for the queries; exactly one is set.
    fn ids(self) -> (Option<PartnerId>, Option<SourceId>) {
        match self {
            Self::Partner(id) => (Some(id), None),
            Self::Source(id) => (None, Some(id)),
        }
    }
}

/// The last 7, 30 or 90 days, including today. After an account moves to a time zone further west, earlier leads may be
/// dated in the future; those are included too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range(u16);

impl Range {
    pub const ALL: [Self; 3] = [Self(7), Self(30), Self(90)];

    /// Parses the URL's value. Anything invalid means the last 30 days.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|range| range.0.to_string() == text).unwrap_or(Self(30))
    }

    pub fn days(self) -> u16 {
        self.0
    }

    fn first(self, today: Date) -> Date {
        today - Duration::days(i64::from(self.0) - 1)
    }
}

/// Counts of leads. Test leads and refused submissions are counted separately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub accepted: i64,
    pub rejected: i64,
    /// Posts that could not be read.
    pub errors: i64,
    pub refused: i64,
    pub test: i64,
}

impl Figures {
    /// Everything that was let in.
    pub fn submitted(&self) -> i64 {
        self.accepted + self.rejected + self.errors
    }

    /// The stored leads.
    pub fn leads(&self) -> i64 {
        self.accepted + self.rejected
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.errors += other.errors;
        self.refused += other.refused;
        self.test += other.test;
    }
}

/// A source with the names of source and flow, and its latest lead ever, without test leads.
#[derive(Debug, Clone)]
pub struct SourceName {
    pub id: SourceId,
    pub flow_name: String,
    pub source_name: String,
    pub last_lead: Option<OffsetDateTime>,
}

impl SourceName {
    /// The name shown on pages and in files.
    pub fn shown(&self) -> String {
        format!("{} · {}", self.flow_name, self.source_name)
    }
}

/// The figures of one source on one day that had any.
#[derive(Debug, Clone)]
pub struct SourceDay {
    pub source_id: SourceId,
    pub day: Date,
    pub figures: Figures,
}

#[derive(Debug, Clone)]
pub struct Performance {
    /// The time zone of the buyer's account, in which days are counted.
    pub time_zone: String,
    pub total: Figures,
    pub last_lead: Option<OffsetDateTime>,
    /// Every day of the range, extended to the last day that has leads.
    pub days: Vec<(Date, Figures)>,
    pub sources: Vec<(SourceName, Figures)>,
    /// Why leads were rejected or failed, most frequent first.
    pub reasons: Vec<(String, i64)>,
}

pub async fn performance(
    conn: &mut PgConnection,
    account_id: AccountId,
    scope: Scope,
    range: Range,
    now: OffsetDateTime,
) -> Result<Performance, Fault> {
    let time_zone = find_time_zone(conn, account_id).await?;
    let today = zone::day(&time_zone, now);
    let first = range.first(today);
    let sources = list_sources(conn, account_id, scope).await?;
    let source_days = list_days(conn, account_id, scope, first).await?;
    let reasons = list_reasons(conn, account_id, scope, first).await?;
    let last = source_days.iter().map(|row| row.day).fold(today, Date::max);
    let (mut total, mut by_source) = (Figures::default(), BTreeMap::<SourceId, Figures>::new());
    let days = iter::successors(Some(first), |day| day.next_day()).take_while(|day| *day <= last);
    let mut by_day: BTreeMap<Date, Figures> = days.map(|day| (day, Figures::default())).collect();
    for SourceDay { source_id, day, figures } in &source_days {
        total.add(figures);
        by_source.entry(*source_id).or_default().add(figures);
        by_day.entry(*day).or_default().add(figures);
    }
    Ok(Performance {
        time_zone,
        total,
        last_lead: sources.iter().filter_map(|source| source.last_lead).max(),
        days: by_day.into_iter().collect(),
        sources: sources
            .into_iter()
            .map(|source| {
                let figures = by_source.get(&source.id).copied().unwrap_or_default();
                (source, figures)
            })
            .collect(),
        reasons,
    })
}

/// The same for a file: each source with each day that has figures.
pub async fn list_source_days(
    conn: &mut PgConnection,
    account_id: AccountId,
    scope: Scope,
    range: Range,
    now: OffsetDateTime,
) -> Result<Vec<(String, SourceDay)>, Fault> {
    let today = zone::day(&find_time_zone(conn, account_id).await?, now);
    let sources = list_sources(conn, account_id, scope).await?;
    let names: BTreeMap<_, _> = sources.iter().map(|source| (source.id, source.shown())).collect();
    let days = list_days(conn, account_id, scope, range.first(today)).await?;
    let named = days.into_iter().map(|day| (names.get(&day.source_id).cloned().unwrap_or_default(), day));
    let mut named: Vec<_> = named.collect();
    named.sort_by(|(a, first), (b, second)| a.cmp(b).then(first.day.cmp(&second.day)));
    Ok(named)
}

pub(super) async fn find_time_zone(conn: &mut PgConnection, account_id: AccountId) -> Result<String, Fault> {
    let zone = sqlx::query_scalar!("select time_zone from accounts where id = $1", account_id as _);
    zone.fetch_optional(conn).await?.ok_or(Fault::NOT_FOUND)
}

/// The sources by flow and name.
pub async fn list_sources(
    conn: &mut PgConnection,
    account_id: AccountId,
    scope: Scope,
) -> Result<Vec<SourceName>, Fault> {
    let (partner_id, source_id) = scope.ids();
    let sources = sqlx::query_as!(
        SourceName,
        r#"select fs.id as "id: SourceId", f.name as flow_name, e.name as source_name,
                  (select max(t.last_at) from source_totals t where t.source_id = fs.id and not t.test) as last_lead
           from flow_sources fs
           join flows f on f.id = fs.flow_id
           join entities e on e.id = fs.entity_id
           where fs.account_id = $1 and (fs.partner_id = $2 or fs.id = $3)
           order by lower(f.name), lower(e.name), fs.id"#,
        account_id as _,
        partner_id as _,
        source_id as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(sources)
}

async fn list_days(
    conn: &mut PgConnection,
    account_id: AccountId,
    scope: Scope,
    first: Date,
) -> Result<Vec<SourceDay>, Fault> {
    let (partner_id, source_id) = scope.ids();
    let rows = sqlx::query!(
        r#"with mine as (
               select id from flow_sources where account_id = $1 and (partner_id = $2 or id = $3)
           )
           select source_id as "source_id!: SourceId", day as "day!",
                  coalesce(sum(count) filter (where what = 'success'), 0)::bigint as "accepted!",
                  coalesce(sum(count) filter (where what = 'failure'), 0)::bigint as "rejected!",
                  coalesce(sum(count) filter (where what = 'error'), 0)::bigint as "errors!",
                  coalesce(sum(count) filter (where what = 'refused'), 0)::bigint as "refused!",
                  coalesce(sum(count) filter (where what = 'test'), 0)::bigint as "test!"
           from (
               select source_id, day, case when test then 'test' else outcome end as what, count
               from source_days where source_id in (select id from mine) and day >= $4
               union all
               select source_id, day, 'refused', count
               from source_refusals where source_id in (select id from mine) and day >= $4
               union all
               select source_id, day, 'error', count
               from source_errors where source_id in (select id from mine) and day >= $4
           ) counted
           group by source_id, day"#,
        account_id as _,
        partner_id as _,
        source_id as _,
        first,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SourceDay {
            source_id: row.source_id,
            day: row.day,
            figures: Figures {
                accepted: row.accepted,
                rejected: row.rejected,
                errors: row.errors,
                refused: row.refused,
                test: row.test,
            },
        })
        .collect())
}

async fn list_reasons(
    conn: &mut PgConnection,
    account_id: AccountId,
    scope: Scope,
    first: Date,
) -> Result<Vec<(String, i64)>, Fault> {
    let (partner_id, source_id) = scope.ids();
    let rows = sqlx::query!(
        r#"select reason, sum(count)::bigint as "leads!"
           from source_days
           where source_id in (select id from flow_sources where account_id = $1 and (partner_id = $2 or id = $3))
             and day >= $4 and not test and outcome <> 'success'
           group by reason
           order by 2 desc, 1"#,
        account_id as _,
        partner_id as _,
        source_id as _,
        first,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.reason, row.leads)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_of_three_and_includes_today() {
        let today = time::macros::date!(2026 - 03 - 01);
        for (text, days, first) in
            [("7", 7, time::macros::date!(2026 - 02 - 23)), ("8", 30, time::macros::date!(2026 - 01 - 31))]
        {
            let range = Range::parse(text);
            assert_eq!((range.days(), range.first(today)), (days, first), "{text}");
        }
    }
}
