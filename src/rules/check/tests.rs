use super::{super::model::Operator, RuleProblemKind as Kind, *};

const KNOWN: &[&str] = &["state", "age", "email"];

fn rule(lhv: &str, op: Operator, rhv: Option<&str>) -> Node {
    Node::Rule(Rule::new(lhv, op, rhv))
}

fn set(rules: Vec<Node>) -> RuleSet {
    RuleSet { rules, ..Default::default() }
}

fn found(result: Result<(), Vec<RuleProblem>>) -> Vec<(String, Kind)> {
    result.err().unwrap_or_default().into_iter().map(|problem| (problem.at, problem.kind)).collect()
}

fn one(node: Node) -> Vec<(String, Kind)> {
    found(set(vec![node]).check(KNOWN))
}

fn problem(at: &str, kind: Kind) -> Vec<(String, Kind)> {
    vec![(at.to_owned(), kind)]
}

#[test]
fn valid_rules_have_no_problem() {
    for node in [
        rule("lead.state", Operator::IsIncludedIn, Some("CA, TX")),
        rule("lead.age", Operator::IsBetween, Some("18-65")),
        rule("lead.state", Operator::IsNotIncludedIn, Some("\n; CA")),
        rule("lead.email", Operator::IsNotBlank, None),
        rule("lead.email", Operator::IsNotBlank, Some("")),
        rule("lead.email", Operator::IsNotEqualTo, Some("{{lead.state}}@example.com")),
        rule("lead.email", Operator::MatchesPattern, Some("/^a{{2}}/")),
    ] {
        assert_eq!(one(node), []);
    }
    assert_eq!(RuleSet::default().check(&[]), Ok(()));
}

#[test]
fn a_rule_must_name_a_field_of_the_lead() {
    for lhv in ["lead.zodiac", "state", "", "lead.", "lead.state.x"] {
        assert_eq!(one(rule(lhv, Operator::IsBlank, None)), problem("rules.0.lhv", Kind::UnknownField), "{lhv}");
    }
}

#[test]
fn a_value_must_fit_its_operator() {
    let value = |op, rhv: Option<&str>| one(rule("lead.age", op, rhv));
    let at = |kind| problem("rules.0.rhv", kind);
    assert_eq!(value(Operator::IsEqualTo, None), at(Kind::MissingValue));
    assert_eq!(value(Operator::IsEqualTo, Some(" ")), at(Kind::MissingValue));
    assert_eq!(value(Operator::IsBlank, Some("x")), at(Kind::UnneededValue));
    assert_eq!(value(Operator::IsIncludedIn, Some(", ;\n\"\"")), at(Kind::EmptyList));
    assert_eq!(value(Operator::IsIncludedIn, Some(&"a;".repeat(MAX_ENTRIES + 1))), at(Kind::ListTooLong));
    assert_eq!(value(Operator::IsEqualTo, Some("{{lead.age")), at(Kind::BadTemplate));
    assert_eq!(value(Operator::IsEqualTo, Some("{{age}}")), at(Kind::UnknownTemplateField));
    assert_eq!(value(Operator::IsEqualTo, Some(&"9".repeat(MAX_VALUE + 1))), at(Kind::ValueTooLong));
}

#[test]
fn the_size_and_depth_of_groups_are_limited() {
    let blank = || rule("lead.age", Operator::IsBlank, None);
    let nest = |levels: usize| (1..levels).fold(set(vec![blank()]), |inner, _| set(vec![Node::Set(inner)]));
    assert_eq!(nest(MAX_DEPTH).check(KNOWN), Ok(()));
    assert_eq!(
        found(nest(MAX_DEPTH + 1).check(KNOWN)),
        problem("rules.0.rules.0.rules.0.rules.0.rules.0", Kind::TooDeep)
    );
    assert_eq!(set(vec![blank(); MAX_RULES]).check(KNOWN), Ok(()));
    let many = set(vec![Node::Set(set(vec![blank(); MAX_RULES])), blank()]);
    assert_eq!(found(many.check(KNOWN)), problem("rules", Kind::TooManyRules));
    assert_eq!(one(Node::Set(RuleSet::default())), problem("rules.0.rules", Kind::EmptyGroup));
}

#[test]
fn all_problems_are_found_together() {
    let bad = set(vec![
        rule("lead.x", Operator::IsEqualTo, None),
        Node::Set(set(vec![rule("lead.y", Operator::IsBlank, None)])),
    ]);
    let criteria = AcceptanceCriteria { rule_set: bad, reason: Some("é".repeat(MAX_REASON + 1)) };
    let places: Vec<_> = found(criteria.check(KNOWN)).into_iter().map(|(at, _)| at).collect();
    assert_eq!(places, ["rule_set.rules.0.lhv", "rule_set.rules.0.rhv", "rule_set.rules.1.rules.0.lhv", "reason"]);
}

#[test]
fn a_mapping_must_set_a_plain_name_that_is_not_reserved() {
    let target = |property: &str| {
        found(Mapping { property: property.to_owned(), value: "x".to_owned(), rule_set: None }.check(KNOWN))
    };
    for name in ["state", "loan.amount", "utm_source", "a1"] {
        assert_eq!(target(name), [], "{name}");
    }
    for name in ["", "First Name", "a..b", ".a", "__proto__\u{0}", "ä", &"a".repeat(MAX_NAME + 1)] {
        assert_eq!(target(name), problem("property", Kind::BadTarget), "{name}");
    }
    for name in ["lead.state", "source", "account.id", "redir_url", "price"] {
        assert_eq!(target(name), problem("property", Kind::ReservedTarget), "{name}");
    }
}

#[test]
fn the_mappings_of_a_source_are_checked_together() {
    let mapping = |value: &str, condition: Option<RuleSet>| Mapping {
        property: "state".to_owned(),
        value: value.to_owned(),
        rule_set: condition,
    };
    let any_name = set(vec![rule("lead.Their Own", Operator::IsBlank, None)]);
    let no_value = set(vec![rule("lead.x", Operator::IsEqualTo, None)]);
    let mappings = [mapping("{{st}}", Some(any_name)), mapping("{{st", None), mapping("x", Some(no_value))];
    assert_eq!(
        found(check_mappings(&mappings, KNOWN)),
        [("1.value".to_owned(), Kind::BadTemplate), ("2.rule_set.rules.0.rhv".to_owned(), Kind::MissingValue)]
    );
    for name in ["x'; id; '", "$(id)", "a\"b", "a<b", "a&b"] {
        let template = mapping(&format!("{{{{{name}}}}} and more"), None);
        assert_eq!(found(check_mappings(&[template], KNOWN)), problem("0.value", Kind::BadTemplate), "{name}");
        let condition = set(vec![rule(&format!("lead.{name}"), Operator::IsBlank, None)]);
        let condition = found(check_mappings(&[mapping("x", Some(condition))], KNOWN));
        assert_eq!(condition, problem("0.rule_set.rules.0.lhv", Kind::UnknownField), "{name}");
    }
    let many = vec![mapping("x", None); MAX_MAPPINGS + 1];
    assert_eq!(found(check_mappings(&many, KNOWN)), problem("", Kind::TooManyMappings));
}
