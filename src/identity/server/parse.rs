//! What people type about themselves, read once at the edge.

use crate::{
    base::{EmailAddress, EmailProblem, FieldError, Problem, Secret},
    server::{Fault, form::Fields, password},
};

/// A person and a company that want to sign up.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub name: String,
    pub company: String,
    pub email: EmailAddress,
    pub password: Secret,
}

impl Newcomer {
    pub fn parse(name: &str, company: &str, email: &str, secret: &str) -> Result<Self, Fault> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, problem| errors.push(FieldError { field: field.to_owned(), problem });
        let name = line(name, Problem::PersonNameMissing).map_err(|problem| wrong("name", problem));
        let company = line(company, Problem::CompanyNameMissing).map_err(|problem| wrong("company", problem));
        let email = EmailAddress::parse(email).map_err(|problem| wrong("email", problem.into()));
        let secret = Secret::new(secret);
        let checked = password::check(&secret).map_err(|problem| wrong("password", problem));
        Fault::unless_empty(errors)?;
        match (name, company, email, checked) {
            (Ok(name), Ok(company), Ok(email), Ok(())) => Ok(Self { name, company, email, password: secret }),
            _ => Err(Fault::Broken("a refused field without its error".to_owned())),
        }
    }

    pub fn from_form(fields: &Fields) -> Result<Self, Fault> {
        Self::parse(fields.get("name"), fields.get("company"), fields.get("email"), fields.get("password"))
    }
}

/// A name: one line of at most 100 characters, without control and direction characters.
pub fn line(text: &str, missing: Problem) -> Result<String, Problem> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(missing),
        101.. => Err(Problem::NameTooLong),
        _ if text.chars().any(is_unprintable) => Err(Problem::ControlCharacters),
        _ => Ok(text.to_owned()),
    }
}

/// Controls, and what turns the direction of text or hides in it.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
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
    fn every_wrong_field_is_named_at_once() {
        let Err(Fault::Told(error)) = Newcomer::parse("", "", "nobody", "short") else { panic!("refused") };
        let fields: Vec<_> = error.field_errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "company", "email", "password"]);
    }
}
