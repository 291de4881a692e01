//! The response to a submission, in the format the sender asked for (http-api.md, lead submission).

use crate::{base::LeadId, leads::input::InputProblem};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::{borrow::Cow, cmp::Reverse};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmissionResponse {
    /// Stored; accepted if there is no reason.
    Handled { id: LeadId, reason: Option<String> },
    /// Refused before it became a lead.
    Refused(&'static str),
    /// The sender is not authenticated.
    Unauthorized,
    /// The source or the sender's address is over its rate limit.
    RateLimited(&'static str),
    /// There is no lead, because the request or its input cannot be understood, or not now.
    Failed { status: StatusCode, reason: Cow<'static, str> },
}

impl From<&InputProblem> for SubmissionResponse {
    fn from(problem: &InputProblem) -> Self {
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self::Failed { status, reason: problem.sentence() }
    }
}

/// Lets browsers and clients ask for a username and password.
const CHALLENGE: &str = "Basic realm=\"Accord\"";

/// The format that `Accept` chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseFormat {
    Json,
    Xml,
    Text,
}

impl ResponseFormat {
    /// In the order of our preference.
    const ALL: [Self; 3] = [Self::Json, Self::Text, Self::Xml];

    /// The format the sender prefers. Without a preference that can be read it is JSON; None means 406.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::ACCEPT).iter().map(|line| line.to_str().unwrap_or("?").to_lowercase());
        let accept = lines.collect::<Vec<_>>().join(",");
        let named = accept.split(',').map(str::trim).filter(|range| !range.is_empty());
        let (mut ranges, mut is_unclear) = (Vec::new(), accept.trim_matches([',', ' ', '\t']).is_empty());
        for (place, range) in named.enumerate() {
            match Range::parse(range, place) {
                Some(range) => ranges.push(range),
                None => is_unclear = true,
            }
        }
        let wanted = Self::ALL.into_iter().filter_map(|format| Some((format.wanted(&ranges)?, format)));
        // Of equals, the first one is kept.
        let best = wanted.rev().max_by_key(|((weight, place), _)| (*weight, Reverse(*place)));
        best.map(|(_, format)| format).or_else(|| is_unclear.then_some(Self::Json))
    }

    /// How much the sender wants this format, and where it says so. The most specific range decides.
    fn wanted(self, ranges: &[Range<'_>]) -> Option<(u16, usize)> {
        let matching = ranges.iter().filter_map(|range| Some((range.specificity(self)?, range)));
        let (_, range) = matching.rev().max_by_key(|(specificity, range)| (*specificity, range.weight))?;
        (range.weight > 0).then_some((range.weight, range.place))
    }

    /// The media types that mean this format.
    const fn media_types(self) -> &'static [(&'static str, &'static str)] {
        match self {
            // Browsers send text/html before anything else.
            Self::Json => &[("application", "json"), ("text", "json"), ("text", "html")],
            Self::Xml => &[("application", "xml"), ("text", "xml")],
            Self::Text => &[("text", "plain")],
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// A range of media types in `Accept`.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// In thousandths.
    weight: u16,
    place: usize,
}

impl<'a> Range<'a> {
    /// None if it is not in the form `kind/subtype;q=0.5`. A lone star means anything, as Java sends it.
    fn parse(text: &'a str, place: usize) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let range = parts.next().map(|range| if range == "*" { "*/*" } else { range })?;
        let (kind, subtype) = range.split_once('/')?;
        let is_token = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-*".contains(c))
        };
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>).ok()?;
        let weight = (0.0..=1.0).contains(&weight).then(|| (weight * 1000.0).round() as u16)?;
        Some(Self { kind, subtype, weight, place })
    }

    /// How closely it names the format; None if it does not.
    fn specificity(&self, format: ResponseFormat) -> Option<u8> {
        let types = format.media_types();
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            // These two stand for our first format of that kind.
            ("application", "*") => matches!(format, ResponseFormat::Json | ResponseFormat::Xml).then_some(1),
            ("text", "*") => matches!(format, ResponseFormat::Text | ResponseFormat::Xml).then_some(1),
            named => types.contains(&named).then_some(2),
        }
    }
}

impl SubmissionResponse {
    pub fn respond(&self, format: ResponseFormat) -> Response {
        let headers = [(header::CONTENT_TYPE, format.media_type())];
        let mut response = (self.status(), headers, self.body(format)).into_response();
        if *self == Self::Unauthorized {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        }
        response
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Handled { .. } => StatusCode::CREATED,
            Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Failed { status, .. } => *status,
        }
    }

    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Handled { reason: None, .. } => "success",
            Self::Handled { reason: Some(_), .. } => "failure",
            Self::Refused(_) | Self::Unauthorized | Self::RateLimited(_) | Self::Failed { .. } => "error",
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Handled { reason, .. } => reason.as_deref(),
            Self::Refused(reason) | Self::RateLimited(reason) => Some(reason),
            Self::Unauthorized => Some("unauthorized source"),
            Self::Failed { reason, .. } => Some(reason),
        }
    }

    /// The id of the stored lead.
    pub fn lead(&self) -> Option<LeadId> {
        match self {
            Self::Handled { id, .. } => Some(*id),
            Self::Refused(_) | Self::Unauthorized | Self::RateLimited(_) | Self::Failed { .. } => None,
        }
    }

    pub(super) fn body(&self, format: ResponseFormat) -> String {
        let (outcome, reason) = (self.outcome(), self.reason());
        let lead = self.lead();
        match format {
            ResponseFormat::Json => {
                let mut body = json!({ "outcome": outcome });
                if let Some(reason) = reason {
                    body["reason"] = json!(reason);
                }
                if let Some(id) = lead {
                    body["lead"] = json!({ "id": id });
                    body["price"] = json!(0);
                }
                body.to_string()
            }
            ResponseFormat::Xml => {
                let reason = reason.map(|reason| format!("<reason>{}</reason>", escape(reason))).unwrap_or_default();
                let lead = lead.map(|id| format!("<lead><id>{id}</id></lead><price>0</price>")).unwrap_or_default();
                format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<result><outcome>{outcome}</outcome>{reason}{lead}</result>\n"
                )
            }
            ResponseFormat::Text => match reason {
                Some(reason) => format!("{outcome}\n{reason}\n"),
                None => format!("{outcome}\n"),
            },
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn format(accept: &'static str) -> Option<ResponseFormat> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        ResponseFormat::of(&headers)
    }

    #[test]
    fn the_sender_chooses_the_format_and_json_is_the_default() {
        use ResponseFormat::{Json, Text, Xml};
        assert_eq!(ResponseFormat::of(&HeaderMap::new()), Some(Json));
        for (accept, expected) in [
            ("*/*", Some(Json)),
            ("application/xml", Some(Xml)),
            ("TEXT/XML", Some(Xml)),
            ("text/*", Some(Text)),
            ("application/*", Some(Json)),
            ("application/json;q=0.5, text/plain", Some(Text)),
            ("application/xml, application/json", Some(Xml)),
            ("application/json, application/xml", Some(Json)),
            ("application/xml;q=0.9, */*;q=0.8", Some(Xml)),
            ("application/json;q=0, */*", Some(Text)),
            ("*/*;q=0.1, application/json;q=0", Some(Text)),
            ("*/*, text/plain;q=0.4, application/json;q=0.2", Some(Xml)),
            ("text/plain;q=0.2, text/plain;charset=utf-8;q=0.7, text/xml;q=0.5", Some(Text)),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(Json)),
            ("text/html, image/gif, *; q=.2, */*; q=.2", Some(Json)),
            // What cannot be read.
            ("", Some(Json)),
            (" , ", Some(Json)),
            ("application/json / application/xml", Some(Json)),
            ("json", Some(Json)),
            ("image/png; q=high", Some(Json)),
            ("application/xml;q=7", Some(Json)),
            ("nonsense, text/plain", Some(Text)),
            // Only what there is not.
            ("image/png", None),
            ("application/vnd.api+json", None),
            ("application/json;q=0", None),
            ("*/*;q=0", None),
        ] {
            assert_eq!(format(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn an_accept_header_that_is_no_text_chooses_json() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(ResponseFormat::of(&headers), Some(ResponseFormat::Json));
        headers.append(header::ACCEPT, HeaderValue::from_static("text/xml"));
        assert_eq!(ResponseFormat::of(&headers), Some(ResponseFormat::Xml));
    }

    #[test]
    fn a_reason_is_escaped_in_xml() {
        let response = SubmissionResponse::Refused("a < b & c");
        assert!(response.body(ResponseFormat::Xml).contains("<reason>a &lt; b &amp; c</reason>"));
    }
}
