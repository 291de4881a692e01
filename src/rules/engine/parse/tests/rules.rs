//! The value of a rule belongs to no lead, and normal forms are read again by rules with templates.

use super::*;

#[test]
fn a_rule_names_states_of_any_country() {
    for (text, normal) in [
        ("Texas", "TX"),
        ("Guam", "GU"),
        ("NT", "NT"),
        ("WA", "WA"),
        ("Queensland", "QLD"),
        ("nsw", "NSW"),
        ("Jalisco", "JAL"),
        ("CDMX", "CMX"),
    ] {
        let value = parse(FieldType::State, text);
        assert_eq!((value.normal.as_str(), value.valid), (normal, true), "{text}");
    }
}

#[test]
fn a_date_of_birth_in_a_rule_needs_its_whole_year() {
    assert!(!parse(FieldType::Dob, "7/21/80").valid);
    assert_eq!(parse(FieldType::Dob, "7/21/1980").normal, "1980-07-21");
    assert!(parse(FieldType::Dob, "2050-01-01").valid);
    assert_eq!(parse(FieldType::Date, "7/21/80").normal, "1980-07-21");
}
