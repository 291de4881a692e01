//! What a page knows about the request that asked for it.

use crate::{
    base::FormReturn,
    server::{Cx, Fault},
};
use axum::http::{HeaderMap, HeaderValue, Uri, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::{collections::BTreeMap, str::FromStr};

/// The ids and tokens in a path, by the names of its pattern.
#[derive(Debug, Clone, Default)]
pub struct Params(BTreeMap<String, String>);

impl FromIterator<(String, String)> for Params {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl Params {
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Text that is no id leads nowhere.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.get(name).parse().map_err(|_| Fault::NOT_FOUND)
    }
}

/// One visit to a page.
#[derive(Clone)]
pub struct Visit {
    pub cx: Cx,
    /// Path and query, as asked for.
    pub path: String,
    pub headers: HeaderMap,
    /// Set when a form of this page was posted, and the page is the answer.
    pub back: Option<FormReturn>,
    params: Params,
    query: BTreeMap<String, String>,
}

impl Visit {
    pub(super) fn read(parts: Parts) -> Option<Self> {
        Some(Self {
            cx: parts.extensions.get::<Cx>()?.clone(),
            path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            params: parts.extensions.get::<Params>().cloned().unwrap_or_default(),
            query: query(&parts.uri),
            back: parts.extensions.get::<FormReturn>().cloned(),
            headers: parts.headers,
        })
    }

    /// A segment of the path; empty when the pattern has none of that name.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name)
    }

    /// An id in the path; text that is no id leads nowhere.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.params.id(name)
    }

    /// The state of a form of this page.
    pub fn form(&self, name: &str) -> FormReturn {
        FormReturn::of(self.back.as_ref(), name)
    }

    /// A value of the query; empty when it is not there, the last when it is there more than once.
    pub fn query(&self, name: &str) -> String {
        self.query.get(name).cloned().unwrap_or_default()
    }

    /// Sets a cookie with the answer, whatever the page shows.
    pub fn set_cookie(&self, cookie: HeaderValue) {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// The names of the query, each once.
    pub fn query_names(&self) -> impl Iterator<Item = &str> {
        self.query.keys().map(String::as_str)
    }
}

fn query(uri: &Uri) -> BTreeMap<String, String> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}
