//! What people type into the form of the settings, read once at the edge.

use crate::{
    accounts::server::{
        settings::{Change, Settings},
        zone,
    },
    base::{FieldError, Problem},
    identity::server::parse::line,
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

/// Empty, or the address of a site; without a scheme it gets https.
pub fn website(text: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    if address.chars().count() > 200 {
        return Err(Problem::TooLong);
    }
    let lower = address.to_lowercase();
    let rest =
        lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).ok_or(Problem::WebsiteInvalid)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | ':');
    let named = host.contains('.') && host.split('.').all(|part| !part.is_empty()) && host.chars().all(plain);
    let written = !address.chars().any(|c| c.is_control() || c.is_whitespace() || "\"<>\\^`{|}".contains(c));
    if named && written { Ok(Some(address)) } else { Err(Problem::WebsiteInvalid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_website_is_an_address_of_the_web_or_nothing() {
        assert_eq!(website("  "), Ok(None));
        assert_eq!(website("bright.example/solar"), Ok(Some("https://bright.example/solar".to_owned())));
        assert_eq!(website("http://münchen.example:8080"), Ok(Some("http://münchen.example:8080".to_owned())));
        let wrong = [
            "javascript:alert(1)",
            "ftp://a.example",
            "https://",
            "https://a b.example",
            "localhost",
            "https://u@a.example",
            "a..example",
            "https://a.example/\"x",
        ];
        for bad in wrong {
            assert_eq!(website(bad), Err(Problem::WebsiteInvalid), "{bad}");
        }
        assert_eq!(website(&format!("{}.example", "x".repeat(200))), Err(Problem::TooLong));
    }
}
