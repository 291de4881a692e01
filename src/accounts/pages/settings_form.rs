//! Parses the settings form.

use crate::{
    accounts::server::{
        settings::{Settings, SettingsChange},
        zone,
    },
    base::Problem,
    identity::server::parse::{line, website},
    server::{Fault, FieldChecks, form::Fields},
};
use std::ops::RangeInclusive;

/// The hidden field with the settings the form was rendered with.
pub const SHOWN: &str = "shown";
/// Allowed lifetimes of invitations, in days.
const DAYS: RangeInclusive<i32> = 1..=30;

/// Parses the form and reports all invalid fields together.
pub fn parse(fields: &Fields) -> Result<SettingsChange, Fault> {
    let mut checked = FieldChecks::default();
    let name = checked.take("name", line(fields.get("name"), Problem::CompanyNameMissing));
    let website = checked.take("website", website(fields.get("website")));
    let time_zone = zone::parse(fields.get("time_zone")).ok_or(Problem::TimeZoneUnknown);
    let time_zone = checked.take("time_zone", time_zone);
    let days = fields.get("invitation_days").trim().parse().ok().filter(|days| DAYS.contains(days));
    let days = checked.take("invitation_days", days.ok_or(Problem::InvitationDaysInvalid));
    let wanted = checked
        .finish(|| Some(Settings { name: name?, website: website?, time_zone: time_zone?, invitation_days: days? }))?;
    let shown = serde_json::from_str(fields.get(SHOWN)).unwrap_or_default();
    Ok(SettingsChange { shown, wanted })
}
