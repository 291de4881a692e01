//! Leads as sellers post them. Nine of ten pass the rules of `leads.sql`; the others fail the last rule.

use super::{id, kind};
use crate::load::http::Request;

/// A state with a city and the first of a hundred postal codes.
type Place = (&'static str, &'static str, u64);

const PLACES: [Place; 5] = [
    ("CA", "Los Angeles", 90_001),
    ("TX", "Houston", 77_001),
    ("FL", "Miami", 33_101),
    ("NY", "New York", 10_001),
    ("AZ", "Phoenix", 85_001),
];
/// A state that the source does not take.
const ELSEWHERE: Place = ("WA", "Seattle", 98_101);
const NAMES: [&str; 8] = ["Maria", "Sean", "Aisha", "Peter", "Olga", "Luis", "Grace", "Tom"];

/// One of ten is rejected.
fn is_rejected(q: u64) -> bool {
    q % 10 == 9
}

/// Text of the response to lead `q`.
pub fn expected(q: u64) -> &'static str {
    if is_rejected(q) { "\"outcome\":\"failure\"" } else { "\"outcome\":\"success\"" }
}

/// The 22 parameters of lead `q`.
fn parameters(q: u64) -> [(&'static str, String); 22] {
    let pick = |count: usize| usize::try_from(q).unwrap_or(0) % count;
    let (state, city, zip) = if is_rejected(q) { ELSEWHERE } else { PLACES[pick(PLACES.len())] };
    let name = NAMES[pick(NAMES.len())];
    let text = str::to_owned;
    [
        ("fname", text(name)),
        ("lname", format!("Garcia{}", q % 9_973)),
        ("email", format!("{name}.garcia{q}@mail.example")),
        ("phone", format!("(512) 555-{:04}", 100 + q % 9_000)),
        ("address_1", format!("{} Barton Springs Rd", 1 + q % 9_999)),
        ("city", text(city)),
        ("state", text(state)),
        ("zip", (zip + q % 100).to_string()),
        ("country", text("US")),
        ("birthday", format!("{}/{}/{}", 1 + q % 12, 1 + q % 28, 1950 + q % 50)),
        ("gender", text(if q.is_multiple_of(3) { "male" } else { "female" })),
        ("ip_address", format!("198.51.{}.{}", q / 250 % 250, q % 250)),
        ("homeowner", text("yes")),
        ("home_value", (250_000 + q % 500 * 1_000).to_string()),
        ("loan_amount", (10_000 + q % 60 * 1_000).to_string()),
        ("income", (60_000 + q % 90 * 1_000).to_string()),
        ("credit_rating", text("good")),
        ("consent_at", format!("2026-03-{:02}T15:26:{:02}Z", 1 + q % 28, q % 60)),
        ("landing_page_url", format!("https://solar.example/quote?ad={}", q % 97)),
        ("trustedform_cert_url", format!("https://cert.trustedform.com/2605ec3a321e1b3a41addf0b{q:016x}")),
        ("sub_id", (q % 1_000).to_string()),
        ("comments", text("Please call after 5 pm, the roof is two years old.")),
    ]
}

/// The request of lead `q` to a source: JSON or a form, in turn.
pub fn lead(source: u64, q: u64) -> Request {
    let path = format!("/flows/{}/sources/{}/submit", id(kind::LEAD_FLOW, source), id(kind::LEAD_SOURCE, source));
    let request = if q.is_multiple_of(2) {
        Request::lead(&path, "application/json", json(q))
    } else {
        Request::lead(&path, "application/x-www-form-urlencoded", form(q))
    };
    request.from(q)
}

/// No value has a character that JSON escapes.
fn json(q: u64) -> String {
    let mut body = String::with_capacity(900);
    for (name, value) in parameters(q) {
        body.push_str(if body.is_empty() { "{\"" } else { ",\"" });
        body.push_str(name);
        body.push_str("\":\"");
        body.push_str(&value);
        body.push('"');
    }
    body.push('}');
    body
}

fn form(q: u64) -> String {
    let mut body = String::with_capacity(900);
    for (name, value) in parameters(q) {
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(name);
        body.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => body.push(char::from(byte)),
                b' ' => body.push('+'),
                other => body.push_str(&format!("%{other:02X}")),
            }
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_has_fifty_rules_and_six_mappings() {
        let seed = include_str!("../leads.sql");
        let rules = |owner: &str| seed.lines().filter(|line| line.starts_with(&format!("    ('{owner}', '"))).count();
        assert_eq!((rules("flow"), rules("source")), (20, 30));
        assert_eq!(seed.matches("\"property\"").count(), 6);
    }

    #[test]
    fn one_lead_of_ten_comes_from_a_state_that_the_source_does_not_take() {
        let rejected = (0..1_000).filter(|q| json(*q).contains("\"state\":\"WA\"")).count();
        assert_eq!(rejected, 100);
        assert!((0..1_000).all(|q| (expected(q).contains("failure")) == json(q).contains("Seattle")));
    }

    #[test]
    fn json_and_form_say_the_same() {
        assert!(json(4).contains("\"email\":\"Olga.garcia4@mail.example\""));
        assert!(form(4).contains("&email=Olga.garcia4%40mail.example&phone=%28512%29+555-0104&"));
        assert!((0..1_000).all(|q| !json(q).contains('\\') && json(q).matches('"').count() == 88));
    }
}
