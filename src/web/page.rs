//! Renders pages: the loader runs once, then the layout is added. Errors are pages too.

use super::{
    document,
    posted::MESSAGE_COOKIE,
    screen::{Screen, framed},
    visit::{Params, Visit},
};
use crate::{
    base::{AppError, paths},
    server::{Admission, AppState, Audience, Cx, Fault, guard, session},
    ui::{Banner, ButtonKind, LinkButton, Tone},
};
use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use futures::future::BoxFuture;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use std::{collections::HashMap, sync::Arc};

/// The result of a page's loader.
pub type PageResult = Result<Screen, Fault>;

pub(super) type Loader = Arc<dyn Fn(Visit) -> BoxFuture<'static, PageResult> + Send + Sync>;
/// Finds the account or partner that the viewer was recently removed from, to explain a 404.
pub(super) type RemovalFinder = Arc<dyn Fn(Visit) -> BoxFuture<'static, Option<String>> + Send + Sync>;

/// A page of the table of routes.
#[derive(Clone)]
pub(super) struct Page {
    pub loader: Loader,
    pub audience: Audience,
    /// The island it has, and therefore scripts.
    pub island: Option<&'static str>,
}

/// Shared by all pages.
#[derive(Clone)]
pub(super) struct Site {
    pub state: AppState,
    pub messages: Arc<HashMap<&'static str, &'static str>>,
    pub find_removal: RemovalFinder,
}

impl Page {
    pub fn new<F, L>(audience: Audience, loader: F) -> Self
    where
        F: Fn(Visit) -> L + Send + Sync + 'static,
        L: Future<Output = PageResult> + Send + 'static,
    {
        Self { loader: Arc::new(move |visit| Box::pin(loader(visit))), audience, island: None }
    }

    /// The page for paths without a route.
    pub fn not_found() -> Self {
        Self::new(Audience::Anyone, async |_| Err(Fault::NOT_FOUND))
    }

    /// Renders completely before the response headers are sent, so that 404, 403 and redirects keep their status.
    pub async fn render(self, site: &Site, cx: Cx, params: Params, mut request: Request) -> Response {
        let cx = cx.with_admission(Admission::new(self.audience));
        request.extensions_mut().insert(cx);
        request.extensions_mut().insert(params);
        let site = site.clone();
        let options = site.state.leptos.clone();
        let island = self.island;
        let body = move || page_view(site.clone(), self.loader.clone());
        let document = move || document::document(options.clone(), island, body.clone());
        render_app_async_with_context(|| {}, document)(request).await
    }
}

fn page_view(site: Site, loader: Loader) -> AnyView {
    let Some(visit) = use_context::<Parts>().and_then(Visit::read) else { return ().into_any() };
    let loaded = async move {
        let screen = match load(&visit, &loader).await {
            Ok(screen) => screen,
            Err(fault) => match error_screen(&site, &visit, fault).await {
                Some(screen) => screen,
                None => return ().into_any(),
            },
        };
        set_response_headers(&visit, &screen);
        framed(&visit, screen, message(&site, &visit))
    };
    // Not in a closure, which would load three times.
    view! { <Suspense>{Suspend::new(loaded)}</Suspense> }.into_any()
}

async fn load(visit: &Visit, loader: &Loader) -> PageResult {
    visit.cx.check_entry()?;
    visit.cx.check_active_account()?;
    visit.check_query()?;
    let mut screen = loader(visit.clone()).await?;
    // Error pages show nothing that needs permission.
    if screen.status.is_success() {
        visit.cx.require_proof()?;
    }
    screen.finish().await;
    Ok(screen)
}

/// The error page; `None` if the response redirects to sign-in.
async fn error_screen(site: &Site, visit: &Visit, fault: Fault) -> Option<Screen> {
    for (name, value) in fault.headers() {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.insert_header(name, value);
        }
    }
    let error = fault.report();
    if error == AppError::SignedOut {
        leptos_axum::redirect(&paths::sign_in_and_back(&visit.path));
        return None;
    }
    let is_missing = error == AppError::NotFound && visit.cx.viewer.is_some();
    let removed_from = if is_missing { (site.find_removal)(visit.clone()).await } else { None };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Some(error_page(&error, removed_from).with_status(status))
}

fn error_page(error: &AppError, removed_from: Option<String>) -> Screen {
    let title = match error {
        AppError::NotFound => "Page not found",
        AppError::Internal => "Something went wrong",
        AppError::Unavailable => "Accord is busy",
        AppError::Refused(_) | AppError::Invalid(_) | AppError::SignedOut => "This isn't possible",
    };
    let sentence = error.to_string();
    let removal = removed_from.map(|name| {
        format!("You no longer have access to {name}. If this is a mistake, ask them to invite you again.")
    });
    Screen::plain(
        title,
        view! {
            <h1>{title}</h1>
            {removal.map(|removal| view! { <Banner tone=Tone::Warning title=removal /> })}
            <p>{sentence}</p>
            <p class="actions">
                <LinkButton href=paths::HOME kind=ButtonKind::Primary>"Go to Home"</LinkButton>
            </p>
        },
    )
}

/// Sets the screen's status and headers and the content security policy, and deletes the cookie of a message that was
/// shown.
fn set_response_headers(visit: &Visit, screen: &Screen) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if screen.status != StatusCode::OK {
        response.set_status(screen.status);
    }
    for (name, value) in &screen.headers {
        response.append_header(name.clone(), value.clone());
    }
    if let Some(policy) = use_nonce().and_then(|nonce| HeaderValue::from_str(&guard::page_policy(&nonce)).ok()) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    if session::cookie(&visit.headers, MESSAGE_COOKIE).is_some() {
        let expired = session::set_cookie(&visit.cx.state, MESSAGE_COOKIE, "", "/", time::Duration::ZERO);
        response.append_header(header::SET_COOKIE, expired);
    }
}

fn message(site: &Site, visit: &Visit) -> Option<&'static str> {
    session::cookie(&visit.headers, MESSAGE_COOKIE).and_then(|code| site.messages.get(code)).copied()
}
