//! The headers of a response to a caller over a rate limit (draft-ietf-httpapi-ratelimit-headers, version 10 and 11).

use axum::http::{HeaderName, HeaderValue, header};

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// `RateLimit-Policy`, `RateLimit` and `Retry-After`. The policy's name consists of letters, digits, `-` and `_`, and
/// is the same in both headers. `Retry-After` is at least one second, so that nobody retries at once.
pub fn headers(
    policy_name: &str,
    quota: u64,
    window_seconds: u64,
    remaining: u64,
    reset_seconds: u64,
) -> [(HeaderName, HeaderValue); 3] {
    [
        (RATELIMIT_POLICY, value(&format!("\"{policy_name}\";q={quota};w={window_seconds}"))),
        (RATELIMIT, value(&format!("\"{policy_name}\";r={remaining};t={reset_seconds}"))),
        (header::RETRY_AFTER, HeaderValue::from(reset_seconds.max(1))),
    ]
}

/// A name with a control character would be a mistake in the code; an empty header is better than a failed response.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_name_the_policy_and_what_is_left_of_it() {
        let headers = headers("source", 1000, 1, 0, 0);
        let lines: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        assert_eq!(
            lines,
            ["ratelimit-policy: \"source\";q=1000;w=1", "ratelimit: \"source\";r=0;t=0", "retry-after: 1"]
        );
    }
}
