use leptos::prelude::*;

use crate::ui::{HiddenField, Icon, icon};

/// One entry of the main navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    pub href: String,
    pub label: String,
    pub icon: Icon,
    pub current: bool,
    /// Number of items that need attention; hidden if zero.
    pub badge: Option<i64>,
}

/// Entries of the navigation under one heading, which can be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavGroup {
    pub name: &'static str,
    pub items: Vec<NavItem>,
}

/// Logo and name, linked to Home.
#[component]
pub fn Wordmark(#[prop(default = "/".to_owned(), into)] href: String) -> impl IntoView {
    view! {
        <a class="wordmark" href=href>
            <svg viewBox="0 0 32 32" aria-hidden="true">
                <rect width="32" height="32" rx="8"></rect>
                <path d="M8 23.5 16 8l8 15.5M10.6 18.5c3-3 7.8-3 10.8 0"></path>
            </svg>
            <span>"Accord"</span>
        </a>
    }
}

/// The signed-in layout: navigation on the left, which phones open from the top bar, and the page beside it.
///
/// The navigation is a popover, so it opens and closes (by Escape or a tap outside) without script.
#[component]
pub fn AppFrame(
    nav: Vec<NavGroup>,
    account_switcher: AnyView,
    user_menu: AnyView,
    children: Children,
) -> impl IntoView {
    let groups = nav.into_iter().map(nav_group).collect_view();
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <div class="app">
            <header class="topbar">
                <button class="button button-quiet button-icon" type="button" popovertarget="sidebar" aria-label="Menu">
                    {icon(Icon::Menu)}
                </button>
                <Wordmark />
            </header>
            <section class="sidebar" id="sidebar" popover="auto" aria-label="Sidebar">
                <Wordmark />
                {account_switcher}
                <nav aria-label="Main">
                    {groups}
                </nav>
                <div class="sidebar-foot">{user_menu}</div>
            </section>
            <main class="main" id="main" tabindex="-1">
                <div class="content">{children()}</div>
            </main>
        </div>
    }
}

fn nav_group(NavGroup { name, items }: NavGroup) -> impl IntoView {
    let items = items.into_iter().map(nav_link).collect_view();
    let id = (!name.is_empty()).then(|| format!("nav-{}", name.to_lowercase()));
    let heading = id.clone().map(|id| view! { <p class="nav-group" id=id>{name}</p> });
    view! {
        {heading}
        <ul class="nav" aria-labelledby=id>{items}</ul>
    }
}

fn nav_link(item: NavItem) -> impl IntoView {
    view! {
        <li>
            <a href=item.href aria-current=item.current.then_some("page")>
                {icon(item.icon)}
                <span>{item.label}</span>
                {item
                    .badge
                    .filter(|count| *count > 0)
                    .map(|count| view! { " " <span class="count">{count.to_string()}</span> })}
            </a>
        </li>
    }
}

/// The narrow centred layout of pages without navigation: signing in, invitations, errors.
#[component]
pub fn PlainFrame(
    /// Shown below the page: the theme choice, small links.
    #[prop(optional)]
    footer: Option<AnyView>,
    /// For pages longer than a short form, such as an invitation.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <div class=if wide { "plain plain-wide" } else { "plain" }>
            <header class="plain-header">
                <Wordmark />
            </header>
            <main class="plain-main" id="main" tabindex="-1">
                {children()}
            </main>
            <footer class="plain-footer">{footer}</footer>
        </div>
    }
}

/// Chooses light, dark or the system's theme. A plain form; the server then sets `data-theme` on `<html>`.
#[component]
pub fn ThemeChoice(
    /// `light`, `dark`, or any other value for the system's theme.
    #[prop(into)]
    current: String,
    /// The path to return to.
    #[prop(into)]
    back: String,
) -> impl IntoView {
    let buttons = [("light", "Light", Icon::Sun), ("dark", "Dark", Icon::Moon), ("system", "System", Icon::Screen)]
        .map(|(value, label, symbol)| {
            let pressed = current == value || (value == "system" && current != "light" && current != "dark");
            view! {
                <button
                    type="submit"
                    name="theme"
                    value=value
                    title=label
                    aria-label=label
                    aria-pressed=if pressed { "true" } else { "false" }
                >
                    {icon(symbol)}
                </button>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <form method="post" action="/theme">
            <HiddenField name="back" value=back />
            <fieldset class="theme" aria-label="Theme">
                {buttons}
            </fieldset>
        </form>
    }
}
