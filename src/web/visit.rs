//! The request as a page sees it.

use crate::{
    base::{FormState, Problem},
    server::{Cx, Fault},
};
use axum::http::{HeaderMap, HeaderValue, Uri, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::{collections::BTreeMap, str::FromStr};

/// The path parameters by name.
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

    /// An id; an invalid one is 404.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.get(name).parse().map_err(|_| Fault::NOT_FOUND)
    }
}

/// One visit to a page.
#[derive(Clone)]
pub struct Visit {
    pub cx: Cx,
    /// Path and query as requested.
    pub path: String,
    pub headers: HeaderMap,
    /// The submitted form, if the page is rendered in response to one.
    pub back: Option<FormState>,
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
            back: parts.extensions.get::<FormState>().cloned(),
            headers: parts.headers,
        })
    }

    /// A path parameter; empty if the pattern does not have it.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name)
    }

    /// An id in the path; an invalid one is 404.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.params.id(name)
    }

    /// The state of one of the page's forms.
    pub fn form(&self, name: &str) -> FormState {
        FormState::of(self.back.as_ref(), name)
    }

    /// A query parameter; empty if it is missing, the last value if it repeats.
    pub fn query(&self, name: &str) -> String {
        self.query.get(name).cloned().unwrap_or_default()
    }

    /// Adds a cookie to the response, whatever the page shows.
    pub fn set_cookie(&self, cookie: HeaderValue) {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.append_header(header::SET_COOKIE, cookie);
        }
    }

    /// Postgres text cannot contain NUL, and nobody types one, so a query that does is not one of our pages'.
    pub(super) fn check_query(&self) -> Result<(), Fault> {
        let has_nul = self.query.iter().any(|(name, value)| name.contains('\0') || value.contains('\0'));
        if has_nul { Err(Problem::QueryUnreadable.into()) } else { Ok(()) }
    }

    /// The names of the query parameters, each once.
    pub fn query_names(&self) -> impl Iterator<Item = &str> {
        self.query.keys().map(String::as_str)
    }
}

fn query(uri: &Uri) -> BTreeMap<String, String> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}
