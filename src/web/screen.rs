//! A loaded page: title, layout and content.

use super::{
    Visit,
    frame::{self, PortalAccess, theme_choice},
};
use crate::ui::{PlainFrame, StatusMessage, Tone};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use futures::future::BoxFuture;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};

pub struct Screen {
    title: String,
    description: Option<&'static str>,
    layout: Layout,
    body: AnyView,
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    after_load: Option<BoxFuture<'static, ()>>,
}

enum Layout {
    /// The signed-in frame, with the key of the current navigation entry.
    App(&'static str),
    /// The signed-in frame of a partner's portal.
    Portal(PortalAccess),
    /// Narrow public pages: sign-in, invitations, errors.
    Plain,
    /// Public pages with room for a table.
    Wide,
    /// The page brings its own frame.
    Bare,
}

impl Screen {
    pub fn app(title: impl Into<String>, nav: &'static str, body: impl IntoView + 'static) -> Self {
        Self::new(title, Layout::App(nav), body)
    }

    /// A page of a partner's portal.
    pub fn portal(title: impl Into<String>, access: PortalAccess, body: impl IntoView + 'static) -> Self {
        Self::new(title, Layout::Portal(access), body)
    }

    pub fn plain(title: impl Into<String>, body: impl IntoView + 'static) -> Self {
        Self::new(title, Layout::Plain, body)
    }

    pub fn wide(title: impl Into<String>, body: impl IntoView + 'static) -> Self {
        Self::new(title, Layout::Wide, body)
    }

    pub fn bare(title: impl Into<String>, body: impl IntoView + 'static) -> Self {
        Self::new(title, Layout::Bare, body)
    }

    fn new(title: impl Into<String>, layout: Layout, body: impl IntoView + 'static) -> Self {
        Self {
            title: title.into(),
            description: None,
            layout,
            body: body.into_any(),
            status: StatusCode::OK,
            headers: Vec::new(),
            after_load: None,
        }
    }

    /// Redirects with 302.
    pub fn redirect(path: &str) -> Self {
        let screen = Self::plain("One moment", view! { <p>"One moment."</p> }).with_status(StatusCode::FOUND);
        match HeaderValue::from_str(path) {
            Ok(location) => screen.with_header(header::LOCATION, location),
            Err(_) => screen,
        }
    }

    /// Describes the page to search engines; for public pages.
    pub fn with_description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Sets a status other than 200, for pages that explain an error.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn with_cookie(self, cookie: HeaderValue) -> Self {
        self.with_header(header::SET_COOKIE, cookie)
    }

    /// Runs work after the page has loaded and returned its connection.
    pub fn after_load(mut self, work: impl Future<Output = ()> + Send + 'static) -> Self {
        self.after_load = Some(Box::pin(work));
        self
    }

    pub(super) async fn finish(&mut self) {
        if let Some(work) = self.after_load.take() {
            work.await;
        }
    }
}

/// Adds the layout and, after a redirect, the message.
pub(super) fn framed(visit: &Visit, screen: Screen, message: Option<&'static str>) -> AnyView {
    let Screen { title, description, layout, body, .. } = screen;
    let message = message.map(|text| view! { <StatusMessage text tone=Tone::Positive /> });
    let body = match layout {
        Layout::Plain | Layout::Wide => {
            let (footer, wide) = (theme_choice(visit), matches!(layout, Layout::Wide));
            view! { <PlainFrame footer wide>{message}{body}</PlainFrame> }.into_any()
        }
        Layout::Bare => view! { {message}{body} }.into_any(),
        Layout::App(nav) => match visit.cx.viewer.clone() {
            Some(viewer) => frame::account_frame(visit, &viewer, nav, view! { {message}{body} }.into_any()),
            None => view! { <PlainFrame>{body}</PlainFrame> }.into_any(),
        },
        Layout::Portal(access) => match visit.cx.viewer.clone() {
            Some(viewer) => frame::portal_frame(visit, &viewer, access, view! { {message}{body} }.into_any()),
            None => view! { <PlainFrame>{body}</PlainFrame> }.into_any(),
        },
    };
    let description = description.map(|text| view! { <Meta name="description" content=text /> });
    view! { <Title text=title_text(&title) />{description}{body} }.into_any()
}

/// leptos_meta 0.8.7 does not escape the title, and titles can contain names from strangers.
fn title_text(title: &str) -> String {
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("{title} · Accord")
}
