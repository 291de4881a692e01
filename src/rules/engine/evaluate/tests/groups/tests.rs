use super::super::*;
use FieldType::Ssn;

/// A rule about a field of a lead from a country.
#[track_caller]
fn holds_in(country: &str, field_type: FieldType, raw: &str, op: &str, value: &str) {
    let value_of = |name: &str, _| Some(if name == "x" { raw.into() } else { country.into() });
    let today = Date::from_calendar_date(2026, time::Month::March, 1).ok();
    let lead = Lead::parse(value_of, [("x", field_type), ("country", Text)], today);
    assert!(lead.get("x").unwrap().valid, "{country} {raw}");
    let rule = rule("x", op, value);
    assert!(passes(&rule, &lead), "{country} {raw} {op} {value}");
    assert!(!passes(&Rule { op: rule.op.opposite(), ..rule.clone() }, &lead), "{country} {raw} not {op} {value}");
}

#[test]
fn codes_and_numbers_are_equal_however_their_groups_are_written() {
    for (country, raw, values) in [
        ("PL", "00-950", ["00-950", "00950", "00 950", "００-９５０"]),
        ("SE", "11122", ["111 22", "11122", "111-22", "111\u{a0}22"]),
        ("NL", "1012ab", ["1012AB", "1012 AB", "1012 ab", "1012-AB"]),
        ("JP", "1000001", ["1000001", "100-0001", "100–0001", "100 0001"]),
        ("JP", "001-0010", ["0010010", "001-0010", "001 0010", "001–0010"]),
        ("BR", "01310000", ["01310000", "01310-000", "01310 000", "01.310-000"]),
        ("US", "021341021", ["02134-1021", "021341021", "02134 1021", "02134"]),
    ] {
        for value in values {
            holds_in(country, PostalCode, raw, "is equal to", value);
            holds_in(country, PostalCode, raw, "is included in", &format!("99999; {value}"));
        }
    }
    for (raw, value) in [
        ("(999) 999-9999", "9999999999"),
        ("999.999.9999", "999-999-9999"),
        ("0000000000", "(000) 000/0000"),
        ("N/A", "n/a"),
        ("--", "--"),
    ] {
        holds(Phone, raw, "is equal to", value);
        holds(Phone, raw, "is included in", &format!("5125550142, {value}"));
        holds(Ssn, raw, "is equal to", value);
    }
    holds(Phone, "--", "is not equal to", "-");
    holds(Phone, "05125550142", "is not equal to", "5125550142");
    holds(Phone, "512-555-014", "includes", "512-555");
    holds(Ssn, "123 45", "includes", "3 4");
}

#[test]
fn a_phone_number_abroad_equals_a_rule_that_names_it_as_it_is_dialled_at_home() {
    for value in ["020 7946 0958", "(020) 79460958", "+44 20 7946 0958", "+442079460958"] {
        holds_in("GB", Phone, "020 7946-0958", "is equal to", value);
        holds_in("GB", Phone, "020 7946-0958", "is included in", &format!("5125550142; {value}"));
    }
    holds_in("GB", Phone, "020 7946-0958", "is not equal to", "020 7946 0959");
    holds_in("US", Phone, "512-555-0142", "is not equal to", "020 7946 0958");
}

#[test]
fn postal_codes_of_other_countries_are_ordered() {
    for (country, inside, outside, range) in [
        ("BR", "01310-100", "01320-100", "01310-000 - 01319-999"),
        ("NL", "1013AB", "1018 AB", "1012 AB to 1017 ZZ"),
        ("NL", "1013AB", "1018 AB", "1012AB-1017ZZ"),
        ("PT", "1500-123", "2000-123", "1000-001 - 1999-999"),
        ("PL", "00-950", "01-950", "00-900 - 00-999"),
        ("SE", "11122", "12122", "111 00 to 114 99"),
        ("AU", "2000", "3000", "2000-2999"),
        ("JP", "100-0001", "110-0001", "100-0000 to 109-9999"),
    ] {
        holds_in(country, PostalCode, inside, "is between", range);
        holds_in(country, PostalCode, outside, "is not between", range);
    }
    holds_in("BR", PostalCode, "01310-100", "is less than", "01320-000");
}
