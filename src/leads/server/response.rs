//! The response to a submission, in the format the sender asked for (http-api.md, lead submission).

use super::http::plain;
use crate::{base::LeadId, leads::input::InputProblem};
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

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
    /// The input cannot become a lead.
    Unreadable(InputProblem),
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
    /// The format the sender prefers, JSON if it accepts anything. None means 406.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let Some(accept) = headers.get(header::ACCEPT) else { return Some(Self::Json) };
        let accept = accept.to_str().unwrap_or("*/*").to_lowercase();
        let mut formats: Vec<(f32, Self)> = accept.split(',').filter_map(preference).collect();
        formats.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        formats.first().map(|(_, format)| *format)
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

fn preference(range: &str) -> Option<(f32, ResponseFormat)> {
    let mut parts = range.split(';').map(str::trim);
    let format = match parts.next()? {
        "*/*" | "application/*" | "application/json" => ResponseFormat::Json,
        "application/xml" | "text/xml" => ResponseFormat::Xml,
        "text/*" | "text/plain" => ResponseFormat::Text,
        // Browsers send this before anything else.
        "text/html" => ResponseFormat::Json,
        _ => return None,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse).ok()?;
    (weight > 0.0).then_some((weight, format))
}

impl SubmissionResponse {
    pub fn respond(&self, format: ResponseFormat) -> Response {
        let status = self.status();
        match self {
            Self::Unreadable(problem) => plain(status, problem.sentence()),
            Self::Unauthorized => {
                let headers = [(header::CONTENT_TYPE, format.media_type()), (header::WWW_AUTHENTICATE, CHALLENGE)];
                (status, headers, self.body(format)).into_response()
            }
            Self::Handled { .. } | Self::Refused(_) | Self::RateLimited(_) => {
                (status, [(header::CONTENT_TYPE, format.media_type())], self.body(format)).into_response()
            }
        }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Handled { .. } => StatusCode::CREATED,
            Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unreadable(problem) => StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST),
        }
    }

    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Handled { reason: None, .. } => "success",
            Self::Handled { reason: Some(_), .. } => "failure",
            Self::Refused(_) | Self::Unauthorized | Self::RateLimited(_) | Self::Unreadable(_) => "error",
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Handled { reason, .. } => reason.as_deref(),
            Self::Refused(reason) | Self::RateLimited(reason) => Some(reason),
            Self::Unauthorized => Some("unauthorized source"),
            Self::Unreadable(problem) => Some(problem.sentence()),
        }
    }

    /// The id of the stored lead.
    pub fn lead(&self) -> Option<LeadId> {
        match self {
            Self::Handled { id, .. } => Some(*id),
            Self::Refused(_) | Self::Unauthorized | Self::RateLimited(_) | Self::Unreadable(_) => None,
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
        assert_eq!(ResponseFormat::of(&HeaderMap::new()), Some(ResponseFormat::Json));
        assert_eq!(format("*/*"), Some(ResponseFormat::Json));
        assert_eq!(format("application/xml"), Some(ResponseFormat::Xml));
        assert_eq!(format("application/json;q=0.5, text/plain"), Some(ResponseFormat::Text));
        assert_eq!(format("image/png"), None);
    }

    #[test]
    fn a_reason_is_escaped_in_xml() {
        let response = SubmissionResponse::Refused("a < b & c");
        assert!(response.body(ResponseFormat::Xml).contains("<reason>a &lt; b &amp; c</reason>"));
    }
}
