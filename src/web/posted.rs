//! How a posted form ends.

use super::Message;
use crate::{
    base::FormReturn,
    server::{AppState, Fault, session},
};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use time::Duration;

/// The cookie that carries a message's code across a redirect.
pub(super) const MESSAGE_COOKIE: &str = "accord-said";

/// How a form ends that was not refused.
#[derive(Debug)]
pub enum Posted {
    Redirect(Redirect),
    /// Its page is the answer (200), and shows this form, such as an editor with a row more or less.
    Show(FormReturn),
    /// The same with a secret in it that is shown this once: no cache keeps the answer.
    ShowOnce(FormReturn),
}

/// The usual end of a form; a handler that may show its page instead answers with a [`Posted`].
pub type PostResult<P = Redirect> = Result<P, Fault>;

/// 303: go there, show that message.
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

    /// The next page shows this once.
    pub fn saying(mut self, message: impl Message) -> Self {
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

    /// The browser forgets the pages it kept, so that going back shows none of them. Cookies stay, or the message would
    /// go too.
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
