//! A day or a time in a filter.

use crate::{accounts::server::zone, base::Problem};
use serde::{Deserialize, de::Error as _};
use std::borrow::Cow;
use time::{
    Date, Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type},
};

/// `2026-11-25`, a day in the account's time zone, or `2026-11-25T09:30:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Day(Date),
    Time(OffsetDateTime),
}

impl Moment {
    fn parse(text: &str) -> Option<Self> {
        if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
            // A date has four digits and no sign. Postgres has no days as early as those with one.
            return (day.year() >= 0).then_some(Self::Day(day));
        }
        // RFC 3339 allows letters in either case.
        let time = OffsetDateTime::parse(&text.to_uppercase(), &Rfc3339).ok()?;
        let utc = time.checked_to_offset(UtcOffset::UTC);
        Some(Self::Time(utc.unwrap_or_else(|| Date::MAX.midnight().assume_utc())))
    }

    /// The day in a time zone.
    pub fn day(self, zone: &str) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Time(at) => zone::day(zone, at),
        }
    }

    /// When it starts, inclusive.
    pub fn start(self, zone: &str) -> OffsetDateTime {
        match self {
            Self::Day(day) => zone::midnight(zone, day),
            Self::Time(at) => at,
        }
    }

    /// When it ends, exclusive.
    pub fn end(self, zone: &str) -> OffsetDateTime {
        match self {
            Self::Day(day) => zone::midnight(zone, day.checked_add(Duration::DAY).unwrap_or(Date::MAX)),
            Self::Time(at) => at,
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(reader)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(Problem::NotDateOrTime.sentence().trim_end_matches('.')))
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let text =
            |format| ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)));
        OneOfBuilder::new().item(text(KnownFormat::Date)).item(text(KnownFormat::DateTime)).into()
    }
}

impl ToSchema for Moment {
    fn name() -> Cow<'static, str> {
        "Moment".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn a_date_is_a_day_in_the_accounts_time_zone_and_a_time_is_exact() {
        let day = Moment::parse("2026-11-25").unwrap();
        assert_eq!(day.start("America/New_York"), datetime!(2026-11-25 05:00 UTC));
        assert_eq!(day.end("America/New_York"), datetime!(2026-11-26 05:00 UTC));
        let time = Moment::parse("2026-11-25t23:30:00-05:00").unwrap();
        assert_eq!(
            (time.start("UTC"), time.day("Asia/Tokyo")),
            (datetime!(2026-11-26 04:30 UTC), date!(2026 - 11 - 26))
        );
        for bad in ["", "25.11.2026", "2026-11-25T09:30", "2026-02-30", "yesterday", "-9999-01-01", "-0001-12-31"] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn extreme_times_are_handled() {
        for text in ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0000-01-01", "9999-12-31"] {
            let moment = Moment::parse(text).unwrap();
            assert!(moment.start("Pacific/Auckland") <= moment.end("Pacific/Auckland"), "{text}");
            moment.day("Pacific/Auckland");
        }
    }
}
