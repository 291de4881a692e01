//! Paginated lists.

use super::Visit;
use crate::ui::Pagination;
use leptos::prelude::*;
use std::fmt;

const PAGE_SIZE: usize = 50;

/// A page number, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPage(i64);

impl ListPage {
    pub const FIRST: Self = Self(1);
    /// Rows to read: one more than shown, to know whether there is a next page.
    pub const LIMIT: i64 = PAGE_SIZE as i64 + 1;

    /// The page number in the URL.
    pub fn of(visit: &Visit) -> Self {
        Self::of_list(visit, "page")
    }

    /// The same for a second list of a page, whose number has another name in the URL.
    pub fn of_list(visit: &Visit, name: &str) -> Self {
        Self::numbered(visit.query(name).parse().unwrap_or(1))
    }

    pub fn numbered(number: i64) -> Self {
        Self(number.clamp(1, 100_000))
    }

    pub fn number(self) -> i64 {
        self.0
    }

    pub fn is_first(self) -> bool {
        self == Self::FIRST
    }

    pub fn offset(self) -> i64 {
        (self.0 - 1) * (Self::LIMIT - 1)
    }

    /// The value of the `page` query parameter; empty for the first page.
    pub fn query_value(self) -> String {
        if self.is_first() { String::new() } else { self.to_string() }
    }

    /// The rows to show, and links to the previous and next page, if any.
    pub fn show<R>(self, rows: Vec<R>, href: impl Fn(Self) -> String) -> (Vec<R>, Option<AnyView>) {
        let (rows, has_more) = Self::cut(rows);
        (rows, self.links(has_more, href))
    }

    /// The rows to show of up to [`Self::LIMIT`], and whether others follow.
    pub fn cut<R>(mut rows: Vec<R>) -> (Vec<R>, bool) {
        let has_more = rows.len() > PAGE_SIZE;
        rows.truncate(PAGE_SIZE);
        (rows, has_more)
    }

    /// Links to the previous and next page, if any.
    pub fn links(self, has_more: bool, href: impl Fn(Self) -> String) -> Option<AnyView> {
        let previous = (!self.is_first()).then(|| href(Self(self.0 - 1)));
        let next = has_more.then(|| href(Self(self.0 + 1)));
        let is_only_page = previous.is_none() && next.is_none();
        (!is_only_page).then(|| view! { <Pagination summary=format!("Page {self}") previous next /> }.into_any())
    }
}

impl fmt::Display for ListPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
