//! What a list, an export or a call looks for among an account's leads.

use super::{contacts, retention::Reading};
use crate::{
    accounts::server::zone,
    base::{AccountId, FlowId, Id as _, LeadId, PartnerId, SourceId},
    leads::model::{Filter, Outcome},
    rules::{FieldType, parse},
    server::ids::first_id,
};
use time::{Date, Duration, OffsetDateTime};

/// How much later than its lead an id may be. Ids of one process never go back, so one may be made with the time of a
/// later lead.
const LATER_IDS: Duration = Duration::minutes(10);
/// How far back a search looks first. Postgres opens the partitions of these weeks only, and most pages need no others.
const RECENT: Duration = Duration::weeks(8);

/// A person, by an e-mail address or phone number in its normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub hash: i64,
    pub normal: String,
}

impl Person {
    /// None if the text is no valid value of the type.
    pub fn parse(account_id: AccountId, field_type: FieldType, text: &str) -> Option<Self> {
        let hash = contacts::of_text(account_id, field_type, text)?;
        Some(Self { hash, normal: parse(field_type, text).normal })
    }

    /// The person whose e-mail address or phone number somebody typed.
    pub fn find(account_id: AccountId, text: &str) -> Option<Self> {
        let field_type = if text.contains('@') { FieldType::Email } else { FieldType::Phone };
        Self::parse(account_id, field_type, text)
    }
}

/// A search among the leads of an account. None matches everything.
#[derive(Debug, Clone)]
pub struct Search {
    pub account_id: AccountId,
    pub flow: Option<FlowId>,
    pub source: Option<SourceId>,
    /// All sources that currently belong to this partner.
    pub partner: Option<PartnerId>,
    pub outcome: Option<Outcome>,
    /// Part of the reason, in any case.
    pub reason: Option<String>,
    pub test: Option<bool>,
    /// Received at this time or later.
    pub from: Option<OffsetDateTime>,
    /// Received before this time.
    pub to: Option<OffsetDateTime>,
    pub person: Option<Person>,
    pub lead: Option<LeadId>,
    /// The account keeps no older leads, so nobody sees them.
    pub oldest: LeadId,
    /// None if the search need not begin with recent leads.
    pub now: Option<OffsetDateTime>,
}

impl Search {
    pub fn new(account_id: AccountId) -> Self {
        let (flow, source, partner, outcome, reason, test) = (None, None, None, None, None, None);
        let (from, to, person, lead, now) = (None, None, None, None, None);
        let oldest = LeadId::from_bytes([0; 12]);
        Self { account_id, flow, source, partner, outcome, reason, test, from, to, person, lead, oldest, now }
    }

    /// Everything that the account may still see of its leads.
    pub fn kept(account_id: AccountId, reading: &Reading) -> Self {
        Self { oldest: reading.oldest, now: Some(reading.now), ..Self::new(account_id) }
    }

    /// The search of a filter, whose days are those of the account's time zone. None if what to find is neither an id,
    /// nor an e-mail address, nor a phone number.
    pub fn of(filter: &Filter, account_id: AccountId, reading: &Reading) -> Option<Self> {
        let zone = &reading.zone;
        let (from, to) = match (filter.from, filter.to, filter.period) {
            (None, None, Some(period)) => {
                let (first, last) = period.days(zone::day(zone, reading.now));
                (Some(first), Some(last))
            }
            (from, to, _) => (from, to),
        };
        let mut search = Self {
            flow: filter.flow,
            source: filter.source,
            partner: filter.partner,
            outcome: filter.outcome,
            reason: Some(filter.reason.clone()).filter(|reason| !reason.is_empty()),
            test: filter.test,
            from: from.map(|day| zone::midnight(zone, day)),
            to: to.map(|day| zone::midnight(zone, day.checked_add(Duration::DAY).unwrap_or(Date::MAX))),
            ..Self::kept(account_id, reading)
        };
        if !filter.find.is_empty() {
            search.lead = filter.find.to_lowercase().parse().ok();
            if search.lead.is_none() {
                search.person = Some(Person::find(account_id, &filter.find)?);
            }
        }
        Some(search)
    }

    /// The ids of the page after `before`: from the first one, up to before the second one.
    pub fn ids(&self, before: Option<LeadId>) -> (LeadId, LeadId) {
        let to = self.to.map(|to| first_id(to.checked_add(LATER_IDS).unwrap_or(to)));
        let after_lead = self.lead.map(|lead| successor(lead.bytes()));
        let end = [before, to, after_lead].into_iter().flatten().min();
        let start = self.lead.max(self.from.map(first_id)).max(Some(self.oldest));
        (start.unwrap_or(self.oldest), end.unwrap_or(LeadId::from_bytes([0xFF; 12])))
    }

    /// Where to begin and then where to go on, so that the first step reads recent leads only. All ids of a person are
    /// found at once.
    pub fn steps(&self, before: Option<LeadId>) -> Vec<LeadId> {
        let (start, end) = self.ids(before);
        let newest = self.now.map(|now| made_at(end).min(now));
        let recent = newest.and_then(|newest| newest.checked_sub(RECENT)).map(first_id);
        match recent {
            Some(recent) if recent > start && self.person.is_none() => vec![recent, start],
            _ => vec![start],
        }
    }
}

/// When an id was made: the time of its lead, or little later. An id after all times has the latest time.
pub fn made_at(id: LeadId) -> OffsetDateTime {
    let mut millis = [0; 8];
    millis[2..].copy_from_slice(&id.bytes()[..6]);
    let nanos = i128::from(u64::from_be_bytes(millis)) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(Date::MAX.midnight().assume_utc())
}

fn successor(mut bytes: [u8; 12]) -> LeadId {
    for byte in bytes.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    LeadId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::model::Period;
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-03-02 03:00 UTC);

    fn account() -> AccountId {
        "0123456789abcdef01234567".parse().unwrap()
    }

    fn search(filter: &Filter) -> Option<Search> {
        let reading =
            Reading { zone: "America/New_York".to_owned(), oldest: first_id(NOW - Duration::days(400)), now: NOW };
        Search::of(filter, account(), &reading)
    }

    #[test]
    fn days_are_those_of_the_accounts_time_zone() {
        let own = Filter { from: Some(date!(2026 - 03 - 08)), to: Some(date!(2026 - 03 - 08)), ..Filter::default() };
        let found = search(&own).unwrap();
        // The day on which the clocks change has 23 hours.
        assert_eq!(
            (found.from, found.to),
            (Some(datetime!(2026-03-08 05:00 UTC)), Some(datetime!(2026-03-09 04:00 UTC)))
        );
        let today = Filter { period: Some(Period::Today), ..Filter::default() };
        let found = search(&today).unwrap();
        assert_eq!(
            (found.from, found.to),
            (Some(datetime!(2026-03-01 05:00 UTC)), Some(datetime!(2026-03-02 05:00 UTC)))
        );
        let last = Filter { to: Some(Date::MAX), ..Filter::default() };
        assert!(search(&last).unwrap().to.is_some());
    }

    #[test]
    fn a_lead_is_found_by_its_id_and_a_person_by_address_or_number() {
        let find = |text: &str| search(&Filter { find: text.to_owned(), ..Filter::default() });
        let id = "0199ABCDEF0123456789ABFF";
        let (start, end) = find(id).unwrap().ids(None);
        assert_eq!((start.to_string(), end.to_string()), (id.to_lowercase(), "0199abcdef0123456789ac00".to_owned()));
        assert_eq!(find(id).unwrap().ids(Some(start)), (start, start), "nothing is left on the next page");
        let normal = |text: &str| find(text).and_then(|search| search.person).map(|person| person.normal);
        assert_eq!(normal("Ann@Example.com").as_deref(), Some("ann@example.com"));
        assert_eq!(normal("(512) 555-0142"), normal("512.555.0142"));
        assert!(normal("5125550142").is_some());
        for odd in ["nobody", "a@b", "12", "\u{0}", "0199abcdef"] {
            assert!(find(odd).is_none(), "{odd:?}");
        }
    }

    #[test]
    fn a_search_begins_with_recent_leads_and_ends_with_the_oldest_that_are_kept() {
        let all = search(&Filter::default()).unwrap();
        let oldest = first_id(NOW - Duration::days(400));
        let recent = first_id(NOW - RECENT);
        assert_eq!(all.steps(None), [recent, oldest]);
        let page = first_id(NOW - Duration::days(100));
        assert_eq!(all.steps(Some(page)), [first_id(NOW - Duration::days(100) - RECENT), oldest]);
        assert_eq!(all.steps(Some(first_id(NOW - Duration::days(390)))), [oldest], "the last weeks");
        let long_ago = Search { from: Some(NOW - Duration::days(1_000)), ..all.clone() };
        assert_eq!(long_ago.ids(None).0, oldest);
        let lead = Search { lead: Some(page), ..all.clone() };
        assert_eq!(lead.steps(None), [page]);
        assert_eq!(Search::new(account()).steps(None), [LeadId::from_bytes([0; 12])]);
    }

    #[test]
    fn ids_cover_the_whole_time_and_little_more() {
        let at = datetime!(2026-03-01 12:00 UTC);
        let search = Search { from: Some(at), to: Some(at + Duration::HOUR), ..Search::new(account()) };
        let (start, end) = search.ids(None);
        let ids = crate::server::ids::Ids::default();
        let made = |after: Duration| ids.make::<LeadId>(at + after);
        assert!(start <= made(Duration::ZERO) && made(Duration::HOUR) < end && end < made(Duration::HOUR * 2));
        let earliest = OffsetDateTime::new_utc(Date::MIN, time::Time::MIDNIGHT);
        assert_eq!(made_at(made(Duration::HOUR * 3)), at + Duration::HOUR * 3);
        assert_eq!(first_id::<LeadId>(earliest).bytes(), [0; 12]);
    }
}
