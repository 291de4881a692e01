use leptos::prelude::*;

use super::{Icon, icon, some};

/// The order a column is in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    Ascending,
    Descending,
}

/// The head of one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub label: String,
    pub numeric: bool,
    /// The label is for readers only, as over a column of buttons.
    pub hidden_label: bool,
    /// Where a click on the head leads: the same list in this column's order.
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

/// A table of rows (`<tr>` of `Cell`s) that becomes a list of cards on a phone.
///
/// The caption is for readers only; the visible name is the panel's or page's heading.
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
    let (order, sign) = match column.sorted {
        Some(Sorted::Ascending) => (Some("ascending"), Some(Icon::ArrowUp)),
        Some(Sorted::Descending) => (Some("descending"), Some(Icon::ArrowDown)),
        None => (None, None),
    };
    let label = match column.sort_href {
        Some(href) => view! { <a href=href>{column.label} {sign.map(icon)}</a> }.into_any(),
        None if column.hidden_label => view! { <span class="sr-only">{column.label}</span> }.into_any(),
        None => column.label.into_any(),
    };
    view! {
        <th scope="col" class=column.numeric.then_some("numeric") aria-sort=order>
            {label}
        </th>
    }
}

/// One cell; `label` repeats the column's name for the cards of a phone (empty for the card's title and its buttons).
#[component]
pub fn Cell(
    #[prop(optional, into)] label: String,
    #[prop(optional)] numeric: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <td class=numeric.then_some("numeric") data-label=some(label)>
            {children.map(|children| children())}
        </td>
    }
}

/// Which part of a list is shown, and the ways to the others; an absent path disables its button.
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
