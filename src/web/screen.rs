//! A loaded page: its title, its layout, its content.

use super::{
    Visit,
    frame::{self, PortalPlace, theme_choice},
};
use crate::ui::{PlainFrame, StatusMessage, Tone};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use futures::future::BoxFuture;
use leptos::prelude::*;
use leptos_meta::Title;

pub struct Screen {
    title: String,
    layout: Layout,
    body: AnyView,
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    afterwards: Option<BoxFuture<'static, ()>>,
}

enum Layout {
    /// The signed-in frame; the entry of the navigation that is current.
    App(&'static str),
    /// The same around a page of a partner's portal.
    Portal(PortalPlace),
    /// Narrow and public: sign-in, invitations, errors.
    Plain,
    /// Public, with room for a table.
    Wide,
    /// The page brings its own frame.
    Bare,
}

impl Screen {
    pub fn app(title: impl Into<String>, nav: &'static str, body: impl IntoView + 'static) -> Self {
        Self::new(title, Layout::App(nav), body)
    }

    /// A page of a partner's portal.
    pub fn portal(title: impl Into<String>, place: PortalPlace, body: impl IntoView + 'static) -> Self {
        Self::new(title, Layout::Portal(place), body)
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
            layout,
            body: body.into_any(),
            status: StatusCode::OK,
            headers: Vec::new(),
            afterwards: None,
        }
    }

    /// 302: the page is elsewhere.
    pub fn redirect(path: &str) -> Self {
        let screen = Self::plain("One moment", view! { <p>"One moment."</p> }).with_status(StatusCode::FOUND);
        match HeaderValue::from_str(path) {
            Ok(location) => screen.with_header(header::LOCATION, location),
            Err(_) => screen,
        }
    }

    /// A page that says why there is nothing to see has the status of that.
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

    /// Work for when the page is loaded and its connection given back.
    pub fn afterwards(mut self, work: impl Future<Output = ()> + Send + 'static) -> Self {
        self.afterwards = Some(Box::pin(work));
        self
    }

    pub(super) async fn finish(&mut self) {
        if let Some(work) = self.afterwards.take() {
            work.await;
        }
    }
}

/// Puts the layout and, after a redirect, the message around a page.
pub(super) fn framed(visit: &Visit, screen: Screen, message: Option<&'static str>) -> AnyView {
    let Screen { title, layout, body, .. } = screen;
    let message = message.map(|text| view! { <StatusMessage text tone=Tone::Positive /> });
    let body = match layout {
        Layout::Plain | Layout::Wide => {
            let (footer, wide) = (theme_choice(visit), matches!(layout, Layout::Wide));
            view! { <PlainFrame footer wide>{message}{body}</PlainFrame> }.into_any()
        }
        Layout::Bare => view! { {message}{body} }.into_any(),
        Layout::App(nav) => match visit.cx.viewer.clone() {
            Some(viewer) => frame::of_account(visit, &viewer, nav, view! { {message}{body} }.into_any()),
            None => view! { <PlainFrame>{body}</PlainFrame> }.into_any(),
        },
        Layout::Portal(place) => match visit.cx.viewer.clone() {
            Some(viewer) => frame::of_portal(visit, &viewer, place, view! { {message}{body} }.into_any()),
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
