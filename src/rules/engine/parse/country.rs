//! The country of a lead, by its name or code, and the forms of its numbers.

use super::fold::fold;
use keshvar::{Country as Entry, CountryIterator};
use regex_lite::Regex;
use rlibphonenumber::Region;
use std::{
    collections::HashMap,
    fmt,
    sync::{LazyLock, OnceLock},
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Maximum bytes of the name of a country.
const MAX_NAME: usize = 100;

/// What people also write for a country.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("america", "US"),
    ("usofa", "US"),
    ("unitedstate", "US"),
    ("britain", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("northernireland", "GB"),
    ("holland", "NL"),
    ("burma", "MM"),
    ("brasil", "BR"),
    ("espana", "ES"),
    ("italia", "IT"),
    ("czechoslovakia", "CZ"),
    ("macedonia", "MK"),
    ("swaziland", "SZ"),
    ("capeverde", "CV"),
    ("easttimor", "TL"),
    ("republicofireland", "IE"),
    ("vatican", "VA"),
];

/// The territories of the United States that have country codes of their own.
const TERRITORIES: [&str; 6] = ["PR", "GU", "VI", "AS", "MP", "UM"];

/// The countries that write a comma before the cents and group thousands by dots or spaces.
const COMMA_COUNTRIES: &[&str] = &[
    "AD", "AL", "AO", "AR", "AT", "AZ", "BA", "BE", "BG", "BO", "BR", "BY", "CL", "CO", "CR", "CU", "CY", "CZ", "DE",
    "DK", "DZ", "EC", "EE", "ES", "FI", "FO", "FR", "GE", "GL", "GR", "HR", "HU", "ID", "IS", "IT", "KZ", "LT", "LU",
    "LV", "MA", "MC", "MD", "ME", "MK", "MZ", "NL", "NO", "PL", "PT", "PY", "RO", "RS", "RU", "SE", "SI", "SK", "SM",
    "SR", "TN", "TR", "UA", "UY", "UZ", "VA", "VE", "VN", "XK", "ZA",
];

/// A country of ISO 3166.
#[derive(Clone, Copy)]
pub struct Country(&'static Facts);

struct Facts {
    /// The two letters of ISO 3166.
    code: String,
    postal_format: Option<&'static str>,
    /// The same, compiled when it is first used.
    postal: OnceLock<Option<Regex>>,
    region: Option<Region>,
}

struct Countries {
    all: Vec<Facts>,
    by_name: HashMap<String, usize>,
}

static COUNTRIES: LazyLock<Countries> = LazyLock::new(|| {
    let entries: Vec<_> = CountryIterator::new().collect();
    let mut by_name = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        let given = [entry.iso_short_name(), entry.iso_long_name()];
        for name in given.into_iter().chain(entry.unofficial_name_list().iter().copied()) {
            by_name.entry(key(name)).or_insert(at);
        }
    }
    // Codes win over names, whatever language a name is in.
    for (at, entry) in entries.iter().enumerate() {
        by_name.insert(key(&entry.alpha2().to_string()), at);
        by_name.insert(key(&entry.alpha3().to_string()), at);
        for (name, _) in OTHER_NAMES.iter().filter(|(_, code)| *code == entry.alpha2().to_string()) {
            by_name.entry((*name).to_owned()).or_insert(at);
        }
    }
    Countries { all: entries.iter().map(Facts::of).collect(), by_name }
});

impl Facts {
    fn of(entry: &Entry) -> Self {
        let code = entry.alpha2().to_string().to_uppercase();
        let region = Region::from_code(&code).ok();
        Self { code, postal_format: entry.postal_code_format(), postal: OnceLock::new(), region }
    }
}

impl Country {
    /// Reads a name in English and some other languages, or two or three letters of ISO 3166. Case, accents and
    /// punctuation do not matter.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_NAME {
            return None;
        }
        let countries = &*COUNTRIES;
        let name = key(&fold(text));
        let at = countries.by_name.get(&name).or_else(|| countries.by_name.get(name.strip_prefix("the")?))?;
        countries.all.get(*at).map(Self)
    }

    #[cfg(test)]
    pub fn all() -> impl Iterator<Item = Self> {
        COUNTRIES.all.iter().map(Self)
    }

    pub fn code(self) -> &'static str {
        &self.0.code
    }

    /// The country in the library of phone numbers.
    pub fn region(self) -> Option<Region> {
        self.0.region
    }

    /// True for the United States and their territories.
    pub fn is_american(self) -> bool {
        self.code() == "US" || TERRITORIES.contains(&self.code())
    }

    /// True if amounts are written like `1.234,50`.
    pub fn writes_comma(self) -> bool {
        COMMA_COUNTRIES.contains(&self.code())
    }

    /// The pattern of its postal codes. None if it has none.
    pub fn postal(self) -> Option<&'static Regex> {
        let compile = || self.0.postal_format.and_then(|format| Regex::new(&format!("^(?:{format})$")).ok());
        self.0.postal.get_or_init(compile).as_ref()
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The letters and digits of a name, in lower case and without accents.
fn key(name: &str) -> String {
    let plain = name.nfkd().filter(|c| !is_combining_mark(*c) && c.is_alphanumeric());
    plain.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_read_by_name_and_code() {
        for (code, texts) in [
            ("US", &["US", "us", "USA", "U.S.A.", "United States", "the united states of america", "America"][..]),
            ("GB", &["GB", "GBR", "UK", "U.K.", "United Kingdom", "Great Britain", "England", "Scotland"]),
            ("CA", &["CA", "can", "Canada", "Canadá", " canada "]),
            ("MX", &["MX", "MEX", "Mexico", "México", "MÉXICO"]),
            ("AU", &["AU", "AUS", "Australia", "ＡＵ"]),
            ("DE", &["DE", "DEU", "Germany", "Deutschland", "Alemania"]),
            ("NL", &["Netherlands", "The Netherlands", "Holland", "Nederland"]),
            ("CI", &["Ivory Coast", "Côte d'Ivoire", "Cote d’Ivoire"]),
            ("KR", &["South Korea", "Korea, Republic of", "KOR"]),
            ("TR", &["Turkey", "Türkiye"]),
            ("CZ", &["Czech Republic", "Czechia"]),
            ("PR", &["Puerto Rico"]),
        ] {
            for text in texts {
                assert_eq!(Country::read(text).map(Country::code), Some(code), "{text}");
            }
        }
        for text in ["", "x", "Texas", "ZZ", "Atlantis", "1", &"a".repeat(101)] {
            assert!(Country::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_pattern_of_the_library_compiles() {
        for country in Country::all() {
            assert_eq!(country.postal().is_some(), country.0.postal_format.is_some(), "{country:?}");
            assert_eq!(Country::read(country.code()).map(Country::code), Some(country.code()));
            assert!(country.region().is_some(), "{country:?}");
        }
        assert!(COMMA_COUNTRIES.iter().all(|code| *code == "XK" || Country::read(code).is_some()));
    }
}
