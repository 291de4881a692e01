//! The table of routes. Each room declares its paths and their audiences in its `routes.rs`. The program serves exactly
//! these entries, and tests walk them.

use super::{
    Message, Visit,
    function::serve_function,
    page::{Page, PageResult, RemovalFinder, Site},
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
};

/// One entry of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// In axum's syntax.
    pub path: &'static str,
    pub kind: Kind,
    /// Several if a server function acts on two kinds of objects.
    pub audiences: Vec<Audience>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Page,
    /// A form, by the name in its hidden field; empty if it is the only form of a path without a page.
    Form(&'static str),
    Function,
    /// Files, streams and everything else with its own handler.
    Handler,
}

/// A route with its own handler.
struct HandlerRoute {
    path: &'static str,
    audience: Audience,
    handler: MethodRouter<AppState>,
    needs: Needs,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Session,
    /// No session: no cookie is read.
    NoSession,
}

/// A page and its forms.
pub struct PageRoute {
    path: &'static str,
    page: Page,
    forms: Vec<Form>,
}

/// A page without scripts, for everyone in its audience.
pub fn page<F, L>(path: &'static str, audience: Audience, loader: F) -> PageRoute
where
    F: Fn(Visit) -> L + Send + Sync + 'static,
    L: Future<Output = PageResult> + Send + 'static,
{
    PageRoute { path, page: Page::new(audience, loader), forms: Vec::new() }
}

impl PageRoute {
    /// Adds the scripts of its island, for signed-in viewers. The name is that of its function in snake case; the page
    /// fetches the code of this island early.
    pub fn with_island(mut self, name: &'static str) -> Self {
        self.page.island = Some(name);
        self
    }

    /// Adds a form, by the name in its hidden field.
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

/// All routes, room by room.
#[derive(Default)]
pub struct Routes {
    endpoints: Vec<Endpoint>,
    pages: BTreeMap<&'static str, Page>,
    forms: BTreeMap<&'static str, Vec<Form>>,
    functions: Vec<(&'static str, Vec<Audience>)>,
    handlers: Vec<HandlerRoute>,
    messages: HashMap<&'static str, &'static str>,
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds pages with their forms.
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

    /// Adds a form whose path has no page.
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

    /// Adds a server function of an island.
    pub fn function<S: ServerFn>(mut self, audiences: impl Into<Vec<Audience>>) -> Self {
        let audiences = audiences.into();
        self.declare(S::PATH, Kind::Function, audiences.clone());
        self.functions.push((S::PATH, audiences));
        self
    }

    /// Adds a file, or anything else with its own handler.
    pub fn handler(self, path: &'static str, audience: Audience, handler: MethodRouter<AppState>) -> Self {
        self.add_handler(path, audience, handler, Needs::Session)
    }

    /// Adds a file that a form downloads.
    pub fn posted_file(
        mut self,
        path: &'static str,
        form: &'static str,
        audience: Audience,
        handler: MethodRouter<AppState>,
    ) -> Self {
        self.declare(path, Kind::Form(form), audience);
        self.add_handler(path, audience, handler, Needs::Session)
    }

    /// Adds a handler that reads no cookie.
    pub fn sessionless(self, path: &'static str, audience: Audience, handler: MethodRouter<AppState>) -> Self {
        self.add_handler(path, audience, handler, Needs::NoSession)
    }

    fn add_handler(
        mut self,
        path: &'static str,
        audience: Audience,
        handler: MethodRouter<AppState>,
        needs: Needs,
    ) -> Self {
        self.declare(path, Kind::Handler, audience);
        self.handlers.push(HandlerRoute { path, audience, handler, needs });
        self
    }

    /// Adds the room's messages.
    pub fn messages<M: Message>(mut self) -> Self {
        self.messages.extend(M::ALL.iter().map(|message| (message.code(), message.sentence())));
        self
    }

    fn declare(&mut self, path: &'static str, kind: Kind, audiences: impl Into<Vec<Audience>>) {
        self.endpoints.push(Endpoint { path, kind, audiences: audiences.into() });
    }

    /// Adds the routes of another room.
    pub fn merge(mut self, other: Self) -> Self {
        self.endpoints.extend(other.endpoints);
        self.pages.extend(other.pages);
        self.forms.extend(other.forms);
        self.functions.extend(other.functions);
        self.handlers.extend(other.handlers);
        self.messages.extend(other.messages);
        self
    }

    /// All entries of the table.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Builds the axum router. Unknown paths get the 404 page. `find_removal` returns the account or partner that a
    /// viewer was recently removed from.
    pub fn into_router<F, L>(self, state: &AppState, find_removal: F) -> Router<AppState>
    where
        F: Fn(Visit) -> L + Send + Sync + 'static,
        L: Future<Output = Option<String>> + Send + 'static,
    {
        // Views spawn their loaders on it. It can be set only once per process, so a second router finds it set.
        let _already_set = any_spawner::Executor::init_tokio();
        let find_removal: RemovalFinder = Arc::new(move |visit| Box::pin(find_removal(visit)));
        let site = Site { state: state.clone(), messages: Arc::new(self.messages), find_removal };
        let mut routes = pages_and_forms(&site, self.pages, self.forms);
        for (path, audiences) in self.functions {
            routes = routes.route(path, post(serve_function).layer(from_fn_with_state(audiences, check_audience)));
        }
        let mut sessionless = Router::new();
        for HandlerRoute { path, audience, handler, needs } in self.handlers {
            let checked = || handler.clone().layer(from_fn_with_state(vec![audience], check_audience));
            match needs {
                Needs::Session => routes = routes.route(path, checked()),
                Needs::NoSession => sessionless = sessionless.route(path, handler),
            }
        }
        routes
            .fallback(move |Extension(cx), request| not_found(site.clone(), cx, request))
            .layer(from_fn_with_state(state.clone(), session::load))
            .merge(sessionless)
    }
}

fn pages_and_forms(
    site: &Site,
    pages: BTreeMap<&'static str, Page>,
    mut forms: BTreeMap<&'static str, Vec<Form>>,
) -> Router<AppState> {
    let mut router = Router::new();
    for (path, page) in pages {
        let mut methods = get(page_handler(site.clone(), page.clone()));
        if let Some(forms) = forms.remove(path) {
            methods = methods.post(form_handler(Forms { forms, page: Some(page), site: site.clone() }));
        }
        router = router.route(path, methods);
    }
    forms.into_iter().fold(router, |router, (path, forms)| {
        router.route(path, post(form_handler(Forms { forms, page: None, site: site.clone() })))
    })
}

type ResponseFuture = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

fn page_handler(site: Site, page: Page) -> impl Fn(Extension<Cx>, RawPathParams, Request) -> ResponseFuture + Clone {
    move |Extension(cx), params, request| {
        let (site, page) = (site.clone(), page.clone());
        Box::pin(async move { page.render(&site, cx, to_params(&params), request).await })
    }
}

fn form_handler(forms: Forms) -> impl Fn(Extension<Cx>, RawPathParams, Request) -> ResponseFuture + Clone {
    move |Extension(cx), params, request| {
        let forms = forms.clone();
        Box::pin(async move { forms.respond(cx, to_params(&params), request).await })
    }
}

fn to_params(params: &RawPathParams) -> Params {
    params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

async fn not_found(site: Site, cx: Cx, request: Request) -> Response {
    Page::not_found().render(&site, cx, Params::default(), request).await
}

/// Restricts handlers and server functions to their audience. A success without a proved claim is not sent.
async fn check_audience(
    State(audiences): State<Vec<Audience>>,
    Extension(cx): Extension<Cx>,
    mut request: Request,
    next: Next,
) -> Response {
    let cx = cx.with_admission(Admission::new(audiences));
    // Handlers respond to signed-out callers themselves.
    match cx.check_entry() {
        Ok(()) | Err(Fault::Expected(AppError::SignedOut)) => {}
        Err(fault) => return ErrorResponse::from(fault).into_response(),
    }
    request.extensions_mut().insert(cx.clone());
    let response = next.run(request).await;
    match cx.require_proof() {
        Err(fault) if response.status().is_success() => ErrorResponse::from(fault).into_response(),
        _ => response,
    }
}
