//! What people type into the form of the settings, read once at the edge.

use crate::{
    accounts::server::{
        settings::{Change, Settings},
        zone,
    },
    base::Problem,
    identity::server::parse::{line, website},
    server::{Checked, Fault, form::Fields},
};
use std::ops::RangeInclusive;

/// The hidden field that holds what the form showed.
pub const SHOWN: &str = "shown";
/// How many days an invitation may live.
const DAYS: RangeInclusive<i32> = 1..=30;

/// Reads the form, and finds all that is wrong with it at once.
pub fn change(fields: &Fields) -> Result<Change, Fault> {
    let mut checked = Checked::default();
    let name = checked.take("name", line(fields.get("name"), Problem::CompanyNameMissing));
    let website = checked.take("website", website(fields.get("website")));
    let time_zone = zone::parse(fields.get("time_zone")).ok_or(Problem::TimeZoneUnknown);
    let time_zone = checked.take("time_zone", time_zone);
    let days = fields.get("invitation_days").trim().parse().ok().filter(|days| DAYS.contains(days));
    let days = checked.take("invitation_days", days.ok_or(Problem::InvitationDaysInvalid));
    let wanted = checked
        .finish(|| Some(Settings { name: name?, website: website?, time_zone: time_zone?, invitation_days: days? }))?;
    let shown = serde_json::from_str(fields.get(SHOWN)).unwrap_or_default();
    Ok(Change { shown, wanted })
}
