//! Pages of the large seed whose addresses are known only when its data is there.

use super::{Page, Person, Place, kind};
use crate::{
    Outcome,
    load::{
        block_on,
        http::{Connection, Request},
    },
    postgres::Postgres,
};
use std::collections::BTreeMap;

/// The request of each page.
#[derive(Debug, Default)]
pub struct Places(BTreeMap<Page, Request>);

impl Person {
    fn cookie(self) -> String {
        let number = match self {
            Self::Buyer => 7_000_000,
            Self::Partner => 7_200_000,
            Self::Seller => 7_100_000,
        };
        super::cookie(kind::LARGE_SESSION, number)
    }
}

impl Page {
    fn request(self, path: &str) -> Request {
        Request::get(path.to_owned()).signed_in(&self.person.cookie()).from(0)
    }
}

/// The newest lead of the large buyer's first source, which is partner 0's.
const NEWEST: &str = "select encode(id, 'hex') from leads where account_id = '\\x5100000000000000006acfc0' \
                      and source_id = '\\x5700000000000000006acfc0' order by id desc limit 1";

impl Places {
    /// Looks the pages up. The server must be running.
    pub fn find(postgres: &Postgres, pages: &[Page]) -> Outcome<Self> {
        let mut found = BTreeMap::new();
        for page in pages {
            let request = match page.place {
                Place::At(path) => page.request(path),
                Place::After(path) => page.request(&next(page.request(path), path)?),
                Place::Newest(prefix) => page.request(&format!("{prefix}{}", postgres.query_value(NEWEST)?)),
            };
            found.insert(*page, request);
        }
        Ok(Self(found))
    }

    pub fn request(&self, page: Page) -> Outcome<&Request> {
        self.0.get(&page).ok_or_else(|| format!("{page:?} was not looked up."))
    }
}

/// Where *Next* leads on a page; to the page itself if there is no next one.
fn next(request: Request, path: &str) -> Outcome<String> {
    let response = block_on(async { Connection::open().await?.send(&request).await })??;
    if response.status != 200 {
        return Err(format!("{path} cannot be shown:\n{}", response.describe()));
    }
    let next = next_link(&response.text());
    if next.is_none() {
        eprintln!("    {path} has one page only");
    }
    Ok(next.unwrap_or_else(|| path.to_owned()))
}

fn next_link(html: &str) -> Option<String> {
    let links = html.split("<a ").skip(1).filter_map(|link| link.split_once("</a>"));
    let (link, _) = links.into_iter().find(|(link, _)| link.ends_with(">Next"))?;
    let (href, _) = link.split_once("href=\"")?.1.split_once('"')?;
    Some(href.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_by_its_link() {
        let html = "<a href=\"/x\">Next steps</a><nav><a role=\"link\" aria-disabled=\"true\">Previous</a>\
                    <a class=\"button\" href=\"/leads?test=only&amp;before=ab\">Next</a></nav>";
        assert_eq!(next_link(html).as_deref(), Some("/leads?test=only&before=ab"));
        assert_eq!(next_link("<a role=\"link\" aria-disabled=\"true\">Next</a>"), None);
    }

    #[test]
    fn the_ids_of_the_large_seed_are_its_numbers() {
        assert_eq!(super::super::id(0x51, 7_000_000), "5100000000000000006acfc0");
    }
}
