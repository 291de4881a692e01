//! How a page is made: it loads once, then a layout is put around what it shows. Errors are pages too.

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

/// What a page's loader answers.
pub type PageResult = Result<Screen, Fault>;

pub(super) type Loader = Arc<dyn Fn(Visit) -> BoxFuture<'static, PageResult> + Send + Sync>;
/// Says whom the viewer no longer belongs to, where a page is not there for them.
pub(super) type LeftFinder = Arc<dyn Fn(Visit) -> BoxFuture<'static, Option<String>> + Send + Sync>;

/// A page of the table of routes.
#[derive(Clone)]
pub(super) struct Page {
    pub loader: Loader,
    pub audience: Audience,
    /// Whether it has islands, and so carries script.
    pub has_islands: bool,
}

/// What all pages share.
#[derive(Clone)]
pub(super) struct Site {
    pub state: AppState,
    pub messages: Arc<HashMap<&'static str, &'static str>>,
    pub left: LeftFinder,
}

impl Page {
    pub fn new<F, L>(audience: Audience, loader: F) -> Self
    where
        F: Fn(Visit) -> L + Send + Sync + 'static,
        L: Future<Output = PageResult> + Send + 'static,
    {
        Self { loader: Arc::new(move |visit| Box::pin(loader(visit))), audience, has_islands: false }
    }

    /// The page of a path that no route has.
    pub fn missing() -> Self {
        Self::new(Audience::Anyone, async |_| Err(Fault::NOT_FOUND))
    }

    /// Renders to the end before the head of the answer is sent, so that 404, 403 and redirects keep their status.
    pub async fn render(self, site: &Site, cx: Cx, params: Params, mut request: Request) -> Response {
        let cx = cx.with_admission(Admission::new(self.audience));
        request.extensions_mut().insert(cx);
        request.extensions_mut().insert(params);
        let site = site.clone();
        let options = site.state.leptos.clone();
        let has_islands = self.has_islands;
        let body = move || shown(site.clone(), self.loader.clone());
        let document = move || document::document(options.clone(), has_islands, body.clone());
        render_app_async_with_context(|| {}, document)(request).await
    }
}

fn shown(site: Site, loader: Loader) -> AnyView {
    let Some(visit) = use_context::<Parts>().and_then(Visit::read) else { return ().into_any() };
    let loaded = async move {
        let screen = match load(&visit, &loader).await {
            Ok(screen) => screen,
            Err(fault) => match refused(&site, &visit, fault).await {
                Some(screen) => screen,
                None => return ().into_any(),
            },
        };
        answer_headers(&visit, &screen);
        framed(&visit, screen, message(&site, &visit))
    };
    // Not in a closure: that would load three times.
    view! { <Suspense>{Suspend::new(loaded)}</Suspense> }.into_any()
}

async fn load(visit: &Visit, loader: &Loader) -> PageResult {
    visit.cx.check_entry()?;
    visit.cx.check_active_account()?;
    let mut screen = loader(visit.clone()).await?;
    // A page that only says why there is nothing to see shows nothing that anybody would have to be asked for.
    if screen.status.is_success() {
        visit.cx.require_proof()?;
    }
    screen.finish().await;
    Ok(screen)
}

/// The page that says why there is none; nothing where the answer leads to signing in.
async fn refused(site: &Site, visit: &Visit, fault: Fault) -> Option<Screen> {
    if let (Some(response), Some(seconds)) = (use_context::<ResponseOptions>(), fault.retry_after()) {
        response.insert_header(header::RETRY_AFTER, seconds);
    }
    let error = fault.report();
    if error == AppError::SignedOut {
        leptos_axum::redirect(&paths::sign_in_and_back(&visit.path));
        return None;
    }
    let is_missing = error == AppError::NotFound && visit.cx.viewer.is_some();
    let left = if is_missing { (site.left)(visit.clone()).await } else { None };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Some(refusal(&error, left).with_status(status))
}

fn refusal(error: &AppError, left: Option<String>) -> Screen {
    let title = match error {
        AppError::NotFound => "Page not found",
        AppError::Internal => "Something went wrong",
        AppError::Unavailable => "Accord is busy",
        AppError::Refused(_) | AppError::Invalid(_) | AppError::SignedOut => "This isn't possible",
    };
    let sentence = error.to_string();
    let left = left.map(|left| {
        format!(
            "You no longer have access to {left}. Someone removed you. Contact them if you think this is a mistake."
        )
    });
    Screen::plain(
        title,
        view! {
            <h1>{title}</h1>
            {left.map(|left| view! { <Banner tone=Tone::Warning title=left /> })}
            <p>{sentence}</p>
            <p class="actions">
                <LinkButton href=paths::HOME kind=ButtonKind::Primary>"Go to Home"</LinkButton>
            </p>
        },
    )
}

/// What the screen says of the answer, the policy of this very answer, and the end of the message that was carried over a
/// redirect.
fn answer_headers(visit: &Visit, screen: &Screen) {
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
        let gone = session::set_cookie(&visit.cx.state, MESSAGE_COOKIE, "", "/", time::Duration::ZERO);
        response.append_header(header::SET_COOKIE, gone);
    }
}

fn message(site: &Site, visit: &Visit) -> Option<&'static str> {
    session::cookie(&visit.headers, MESSAGE_COOKIE).and_then(|code| site.messages.get(code)).copied()
}
