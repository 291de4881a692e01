use super::{RuleProblemKind as Kind, *};

fn problems(sets: &[(&str, &RuleSet, bool)]) -> Vec<(String, Kind)> {
    let sets = sets.iter().map(|(at, rules, of_parameters)| CheckedSet {
        at: (*at).to_owned(),
        rules,
        of_parameters: *of_parameters,
    });
    value_problems(sets).into_iter().map(|problem| (problem.at, problem.kind)).collect()
}

fn rule(field: &str, op: &str, value: &str) -> Node {
    Node::Rule(Rule::new(format!("lead.{field}"), op.parse().unwrap(), Some(value)))
}

fn set(rules: Vec<Node>) -> RuleSet {
    RuleSet { rules, ..Default::default() }
}

#[track_caller]
fn found(of_parameters: bool, field: &str, op: &str, value: &str) -> Option<Kind> {
    let set = set(vec![rule(field, op, value)]);
    problems(&[("", &set, of_parameters)]).first().map(|(_, kind)| *kind)
}

#[test]
fn values_that_no_lead_can_match_are_refused() {
    let (unreadable, unordered) = (Kind::UnreadableValue, Kind::UnorderedValue);
    for (field, op, value, kind) in [
        ("state", "is equal to", "Atlantis", unreadable),
        ("state", "is not equal to", "Texxas", unreadable),
        ("state", "is included in", "CA, TX, Atlantis", unreadable),
        ("state", "is not included in", "CA; TX\nAtlantis", unreadable),
        ("state", "is included in", "CA TX", unreadable),
        ("age", "is equal to", "eighteen", unreadable),
        ("age", "is included in", "18, many", unreadable),
        ("dob", "is equal to", "1980", unreadable),
        ("dob", "is included in", "soon", unreadable),
        ("homeowner", "is equal to", "maybe", unreadable),
        ("gender", "is included in", "male, robot", unreadable),
        ("email", "is not included in", "ann@example.com, mailinator.com", unreadable),
        ("phone_1", "is equal to", "call me", unreadable),
        ("postal_code", "is included in", "02134, Boston", unreadable),
        ("postal_code", "is included in", "02134|02135", unreadable),
        ("ip_address", "is included in", "203.0.113.0/24", unreadable),
        ("consent_at", "is equal to", "yesterday", unreadable),
        ("loan_amount", "is equal to", "a lot", unreadable),
        ("age", "is greater than", "abc", unordered),
        ("age", "is less than", "18-20", unordered),
        ("city", "is less than", "Boston", unordered),
        ("dob", "is less than", "10", unordered),
        ("dob", "is greater than or equal to", "1980-13-01", unordered),
        ("consent_at", "is less than or equal to", "noon", unordered),
        ("state", "is greater than", "CA", unordered),
        ("state", "is between", "AL - CA", unordered),
        ("email", "is less than", "5", unordered),
        ("homeowner", "is between", "0-1", unordered),
        ("dob", "is equal to", "7/21/84", unreadable),
        ("dob", "is less than", "7/21/84", unordered),
        ("income", "is greater than", "75000+", unordered),
        ("income", "is greater than or equal to", "75000+", unordered),
        ("credit_rating", "is equal to", "900", unreadable),
        ("credit_rating", "is greater than", "850", unordered),
        ("credit_rating", "is greater than or equal to", "900", unordered),
        ("credit_rating", "is less than", "300", unordered),
        ("credit_rating", "is less than or equal to", "299", unordered),
        ("credit_rating", "is between", "900-950", unreadable),
        ("credit_rating", "is between", "10-20", unreadable),
        ("age", "is between", "65-18", Kind::BadRange),
        ("age", "is not between", "young to old", Kind::BadRange),
        ("age", "is between", "18", Kind::BadRange),
        ("dob", "is between", "1989-12-31 - 1980-01-01", Kind::BadRange),
        ("dob", "is between", "18-65", Kind::BadRange),
        ("age", "is between", "1980-01-01 to 1989-12-31", Kind::BadRange),
        ("postal_code", "is between", "A - B", Kind::BadRange),
        ("city", "matches pattern", "(", Kind::BadPattern),
        ("city", "matches pattern", "*ton", Kind::BadPattern),
        ("city", "matches pattern", "//", Kind::BadPattern),
        ("city", "does not match pattern", "$5", Kind::BadPattern),
    ] {
        assert_eq!(found(false, field, op, value), Some(kind), "{field} {op} {value}");
    }
}

#[test]
fn values_that_a_lead_can_match_are_saved() {
    for (field, op, value) in [
        ("state", "is equal to", "california"),
        ("state", "is included in", "CA, tx; New York\nN.J.,"),
        ("city", "is equal to", "Atlantis"),
        ("city", "is included in", "\"Washington, D.C.\"; 5"),
        ("first_name", "is not equal to", "test"),
        ("address_1", "is equal to", "12 Main St"),
        ("age", "is equal to", "18"),
        ("age", "is equal to", "18 years"),
        ("age", "is greater than", "18"),
        ("age", "is less than", "$1,000"),
        ("age", "is less than", "50%"),
        ("city", "is less than", "10"),
        ("income", "is greater than", "$50k"),
        ("income", "is equal to", "50,000-60,000"),
        ("income", "is between", "$10,000 - $20,000"),
        ("dob", "is less than", "1990"),
        ("dob", "is less than", "1/1/1990"),
        ("dob", "is equal to", "Aug 21, 1980"),
        ("dob", "is between", "1980-01-01 - 1989-12-31"),
        ("consent_at", "is greater than", "2026-01"),
        ("homeowner", "is equal to", "Yes"),
        ("email", "is included in", "ann@example.com\nbob@example.com"),
        ("phone_1", "is not equal to", "9999999999"),
        ("phone_1", "is included in", "(512) 555-0142; +44 20 7946 0958"),
        ("postal_code", "is included in", "02134;02135\n02134-1021, K1A 0B1, M5V, 2000"),
        ("postal_code", "is between", "02100 - 02199"),
        ("postal_code", "is equal to", "02134–1021"),
        ("postal_code", "is included in", "０２１３４; 1012–AB, 01310-000"),
        ("postal_code", "is between", "01310-000 - 01319-999"),
        ("phone_1", "is included in", "９９９９９９９９９９; 020 7946 0958"),
        ("income", "is less than", "75000+"),
        ("credit_rating", "is greater than", "good"),
        ("credit_rating", "is less than or equal to", "300"),
        ("credit_rating", "is greater than or equal to", "850"),
        ("credit_rating", "is between", "0-579"),
        ("credit_rating", "is between", "800-900"),
        ("state", "is not equal to", "N/A"),
        ("dob", "is not included in", "none, NULL; unknown"),
        ("phone_1", "is not included in", "-; test, na"),
        ("email", "is equal to", "n/a"),
        ("phone_1", "is equal to", "{{lead.phone_2}}"),
        ("age", "is between", "{{lead.a}}-{{lead.b}}"),
        ("state", "is included in", "CA, {{lead.x}}"),
        ("age", "is greater than", "{{lead.x}}"),
        ("city", "matches pattern", "^J.*n$"),
        ("city", "matches pattern", "/^a{2}/"),
        ("city", "matches wildcard", "$5*("),
        ("state", "is blank", ""),
        ("state", "is equal to", " "),
        ("state", "includes", "Atlantis"),
    ] {
        assert_eq!(found(false, field, op, value), None, "{field} {op} {value}");
    }
}

#[test]
fn parameters_as_sent_are_texts() {
    assert_eq!(found(true, "state", "is equal to", "Atlantis"), None);
    assert_eq!(found(true, "dob", "is less than", "1990-01-01"), Some(Kind::UnorderedValue));
    assert_eq!(found(true, "state", "is between", "10-20"), None);
}

#[test]
fn problems_have_their_path() {
    let inner = set(vec![rule("city", "matches pattern", "/(/")]);
    let all = set(vec![rule("city", "matches pattern", "."), Node::Set(inner), rule("state", "is equal to", "?")]);
    assert_eq!(
        problems(&[("a", &all, true), ("b", &all, false)]),
        [
            ("a.rules.1.rules.0.rhv".to_owned(), Kind::BadPattern),
            ("b.rules.1.rules.0.rhv".to_owned(), Kind::BadPattern),
            ("b.rules.2.rhv".to_owned(), Kind::UnreadableValue),
        ]
    );
}

#[test]
fn patterns_that_are_too_large_together_are_refused() {
    let rules = (0..50).map(|index| rule("city", "matches pattern", &format!("/\\w{{4}}{index}/")));
    let many = set(rules.collect());
    assert_eq!(
        problems(&[("", &many, false)]).iter().map(|(_, kind)| *kind).collect::<Vec<_>>(),
        [Kind::PatternsTooLarge]
    );
    let one = set(vec![many.rules[0].clone(); 50]);
    assert_eq!(problems(&[("", &one, false)]), [], "the same pattern counts once");
    let bad = set(vec![rule("city", "matches pattern", "("); 50]);
    assert_eq!(problems(&[("", &bad, false)]).len(), MAX_INVALID);
}
