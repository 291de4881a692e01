//! How a page is made: it loads once, then a layout is put around what it shows. Errors are pages too.

use super::{
    frame::{self, theme_choice},
    said,
};
use crate::{
    base::{AppError, FormReturn, paths},
    partners::server::{self as partners, policy::PartnerActor},
    server::{Cx, Fault, form::FLASH_COOKIE, session},
    ui::{Banner, ButtonKind, HiddenField, LinkButton, PlainFrame, StatusMessage, Tone},
};
use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};
use std::str::FromStr;

/// What a page knows about the request that asked for it.
#[derive(Clone)]
pub struct Visit {
    pub cx: Cx,
    pub path: String,
    pub params: ParamsMap,
    pub query: ParamsMap,
    pub headers: axum::http::HeaderMap,
    /// Set when a form of this page was refused.
    pub back: Option<FormReturn>,
}

impl Visit {
    /// An id in the path; what is no id leads nowhere.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.params.get(name).and_then(|text| text.parse().ok()).ok_or(Fault::NOT_FOUND)
    }

    /// The state of a form of this page.
    pub fn form(&self, name: &str) -> FormReturn {
        FormReturn::of(self.back.as_ref(), name)
    }

    pub fn query(&self, name: &str) -> String {
        self.query.get(name).unwrap_or_default()
    }
}

/// A loaded page: title, layout, content.
pub struct Screen {
    title: String,
    layout: Layout,
    body: AnyView,
}

enum Layout {
    /// The signed-in frame; the entry of the navigation that is current.
    App(&'static str),
    /// The same around a page of a partner's portal.
    Portal(Box<PartnerActor>),
    /// Narrow and public: sign-in, invitations, errors.
    Plain,
    /// Public, with room for a table.
    Wide,
    /// The page brings its own frame.
    Bare,
}

impl Screen {
    pub fn app(title: impl Into<String>, nav: &'static str, body: impl IntoView + 'static) -> Self {
        Self { title: title.into(), layout: Layout::App(nav), body: body.into_any() }
    }

    /// A page of a partner's portal, seen from that side.
    pub fn portal(title: impl Into<String>, actor: PartnerActor, body: impl IntoView + 'static) -> Self {
        Self { title: title.into(), layout: Layout::Portal(Box::new(actor)), body: body.into_any() }
    }

    fn portal_actor(&self) -> Option<Box<PartnerActor>> {
        match &self.layout {
            Layout::Portal(actor) => Some(actor.clone()),
            _ => None,
        }
    }

    pub fn plain(title: impl Into<String>, body: impl IntoView + 'static) -> Self {
        Self { title: title.into(), layout: Layout::Plain, body: body.into_any() }
    }

    pub fn wide(title: impl Into<String>, body: impl IntoView + 'static) -> Self {
        Self { title: title.into(), layout: Layout::Wide, body: body.into_any() }
    }

    pub fn bare(title: impl Into<String>, body: impl IntoView + 'static) -> Self {
        Self { title: title.into(), layout: Layout::Bare, body: body.into_any() }
    }
}

/// Loads a page and shows it. Every route is rendered before its head is sent (`SsrMode::Async`), so that 404, 403 and
/// redirects keep their status.
pub fn screen<F, L>(load: F) -> AnyView
where
    F: FnOnce(Visit) -> L + Send + 'static,
    L: Future<Output = Result<Screen, Fault>> + Send + 'static,
{
    match visit(use_params_map().get_untracked()) {
        Some(visit) => shown(visit, load),
        None => ().into_any(),
    }
}

/// The page of a path that no route has, and so no parameters.
pub fn nowhere() -> AnyView {
    match visit(ParamsMap::new()) {
        Some(visit) => shown(visit, async |_| Err(Fault::NOT_FOUND)),
        None => ().into_any(),
    }
}

fn shown<F, L>(visit: Visit, load: F) -> AnyView
where
    F: FnOnce(Visit) -> L + Send + 'static,
    L: Future<Output = Result<Screen, Fault>> + Send + 'static,
{
    let loaded = async move {
        let screen = match load(visit.clone()).await {
            Ok(screen) => {
                note_seen(&visit, screen.portal_actor()).await;
                screen
            }
            Err(fault) => {
                if let (Some(response), Some(seconds)) = (use_context::<ResponseOptions>(), fault.retry_after()) {
                    response.insert_header(header::RETRY_AFTER, seconds);
                }
                match fault.report() {
                    AppError::SignedOut => {
                        leptos_axum::redirect(&paths::sign_in_and_back(&visit.path));
                        return ().into_any();
                    }
                    error => {
                        let left = left_lately(&visit, &error).await;
                        refused_with(&error, left)
                    }
                }
            }
        };
        framed(&visit, screen)
    };
    // Not in a closure: that would load three times.
    view! { <Suspense>{Suspend::new(loaded)}</Suspense> }.into_any()
}

fn visit(params: ParamsMap) -> Option<Visit> {
    let parts = use_context::<Parts>()?;
    Some(Visit {
        cx: parts.extensions.get::<Cx>()?.clone(),
        path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        params,
        query: use_query_map().get_untracked(),
        back: parts.extensions.get::<FormReturn>().cloned(),
        headers: parts.headers,
    })
}

/// The one place where it is noted that somebody looked at a portal; if it cannot be, there is a page all the same.
async fn note_seen(visit: &Visit, actor: Option<Box<PartnerActor>>) {
    let Some(actor) = actor else { return };
    if let Err(fault) = partners::profile::note_seen(&visit.cx, &actor).await {
        fault.report();
    }
}

/// Who was removed from an account or a partner lately learns it on the first page that is not there for them any more.
async fn left_lately(visit: &Visit, error: &AppError) -> Option<String> {
    let viewer = visit.cx.viewer.as_ref().filter(|_| *error == AppError::NotFound)?;
    let mut conn = visit.cx.read().await.ok()?;
    // A portal's path names the partner.
    let partner_id = visit.params.get("partner_id").filter(|_| visit.path.starts_with("/portal/"));
    let partner_id = partner_id.and_then(|id| id.parse().ok());
    let (user_id, now) = (viewer.user_id, visit.cx.now);
    let left = partners::queries::find_departure(&mut conn, user_id, partner_id, now).await.ok().flatten()?;
    Some(format!("You no longer have access to {left}. Somebody removed you. Ask them if that surprises you."))
}

/// The page that says why there is none, with a way on.
pub fn refused(error: &AppError) -> Screen {
    refused_with(error, None)
}

fn refused_with(error: &AppError, left: Option<String>) -> Screen {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
    let title = match error {
        AppError::NotFound => "Page not found",
        AppError::Internal => "Something went wrong",
        AppError::Unavailable => "Accord is busy",
        AppError::Refused(_) | AppError::Invalid(_) | AppError::SignedOut => "This is not possible",
    };
    let sentence = error.to_string();
    Screen::plain(
        title,
        view! {
            <h1>{title}</h1>
            {left.map(|left| view! { <Banner tone=Tone::Warning title=left /> })}
            <p>{sentence}</p>
            <p class="actions">
                <LinkButton href=paths::HOME kind=ButtonKind::Primary>"Go to the first page"</LinkButton>
            </p>
        },
    )
}

fn framed(visit: &Visit, screen: Screen) -> AnyView {
    let Screen { title, layout, body } = screen;
    answer_headers(visit);
    let said = said_sentence(visit).map(|(text, tone)| view! { <StatusMessage text tone /> });
    let body = match layout {
        Layout::Plain | Layout::Wide => {
            let (footer, wide) = (theme_choice(visit), matches!(layout, Layout::Wide));
            view! { <PlainFrame footer wide>{said}{body}</PlainFrame> }.into_any()
        }
        Layout::Bare => view! { {said}{body} }.into_any(),
        Layout::App(nav) => match visit.cx.viewer.clone() {
            Some(viewer) => frame::of_account(visit, &viewer, nav, view! { {said}{body} }.into_any()),
            None => view! { <PlainFrame>{body}</PlainFrame> }.into_any(),
        },
        Layout::Portal(actor) => match visit.cx.viewer.clone() {
            Some(viewer) => frame::of_portal(visit, &viewer, &actor, view! { {said}{body} }.into_any()),
            None => view! { <PlainFrame>{body}</PlainFrame> }.into_any(),
        },
    };
    view! { <Title text=title_text(&title) />{body} }.into_any()
}

/// leptos_meta 0.8.7 writes the title as it is, and names of strangers stand in titles.
fn title_text(title: &str) -> String {
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("{title} · Accord")
}

/// The policy of this very answer, and the end of the message that was carried over a redirect.
fn answer_headers(visit: &Visit) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if let Some(policy) =
        use_nonce().and_then(|nonce| HeaderValue::from_str(&crate::server::guard::page_policy(&nonce)).ok())
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    if session::cookie(&visit.headers, FLASH_COOKIE).is_some() {
        let gone = session::set_cookie(&visit.cx.state, FLASH_COOKIE, "", "/", time::Duration::ZERO);
        response.append_header(header::SET_COOKIE, gone);
    }
}

fn said_sentence(visit: &Visit) -> Option<(&'static str, Tone)> {
    session::cookie(&visit.headers, FLASH_COOKIE).and_then(said::sentence)
}

/// What stands above a refused form: all its field errors with links to them, or the one reason.
pub fn form_errors(back: &FormReturn) -> AnyView {
    let errors: Vec<(String, String)> =
        back.field_errors().into_iter().map(|error| (error.field, error.problem.sentence().to_owned())).collect();
    if !errors.is_empty() {
        return view! { <crate::ui::ErrorSummary errors /> }.into_any();
    }
    back.summary()
        .map(|sentence| view! { <div role="alert"><Banner tone=Tone::Danger title=sentence /></div> })
        .into_any()
}

/// The hidden fields of every form: its name on the page, and the account it acts for.
pub fn form_identity(form: &'static str, acting: Option<crate::base::AccountId>) -> AnyView {
    view! {
        <HiddenField name="form" value=form />
        {acting.map(|account| view! { <HiddenField name="as" value=account.to_string() /> })}
    }
    .into_any()
}

/// The hidden fields of the forms about one partner: whoever posts them acts for that partner, from whichever side.
pub fn partner_identity(form: &'static str, partner: crate::base::PartnerId) -> AnyView {
    view! {
        <HiddenField name="form" value=form />
        <HiddenField name="partner" value=partner.to_string() />
    }
    .into_any()
}
