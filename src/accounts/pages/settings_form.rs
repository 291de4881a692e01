//! What people type into the form of the settings, read once at the edge.

use crate::{
    accounts::server::{
        settings::{Change, Settings},
        zone,
    },
    base::{FieldError, Problem},
    identity::server::parse::{line, website},
    server::{Fault, form::Fields},
};
use std::ops::RangeInclusive;

/// The hidden field that holds what the form showed.
pub const SHOWN: &str = "shown";
/// How many days an invitation may live.
const DAYS: RangeInclusive<i32> = 1..=30;

/// Reads the form, and finds all that is wrong with it at once.
pub fn change(fields: &Fields) -> Result<Change, Fault> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, problem| errors.push(FieldError { field: field.to_owned(), problem });
    let name = line(fields.get("name"), Problem::CompanyNameMissing).map_err(|problem| wrong("name", problem));
    let website = website(fields.get("website")).map_err(|problem| wrong("website", problem));
    let time_zone = zone::parse(fields.get("time_zone")).ok_or_else(|| wrong("time_zone", Problem::TimeZoneUnknown));
    let days = fields.get("invitation_days").trim().parse().ok().filter(|days| DAYS.contains(days));
    let days = days.ok_or_else(|| wrong("invitation_days", Problem::InvitationDaysInvalid));
    Fault::unless_empty(errors)?;
    let (Ok(name), Ok(website), Ok(time_zone), Ok(invitation_days)) = (name, website, time_zone, days) else {
        return Err(Fault::Broken("a refused field without its error".to_owned()));
    };
    let shown = serde_json::from_str(fields.get(SHOWN)).unwrap_or_default();
    Ok(Change { shown, wanted: Settings { name, website, time_zone, invitation_days } })
}
