//! The answer to a submission, in the form the sender asked for (http-api.md, lead submission).

use super::http::plain;
use crate::{base::LeadId, leads::input::InputProblem};
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Stored; accepted where there is no reason against it.
    Handled { id: LeadId, reason: Option<String> },
    /// Turned away before it became a lead.
    Refused(&'static str),
    /// The sender did not show that it may send here.
    Unauthorized,
    /// Nothing that could become a lead.
    Unreadable(InputProblem),
}

/// A browser or client that sees this may ask for user name and password.
const CHALLENGE: &str = "Basic realm=\"Accord\"";

/// What `Accept` chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    Xml,
    Text,
}

impl Form {
    /// The best form the sender takes; JSON where it takes anything. None: 406.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let Some(accept) = headers.get(header::ACCEPT) else { return Some(Self::Json) };
        let accept = accept.to_str().unwrap_or("*/*").to_lowercase();
        let mut forms: Vec<(f32, Self)> = accept.split(',').filter_map(preference).collect();
        forms.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        forms.first().map(|(_, form)| *form)
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

fn preference(range: &str) -> Option<(f32, Form)> {
    let mut parts = range.split(';').map(str::trim);
    let form = match parts.next()? {
        "*/*" | "application/*" | "application/json" => Form::Json,
        "application/xml" | "text/xml" => Form::Xml,
        "text/*" | "text/plain" => Form::Text,
        // What a browser sends in front of everything else.
        "text/html" => Form::Json,
        _ => return None,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse).ok()?;
    (weight > 0.0).then_some((weight, form))
}

impl Answer {
    pub fn respond(&self, form: Form) -> Response {
        let status = self.status();
        match self {
            Self::Unreadable(problem) => plain(status, problem.sentence()),
            Self::Unauthorized => {
                let headers = [(header::CONTENT_TYPE, form.media_type()), (header::WWW_AUTHENTICATE, CHALLENGE)];
                (status, headers, self.body(form)).into_response()
            }
            Self::Handled { .. } | Self::Refused(_) => {
                (status, [(header::CONTENT_TYPE, form.media_type())], self.body(form)).into_response()
            }
        }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Handled { .. } => StatusCode::CREATED,
            Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Unreadable(problem) => StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST),
        }
    }

    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Handled { reason: None, .. } => "success",
            Self::Handled { reason: Some(_), .. } => "failure",
            Self::Refused(_) | Self::Unauthorized | Self::Unreadable(_) => "error",
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Handled { reason, .. } => reason.as_deref(),
            Self::Refused(reason) => Some(reason),
            Self::Unauthorized => Some("unauthorized source"),
            Self::Unreadable(problem) => Some(problem.sentence()),
        }
    }

    /// The lead it was stored as.
    pub fn lead(&self) -> Option<LeadId> {
        match self {
            Self::Handled { id, .. } => Some(*id),
            Self::Refused(_) | Self::Unauthorized | Self::Unreadable(_) => None,
        }
    }

    fn body(&self, form: Form) -> String {
        let (outcome, reason) = (self.outcome(), self.reason());
        let lead = self.lead();
        match form {
            Form::Json => {
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
            Form::Xml => {
                let reason = reason.map(|reason| format!("<reason>{}</reason>", escape(reason))).unwrap_or_default();
                let lead = lead.map(|id| format!("<lead><id>{id}</id></lead><price>0</price>")).unwrap_or_default();
                format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<result><outcome>{outcome}</outcome>{reason}{lead}</result>\n"
                )
            }
            Form::Text => match reason {
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

    fn form(accept: &'static str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        Form::of(&headers)
    }

    #[test]
    fn the_sender_chooses_the_form_and_json_is_what_anything_means() {
        assert_eq!(Form::of(&HeaderMap::new()), Some(Form::Json));
        assert_eq!(form("*/*"), Some(Form::Json));
        assert_eq!(form("application/xml"), Some(Form::Xml));
        assert_eq!(form("application/json;q=0.5, text/plain"), Some(Form::Text));
        assert_eq!(form("image/png"), None);
    }

    #[test]
    fn a_reason_is_escaped_in_xml() {
        let answer = Answer::Refused("a < b & c");
        assert!(answer.body(Form::Xml).contains("<reason>a &lt; b &amp; c</reason>"));
    }
}
