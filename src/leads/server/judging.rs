//! Reads, maps and judges a submission. Pure: the same submission and configuration have the same result.

use super::configuration::{Configuration, type_of};
use crate::{
    flows::server::docs::label_of,
    leads::input::{Input, InputProblem},
    rules::{Budget, Lead},
};
use axum::body::Bytes;
use std::{collections::BTreeMap, fmt};

/// The content of a submission as sent.
#[derive(Clone, Default)]
pub struct Sent {
    pub query: Option<String>,
    pub content_type: Option<String>,
    pub body: Bytes,
}

impl Sent {
    /// A form-encoded body.
    pub fn form(body: &str) -> Self {
        let content_type = Some("application/x-www-form-urlencoded".to_owned());
        Self { query: None, content_type, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    pub fn size(&self) -> usize {
        self.body.len() + self.query.as_ref().map_or(0, String::len)
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
    pub fields: Vec<String>,
    pub result: Result<Judgement, InputProblem>,
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

pub fn judge(sent: &Sent, configuration: &Configuration, fields: &[String]) -> Judged {
    let result = judged(sent, configuration, fields);
    Judged { configuration: configuration.clone(), fields: fields.to_vec(), result }
}

fn judged(sent: &Sent, configuration: &Configuration, fields: &[String]) -> Result<Judgement, InputProblem> {
    let mut input = Input::read(sent.query.as_deref(), sent.content_type.as_deref(), &sent.body)?;
    let redirect = input.remove("redir_url").map(checked_redirect).transpose()?;
    let (lead, reason) = decide(input.values(), configuration, fields);
    let is_true = |value: &str| matches!(value.trim().to_lowercase().as_str(), "true" | "1" | "t");
    let is_test = input.get("test").is_some_and(is_true);
    Ok(Judgement { input, lead, reason, is_test, redirect })
}

/// Maps and parses the values of a lead, and judges it: its fields, and why it is rejected.
pub fn decide(
    values: &BTreeMap<String, String>,
    configuration: &Configuration,
    fields: &[String],
) -> (Lead, Option<String>) {
    let budget = Budget::default();
    let mapped = configuration.source.mappings.apply(values, &budget);
    let value_of = |name: &str| mapped.get(name).or_else(|| values.get(name)).map(String::as_str);
    let lead = Lead::parse(value_of, fields.iter().map(|name| (name.as_str(), type_of(name))));
    let reason = configuration.criteria().find_map(|criteria| criteria.judge(&lead, &budget, label_of));
    (lead, reason)
}

fn checked_redirect(url: String) -> Result<String, InputProblem> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_clean = url.bytes().all(|byte| byte.is_ascii_graphic());
    if is_web && is_clean { Ok(url) } else { Err(InputProblem::RedirectInvalid) }
}
