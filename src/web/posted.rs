//! The result of a posted form.

use super::Message;
use crate::{
    base::FormState,
    server::{AppState, Fault, session},
};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use time::Duration;

/// The cookie that carries a message's code across a redirect.
pub(super) const MESSAGE_COOKIE: &str = "accord-said";

/// The result of an accepted form.
#[derive(Debug)]
pub enum Posted {
    Redirect(Redirect),
    /// Responds with the page (200) and this form state, such as an editor with a row added or removed.
    Show(FormState),
    /// Likewise, with a secret that is shown only once, so the response is not cached.
    ShowOnce(FormState),
}

/// The result of a form handler: a redirect, or a [`Posted`] if it can also show its page again.
pub type PostResult<P = Redirect> = Result<P, Fault>;

/// A 303 redirect, with an optional message for the next page.
#[derive(Debug)]
pub struct Redirect {
    to: String,
    message: Option<&'static str>,
    cookies: Vec<HeaderValue>,
    clears_cache: bool,
}

impl Redirect {
    pub fn to(path: impl Into<String>) -> Self {
        Self { to: path.into(), message: None, cookies: Vec::new(), clears_cache: false }
    }

    /// Shows this message once on the next page.
    pub fn with_message(mut self, message: impl Message) -> Self {
        self.message = Some(message.code());
        self
    }

    pub fn with_cookie(mut self, cookie: HeaderValue) -> Self {
        self.cookies.push(cookie);
        self
    }

    pub fn with_cookies(mut self, cookies: impl IntoIterator<Item = HeaderValue>) -> Self {
        self.cookies.extend(cookies);
        self
    }

    /// Makes the browser drop its cached pages, so going back shows none of them. Cookies stay, because one holds the
    /// message.
    pub fn clearing_cache(mut self) -> Self {
        self.clears_cache = true;
        self
    }

    pub fn respond(self, state: &AppState) -> Response {
        let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, self.to)]).into_response();
        if self.clears_cache {
            let cache = HeaderValue::from_static("\"cache\"");
            response.headers_mut().insert(HeaderName::from_static("clear-site-data"), cache);
        }
        let message =
            self.message.map(|code| session::set_cookie(state, MESSAGE_COOKIE, code, "/", Duration::seconds(30)));
        for cookie in self.cookies.into_iter().chain(message) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

impl From<Redirect> for Posted {
    fn from(redirect: Redirect) -> Self {
        Self::Redirect(redirect)
    }
}
