use super::{
    super::{
        model::{Node, Operator, Rule, RuleSet},
        parse::parse,
        spans::span,
    },
    *,
};

fn lead(fields: &[(&str, FieldType, &str)]) -> Lead {
    let mut lead = Lead::default();
    for (name, field_type, raw) in fields {
        lead.insert(*name, parse(*field_type, raw));
    }
    lead
}

fn passes(rule: &Rule, lead: &Lead) -> bool {
    let type_of = |name: &str| lead.get(name).map_or(FieldType::String, |value| value.field_type);
    let set = RuleSet { rules: vec![Node::Rule(rule.clone())], ..Default::default() };
    Compiler::new(&type_of).compile(&set).evaluate(lead, &Budget::default()).passed()
}

fn rule(field: &str, op: &str, rhv: &str) -> Rule {
    let rhv = (!rhv.is_empty()).then_some(rhv);
    Rule::new(format!("lead.{field}"), op.parse().unwrap(), rhv)
}

#[track_caller]
fn holds(field_type: FieldType, raw: &str, op: &str, rhv: &str) {
    let lead = lead(&[("x", field_type, raw)]);
    let rule = rule("x", op, rhv);
    assert!(passes(&rule, &lead), "{raw:?} {op} {rhv:?}");
    let opposite = Rule { op: rule.op.opposite(), ..rule };
    let undecided = opposite.op.as_str().contains("than") && span(&parse(field_type, raw)).is_none();
    assert!(undecided || !passes(&opposite, &lead), "{raw:?} {} {rhv:?}", opposite.op);
}

use FieldType::{Boolean, Dob, Email, Number, Phone, PostalCode, Range as RangeOf, State, String as Text, Time};

#[test]
fn equality_ignores_case_and_parses_both_sides_by_the_type() {
    holds(Text, "Austin", "is equal to", "AUSTIN");
    holds(Text, "ÉCOLE", "is equal to", "école");
    holds(State, "California", "is equal to", "ca");
    holds(State, "CA", "is equal to", "California");
    holds(Phone, "(512) 555-0142", "is equal to", "512.555.0142");
    holds(Email, "A@Example.com", "is equal to", "a@example.COM");
    holds(Dob, "7/21/1984", "is equal to", "1984-07-21");
    holds(Text, "", "is not equal to", "x");
    holds(State, "Atlantis", "is not equal to", "CA");
}

#[test]
fn numbers_and_numeric_texts_are_equal() {
    holds(Number, "9,998.90", "is equal to", "9998.9");
    holds(Text, "10.0", "is equal to", "10");
    holds(Text, "007", "is not equal to", "7");
    holds(PostalCode, "01234", "is not equal to", "1234");
    holds(Text, "9", "is less than", "10");
    holds(Number, "1,000", "is greater than or equal to", "1000");
    holds(Number, "1000", "is less than or equal to", "1,000.00");
    holds(Number, "12345678901234567891", "is greater than", "12345678901234567890");
    holds(Dob, "1/2/1990", "is less than", "1/1/2000");
    holds(RangeOf, "5-9", "is less than", "10");
    holds(RangeOf, "10+", "is greater than", "9");
}

#[test]
fn a_value_without_order_is_neither_less_nor_greater() {
    for raw in ["", "many"] {
        let lead = lead(&[("x", Number, raw)]);
        for op in
            ["is less than", "is greater than", "is less than or equal to", "is greater than or equal to", "is between"]
        {
            assert!(!passes(&rule("x", op, "1-5"), &lead) && !passes(&rule("x", op, "5"), &lead), "{raw} {op}");
        }
    }
}

#[test]
fn an_open_range_is_not_less_than_anything() {
    let lead = lead(&[("x", RangeOf, "5+")]);
    assert!(!passes(&rule("x", "is less than", "10"), &lead));
    assert!(!passes(&rule("x", "is less than or equal to", "10"), &lead));
    assert!(!passes(&rule("x", "is greater than", "10"), &lead));
}

#[test]
fn lists_are_separated_by_commas_semicolons_or_lines() {
    holds(State, "Texas", "is included in", "CA, tx ,NY");
    holds(State, "Texas", "is included in", "CA;TX\nNY");
    holds(State, "NY", "is included in", "CA; TX\r\nNY\r\n");
    holds(State, "FL", "is not included in", "CA; TX");
    holds(Text, "", "is not included in", "a,,b");
    holds(Text, "5.0", "is included in", "4,5");
    holds(Text, "smith, jr.", "is included in", "\"Smith, Jr.\"; Poe");
    holds(Text, "Jr.", "is not included in", "\"Smith, Jr.\"; Poe");
}

#[test]
fn a_postal_code_of_a_rule_stands_for_the_codes_of_its_area() {
    for (raw, value) in [
        ("02134-1021", "02134"),
        ("021341021", "02134"),
        ("02134", "02134"),
        ("02134-1021", "02134-1021"),
        ("M5V 2T6", "m5v"),
        ("SW1A 1AA", "SW1A"),
    ] {
        holds(PostalCode, raw, "is equal to", value);
        holds(PostalCode, raw, "is included in", &format!("99999; {value}"));
    }
    for (raw, value) in
        [("02134", "02134-1021"), ("02134-1021", "02134-1022"), ("02134-1021", "0213"), ("K1A 0B1", "K1")]
    {
        holds(PostalCode, raw, "is not equal to", value);
        holds(PostalCode, raw, "is not included in", &format!("99999\n{value}"));
    }
    holds(Text, "02134-1021", "is not equal to", "02134");
}

#[test]
fn case_and_the_spelling_of_accents_never_matter() {
    for (raw, value) in [
        ("STRASSE", "Straße"),
        ("İstanbul", "istanbul"),
        ("caf\u{e9}", "CAFE\u{301}"),
        ("CAFE\u{301}", "caf\u{e9}"),
        ("ΟΔΟΣ", "οδος"),
    ] {
        holds(Text, raw, "is equal to", value);
        holds(Text, raw, "is included in", value);
        holds(Text, &format!("x{raw}y"), "includes", value);
    }
    holds(Text, "CAFE\u{301}", "matches pattern", "^caf\u{e9}$");
    holds(Text, "caf\u{e9}s", "matches wildcard", "CAFE\u{301}?");
    holds(Text, "SHİT", "is obscene", "");
    for c in ["İ", "ß", "ﬁ", "\u{0}", "\u{10ffff}", "\u{301}", "👩‍👩‍👧"] {
        for op in Operator::ALL.iter().filter(|op| !op.as_str().contains("than")) {
            let lead = lead(&[("x", Text, &c.repeat(9_000))]);
            let value = (!op.is_unary()).then_some(c);
            let rule = Rule::new("lead.x", *op, value);
            assert_ne!(passes(&rule, &lead), passes(&Rule { op: op.opposite(), ..rule.clone() }, &lead), "{c:?} {op}");
        }
    }
}

#[test]
fn a_text_includes_its_parts() {
    holds(Text, "Please CALL me", "includes", "call");
    holds(Text, "hello", "does not include", "world");
    holds(Text, "", "does not include", "x");
}

#[test]
fn ranges_include_both_ends() {
    holds(Number, "10000", "is between", "10000-19999");
    holds(PostalCode, "19999-1234", "is between", "10000-19999");
    holds(Number, "20000", "is not between", "10000-19999");
    holds(Text, "abc", "is not between", "1-5");
    holds(Dob, "7/21/1984", "is between", "1980-01-01 to 1989-12-31");
    holds(Dob, "1985-05-05", "is between", "1980-01-01 - 1989-12-31");
    holds(Dob, "1989-12-31", "is between", "1980 to 1989");
    holds(Dob, "1990-01-01", "is not between", "1980 to 1989");
    holds(Number, "$15,000", "is between", "$10k – $20k");
    holds(Text, "15%", "is between", "10%-20%");
    holds(Time, "2026-03-31T23:59:59Z", "is between", "2026-03-01 - 2026-03-31");
    holds(Time, "2026-04-01T00:00:00Z", "is not between", "2026-03-01 - 2026-03-31");
    holds(RangeOf, "12000-13000", "is between", "$10,000 - $20,000");
}

#[test]
fn values_of_rules_are_read_as_people_write_them() {
    holds(Number, "1,000", "is equal to", "$1000");
    holds(Number, "18", "is equal to", "18 years");
    holds(Number, "50", "is less than", "51%");
    holds(Text, "$1,500", "is greater than", "1k");
    holds(Dob, "1989-12-31", "is less than", "1990");
    holds(Dob, "1990-12-31", "is less than or equal to", "1990");
    holds(Dob, "1990-01-01", "is greater than or equal to", "1990");
    holds(Dob, "1991-01-01", "is greater than", "1990");
    holds(Dob, "1990-07-01", "is less than or equal to", "July 1990");
    holds(Time, "2026-03-31T23:59:59Z", "is less than or equal to", "2026-03-31");
    holds(Time, "2026-03-31T23:59:59Z", "is greater than or equal to", "2026-03-31");
    holds(Time, "2026-04-01T00:00:00Z", "is greater than", "2026-03-31");
    holds(Time, "2026-03-30T23:59:59Z", "is less than", "3/31/2026");
    holds(Time, "2026-03-31T10:00:00Z", "is greater than", "2026-03-31 09:00");
    holds(Number, "70", "is between", "18 years or older");
    holds(RangeOf, "700-720", "is between", "700 or higher");
}

#[test]
fn patterns_are_regular_expressions_and_wildcards_are_chosen() {
    holds(Text, "John", "matches pattern", "^J.*n$");
    holds(Phone, "(512) 555-0142", "matches pattern", "/^512/");
    holds(Text, "Austin", "matches pattern", "UST");
    holds(Text, "Austin", "matches wildcard", "AUS*");
    holds(Text, "Austin", "does not match wildcard", "AUS");
    holds(Text, "John", "does not match wildcard", "^J.*n$");
    holds(Text, "anything", "does not match pattern", "/(/");
    holds(Text, "", "does not match wildcard", "?*");
}

#[test]
fn unary_operators_test_the_field_alone() {
    holds(Text, "  ", "is blank", "");
    holds(Text, "x", "is not blank", "");
    holds(Phone, "123", "format is invalid", "");
    holds(Phone, "", "format is valid", "");
    holds(Boolean, "T", "is true", "");
    holds(Text, "yes", "is true", "");
    holds(Boolean, "", "is not true", "");
    holds(Boolean, "0", "is false", "");
    holds(Boolean, "maybe", "is not false", "");
    holds(Text, "shit", "is obscene", "");
    holds(Text, "Dickens", "is not obscene", "");
}

#[test]
fn a_template_can_be_a_value_but_not_a_pattern() {
    let lead = lead(&[("a", Phone, "512-555-0142"), ("b", Phone, "(512) 555 0142"), ("c", Text, "/.*/")]);
    assert!(passes(&rule("a", "is equal to", "{{lead.b}}"), &lead));
    assert!(passes(&rule("a", "is not equal to", "{{lead.missing}}"), &lead));
    assert!(!passes(&rule("a", "matches pattern", "{{lead.c}}"), &lead));
    assert!(!passes(&rule("a", "matches wildcard", "{{lead.c}}"), &lead));
    assert!(!passes(&rule("a", "is equal to", &"{{lead.b}}".repeat(3_000)), &lead));
}

fn criteria(op: Join, rules: Vec<Node>, reason: Option<&str>) -> AcceptanceCriteria {
    AcceptanceCriteria { rule_set: RuleSet { op, rules }, reason: reason.map(str::to_owned) }
}

fn reason(criteria: &AcceptanceCriteria) -> Option<String> {
    let lead = lead(&[("state", State, "FL"), ("age", Number, "17"), ("email", Email, "")]);
    let type_of = |name: &str| lead.get(name).map_or(FieldType::String, |value| value.field_type);
    let criteria = Criteria::compile(criteria, &mut Compiler::new(&type_of));
    criteria.judge(&lead, &Budget::default(), |name| name.to_uppercase())
}

#[test]
fn an_empty_set_passes() {
    assert_eq!(reason(&criteria(Join::And, vec![], None)), None);
    assert_eq!(reason(&criteria(Join::Or, vec![], Some("never"))), None);
}

#[test]
fn if_all_must_pass_the_first_failure_is_the_reason() {
    let rules = || {
        let good = rule("state", "is not blank", "");
        vec![good, rule("state", "is included in", "CA, TX"), rule("age", "is greater than", "18")]
            .into_iter()
            .map(Node::Rule)
            .collect()
    };
    assert_eq!(reason(&criteria(Join::And, rules(), None)).unwrap(), "STATE is not included in CA, TX");
    assert_eq!(reason(&criteria(Join::And, rules(), Some("Not our area"))).unwrap(), "Not our area");
    assert_eq!(reason(&criteria(Join::And, rules(), Some(" "))).unwrap(), "STATE is not included in CA, TX");
    assert_eq!(reason(&criteria(Join::Or, rules(), None)), None);
}

#[test]
fn if_any_is_enough_all_failures_are_the_reason() {
    let inner = RuleSet {
        op: Join::Or,
        rules: vec![Node::Rule(rule("state", "is equal to", "CA")), Node::Rule(rule("email", "is not blank", ""))],
    };
    let all = criteria(Join::And, vec![Node::Set(inner)], None);
    assert_eq!(reason(&all).unwrap(), "STATE is not equal to CA and EMAIL is blank");
}

#[test]
fn a_lead_has_only_the_fields_of_its_flow() {
    let submission = BTreeMap::from([("state".to_owned(), "texas".to_owned()), ("x".to_owned(), "1".to_owned())]);
    let value = |name: &str, _| submission.get(name).map(|text| text.as_str().into());
    let lead = Lead::parse(value, [("state", State), ("age", Number)], None);
    let names: Vec<_> = lead.values().map(|(name, value)| (name, value.normal.as_str())).collect();
    assert_eq!(names, [("state", "TX")]);
}

#[test]
fn rules_see_the_first_ten_thousand_characters_of_a_value() {
    let text = |count: usize, end: &str| format!("{}{end}", "é".repeat(count));
    holds(Text, &text(9_999, "x"), "matches wildcard", "*x");
    holds(Text, &text(9_999, "x"), "includes", "x");
    holds(Text, &text(10_000, "x"), "does not include", "x");
    holds(Text, &text(9_999, "x"), "matches pattern", "/x$/");
    holds(Text, &text(10_000, "x"), "does not match pattern", "/x/");
    holds(Text, &text(9_996, " shit"), "is not obscene", "");
    holds(Text, &text(9_000, " shit"), "is obscene", "");
    holds(Text, &text(10_000, "x"), "is not blank", "");
}

#[test]
fn an_entry_of_a_list_equals_a_value_like_a_rule_that_names_it_alone() {
    for (field_type, raws, entries) in [
        (Text, ["5.0", "007", "Ü", "-0", "$5"], ["5", "7", "ü", "0", "number 5"]),
        (Number, ["1,000", "01", "x", "-0.0", "1000.00"], ["1000", "1", "X", "0", "text x"]),
        (Phone, ["(512) 555-0142", "12", "1", "512", "x"], ["5125550142", "512.555.0142", "12", "1", "X"]),
        (PostalCode, ["01234", "k1a0b1", "787041234", "1", "a"], ["1234", "K1A 0B1", "78704-1234", "01", "A"]),
        (RangeOf, ["5-9", "5 to 9", "10", "10+", "x"], ["5-9", "10.0", "10+", "X", "9"]),
    ] {
        for raw in raws {
            let lead = lead(&[("x", field_type, raw)]);
            for entry in entries {
                let alone = passes(&rule("x", "is equal to", entry), &lead);
                let listed = format!("zz,{entry} ,yy");
                assert_eq!(passes(&rule("x", "is included in", &listed), &lead), alone, "{raw} {entry}");
                assert_eq!(passes(&rule("x", "is not included in", &listed), &lead), !alone, "{raw} {entry}");
            }
        }
    }
}

#[test]
fn templates_of_all_rules_expand_within_one_budget() {
    let long = "a,".repeat(5_000);
    let lead = lead(&[("a", Text, &long), ("b", Text, "a")]);
    let set = |count: usize| {
        let listed = rule("b", "is included in", "{{lead.a}}");
        RuleSet { op: Join::And, rules: vec![Node::Rule(listed); count] }
    };
    let run = |count| Compiler::new(&|_| Text).compile(&set(count)).evaluate(&lead, &Budget::default()).passed();
    assert!(run(20) && !run(500));
}

#[test]
fn the_memory_of_compiled_rules_is_counted() {
    let list: Vec<_> = (0..50_000).map(|number| format!("{number:05}")).collect();
    let rules = vec![
        Node::Rule(rule("x", "is included in", &list.join(","))),
        Node::Rule(rule("x", "matches pattern", "/^7/")),
    ];
    let program = Compiler::new(&|_| PostalCode).compile(&RuleSet { rules, ..Default::default() });
    let cost = program.cost();
    assert!((500_000..2_000_000).contains(&cost.bytes) && (cost.rules, cost.weight) == (2, 1), "{cost:?}");
    assert!(program.evaluate(&lead(&[("x", PostalCode, "70000")]), &Budget::default()) != Verdict::Passed);
    assert!(program.evaluate(&lead(&[("x", PostalCode, "07001")]), &Budget::default()) != Verdict::Passed);
}

mod groups {
    mod tests;
}

mod reasons {
    mod tests;
}
