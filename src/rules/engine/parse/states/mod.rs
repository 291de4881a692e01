//! States and provinces: of the United States and Canada, and of Australia and Mexico where the country says so.

mod names;

use super::country::Country;
use names::{AUSTRALIA, CANADA, MEXICO, UNITED_STATES};
use std::{collections::HashMap, sync::LazyLock};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Maximum bytes of the name of a state.
const MAX_NAME: usize = 100;

type Table = HashMap<&'static str, &'static str>;

struct Tables {
    home: Table,
    australia: Table,
    mexico: Table,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    home: table(&[CANADA, UNITED_STATES]),
    australia: table(&[AUSTRALIA]),
    mexico: table(&[MEXICO]),
});

/// The abbreviations by each name of the lists. A later list wins.
fn table(lists: &[&'static [(&'static str, &'static str)]]) -> Table {
    let named = |(short, names): &(&'static str, &'static str)| {
        let short = *short;
        names.split('|').map(move |name| (name, short)).collect::<Vec<_>>()
    };
    lists.iter().flat_map(|list| list.iter()).flat_map(named).collect()
}

/// The abbreviation of a state in a country: two letters, or the usual three of Australia and Mexico. Without a country
/// it is one of the United States or Canada.
pub fn state(text: &str, country: Option<Country>) -> Option<String> {
    let name = name(text)?;
    let tables = &*TABLES;
    let table = match country {
        None => &tables.home,
        Some(country) if country.is_american() || country.code() == "CA" => &tables.home,
        Some(country) if country.code() == "AU" => &tables.australia,
        Some(country) if country.code() == "MX" => &tables.mexico,
        Some(_) => return None,
    };
    find(table, &name, country.map_or("us", Country::code))
}

/// The abbreviation of a state of any of the countries, for the value of a rule, which has no country. An abbreviation
/// in use goes before a name: `QUE` is in Mexico, although Quebec was also written so.
pub fn anywhere(text: &str) -> Option<String> {
    let name = name(text)?;
    let tables = &*TABLES;
    let found: Vec<_> = [(&tables.home, "us"), (&tables.australia, "au"), (&tables.mexico, "mx")]
        .into_iter()
        .filter_map(|(table, country)| find(table, &name, country))
        .collect();
    found.iter().find(|short| short.eq_ignore_ascii_case(&name)).or(found.first()).cloned()
}

/// A name, or the code of ISO 3166-2, which begins with the country.
fn find(table: &Table, name: &str, country: &str) -> Option<String> {
    let within = || {
        let (before, code) = name.split_once('-')?;
        before.eq_ignore_ascii_case(country).then(|| table.get(code)).flatten()
    };
    table.get(name).or_else(within).map(|short| (*short).to_owned())
}

/// The name in lower case without accents, dots and commas, with single spaces.
fn name(text: &str) -> Option<String> {
    if text.len() > MAX_NAME {
        return None;
    }
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c) && !matches!(c, '.' | ',' | '\''));
    let plain: String = plain.flat_map(char::to_lowercase).collect();
    let words: Vec<_> = plain.split_whitespace().map(|word| if word == "&" { "and" } else { word }).collect();
    Some(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_abbreviation_is_a_name_of_itself() {
        for (country, list) in [("US", UNITED_STATES), ("CA", CANADA), ("AU", AUSTRALIA), ("MX", MEXICO)] {
            let country = Country::read(country);
            for (short, names) in list {
                assert_eq!(state(short, country).as_deref(), Some(*short), "{short}");
                assert_eq!(anywhere(short).as_deref(), Some(*short), "{short}");
                for name in names.split('|') {
                    assert_eq!(super::name(name).as_deref(), Some(name), "{name} is not plain");
                    assert_eq!(state(name, country).as_deref(), Some(*short), "{name}");
                }
            }
        }
    }
}
