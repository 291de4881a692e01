//! Lists that are shown page by page.

use super::Visit;
use crate::ui::Pagination;
use leptos::prelude::*;
use std::fmt;

const ROWS: usize = 50;

/// A page of a list, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPage(i64);

impl ListPage {
    pub const FIRST: Self = Self(1);
    /// How many rows to read: one more than is shown tells whether there is a next page.
    pub const LIMIT: i64 = ROWS as i64 + 1;

    /// The page that the address asks for.
    pub fn of(visit: &Visit) -> Self {
        Self(visit.query("page").parse().unwrap_or(1).clamp(1, 100_000))
    }

    pub fn is_first(self) -> bool {
        self == Self::FIRST
    }

    pub fn offset(self) -> i64 {
        (self.0 - 1) * (Self::LIMIT - 1)
    }

    /// Its number as a value of a query, which the first page does without.
    pub fn in_query(self) -> String {
        if self.is_first() { String::new() } else { self.to_string() }
    }

    /// The rows to show of those that were read, and links to the pages before and after, if there are any.
    pub fn show<R>(self, mut rows: Vec<R>, href: impl Fn(Self) -> String) -> (Vec<R>, Option<AnyView>) {
        let more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let previous = (!self.is_first()).then(|| href(Self(self.0 - 1)));
        let next = more.then(|| href(Self(self.0 + 1)));
        let is_alone = previous.is_none() && next.is_none();
        let links =
            (!is_alone).then(|| view! { <Pagination summary=format!("Page {self}") previous next /> }.into_any());
        (rows, links)
    }
}

impl fmt::Display for ListPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
