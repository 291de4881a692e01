use super::super::*;

/// The reason for a lead whose field `x` fails the rule.
fn reason_of(field_type: FieldType, raw: &str, op: &str, value: &str) -> Option<String> {
    let lead = lead(&[("x", field_type, raw), ("other", field_type, "")]);
    let all = criteria(Join::And, vec![Node::Rule(rule("x", op, value))], None);
    let type_of = |name: &str| lead.get(name).map_or(FieldType::String, |value| value.field_type);
    let criteria = Criteria::compile(&all, &mut Compiler::new(&type_of));
    criteria.judge(&lead, &Budget::default(), |name| name.to_uppercase())
}

#[test]
fn a_blank_value_is_missing_whatever_the_rule_asks() {
    for op in Operator::ALL {
        let value = match op {
            op if op.is_unary() => "",
            op if op.takes_range() => "10-20",
            op if op.takes_pattern() => "1?8",
            _ => "18",
        };
        for (field_type, raw) in [(Number, ""), (Number, " \t"), (Text, ""), (PostalCode, ""), (RangeOf, "\u{a0}")] {
            let expected = match op {
                Operator::IsNotBlank => Some("X is blank"),
                Operator::IsBlank | Operator::FormatIsValid => None,
                Operator::FormatIsInvalid => Some("X is missing"),
                op if op.as_str().contains(" not ") => None,
                _ => Some("X is missing"),
            };
            assert_eq!(reason_of(field_type, raw, op.as_str(), value).as_deref(), expected, "{op} {field_type}");
        }
    }
    assert_eq!(reason_of(Text, "", "does not match pattern", "^$").as_deref(), Some("X is missing"));
    assert_eq!(reason_of(Text, "", "is not equal to", "{{lead.other}}").as_deref(), Some("X is missing"));
}

#[test]
fn a_value_that_cannot_be_read_is_neither_less_nor_greater_nor_between() {
    for (field_type, raw, value, range, what) in [
        (Number, "many", "18", "18-65", "a number"),
        (RangeOf, "lots", "18", "18-65", "a number"),
        (Text, "many", "18", "18-65", "a number"),
        (Dob, "soon", "1980-01-01", "1980 to 1989", "a date"),
        (Dob, "2/30/1980", "1980-01-01", "1980 to 1989", "a date"),
        (Time, "noon", "2026-01-01", "2025-2026", "a date and time"),
        (PostalCode, "Boston", "02134", "02100-02199", "a ZIP code"),
    ] {
        let expected = format!("X can't be read as {what}");
        for op in ["is less than", "is less than or equal to", "is greater than", "is greater than or equal to"] {
            assert_eq!(reason_of(field_type, raw, op, value), Some(expected.clone()), "{raw} {op}");
        }
        assert_eq!(reason_of(field_type, raw, "is between", range), Some(expected), "{raw}");
        assert_eq!(reason_of(field_type, raw, "is not between", range), None, "{raw}");
        assert_eq!(
            reason_of(field_type, raw, "is equal to", value),
            Some(format!("X is not equal to {value}")),
            "{raw}"
        );
        assert_eq!(reason_of(field_type, raw, "is included in", value), Some(format!("X is not included in {value}")));
    }
}

#[test]
fn the_reason_of_any_other_value_is_the_opposite_of_the_rule_or_that_it_does_not_hold() {
    for (field_type, raw, op, value, expected) in [
        (Number, "20", "is less than", "18", "X is greater than or equal to 18"),
        (Number, "17", "is greater than or equal to", "18", "X is less than 18"),
        (Number, "17", "is between", "18-65", "X is not between 18-65"),
        (Number, "20", "is not between", "18-65", "X is between 18-65"),
        (PostalCode, "K1A 0B1", "is between", "10000-19999", "X is not between 10000-19999"),
        (PostalCode, "K1A 0B1", "is less than", "10000", "X can't be read as a ZIP code"),
        (RangeOf, "5-10", "is less than", "7", "X is not less than 7"),
        (RangeOf, "5+", "is less than or equal to", "10", "X is not less than or equal to 10"),
        (RangeOf, "5-6", "is greater than", "7", "X is less than or equal to 7"),
        (Number, "5", "is greater than", "{{lead.other}}", "X is not greater than {{lead.other}}"),
        (Boolean, "maybe", "is true", "", "X is not true"),
        (Boolean, "maybe", "is not true", "", "passes"),
        (Phone, "12", "format is valid", "", "X format is invalid"),
        (Text, "Hahn", "matches pattern", "^J", "X does not match pattern ^J"),
        (Text, "Hahn", "does not match wildcard", "H*", "X matches wildcard H*"),
        (Text, "a", "includes", "b", "X does not include b"),
        (Text, "a", "is blank", "", "X is not blank"),
        (State, "FL", "is included in", "CA\nTX", "X is not included in CA, TX"),
    ] {
        let reason = reason_of(field_type, raw, op, value).unwrap_or_else(|| "passes".to_owned());
        assert_eq!(reason, expected, "{raw} {op} {value}");
    }
}

#[test]
fn the_buyers_own_reason_is_given_for_blank_values_too() {
    let own = criteria(Join::And, vec![Node::Rule(rule("email", "includes", "@"))], Some("No way to reach them"));
    assert_eq!(reason(&own).unwrap(), "No way to reach them");
}
