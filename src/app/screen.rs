//! How a page is made: it loads once, then a layout is put around what it shows. Errors are pages too.

use super::{said, shell};
use crate::{
    base::{AppError, FormReturn, paths},
    server::{Cx, Fault, form::FLASH_COOKIE, session},
    ui::{
        Avatar, Banner, Button, ButtonKind, HiddenField, Icon, LinkButton, NavItem, PlainFrame, StatusMessage,
        ThemeChoice, Tone, icon,
    },
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
            Ok(screen) => screen,
            Err(fault) => {
                if let (Some(response), Some(seconds)) = (use_context::<ResponseOptions>(), fault.retry_after()) {
                    response.insert_header(header::RETRY_AFTER, seconds);
                }
                match fault.report() {
                    AppError::SignedOut => {
                        leptos_axum::redirect(&paths::sign_in_and_back(&visit.path));
                        return ().into_any();
                    }
                    error => refused(&error),
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

/// The page that says why there is none, with a way on.
pub fn refused(error: &AppError) -> Screen {
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
            Some(viewer) => app_frame(visit, &viewer, nav, view! { {said}{body} }.into_any()),
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

pub fn theme_choice(visit: &Visit) -> AnyView {
    let current = session::cookie(&visit.headers, shell::THEME_COOKIE).unwrap_or("system").to_owned();
    view! { <ThemeChoice current back=visit.path.clone() /> }.into_any()
}

fn app_frame(visit: &Visit, viewer: &crate::server::Viewer, nav: &'static str, body: AnyView) -> AnyView {
    let active = viewer.active_place().cloned();
    let builds =
        active.as_ref().is_some_and(|place| place.plan.is_some_and(crate::accounts::model::Plan::may_build_flows));
    let mut entries = vec![("home", "Home", paths::HOME, Icon::Home)];
    if builds {
        entries.push(("flows", "Flows", paths::FLOWS, Icon::Flow));
        entries.push(("invitations", "Invitations", paths::INVITATIONS, Icon::Mail));
    }
    if active.is_some() {
        entries.push(("docs", "Submission Docs", paths::SUBMISSION_DOCS, Icon::Docs));
        entries.push(("buyers", "Buyers", paths::BUYERS, Icon::Building));
        entries.push(("activity", "Activity", paths::ACTIVITY, Icon::Activity));
        entries.push(("settings", "Settings", paths::SETTINGS, Icon::Settings));
    }
    let nav = entries
        .into_iter()
        .map(|(key, label, href, icon)| NavItem {
            href: href.to_owned(),
            label: label.to_owned(),
            icon,
            current: key == nav,
            badge: None,
        })
        .collect();
    let switcher = account_switcher(viewer, active.as_ref());
    let menu = user_menu(visit, viewer);
    view! {
        <crate::ui::AppFrame nav account_switcher=switcher user_menu=menu>
            {body}
        </crate::ui::AppFrame>
    }
    .into_any()
}

fn account_switcher(viewer: &crate::server::Viewer, active: Option<&crate::server::Place>) -> AnyView {
    let Some(active) = active else { return ().into_any() };
    let name = active.name.clone();
    if viewer.places.len() < 2 {
        return view! { <p class="account-name"><Avatar name=name.clone() /><span>{name}</span></p> }.into_any();
    }
    let others = viewer
        .places
        .iter()
        .filter(|place| place.account_id != active.account_id)
        .map(|place| {
            view! {
                <li>
                    <button type="submit" name="account" value=place.account_id.to_string()>
                        {place.name.clone()}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="menu account-menu">
            <summary>
                <Avatar name=name.clone() />
                <span>{name}</span>
                {icon(Icon::ChevronDown)}
            </summary>
            <form method="post" action=paths::SWITCH_ACCOUNT class="menu-items">
                <ul>{others}</ul>
            </form>
        </details>
    }
    .into_any()
}

fn user_menu(visit: &Visit, viewer: &crate::server::Viewer) -> AnyView {
    let (name, email) = (viewer.name.clone(), viewer.email.clone());
    view! {
        <div class="user-box">
            <p class="user-name">
                <strong>{name}</strong>
                <span class="muted">{email}</span>
                <a href=paths::ME>"Your login"</a>
            </p>
            <form method="post" action=paths::SIGN_OUT>
                <Button kind=ButtonKind::Quiet>{icon(Icon::SignOut)} "Sign out"</Button>
            </form>
            {theme_choice(visit)}
        </div>
    }
    .into_any()
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
