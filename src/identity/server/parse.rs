//! Parses what people enter about themselves and their companies.

use crate::{
    base::{EmailAddress, EmailProblem, Problem, Secret},
    server::{Fault, FieldChecks, form::Fields, password},
};

/// A person and company signing up, validated.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub name: String,
    pub company: String,
    pub email: EmailAddress,
    pub password: Secret,
}

impl Newcomer {
    pub fn parse(name: &str, company: &str, email: &str, secret: &str) -> Result<Self, Fault> {
        let mut checked = FieldChecks::default();
        let name = checked.take("name", line(name, Problem::PersonNameMissing));
        let company = checked.take("company", line(company, Problem::CompanyNameMissing));
        let email = checked.take("email", EmailAddress::parse_typed(email));
        let password = checked.take("password", password::parse(secret));
        checked.finish(|| Some(Self { name: name?, company: company?, email: email?, password: password? }))
    }

    pub fn from_form(fields: &Fields) -> Result<Self, Fault> {
        Self::parse(fields.get("name"), fields.get("company"), fields.get("email"), fields.get("password"))
    }
}

/// A name: one line of at most 100 characters, without control or bidirectional characters.
pub fn line(text: &str, missing: Problem) -> Result<String, Problem> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(missing),
        101.. => Err(Problem::NameTooLong),
        _ if text.chars().any(is_unprintable) => Err(Problem::ControlCharacters),
        _ => Ok(text.to_owned()),
    }
}

/// Control characters, and those that are invisible or change the direction of text.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Parses a website address, which may be empty. Without a scheme it gets https.
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
    let is_host_char = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | ':');
    let host_valid =
        host.contains('.') && host.split('.').all(|part| !part.is_empty()) && host.chars().all(is_host_char);
    let characters_valid = !address.chars().any(|c| c.is_control() || c.is_whitespace() || "\"<>\\^`{|}".contains(c));
    if host_valid && characters_valid { Ok(Some(address)) } else { Err(Problem::WebsiteInvalid) }
}

impl From<EmailProblem> for Problem {
    fn from(problem: EmailProblem) -> Self {
        match problem {
            EmailProblem::Empty => Self::EmailMissing,
            EmailProblem::NotAnAddress => Self::EmailInvalid,
            EmailProblem::TooLong => Self::EmailTooLong,
            EmailProblem::SeveralAddresses => Self::OneEmailOnly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_printable_line() {
        assert_eq!(line("  Ann  Lee ", Problem::PersonNameMissing), Ok("Ann  Lee".to_owned()));
        assert_eq!(line(" ", Problem::PersonNameMissing), Err(Problem::PersonNameMissing));
        assert_eq!(line(&"x".repeat(101), Problem::PersonNameMissing), Err(Problem::NameTooLong));
        for bad in ["a\nb", "a\u{202e}b", "a\u{0}b"] {
            assert_eq!(line(bad, Problem::PersonNameMissing), Err(Problem::ControlCharacters), "{bad:?}");
        }
    }

    #[test]
    fn all_wrong_fields_are_named_together() {
        let Err(Fault::Expected(error)) = Newcomer::parse("", "", "nobody", "short") else { panic!("accepted") };
        let fields: Vec<_> = error.field_errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "company", "email", "password"]);
    }

    #[test]
    fn a_website_is_a_web_address_or_empty() {
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
