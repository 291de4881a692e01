//! Reads JSON bodies strictly; errors name the property.

use super::error::{ApiError, ApiResult};
use crate::server::{
    Cx,
    capacity::MAX_BODY,
    json::{self, JsonProblem},
};
use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

/// A parsed JSON body, with the bytes it was read from.
#[derive(Debug, Clone)]
pub struct Body<T> {
    pub value: T,
    pub bytes: Vec<u8>,
}

/// Maximum characters of a message about a property.
const MAX_MESSAGE: usize = 500;
/// Bytes of a body that are parsed at once. Larger ones are parsed beside the threads that serve requests.
const MAX_AT_ONCE: usize = 64 * 1024;

impl<S: Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Self> {
        if !is_json(request.headers()) {
            let sentence = "Send the body as application/json.";
            return Err(ApiError::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", sentence));
        }
        let cx = request.extensions().get::<Cx>().cloned();
        let bytes = read(request).await?;
        match cx {
            Some(cx) if bytes.len() > MAX_AT_ONCE => {
                cx.state.work.run(move || parse(&bytes).map(|value| Self { value, bytes })).await?
            }
            _ => Ok(Self { value: parse(&bytes)?, bytes }),
        }
    }
}

/// Reads a body of at most 1 MiB.
pub async fn read(request: Request) -> ApiResult<Vec<u8>> {
    let read = axum::body::to_bytes(request.into_body(), MAX_BODY).await;
    read.map(Into::into)
        .map_err(|_| ApiError::of(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "The body exceeds 1 MiB."))
}

/// RFC 8259 allows UTF-8 only, so a charset is ignored.
fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = text.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    // Checked first, because a wrong type must not hide a syntax error after it.
    json::check(bytes).map_err(|problem| match problem {
        JsonProblem::Malformed(error) => {
            let sentence = format!("The body is not valid JSON: {error}.");
            ApiError::of(StatusCode::BAD_REQUEST, "malformed_json", &sentence)
        }
        JsonProblem::Nul { at } => ApiError::field(at, "control_characters", "Text cannot contain the character NUL."),
        JsonProblem::TooManyValues => {
            ApiError::field("", "too_many_values", "The body has more than 100,000 values. Send fewer.")
        }
        JsonProblem::NameTooLong { at } => {
            ApiError::field(at, "unknown_property", "Unknown field. Its name is too long.")
        }
    })?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = dotted(error.path());
        property_error(&path, &error.into_inner().to_string())
    })
}

/// The path in the form `mappings.0.value`, as in the names of form fields.
pub fn dotted(path: &serde_path_to_error::Path) -> String {
    let path = path.to_string().replace('[', ".").replace(']', "");
    if path == "." { String::new() } else { path }
}

/// Converts serde's message to an error of one property. The message names the property in backquotes.
pub fn property_error(path: &str, sentence: &str) -> ApiError {
    let sentence = sentence.split(" at line ").next().unwrap_or(sentence);
    // A message repeats the value that it rejects.
    let sentence = sentence.char_indices().nth(MAX_MESSAGE).map_or(sentence, |(end, _)| &sentence[..end]);
    let named = sentence.split('`').nth(1).unwrap_or("");
    let code = match sentence {
        _ if sentence.starts_with("unknown field") => "unknown_property",
        _ if sentence.starts_with("missing field") => "required",
        _ if sentence.starts_with("duplicate field") => "duplicate_property",
        _ if sentence.starts_with("unknown variant") => "unknown_value",
        _ => "wrong_type",
    };
    let names_it = matches!(code, "unknown_property" | "required" | "duplicate_property");
    let field = match (path, names_it) {
        ("", true) => named.to_owned(),
        (path, true) if path.rsplit('.').next() != Some(named) => format!("{path}.{named}"),
        (path, _) => path.to_owned(),
    };
    let mut letters = sentence.chars();
    let message = letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str()));
    ApiError::field(field, code, message.unwrap_or_default())
}

/// Distinguishes a property that is null from one that is left out.
pub fn double_option<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(reader).map(Some)
}

/// A whole number in any notation: in JSON Schema, 5.0 is an integer.
pub fn integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(reader: D) -> Result<Option<T>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(reader)? else { return Ok(None) };
    let exact = || number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e15);
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is far from the limits")]
    let whole = number.as_i64().or_else(|| exact().map(|float| float as i64));
    let fits = whole.and_then(|whole| T::try_from(whole).ok());
    fits.map(Some).ok_or_else(|| D::Error::custom("expected a whole number within its limits"))
}

/// A version, 1 or more.
pub fn version<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<i32>, D::Error> {
    match integer(reader)? {
        Some(..1) => Err(D::Error::custom("expected a version of 1 or more")),
        version => Ok(version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "name")]
        _name: String,
        #[serde(default, rename = "inner")]
        _inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "size")]
        _size: u8,
    }

    #[test]
    fn each_error_names_its_property() {
        for (json, field, code) in [
            (r#"{"name":"a","x":1}"#, "x", "unknown_property"),
            (r#"{}"#, "name", "required"),
            (r#"{"name":1}"#, "name", "wrong_type"),
            (r#"{"name":null}"#, "name", "wrong_type"),
            (r#"{"name":"a","name":"b"}"#, "name", "duplicate_property"),
            (r#"{"name":"a","inner":[{"size":1},{"size":1,"y":2}]}"#, "inner.1.y", "unknown_property"),
            (r#"{"name":"a","inner":[{}]}"#, "inner.0.size", "required"),
            (r#"{"name":"a\u0000"}"#, "name", "control_characters"),
            (r#"{"inner":[{"size":1,"a\u0000b":2}],"name":"a"}"#, "inner.0", "control_characters"),
            ("[]", "", "wrong_type"),
        ] {
            let failure = parse::<Outer>(json.as_bytes()).unwrap_err();
            let errors = &failure.error.errors;
            assert_eq!((errors[0].field.as_str(), errors[0].code.as_str()), (field, code), "{json}: {errors:?}");
            assert_eq!(failure.status, StatusCode::UNPROCESSABLE_ENTITY, "{json}");
        }
    }

    #[test]
    fn invalid_json_is_rejected_first() {
        for text in ["", "{", r#"{"name":1"#, "\u{feff}{}", r#"{"name":"\ud800"}"#, "{} {}"] {
            assert_eq!(parse::<Outer>(text.as_bytes()).unwrap_err().status, StatusCode::BAD_REQUEST, "{text:?}");
        }
    }

    #[test]
    fn long_names_and_values_are_rejected_without_repeating_them() {
        let (long, items) = ("n".repeat(500_000), "0,".repeat(200_000));
        for (json, field, code) in [
            (format!(r#"{{"{long}":[{items}0]}}"#), "", "unknown_property"),
            (format!(r#"{{"name":"a","inner":[{{"{long}":1}}]}}"#), "inner.0", "unknown_property"),
            (format!(r#"{{"name":"a","inner":[{{"size":"{long}"}}]}}"#), "inner.0.size", "wrong_type"),
            (format!(r#"{{"name":"a","inner":[{items}0]}}"#), "", "too_many_values"),
            (format!(r#"{{"name":"a","inner":[{}0]}}"#, &items[..100_000]), "inner.0", "wrong_type"),
        ] {
            let failure = parse::<Outer>(json.as_bytes()).unwrap_err();
            let errors = &failure.error.errors;
            assert_eq!((errors[0].field.as_str(), errors[0].code.as_str()), (field, code), "{json:.60}");
            assert!(errors[0].message.len() <= 600);
        }
    }
}
