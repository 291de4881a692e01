//! Tables of texts with their normal forms, by kind of value.

use super::*;
use time::macros::date;

mod amounts;
mod contacts;
mod days;
mod places;
mod rules;

/// The day on which the leads of these tests come.
pub const TODAY: Date = date!(2026 - 11 - 28);

pub fn reader(country: &str) -> Reader {
    Reader::of_lead(Some(country), Some(TODAY))
}

#[track_caller]
pub fn good_in(country: &str, field_type: FieldType, pairs: &[(&str, &str)]) {
    for (raw, normal) in pairs {
        let value = reader(country).read(field_type, raw);
        assert_eq!((value.normal.as_str(), value.valid, value.raw.as_str()), (*normal, true, *raw), "{raw}");
    }
}

#[track_caller]
pub fn bad_in(country: &str, field_type: FieldType, texts: &[&str]) {
    for raw in texts {
        let value = reader(country).read(field_type, raw);
        assert_eq!((value.normal.as_str(), value.valid, value.raw.as_str()), (raw.trim(), false, *raw), "{raw}");
    }
}

#[track_caller]
pub fn good(field_type: FieldType, pairs: &[(&str, &str)]) {
    good_in("", field_type, pairs);
}

#[track_caller]
pub fn bad(field_type: FieldType, texts: &[&str]) {
    bad_in("", field_type, texts);
}

#[test]
fn a_blank_value_is_valid_for_every_type() {
    for field_type in FieldType::ALL {
        good(*field_type, &[("", ""), (" \t", ""), ("\u{a0}\u{3000}", "")]);
    }
    good(FieldType::Phone, &[("\u{200b}", "")]);
}

#[test]
fn a_value_that_is_too_long_for_its_form_is_invalid() {
    let long = "1".repeat(MAX_FORMED + 1);
    for field_type in FieldType::ALL {
        let is_text = matches!(field_type, FieldType::Street | FieldType::String | FieldType::List);
        let value = reader("").read(*field_type, &long);
        assert_eq!((value.valid, value.normal.len()), (is_text, long.len()), "{field_type}");
    }
}

#[test]
fn debug_output_hides_the_value() {
    assert_eq!(format!("{:?}", Value::text("secret")), "Value(string, valid: true)");
}

#[test]
fn yes_and_no_have_many_spellings() {
    for yes in [
        "true",
        "TRUE",
        "T",
        "t",
        "1",
        "yes",
        "Yes",
        "Y",
        "on",
        "ON",
        "checked",
        " Checked ",
        "１",
        "ｙｅｓ",
        "ＴＲＵＥ",
    ] {
        good(FieldType::Boolean, &[(yes, "true")]);
        assert_eq!(boolean(yes), Some(true), "{yes}");
    }
    for no in [
        "false",
        "False",
        "F",
        "f",
        "0",
        "no",
        "NO",
        "n",
        "off",
        "Off",
        "unchecked",
        "０",
        "\u{200b}no",
        "ｎｏ",
        " 0\n",
    ] {
        good(FieldType::Boolean, &[(no, "false")]);
        assert_eq!(boolean(no), Some(false), "{no}");
    }
    bad(FieldType::Boolean, &["maybe", "2", "10", "-1", "yes please", "null", "tr ue", "1.0"]);
}

#[test]
fn genders_and_social_security_numbers_are_read() {
    good(
        FieldType::Gender,
        &[
            ("F", "female"),
            ("female", "female"),
            (" Woman ", "female"),
            ("M", "male"),
            ("MALE", "male"),
            ("man", "male"),
            ("ｍａｌｅ", "male"),
            ("x", "other"),
            ("Other", "other"),
            ("non-binary", "other"),
            ("Non binary", "other"),
            ("non‑binary", "other"),
        ],
    );
    bad(FieldType::Gender, &["12", "malefemale", "mf"]);
    for text in ["123-45-6789", "123 45 6789", "123456789", "123–45–6789", "１２３-45-6789", "\u{feff}123456789"]
    {
        good(FieldType::Ssn, &[(text, "123456789")]);
    }
    bad(FieldType::Ssn, &["123", "12345678a", "1234567890", "***-**-6789"]);
}

#[test]
fn texts_and_lists_stay_as_sent() {
    for text in ["ＡＢ　１２", "don’t", "a – b", "７", "1,2;3", "\u{202e}abc", "x\u{200b}y"] {
        good(FieldType::String, &[(text, text)]);
        good(FieldType::List, &[(text, text)]);
        good(FieldType::Street, &[(text, &text.replace('\u{3000}', " "))]);
    }
    good(FieldType::Street, &[("12  Main\n St", "12 Main St"), (" 1\tRue de l’Église ", "1 Rue de l’Église")]);
    good(FieldType::List, &[(" Roofing, Siding ", "Roofing, Siding")]);
}
