use leptos::prelude::*;

use crate::ui::{Icon, icon, some};

/// A page above the present one: its name and path.
pub type Crumb = (String, String);

/// Name of the page, the way up, and its actions at the right. The way up ends above the title, which names the page itself,
/// so a separator stands only between two links.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional, into)] lead: String,
    #[prop(optional)] breadcrumb: Vec<Crumb>,
    /// Tags beside the title that say the state of what the page shows.
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
            {some(lead).map(|lead| view! { <p class="page-lead">{lead}</p> })}
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </header>
    }
}

/// A framed part of a page, with a heading of its own.
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
            {some(title)
                .map(|title| {
                    view! {
                        <header class="panel-header">
                            <h2 id=some(id)>{title}</h2>
                            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
                            {some(lead).map(|lead| view! { <p class="panel-lead">{lead}</p> })}
                        </header>
                    }
                })}
            {children()}
        </section>
    }
}

/// One of the pages under the same header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabLink {
    pub href: String,
    pub label: String,
    pub current: bool,
    pub count: Option<i64>,
}

/// Links between the pages of one object; `label` names the group.
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

/// A row of `StatTile`s.
#[component]
pub fn StatTiles(children: Children) -> impl IntoView {
    view! { <dl class="stats">{children()}</dl> }
}

/// One figure with what it counts; stands in `StatTiles`.
#[component]
pub fn StatTile(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(optional, into)] hint: String,
) -> impl IntoView {
    view! {
        <div class="stat">
            <dt>{label}</dt>
            <dd class="stat-value">{value}</dd>
            {some(hint).map(|hint| view! { <dd class="stat-hint">{hint}</dd> })}
        </div>
    }
}

/// Names and values of one thing.
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
    fn a_separator_stands_only_between_two_pages_above() {
        for (names, separators) in [(&[][..], 0), (&["Flows"], 0), (&["Flows", "Solar"], 1), (&["A", "B", "C"], 2)] {
            assert_eq!(header(names).matches("<svg").count(), separators, "{names:?}");
        }
        let html = header(&["Flows", "Solar"]);
        assert!(html.find("<svg").unwrap() > html.find("Flows").unwrap(), "{html}");
        assert!(html.find("<svg").unwrap() < html.find("Solar").unwrap(), "{html}");
        assert!(html.contains("aria-label=\"Breadcrumb\""));
        assert!(!header(&[]).contains("<nav"), "nothing above");
    }
}
