use leptos::prelude::*;

use crate::ui::{Button, EmptyState, Field, Icon, LinkButton, icon, non_empty};

/// A page above the current one: name and path.
pub type Crumb = (String, String);

/// The page's title, breadcrumb and actions. The breadcrumb does not include the page itself, so separators appear only
/// between two links.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional, into)] lead: String,
    #[prop(optional)] breadcrumb: Vec<Crumb>,
    /// Tags beside the title with the state of the page's object.
    #[prop(optional)]
    state: Option<AnyView>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let crumbs = breadcrumb
        .into_iter()
        .enumerate()
        .map(|(index, (label, href))| {
            view! {
                <li>
                    {(index > 0).then(|| icon(Icon::ChevronRight))}
                    <a href=href>{label}</a>
                </li>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <header class="page-header">
            {(!crumbs.is_empty())
                .then(|| {
                    view! {
                        <nav class="crumbs" aria-label="Breadcrumb">
                            <ol>{crumbs}</ol>
                        </nav>
                    }
                })}
            <div class="page-title">
                <h1>{title}</h1>
                {state}
            </div>
            {non_empty(lead).map(|lead| view! { <p class="page-lead">{lead}</p> })}
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </header>
    }
}

/// A framed section of a page with its own heading.
#[component]
pub fn Panel(
    #[prop(optional, into)] title: String,
    /// The heading's anchor, for links into the page.
    #[prop(optional, into)]
    id: String,
    #[prop(optional, into)] lead: String,
    #[prop(optional)] actions: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel">
            {non_empty(title)
                .map(|title| {
                    view! {
                        <header class="panel-header">
                            <h2 id=non_empty(id)>{title}</h2>
                            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
                            {non_empty(lead).map(|lead| view! { <p class="panel-lead">{lead}</p> })}
                        </header>
                    }
                })}
            {children()}
        </section>
    }
}

/// A link to one of the pages of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabLink {
    pub href: String,
    pub label: String,
    pub current: bool,
    pub count: Option<i64>,
}

/// Tabs for the pages of one object; `label` names the group.
#[component]
pub fn Tabs(#[prop(into)] label: String, tabs: Vec<TabLink>) -> impl IntoView {
    let tabs = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <li>
                    <a href=tab.href aria-current=tab.current.then_some("page")>
                        {tab.label}
                        {tab.count.map(|count| view! { " " <span class="count">{count.to_string()}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{tabs}</ul>
        </nav>
    }
}

/// The search above a list, which sends it in the URL as `search`. `kept` are hidden fields of the rest of the URL.
#[component]
pub fn SearchForm(
    #[prop(into)] label: String,
    #[prop(into)] action: String,
    #[prop(into)] search: String,
    #[prop(optional)] kept: Option<AnyView>,
) -> impl IntoView {
    view! {
        <form class="filters" method="get" action=action role="search">
            {kept}
            <Field label name="search" kind="search" value=search autocomplete="off" />
            <Button>{icon(Icon::Search)} "Search"</Button>
        </form>
    }
}

/// In place of a list of which the URL shows an empty part. `things` are what it lists; `all` shows its beginning.
#[component]
pub fn NothingFound(
    #[prop(into)] things: String,
    #[prop(into)] search: String,
    #[prop(into)] all: String,
) -> impl IntoView {
    let title = match search.as_str() {
        "" => format!("No more {things}"),
        search => format!("No {things} match “{search}”"),
    };
    view! { <EmptyState icon=Icon::Search title><LinkButton href=all>"Show all"</LinkButton></EmptyState> }
}

/// A row of `StatTile`s.
#[component]
pub fn StatTiles(children: Children) -> impl IntoView {
    view! { <dl class="stats">{children()}</dl> }
}

/// A figure with its label, for use in `StatTiles`. `href` leads to the list that it counts.
#[component]
pub fn StatTile(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] href: String,
    #[prop(optional)] more: Option<AnyView>,
) -> impl IntoView {
    let value = match non_empty(href) {
        Some(href) => view! { <a href=href>{value}</a> }.into_any(),
        None => value.into_any(),
    };
    view! {
        <div class="stat">
            <dt>{label}</dt>
            <dd class="stat-value">{value}</dd>
            {non_empty(hint).map(|hint| view! { <dd class="stat-hint">{hint}</dd> })}
            {more.map(|more| view! { <dd class="stat-hint">{more}</dd> })}
        </div>
    }
}

/// A list of names and values.
#[component]
pub fn KeyValues(items: Vec<(String, AnyView)>) -> impl IntoView {
    let items = items
        .into_iter()
        .map(|(label, value)| {
            view! {
                <div>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="key-values">{items}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> String {
        let breadcrumb: Vec<Crumb> = names.iter().map(|name| ((*name).to_owned(), "#".to_owned())).collect();
        Owner::new().with(|| view! { <PageHeader title="Mappings" breadcrumb /> }.to_html())
    }

    #[test]
    fn separators_appear_only_between_two_breadcrumbs() {
        for (names, separators) in [(&[][..], 0), (&["Flows"], 0), (&["Flows", "Solar"], 1), (&["A", "B", "C"], 2)] {
            assert_eq!(header(names).matches("<svg").count(), separators, "{names:?}");
        }
        let html = header(&["Flows", "Solar"]);
        assert!(html.find("<svg").unwrap() > html.find("Flows").unwrap(), "{html}");
        assert!(html.find("<svg").unwrap() < html.find("Solar").unwrap(), "{html}");
        assert!(html.contains("aria-label=\"Breadcrumb\""));
        assert!(!header(&[]).contains("<nav"), "no breadcrumb");
    }
}
