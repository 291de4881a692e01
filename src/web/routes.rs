//! The table of routes. Each room says in its `routes.rs` what can be reached in it, by path and with its audience; the
//! program serves these entries and nothing else, and the tests walk the same ones.

use super::{
    Message, Visit,
    function::serve_function,
    page::{LeftFinder, Page, PageResult, Site},
    post::{Form, Forms, Post},
    posted::Posted,
    visit::Params,
};
use crate::{
    base::AppError,
    server::{Admission, AppState, Audience, Cx, Fault, form::ErrorResponse, session},
};
use axum::{
    Router,
    extract::{Extension, RawPathParams, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use leptos::server_fn::ServerFn;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tower_http::timeout::TimeoutLayer;

/// How long a request may take, except for streams.
const PATIENCE: Duration = Duration::from_secs(30);

/// One thing that can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// In axum's spelling.
    pub path: &'static str,
    pub kind: Kind,
    /// More than one where a server function acts on two kinds of things.
    pub audiences: Vec<Audience>,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Page,
    /// A form by its hidden name, which the only form of a path without a page does without.
    Form(&'static str),
    Function,
    /// Files, streams and everything else with a handler of its own.
    Handler,
}

/// A handler of its own, and what it needs around it.
struct Raw {
    path: &'static str,
    audience: Audience,
    handler: MethodRouter<AppState>,
    needs: Needs,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// A session, and an end after [`PATIENCE`].
    Session,
    /// A session, for as long as the client listens.
    Stream,
    /// Nobody's session: no cookie is read.
    Nothing,
}

/// A page, with its forms.
pub struct PageRoute {
    path: &'static str,
    page: Page,
    forms: Vec<Form>,
}

/// A page without script, which everybody in its audience may open.
pub fn page<F, L>(path: &'static str, audience: Audience, loader: F) -> PageRoute
where
    F: Fn(Visit) -> L + Send + Sync + 'static,
    L: Future<Output = PageResult> + Send + 'static,
{
    PageRoute { path, page: Page::new(audience, loader), forms: Vec::new() }
}

impl PageRoute {
    /// It carries the script of the islands, for whoever is signed in.
    pub fn with_islands(mut self) -> Self {
        self.page.has_islands = true;
        self
    }

    /// A form of this page, by its hidden name.
    pub fn form<F, H, P>(mut self, name: &'static str, audience: Audience, handler: F) -> Self
    where
        F: Fn(Post) -> H + Send + Sync + 'static,
        H: Future<Output = Result<P, Fault>> + Send + 'static,
        P: Into<Posted>,
    {
        self.forms.push(Form::new(name, audience, handler));
        self
    }
}

/// What can be reached, room by room.
#[derive(Default)]
pub struct Routes {
    endpoints: Vec<Endpoint>,
    pages: BTreeMap<&'static str, Page>,
    forms: BTreeMap<&'static str, Vec<Form>>,
    functions: Vec<(&'static str, Vec<Audience>)>,
    raw: Vec<Raw>,
    messages: HashMap<&'static str, &'static str>,
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    /// Pages, each with the forms that are posted to it.
    pub fn pages(mut self, pages: impl IntoIterator<Item = PageRoute>) -> Self {
        for PageRoute { path, page, forms } in pages {
            self.declare(path, Kind::Page, page.audience);
            for form in &forms {
                self.declare(path, Kind::Form(form.name), form.audience);
            }
            self.pages.insert(path, page);
            if !forms.is_empty() {
                self.forms.insert(path, forms);
            }
        }
        self
    }

    /// A form whose path has no page.
    pub fn post<F, H, P>(mut self, path: &'static str, audience: Audience, handler: F) -> Self
    where
        F: Fn(Post) -> H + Send + Sync + 'static,
        H: Future<Output = Result<P, Fault>> + Send + 'static,
        P: Into<Posted>,
    {
        self.declare(path, Kind::Form(""), audience);
        self.forms.insert(path, vec![Form::new("", audience, handler)]);
        self
    }

    /// A server function of an island.
    pub fn function<S: ServerFn>(mut self, audiences: impl Into<Vec<Audience>>) -> Self {
        let audiences = audiences.into();
        self.declare(S::PATH, Kind::Function, audiences.clone());
        self.functions.push((S::PATH, audiences));
        self
    }

    /// A file, or anything else that answers for itself.
    pub fn handler(self, path: &'static str, audience: Audience, handler: MethodRouter<AppState>) -> Self {
        self.add_raw(path, audience, handler, Needs::Session)
    }

    /// A file that a form asks for.
    pub fn posted_file(
        mut self,
        path: &'static str,
        form: &'static str,
        audience: Audience,
        handler: MethodRouter<AppState>,
    ) -> Self {
        self.declare(path, Kind::Form(form), audience);
        self.add_raw(path, audience, handler, Needs::Session)
    }

    /// A stream, which lasts as long as its client listens.
    pub fn stream(self, path: &'static str, audience: Audience, handler: MethodRouter<AppState>) -> Self {
        self.add_raw(path, audience, handler, Needs::Stream)
    }

    /// Something that reads no cookie.
    pub fn sessionless(self, path: &'static str, audience: Audience, handler: MethodRouter<AppState>) -> Self {
        self.add_raw(path, audience, handler, Needs::Nothing)
    }

    fn add_raw(
        mut self,
        path: &'static str,
        audience: Audience,
        handler: MethodRouter<AppState>,
        needs: Needs,
    ) -> Self {
        self.declare(path, Kind::Handler, audience);
        self.raw.push(Raw { path, audience, handler, needs });
        self
    }

    /// The sentences of the room's messages.
    pub fn messages<M: Message>(mut self) -> Self {
        self.messages.extend(M::ALL.iter().map(|message| (message.code(), message.sentence())));
        self
    }

    fn declare(&mut self, path: &'static str, kind: Kind, audiences: impl Into<Vec<Audience>>) {
        self.endpoints.push(Endpoint { path, kind, audiences: audiences.into() });
    }

    /// These and those of another room.
    pub fn and(mut self, other: Self) -> Self {
        self.endpoints.extend(other.endpoints);
        self.pages.extend(other.pages);
        self.forms.extend(other.forms);
        self.functions.extend(other.functions);
        self.raw.extend(other.raw);
        self.messages.extend(other.messages);
        self
    }

    /// Everything that can be reached by them.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The routes as axum serves them; what none of them has is a page that says so. `left` says whom a viewer no longer
    /// belongs to.
    pub fn into_router<F, L>(self, state: &AppState, left: F) -> Router<AppState>
    where
        F: Fn(Visit) -> L + Send + Sync + 'static,
        L: Future<Output = Option<String>> + Send + 'static,
    {
        // Views spawn their loading on it; set once in a process, so that a second router finds it set.
        let _set_before = any_spawner::Executor::init_tokio();
        let left: LeftFinder = Arc::new(move |visit| Box::pin(left(visit)));
        let site = Site { state: state.clone(), messages: Arc::new(self.messages), left };
        let mut timed = pages_and_forms(&site, self.pages, self.forms);
        for (path, audiences) in self.functions {
            timed = timed.route(path, post(serve_function).layer(from_fn_with_state(audiences, admit)));
        }
        let (mut streams, mut sessionless) = (Router::new(), Router::new());
        for Raw { path, audience, handler, needs } in self.raw {
            let admitted = || handler.clone().layer(from_fn_with_state(vec![audience], admit));
            match needs {
                Needs::Session => timed = timed.route(path, admitted()),
                Needs::Stream => streams = streams.route(path, admitted()),
                Needs::Nothing => sessionless = sessionless.route(path, handler),
            }
        }
        let late = TimeoutLayer::with_status_code(axum::http::StatusCode::REQUEST_TIMEOUT, PATIENCE);
        timed
            .fallback(move |Extension(cx), request| missing(site.clone(), cx, request))
            .layer(late)
            .merge(streams)
            .layer(from_fn_with_state(state.clone(), session::load))
            .merge(sessionless.layer(late))
    }
}

fn pages_and_forms(
    site: &Site,
    pages: BTreeMap<&'static str, Page>,
    mut forms: BTreeMap<&'static str, Vec<Form>>,
) -> Router<AppState> {
    let mut router = Router::new();
    for (path, page) in pages {
        let mut methods = get(show(site.clone(), page.clone()));
        if let Some(forms) = forms.remove(path) {
            methods = methods.post(answer(Forms { forms, page: Some(page), site: site.clone() }));
        }
        router = router.route(path, methods);
    }
    forms.into_iter().fold(router, |router, (path, forms)| {
        router.route(path, post(answer(Forms { forms, page: None, site: site.clone() })))
    })
}

type Answering = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

fn show(site: Site, page: Page) -> impl Fn(Extension<Cx>, RawPathParams, Request) -> Answering + Clone {
    move |Extension(cx), params, request| {
        let (site, page) = (site.clone(), page.clone());
        Box::pin(async move { page.render(&site, cx, named(&params), request).await })
    }
}

fn answer(forms: Forms) -> impl Fn(Extension<Cx>, RawPathParams, Request) -> Answering + Clone {
    move |Extension(cx), params, request| {
        let forms = forms.clone();
        Box::pin(async move { forms.answer(cx, named(&params), request).await })
    }
}

fn named(params: &RawPathParams) -> Params {
    params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

async fn missing(site: Site, cx: Cx, request: Request) -> Response {
    Page::missing().render(&site, cx, Params::default(), request).await
}

/// Holds handlers and server functions to their audience: a success that was not asked for does not leave.
async fn admit(
    State(audiences): State<Vec<Audience>>,
    Extension(cx): Extension<Cx>,
    mut request: Request,
    next: Next,
) -> Response {
    let cx = cx.with_admission(Admission::new(audiences));
    // A handler words the refusal of somebody who is signed out by itself.
    if matches!(cx.check_entry(), Err(Fault::Told(AppError::NotFound))) {
        return ErrorResponse(AppError::NotFound).into_response();
    }
    request.extensions_mut().insert(cx.clone());
    let response = next.run(request).await;
    match cx.require_proof() {
        Err(fault) if response.status().is_success() => ErrorResponse::from(fault).into_response(),
        _ => response,
    }
}
