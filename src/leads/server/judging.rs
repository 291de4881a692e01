//! Reads, maps and judges a submission. Pure: the same submission, configuration and day have the
//! same result.

use super::{
    configuration::{Configuration, type_of},
    sensitive,
};
use crate::{
    flows::server::docs::label_of,
    leads::input::{Content, Input, InputProblem, MAX_BODY, excerpt},
    rules::{Budget, FieldType, Lead},
};
use axum::body::Bytes;
use std::{borrow::Cow, fmt, sync::Arc};
use time::Date;

/// The content of a submission as sent.
#[derive(Clone, Default)]
pub struct Sent {
    pub query: Option<String>,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub body: Bytes,
}

impl Sent {
    /// A form-encoded body.
    pub fn form(body: &str) -> Self {
        let content_type = Some("application/x-www-form-urlencoded".to_owned());
        Self { content_type, body: Bytes::copy_from_slice(body.as_bytes()), ..Self::default() }
    }

    /// The bytes to read. A compressed body can be as large as any.
    pub fn size(&self) -> usize {
        let body = if self.content_encoding.is_some() { MAX_BODY } else { self.body.len() };
        body + self.query.as_ref().map_or(0, String::len)
    }

    pub fn content(&self) -> Content<'_> {
        Content {
            query: self.query.as_deref(),
            content_type: self.content_type.as_deref(),
            content_encoding: self.content_encoding.as_deref(),
            body: &self.body,
        }
    }
}

/// Hides the content: a submission is about a person and must not reach the log.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sent({} bytes)", self.size())
    }
}

/// A submission that was judged by a configuration and a flow's fields.
#[derive(Debug)]
pub struct Judged {
    pub configuration: Configuration,
    pub fields: Arc<[String]>,
    pub result: Result<Judgement, Unread>,
}

/// A post that cannot become a lead.
pub struct Unread {
    pub problem: InputProblem,
    /// What the buyer sees of it; empty if the problem says everything.
    pub excerpt: String,
}

/// Hides the excerpt, which is about a person.
impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unread({:?})", self.problem)
    }
}

#[derive(Debug)]
pub struct Judgement {
    /// The submitted values, without `redir_url`, which is meant for the consumer's browser.
    pub input: Input,
    /// The fields of the flow, mapped and parsed.
    pub lead: Lead,
    /// Why the lead is rejected; None if it is accepted.
    pub reason: Option<String>,
    pub is_test: bool,
    /// The URL to redirect the consumer's browser to.
    pub redirect: Option<String>,
}

/// Judges a submission that came today.
pub fn judge(sent: &Sent, configuration: &Configuration, fields: &Arc<[String]>, today: Date) -> Judged {
    let sent = sent.content();
    let decoded = sent.decoded();
    let plain = Content { content_encoding: None, body: decoded.as_deref().unwrap_or(sent.body), ..sent };
    let unread = |problem: InputProblem| {
        let excerpt = if problem.needs_excerpt() { excerpt(plain) } else { String::new() };
        Unread { problem, excerpt }
    };
    let read = decoded.as_ref().map_err(Clone::clone).and_then(|_| judged(plain, configuration, fields, today));
    let result = read.map_err(unread);
    Judged { configuration: configuration.clone(), fields: fields.clone(), result }
}

fn judged(
    plain: Content<'_>,
    configuration: &Configuration,
    fields: &[String],
    today: Date,
) -> Result<Judgement, InputProblem> {
    let mut input = Input::read(plain)?;
    let redirect = input.remove("redir_url").filter(|url| !url.trim().is_empty());
    let redirect = redirect.map(checked_redirect).transpose()?;
    let (lead, reason) = decide(&input, configuration, fields, today);
    let is_true = |value: &str| matches!(value.trim().to_lowercase().as_str(), "true" | "1" | "t");
    let is_test = input.text("test", true).is_some_and(is_true);
    let mut judgement = Judgement { input, lead, reason, is_test, redirect };
    sensitive::remove(&mut judgement, &configuration.source.numbers);
    Ok(judgement)
}

/// Maps and parses the values of a lead, and judges it: its fields, and why it is rejected.
pub fn decide(input: &Input, configuration: &Configuration, fields: &[String], today: Date) -> (Lead, Option<String>) {
    let budget = Budget::default();
    let sent_value = sent_value(input);
    let mapped = configuration.source.mappings.apply(&sent_value, &budget);
    let value_of = |name: &str, field_type| match mapped.get(name) {
        Some(value) => Some(Cow::Borrowed(value.as_str())),
        None => sent_value(name, field_type),
    };
    let lead = Lead::parse(value_of, fields.iter().map(|name| (name.as_str(), type_of(name))), Some(today));
    let reason = configuration.criteria().find_map(|criteria| criteria.judge(&lead, &budget, label_of));
    (lead, reason)
}

/// The text of a parameter, as a field of a type sees it.
pub fn sent_value<'i>(input: &'i Input) -> impl Fn(&str, FieldType) -> Option<Cow<'i, str>> + 'i {
    move |name: &str, field_type| input.text(name, field_type == FieldType::Boolean).map(Cow::Borrowed)
}

fn checked_redirect(url: String) -> Result<String, InputProblem> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_clean = url.bytes().all(|byte| byte.is_ascii_graphic());
    if is_web && is_clean { Ok(url) } else { Err(InputProblem::RedirectInvalid) }
}
