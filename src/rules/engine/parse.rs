//! Parses a text by the type of its field. Parsing never fails: an invalid text is kept as sent and marked.

use super::{
    dates,
    fields::FieldType,
    numbers::{Decimal, Range},
    states,
};
use crate::base::EmailAddress;
use std::{fmt, net::IpAddr};

/// The value of a field of a lead.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    pub field_type: FieldType,
    /// The normal form, which is the same for all spellings of a value; the trimmed text if it is invalid.
    pub normal: String,
    /// The text as sent.
    pub raw: String,
    /// True if it fits its type. A blank value is valid; rules decide whether it can be blank.
    pub valid: bool,
}

impl Value {
    /// Free text.
    pub fn text(raw: &str) -> Self {
        parse(FieldType::String, raw)
    }

    pub fn is_blank(&self) -> bool {
        self.normal.is_empty()
    }
}

/// Hides the value: leads are about people and must not reach the log.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({}, valid: {})", self.field_type, self.valid)
    }
}

/// Parses a text by the type of its field.
pub fn parse(field_type: FieldType, raw: &str) -> Value {
    let text = raw.trim();
    let normal = if text.is_empty() { Some(String::new()) } else { normal(field_type, text) };
    Value {
        field_type,
        valid: normal.is_some(),
        normal: normal.unwrap_or_else(|| text.to_owned()),
        raw: raw.to_owned(),
    }
}

/// Maximum bytes of a value that has a fixed form. Longer ones are invalid without a closer look.
const MAX_FORMED: usize = 10_000;

fn normal(field_type: FieldType, text: &str) -> Option<String> {
    match field_type {
        FieldType::Street | FieldType::String | FieldType::Url => {}
        _ if text.len() > MAX_FORMED => return None,
        _ => {}
    }
    match field_type {
        FieldType::Boolean => boolean(text).map(|yes| yes.to_string()),
        FieldType::Date | FieldType::Dob => dates::date(text),
        FieldType::Time => dates::time(text),
        FieldType::Email => EmailAddress::parse(text).ok().map(|address| address.key().to_owned()),
        FieldType::Gender => gender(text).map(str::to_owned),
        FieldType::Ip => text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical().to_string()),
        FieldType::Number => Decimal::parse(text).map(|number| number.to_string()),
        FieldType::Phone => phone(text),
        FieldType::PostalCode => postal_code(text),
        FieldType::Range => range(text),
        FieldType::Ssn => ssn(text),
        FieldType::State => states::abbreviation(text).map(str::to_owned),
        FieldType::Street => Some(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        FieldType::String => Some(text.to_owned()),
        FieldType::Url => url(text),
        FieldType::TrustedformUrl => trustedform_url(text),
    }
}

/// The spellings of yes and no that forms send.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "y" | "on" => Some(true),
        "false" | "f" | "0" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

fn gender(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "male" | "m" | "man" => Some("male"),
        "female" | "f" | "woman" => Some("female"),
        "other" | "o" | "x" | "non-binary" | "nonbinary" => Some("other"),
        _ => None,
    }
}

/// The digits, without North America's leading 1. An extension follows an `x`.
fn phone(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (number, extension) = match lower.split_once('x') {
        Some((number, extension)) => {
            (number.strip_suffix("e").unwrap_or(number), extension.trim_start_matches(['t', '.', ' ']))
        }
        None => (lower.as_str(), ""),
    };
    let abroad = number.trim_start().starts_with('+');
    let written = |c: char| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | '-' | '.' | '/' | ' ');
    let fits = number.chars().all(written) && extension.len() <= 7 && extension.bytes().all(|b| b.is_ascii_digit());
    if !fits || number.trim_start().trim_start_matches('+').contains('+') {
        return None;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let ten = digits.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(&digits);
    let suffix = if extension.is_empty() { String::new() } else { format!("x{extension}") };
    let at_home = digits.starts_with('1') || !abroad;
    match at_home {
        true if is_north_american(ten) => Some(format!("{ten}{suffix}")),
        false if (8..=15).contains(&digits.len()) => Some(format!("{digits}{suffix}")),
        _ => None,
    }
}

/// Neither the area code nor the exchange begins with 0 or 1.
fn is_north_american(digits: &str) -> bool {
    let starts_well = |at: usize| digits.as_bytes().get(at).is_some_and(|digit| *digit >= b'2');
    digits.len() == 10 && starts_well(0) && starts_well(3)
}

/// American, Canadian and British codes, distinguished by their pattern of letters and digits.
fn postal_code(text: &str) -> Option<String> {
    if text.len() > 12 || !text.is_ascii() {
        return None;
    }
    let code: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect();
    let class = |c: char| match c {
        'A'..='Z' => 'A',
        '0'..='9' => '9',
        other => other,
    };
    match code.chars().map(class).collect::<String>().as_str() {
        "99999" => Some(code),
        "999999999" => Some(format!("{}-{}", &code[..5], &code[5..])),
        "A9A9A9" => Some(format!("{} {}", &code[..3], &code[3..])),
        "A99AA" | "A999AA" | "AA99AA" | "AA999AA" | "A9A9AA" | "AA9A9AA" => {
            let (outward, inward) = code.split_at(code.len() - 3);
            Some(format!("{outward} {inward}"))
        }
        _ => None,
    }
}

fn range(text: &str) -> Option<String> {
    let number = || Decimal::parse(text).map(|number| number.to_string());
    Range::parse(text).map(|range| range.to_string()).or_else(number)
}

fn ssn(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    (digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// A web URL, with its scheme and host in lower case.
fn url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let named = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let good = matches!(scheme.as_str(), "http" | "https")
        && name.contains('.')
        && name.split('.').all(named)
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && !path.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'));
    good.then(|| format!("{scheme}://{}{path}", authority.to_lowercase()))
}

/// The certificate is named by 40 hexadecimal digits on its one host.
fn trustedform_url(text: &str) -> Option<String> {
    let url = url(text)?;
    let id = url.strip_prefix("https://cert.trustedform.com/")?;
    (id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn good(field_type: FieldType, pairs: &[(&str, &str)]) {
        for (raw, normal) in pairs {
            let value = parse(field_type, raw);
            assert_eq!((value.normal.as_str(), value.valid, value.raw.as_str()), (*normal, true, *raw), "{raw}");
        }
    }

    #[track_caller]
    fn bad(field_type: FieldType, texts: &[&str]) {
        for raw in texts {
            let value = parse(field_type, raw);
            assert_eq!((value.normal.as_str(), value.valid), (raw.trim(), false), "{raw}");
        }
    }

    #[test]
    fn a_blank_value_is_valid_for_every_type() {
        for field_type in FieldType::ALL {
            good(*field_type, &[("", ""), (" \t", "")]);
        }
    }

    #[test]
    fn state_names_become_two_letters() {
        good(FieldType::State, &[("California", "CA"), ("tx", "TX"), ("ontario", "ON")]);
        bad(FieldType::State, &["Bavaria", " ZZ "]);
    }

    #[test]
    fn phone_numbers_become_digits() {
        let same = ["(512) 555-0142", "512.555.0142", "+1 512 555 0142", "15125550142"];
        good(FieldType::Phone, &same.map(|raw| (raw, "5125550142")));
        good(FieldType::Phone, &[("512-555-0142 ext. 12", "5125550142x12"), ("5125550142x7", "5125550142x7")]);
        good(FieldType::Phone, &[("+44 20 7946 0958", "442079460958")]);
        bad(
            FieldType::Phone,
            &["0125550142", "5120550142", "555-0142", "call me", "+1 512 555", "5125550142xyz", "1+5125550142"],
        );
    }

    #[test]
    fn numbers_and_ranges_lose_their_commas() {
        good(FieldType::Number, &[("9,998.99", "9998.99"), ("$12", "12")]);
        bad(FieldType::Number, &["twelve", "1e9"]);
        good(FieldType::Range, &[("18.5-101", "18.5-101"), ("10+", "10+"), ("1 to 10", "1-10"), ("250,000", "250000")]);
        bad(FieldType::Range, &["10-1", "some"]);
    }

    #[test]
    fn addresses_are_normalized() {
        good(FieldType::Email, &[(" Maria@Example.COM ", "maria@example.com")]);
        bad(FieldType::Email, &["maria", "a@b, c@d"]);
        good(
            FieldType::Ip,
            &[("203.0.113.7", "203.0.113.7"), ("2001:DB8:0:0::1", "2001:db8::1"), ("::ffff:1.2.3.4", "1.2.3.4")],
        );
        bad(FieldType::Ip, &["256.1.1.1", "1.2.3", "::g"]);
        good(FieldType::Street, &[("12  Main\n St", "12 Main St")]);
        good(
            FieldType::Url,
            &[("HTTPS://Example.com/A?b=C", "https://example.com/A?b=C"), ("http://a.co:80", "http://a.co:80")],
        );
        bad(
            FieldType::Url,
            &["example.com", "javascript://a.b/%0aalert(1)", "http:///a", "http://a..b", "http://a.b/<x>"],
        );
    }

    #[test]
    fn a_certificate_url_must_be_on_the_certificate_host() {
        let id = "2605ec3a321e1b3a41addf0bba1213505ef57985";
        let url = format!("https://cert.trustedform.com/{id}");
        good(FieldType::TrustedformUrl, &[(&url, &url)]);
        bad(
            FieldType::TrustedformUrl,
            &["https://cert.trustedform.com/1", &format!("https://cert.trustedform.com.example.com/{id}")],
        );
    }

    #[test]
    fn postal_codes_are_recognised_by_their_pattern() {
        good(FieldType::PostalCode, &[("78704", "78704"), ("787041234", "78704-1234"), ("01234-5678", "01234-5678")]);
        good(FieldType::PostalCode, &[("k1a0b1", "K1A 0B1"), ("sw1a 1aa", "SW1A 1AA"), ("m11ae", "M1 1AE")]);
        bad(FieldType::PostalCode, &["7870", "ABCDE", "７８７０４", "78704-12"]);
    }

    #[test]
    fn the_other_types_are_parsed() {
        good(FieldType::Boolean, &[("T", "true"), ("Yes", "true"), ("0", "false"), ("FALSE", "false")]);
        bad(FieldType::Boolean, &["maybe", "2"]);
        good(FieldType::Gender, &[("F", "female"), ("Male", "male"), ("x", "other")]);
        bad(FieldType::Gender, &["12"]);
        good(FieldType::Dob, &[("7/21/1984", "1984-07-21")]);
        bad(FieldType::Date, &["soon"]);
        good(FieldType::Time, &[("2020-01-05T10:00:00+02:00", "2020-01-05T08:00:00Z")]);
        good(FieldType::Ssn, &[("123-45-6789", "123456789")]);
        bad(FieldType::Ssn, &["123"]);
    }

    #[test]
    fn debug_output_hides_the_value() {
        assert_eq!(format!("{:?}", Value::text("secret")), "Value(string, valid: true)");
    }
}
