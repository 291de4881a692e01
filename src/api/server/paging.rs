//! Lists: bare arrays, so many at a time, newest first; where the next page is stands in a header.

use super::{
    answer::Answer,
    body::{dotted, wrong},
    call::Call,
    refusal::{Refusal, Refused},
};
use crate::{base, server::Fault};
use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path},
    http::{HeaderValue, request::Parts},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{fmt::Display, str::FromStr};
use utoipa::{IntoParams, ToSchema};

/// The id in a path. What is none names nothing.
#[derive(Debug, Clone, Copy)]
pub struct Id<I>(pub I);

impl<S: Send + Sync, I: FromStr> FromRequestParts<S> for Id<I> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Refused<Self> {
        let read = parts.extract::<Path<String>>().await.ok().and_then(|Path(text)| text.parse().ok());
        read.map(Self).ok_or_else(|| Fault::NOT_FOUND.into())
    }
}

/// The two ids in a path.
#[derive(Debug, Clone, Copy)]
pub struct Ids<I, J>(pub I, pub J);

impl<S: Send + Sync, I: FromStr, J: FromStr> FromRequestParts<S> for Ids<I, J> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Refused<Self> {
        let read = parts.extract::<Path<(String, String)>>().await.ok();
        let read = read.and_then(|Path((one, two))| Some(Self(one.parse().ok()?, two.parse().ok()?)));
        read.ok_or_else(|| Fault::NOT_FOUND.into())
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page<I: ToSchema> {
    /// How many a page holds.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// The last id of the page before.
    pub after: Option<I>,
}

impl<I: ToSchema> Page<I> {
    pub fn limit(&self) -> Limit {
        self.limit.unwrap_or_default()
    }
}

/// Strictly read query parameters: unknown ones, doubled ones and wrong ones are refused.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Refused<Self> {
        let text = parts.uri.query().unwrap_or("");
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
        serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let path = dotted(error.path());
            wrong(&path, &error.into_inner().to_string())
        })
    }
}

/// How many a page holds: 1 to 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Limit(u16);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<String> for Limit {
    type Error = &'static str;

    /// 5.0 is a whole number too, as JSON Schema has it.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let whole = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|digit| digit == b'0'));
        let number = whole.map_or(text.as_str(), |(whole, _)| whole).parse();
        match number {
            Ok(number @ 1..=200) => Ok(Self(number)),
            _ => Err("limit is a whole number from 1 to 200"),
        }
    }
}

impl Limit {
    /// One more than the page holds, to see whether there is another page.
    pub fn and_one(self) -> i64 {
        i64::from(self.0) + 1
    }

    /// The page as it is answered, of rows fetched by [`Self::and_one`].
    pub fn page<T: Serialize, I: base::Id + Display>(
        self,
        call: &Call,
        mut rows: Vec<T>,
        id: impl Fn(&T) -> I,
    ) -> Result<Answer, Fault> {
        let has_more = rows.len() > usize::from(self.0);
        rows.truncate(usize::from(self.0));
        let mut answer = Answer::ok(&rows)?;
        if let Some(last) = rows.last().filter(|_| has_more) {
            answer.next = Some(next(call, &id(last))?);
        }
        Ok(answer)
    }
}

/// The address of the page that follows an id, with all other parameters kept. Never with the host of the request.
fn next(call: &Call, last: &impl Display) -> Result<HeaderValue, Fault> {
    let uri = &call.uri.0;
    let kept = form_urlencoded::parse(uri.query().unwrap_or("").as_bytes()).filter(|(name, _)| name != "after");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept).append_pair("after", &last.to_string());
    let url = call.cx.state.config.base_url.join(&format!("{}?{}", uri.path(), query.finish()));
    HeaderValue::from_str(&format!("<{url}>; rel=\"next\"")).map_err(|error| Fault::Broken(error.to_string()))
}
