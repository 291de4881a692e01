//! Pagination: lists are bare arrays, newest first; a header has the next page. A page ends after `limit` rows or 2 MiB.

use super::{
    body::{dotted, property_error},
    call::Call,
    error::{ApiError, ApiResult},
    response::ApiResponse,
};
use crate::{
    base,
    server::{Fault, PageIds, PageRows, page_rows::PAGE_BYTES},
};
use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path},
    http::{HeaderValue, StatusCode, request::Parts},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{fmt::Display, str::FromStr};
use utoipa::{IntoParams, ToSchema};

/// The id in a path. Anything that is not an id is 404.
#[derive(Debug, Clone, Copy)]
pub struct Id<I>(pub I);

impl<S: Send + Sync, I: FromStr> FromRequestParts<S> for Id<I> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let read = parts.extract::<Path<String>>().await.ok().and_then(|Path(text)| text.parse().ok());
        read.map(Self).ok_or_else(|| Fault::NOT_FOUND.into())
    }
}

/// The two ids in a path.
#[derive(Debug, Clone, Copy)]
pub struct Ids<I, J>(pub I, pub J);

impl<S: Send + Sync, I: FromStr, J: FromStr> FromRequestParts<S> for Ids<I, J> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let read = parts.extract::<Path<(String, String)>>().await.ok();
        let read = read.and_then(|Path((one, two))| Some(Self(one.parse().ok()?, two.parse().ok()?)));
        read.ok_or_else(|| Fault::NOT_FOUND.into())
    }
}

/// The page of a list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page<I: ToSchema> {
    /// The page size. A page that has 2 MiB ends earlier, but has at least one entry.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// The last id of the previous page.
    pub after: Option<I>,
}

impl<I: ToSchema> Page<I> {
    pub fn limit(&self) -> Limit {
        self.limit.unwrap_or_default()
    }
}

/// Query parameters, read strictly: unknown, duplicate and invalid ones are rejected.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let text = parts.uri.query().unwrap_or("");
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
        serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let path = dotted(error.path());
            property_error(&path, &error.into_inner().to_string())
        })
    }
}

/// The page size: 1 to 200.
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

    /// As in JSON Schema, 5.0 is an integer.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let whole = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|digit| digit == b'0'));
        let number = whole.map_or(text.as_str(), |(whole, _)| whole).parse();
        match number {
            Ok(number @ 1..=200) => Ok(Self(number)),
            _ => Err("limit must be a whole number from 1 to 200"),
        }
    }
}

impl Limit {
    /// One more than the page size, to find out whether there is another page.
    pub fn plus_one(self) -> i64 {
        i64::from(self.0) + 1
    }

    /// The ids of a page, from those fetched with [`Self::plus_one`].
    pub fn ids<I>(self, ids: Vec<I>) -> PageIds<I> {
        PageIds::first(usize::from(self.0), ids)
    }

    /// The response for a page, from rows fetched with [`Self::plus_one`].
    pub fn page<T: Serialize, I: base::Id + Display>(
        self,
        call: &Call,
        rows: Vec<T>,
        id: impl Fn(&T) -> I,
    ) -> Result<ApiResponse, Fault> {
        page(call, PageRows::first(usize::from(self.0), rows), id)
    }
}

/// The response for a page. It ends before the row that would make it larger than [`PAGE_BYTES`], unless that is the
/// first one.
pub fn page<T: Serialize, I: base::Id + Display>(
    call: &Call,
    rows: PageRows<T>,
    id: impl Fn(&T) -> I,
) -> Result<ApiResponse, Fault> {
    page_of_search(call, rows, id, None)
}

/// Like [`page`]. If the rows are all that was found, but the search ended at `searched`, the next page goes on there.
pub fn page_of_search<T: Serialize, I: base::Id + Display>(
    call: &Call,
    PageRows { rows, mut has_more }: PageRows<T>,
    id: impl Fn(&T) -> I,
    searched: Option<I>,
) -> Result<ApiResponse, Fault> {
    let (mut body, mut last) = (b"[".to_vec(), None);
    for row in rows {
        let end = body.len();
        if last.is_some() {
            body.push(b',');
        }
        serde_json::to_writer(&mut body, &row).map_err(|error| Fault::Broken(format!("serializing a row: {error}")))?;
        if last.is_some() && body.len() >= PAGE_BYTES {
            body.truncate(end);
            has_more = true;
            break;
        }
        last = Some(id(&row));
    }
    body.push(b']');
    let last = if has_more { last } else { searched };
    let next = last.map(|last| next(call, &last)).transpose()?;
    Ok(ApiResponse { status: StatusCode::OK, body, next })
}

/// The URL of the page after an id, with all other parameters. It never uses the host of the request.
fn next(call: &Call, last: &impl Display) -> Result<HeaderValue, Fault> {
    let uri = &call.uri.0;
    let kept = form_urlencoded::parse(uri.query().unwrap_or("").as_bytes()).filter(|(name, _)| name != "after");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept).append_pair("after", &last.to_string());
    let url = call.cx.state.config.base_url.join(&format!("{}?{}", uri.path(), query.finish()));
    HeaderValue::from_str(&format!("<{url}>; rel=\"next\"")).map_err(|error| Fault::Broken(error.to_string()))
}
