//! What must hold for every type, every text and every country.

use super::{tests::TODAY, *};
use proptest::{prelude::*, sample::select};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() }
}

/// Texts that look like values, so that many of them are valid: pieces of all forms, joined.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9]{1,4}",
        2 => select(vec!["-", "/", ".", " ", ",", "+", ":", "(", ")", "–", "\u{a0}", "\u{200b}", "'", "$", "€", "x", "#"])
            .prop_map(str::to_owned),
        2 => select(vec![
            "512", "555", "0142", "+1", "+44", "20", "7946", "0958", "1980", "07", "21", "July", "st", "T", "Z", "PM",
            "GMT", "TX", "Victoria", "CA", "good", "excellent", "yes", "on", "a@b.co", "mailto:", "www.", "example.com",
            "https://", "203.0.113.7", "[::1]", "ext", "tel:", "M1L", "2S9", "1.234,50", "١٢", "１２", "ß", "İ", "é",
        ])
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop_oneof![
        6 => prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
        2 => "[0-9]{10}",
        2 => "[+]?[0-9]{7,15}(x[0-9]{1,8})?",
        2 => "[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ]([0-9]{2}|[0-9]{4})( [0-9]{2}:[0-9]{2})?",
        1 => "[A-Z0-9]{2,4}[ -]?[A-Z0-9]{2,4}",
        1 => "-?[0-9]{1,4}[.,][0-9]{1,4}([.,][0-9]{1,3})?",
    ]
}

fn any_type() -> impl Strategy<Value = FieldType> {
    select(FieldType::ALL)
}

fn any_country() -> impl Strategy<Value = Option<Country>> {
    let usual: Vec<_> = ["US", "CA", "GB", "AU", "MX", "DE", "FR", "IN"].into_iter().map(Country::read).collect();
    prop_oneof![1 => Just(None), 2 => select(usual), 2 => select(Country::all().map(Some).collect::<Vec<_>>())]
}

/// Ten digits are a number of North America, but abroad they can also be dialled there.
fn is_dialled_elsewhere(value: &Value, country: Option<Country>) -> bool {
    let abroad = country.is_some_and(|country| country.region().is_some() && !phones::in_north_america(country));
    value.field_type == FieldType::Phone && abroad && !value.normal.starts_with('+')
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_normal_form_stays_when_read_again(field_type in any_type(), text in any_text(), country in any_country()) {
        let reader = Reader { country, today: Some(TODAY) };
        let value = reader.read(field_type, &text);
        prop_assert_eq!(&value.raw, &text);
        if !value.valid {
            prop_assert_eq!(value.normal, text.trim());
        } else {
            if !is_dialled_elsewhere(&value, country) {
                let again = reader.read(field_type, &value.normal);
                prop_assert!(again.valid, "{:?} of {:?} in {:?}", value.normal, text, country);
                prop_assert_eq!(&again.normal, &value.normal);
            }
            // A rule has no country, and must still compare the same.
            prop_assert_eq!(parse(field_type, &value.normal).normal, value.normal);
        }
    }

    #[test]
    fn the_marks_around_a_value_do_not_matter(field_type in any_type(), text in "[0-9A-Za-z+@.:/-]{1,16}") {
        let reader = Reader { country: None, today: Some(TODAY) };
        let is_text = matches!(field_type, FieldType::String | FieldType::List | FieldType::Street);
        let plain = reader.read(field_type, &text);
        let marked = reader.read(field_type, &format!("\u{feff}\u{a0}{text}\u{200b} "));
        prop_assert!(is_text || marked.valid == plain.valid);
        prop_assert!(is_text || !plain.valid || marked.normal == plain.normal);
    }

    #[test]
    fn a_country_is_read_without_fear(text in any::<String>()) {
        Country::read(&text);
    }
}

#[test]
fn every_region_of_the_library_reads_its_own_example() {
    let plans = &rlibphonenumber::PHONE_NUMBER_UTIL;
    let mut wrong = Vec::new();
    for country in Country::all() {
        let Some(example) = country.region().and_then(|region| plans.get_example_number(region).ok()) else { continue };
        let full = plans.format(&example, rlibphonenumber::PhoneNumberFormat::E164).into_owned();
        let national = plans.format(&example, rlibphonenumber::PhoneNumberFormat::National).into_owned();
        let normal = full.strip_prefix("+1").unwrap_or(&full);
        for text in [full.as_str(), &national, normal] {
            let value = Reader { country: Some(country), today: None }.read(FieldType::Phone, text);
            if (value.normal.as_str(), value.valid) != (normal, true) {
                wrong.push(format!("{text} in {country:?} became {}", value.normal));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
