//! Handles forms posted to pages. A rejected form gets its own page again, with the submitted values, the errors, and
//! the status of the error.

use super::{
    page::{Page, Site},
    posted::{Posted, Redirect},
    visit::Params,
};
use crate::{
    base::{AppError, FormState, Problem, paths},
    server::{
        Admission, Audience, Cx, Fault,
        capacity::MAX_BODY,
        form::{ErrorResponse, Fields},
    },
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures::future::BoxFuture;
use std::{str::FromStr, sync::Arc};

/// A posted form.
#[derive(Debug, Clone)]
pub struct Post {
    pub cx: Cx,
    pub fields: Fields,
    pub headers: HeaderMap,
    params: Params,
}

impl Post {
    /// Shows the page again with these rows in the form.
    pub fn show_with(self, rows: impl IntoIterator<Item = (String, String)>) -> Posted {
        Posted::Show(self.fields.with_rows(rows).back(None))
    }

    /// Shows the page again with these values, including a secret that is shown only once.
    pub fn show_once(self, rows: impl IntoIterator<Item = (String, String)>) -> Posted {
        Posted::ShowOnce(self.fields.with_rows(rows).back(None))
    }

    /// A path parameter; empty if the pattern does not have it.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name)
    }

    /// An id in the path; an invalid one is 404.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.params.id(name)
    }
}

pub(super) type Handler = Arc<dyn Fn(Post) -> BoxFuture<'static, Result<Posted, Fault>> + Send + Sync>;

/// One form of a page.
#[derive(Clone)]
pub(super) struct Form {
    /// The name in its hidden field; empty if it is the only form of a path without a page.
    pub name: &'static str,
    pub audience: Audience,
    pub handler: Handler,
}

impl Form {
    pub fn new<F, H, P>(name: &'static str, audience: Audience, handler: F) -> Self
    where
        F: Fn(Post) -> H + Send + Sync + 'static,
        H: Future<Output = Result<P, Fault>> + Send + 'static,
        P: Into<Posted>,
    {
        let handler: Handler = Arc::new(move |post| {
            let result = handler(post);
            Box::pin(async move { result.await.map(Into::into) })
        });
        Self { name, audience, handler }
    }
}

/// All forms posted to one path.
#[derive(Clone)]
pub(super) struct Forms {
    pub forms: Vec<Form>,
    /// The page that shows them; a few paths have none.
    pub page: Option<Page>,
    pub site: Site,
}

impl Forms {
    /// Finds a form by the name in its hidden field. A path's only form needs no name.
    fn find(&self, name: &str) -> Option<&Form> {
        match self.forms.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|form| form.name == name),
        }
    }

    pub async fn respond(self, cx: Cx, params: Params, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let fields = read(&parts.headers, &bytes);
        let result = match &fields {
            None => Err(Problem::RequestUnreadable.into()),
            Some(fields) => {
                let headers = parts.headers.clone();
                self.handle(Post { cx: cx.clone(), fields: fields.clone(), headers, params: params.clone() }).await
            }
        };
        match result {
            Ok(Posted::Redirect(redirect)) => redirect.respond(&cx.state),
            Ok(Posted::Show(form)) => self.show(cx, params, parts, form).await,
            Ok(Posted::ShowOnce(form)) => {
                let mut response = self.show(cx, params, parts, form).await;
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
            Err(fault) => self.reject(cx, params, parts, fields.unwrap_or_default(), fault).await,
        }
    }

    async fn handle(&self, mut post: Post) -> Result<Posted, Fault> {
        let form = self.find(post.fields.get("form")).ok_or(Problem::RequestUnreadable)?;
        let cx = post.cx.with_admission(Admission::new(form.audience));
        cx.check_entry()?;
        post.cx = cx.clone();
        let posted = (form.handler)(post).await?;
        cx.require_proof()?;
        Ok(posted)
    }

    async fn reject(&self, cx: Cx, params: Params, parts: Parts, fields: Fields, fault: Fault) -> Response {
        let headers = fault.headers();
        let error = fault.report();
        if error == AppError::SignedOut {
            let next = self.page.as_ref().and(parts.uri.path_and_query()).map_or(paths::HOME, |path| path.as_str());
            return Redirect::to(paths::sign_in_and_back(next)).respond(&cx.state);
        }
        if self.page.is_none() {
            return with_headers(ErrorResponse(error).into_response(), headers);
        }
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = self.show(cx, params, parts, fields.back(Some(error))).await;
        // If the page itself fails, it keeps its own status.
        if response.status() == StatusCode::OK {
            *response.status_mut() = status;
        }
        with_headers(response, headers)
    }

    /// Renders the page as for a visit, with the submitted form.
    async fn show(&self, cx: Cx, params: Params, parts: Parts, form: FormState) -> Response {
        let Some(page) = self.page.clone() else {
            return ErrorResponse(AppError::NotFound).into_response();
        };
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = parts.uri;
        *request.headers_mut() = parts.headers;
        request.headers_mut().remove(header::CONTENT_LENGTH);
        request.headers_mut().remove(header::CONTENT_TYPE);
        request.extensions_mut().insert(form);
        page.render(&self.site, cx, params, request).await
    }
}

fn with_headers(mut response: Response, headers: Vec<(HeaderName, HeaderValue)>) -> Response {
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

fn read(headers: &HeaderMap, body: &Bytes) -> Option<Fields> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    kind.starts_with("application/x-www-form-urlencoded").then(|| Fields::parse(body)).flatten()
}
