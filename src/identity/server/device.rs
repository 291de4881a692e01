//! Browsers that signed in before. They keep a sealed cookie, and their sign-in attempts for that user have a separate
//! rate limit, so guessing from elsewhere can never lock the user out.

use crate::{
    base::{Id, UserId},
    server::{AppState, Cx, ids::random_bytes, session},
};
use axum::http::{HeaderMap, HeaderValue};
use time::{Duration, OffsetDateTime};

const COOKIE: &str = "accord-device";
const ABOUT: &[u8] = b"device";
const LIFETIME: Duration = Duration::days(180);
/// Maximum people remembered per browser.
const MAX_PEOPLE: usize = 4;

/// A browser with its own id and the people who signed in there, latest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    id: [u8; 8],
    people: Vec<UserId>,
}

impl Device {
    /// Reads the request's cookie. Without a valid one the browser is unknown.
    pub fn of(cx: &Cx, headers: &HeaderMap) -> Self {
        let known = session::unsealed_cookie(&cx.state, headers, COOKIE, ABOUT);
        known.and_then(|bytes| Self::read(&bytes, cx.now)).unwrap_or_else(Self::unknown)
    }

    pub fn unknown() -> Self {
        Self { id: random_bytes(), people: Vec::new() }
    }

    pub fn knows(&self, user_id: UserId) -> bool {
        self.people.contains(&user_id)
    }

    /// The rate limit key for this browser's attempts to sign in as this person.
    pub(super) fn limit_key(&self, user_id: UserId) -> Vec<u8> {
        [&self.id[..], &user_id.bytes()].concat()
    }

    /// The cookie to set once this person has signed in.
    pub fn cookie(&self, state: &AppState, now: OffsetDateTime, user_id: UserId) -> HeaderValue {
        let others = self.people.iter().copied().filter(|known| *known != user_id);
        let people: Vec<u8> = [user_id].into_iter().chain(others).take(MAX_PEOPLE).flat_map(|id| id.bytes()).collect();
        let ends = (now + LIFETIME).unix_timestamp().to_be_bytes();
        let content = [&self.id[..], &ends, &people].concat();
        session::sealed_cookie(state, COOKIE, ABOUT, &content, crate::base::paths::SIGN_IN, LIFETIME)
    }

    fn read(bytes: &[u8], now: OffsetDateTime) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk::<8>()?;
        let (ends, people) = rest.split_first_chunk::<8>()?;
        let people = people.as_chunks::<12>().0.iter().map(|id| UserId::from_bytes(*id)).collect();
        (i64::from_be_bytes(*ends) > now.unix_timestamp()).then_some(Self { id: *id, people })
    }
}
