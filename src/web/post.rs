//! A form posted to a page. Refused, the page itself is the answer, with what was typed and why it was refused, under the
//! status of the refusal.

use super::{
    page::{Page, Site},
    posted::{Posted, Redirect},
    visit::Params,
};
use crate::{
    base::{AppError, FormReturn, Problem, paths},
    server::{
        Admission, Audience, Cx, Fault,
        form::{ErrorResponse, Fields},
    },
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures::future::BoxFuture;
use std::{str::FromStr, sync::Arc};

const MAX_BODY: usize = 1 << 20;

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

    /// Shows the page again with these values, one of which is a secret that is shown this once.
    pub fn show_once(self, rows: impl IntoIterator<Item = (String, String)>) -> Posted {
        Posted::ShowOnce(self.fields.with_rows(rows).back(None))
    }

    /// A segment of the path; empty when the pattern has none of that name.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name)
    }

    /// An id in the path; text that is no id leads nowhere.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.params.id(name)
    }
}

pub(super) type Handler = Arc<dyn Fn(Post) -> BoxFuture<'static, Result<Posted, Fault>> + Send + Sync>;

/// One form of a page.
#[derive(Clone)]
pub(super) struct Form {
    /// Its hidden name; empty for the only one of a path that has no page.
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
            let handled = handler(post);
            Box::pin(async move { handled.await.map(Into::into) })
        });
        Self { name, audience, handler }
    }
}

/// Everything that is posted to one path.
#[derive(Clone)]
pub(super) struct Forms {
    pub forms: Vec<Form>,
    /// The page they stand on; a few posts have none.
    pub page: Option<Page>,
    pub site: Site,
}

impl Forms {
    /// By its hidden name; the only form of a path needs none.
    fn find(&self, name: &str) -> Option<&Form> {
        match self.forms.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|form| form.name == name),
        }
    }

    pub async fn answer(self, cx: Cx, params: Params, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let fields = read(&parts.headers, &bytes);
        let handled = match &fields {
            None => Err(Problem::RequestUnreadable.into()),
            Some(fields) => {
                let headers = parts.headers.clone();
                self.handle(Post { cx: cx.clone(), fields: fields.clone(), headers, params: params.clone() }).await
            }
        };
        match handled {
            Ok(Posted::Redirect(redirect)) => redirect.respond(&cx.state),
            Ok(Posted::Show(form)) => self.show(cx, params, parts, form).await,
            Ok(Posted::ShowOnce(form)) => {
                let mut response = self.show(cx, params, parts, form).await;
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
            Err(fault) => self.refuse(cx, params, parts, fields.unwrap_or_default(), fault).await,
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

    async fn refuse(&self, cx: Cx, params: Params, parts: Parts, fields: Fields, fault: Fault) -> Response {
        let retry_after = fault.retry_after();
        let error = fault.report();
        if error == AppError::SignedOut {
            let next = self.page.as_ref().and(parts.uri.path_and_query()).map_or(paths::HOME, |path| path.as_str());
            return Redirect::to(paths::sign_in_and_back(next)).respond(&cx.state);
        }
        if self.page.is_none() {
            return ErrorResponse(error).into_response();
        }
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = self.show(cx, params, parts, fields.back(Some(error))).await;
        // The page may have a reason of its own not to be there; that status stays.
        if response.status() == StatusCode::OK {
            *response.status_mut() = status;
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    /// The page as if it were visited, with the form as it was posted.
    async fn show(&self, cx: Cx, params: Params, parts: Parts, form: FormReturn) -> Response {
        let Some(page) = self.page.clone() else {
            return ErrorResponse(AppError::NotFound).into_response();
        };
        let mut visit = Request::new(Body::empty());
        *visit.method_mut() = Method::GET;
        *visit.uri_mut() = parts.uri;
        *visit.headers_mut() = parts.headers;
        visit.headers_mut().remove(header::CONTENT_LENGTH);
        visit.headers_mut().remove(header::CONTENT_TYPE);
        visit.extensions_mut().insert(form);
        page.render(&self.site, cx, params, visit).await
    }
}

fn read(headers: &HeaderMap, body: &Bytes) -> Option<Fields> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    kind.starts_with("application/x-www-form-urlencoded").then(|| Fields::parse(body)).flatten()
}
