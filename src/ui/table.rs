use leptos::prelude::*;

use super::{Icon, icon, non_empty};

/// The current sort order of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    Ascending,
    Descending,
}

/// A column header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub label: String,
    pub numeric: bool,
    /// Shows the label only to screen readers, as above a column of buttons.
    pub hidden_label: bool,
    /// The header's link: the same list, sorted by this column.
    pub sort_href: Option<String>,
    pub sorted: Option<Sorted>,
}

impl Column {
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    pub fn numeric(mut self) -> Self {
        self.numeric = true;
        self
    }

    pub fn hidden(mut self) -> Self {
        self.hidden_label = true;
        self
    }

    pub fn sort(mut self, href: impl Into<String>, sorted: Option<Sorted>) -> Self {
        self.sort_href = Some(href.into());
        self.sorted = sorted;
        self
    }
}

/// A table of rows (`<tr>` with `Cell`s) that becomes a list of cards on a phone.
///
/// The caption is for screen readers; the visible name is the heading of the panel or page.
#[component]
pub fn DataTable(#[prop(into)] caption: String, head: Vec<Column>, children: Children) -> impl IntoView {
    let head = head.into_iter().map(column_head).collect_view();
    view! {
        <div class="table-scroll">
            <table class="table">
                <caption class="sr-only">{caption}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

fn column_head(column: Column) -> impl IntoView {
    let (order, arrow) = match column.sorted {
        Some(Sorted::Ascending) => (Some("ascending"), Some(Icon::ArrowUp)),
        Some(Sorted::Descending) => (Some("descending"), Some(Icon::ArrowDown)),
        None => (None, None),
    };
    let label = match column.sort_href {
        Some(href) => view! { <a href=href>{column.label} {arrow.map(icon)}</a> }.into_any(),
        None if column.hidden_label => view! { <span class="sr-only">{column.label}</span> }.into_any(),
        None => column.label.into_any(),
    };
    view! {
        <th scope="col" class=column.numeric.then_some("numeric") aria-sort=order>
            {label}
        </th>
    }
}

/// A cell. `label` repeats the column's name for the cards on a phone; leave it empty for the card's title and buttons.
#[component]
pub fn Cell(
    #[prop(optional, into)] label: String,
    #[prop(optional)] numeric: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <td class=numeric.then_some("numeric") data-label=non_empty(label)>
            {children.map(|children| children())}
        </td>
    }
}

/// Which part of a list is shown, with links to the previous and next part. A missing link disables its button.
#[component]
pub fn Pagination(
    #[prop(into)] summary: String,
    #[prop(optional_no_strip, into)] previous: Option<String>,
    #[prop(optional_no_strip, into)] next: Option<String>,
) -> impl IntoView {
    view! {
        <nav class="pagination" aria-label="Pages">
            <p>{summary}</p>
            {page_link(previous, "Previous")}
            {page_link(next, "Next")}
        </nav>
    }
}

fn page_link(href: Option<String>, label: &'static str) -> impl IntoView {
    let disabled = href.is_none().then_some("true");
    view! {
        <a class="button button-small" role="link" href=href aria-disabled=disabled>
            {label}
        </a>
    }
}
