//! [ssr] What a seller can send for each field of a flow: the parameters that the source's mappings read, which of them
//! the rules require, and sample values that the rules accept.

use super::samples::{self, type_of};
use crate::rules::{
    AcceptanceCriteria, Budget, Compiler, Join, Lead, Mapping, Node, Operator, Rule, RuleSet, StandardField, Way, Ways,
    parse, ways_to_send,
};
use std::collections::BTreeSet;

/// A field that the seller can send.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub field: &'static StandardField,
    /// True if the rules reject every lead without a value for the field.
    pub required: bool,
    /// One or more ways to send the field.
    pub ways: Vec<Way>,
    /// A value for each parameter of the usual way. A parameter that should be left out has none.
    pub sample: Vec<(String, String)>,
}

impl Parameter {
    /// The fields, without those that a mapping sets to a fixed value.
    pub fn list(fields: &[&'static StandardField], mappings: &[Mapping], criteria: &[AcceptanceCriteria]) -> Vec<Self> {
        let required: BTreeSet<_> = criteria.iter().flat_map(|criteria| required_fields(&criteria.rule_set)).collect();
        let samples = samples::values(fields, criteria);
        let parameter = |field: &&'static StandardField| {
            let Ways { ways, has_default } = ways_to_send(field.name, mappings);
            let value = samples.get(field.name).map(String::as_str).unwrap_or_default();
            let usual = ways.iter().rfind(|way| way.always).map(|way| way.parts_of(value)).unwrap_or_default();
            let sample = usual.into_iter().filter(|(_, part)| !part.is_empty()).collect();
            (!ways.is_empty()).then(|| Self {
                field,
                required: !has_default && required.contains(field.name),
                ways,
                sample,
            })
        };
        fields.iter().filter_map(parameter).collect()
    }

    /// The names of all parameters, each once, with true for those that are required. Of several that can always set the
    /// field, none is.
    pub fn names(&self) -> Vec<(&str, bool)> {
        let mut names: Vec<(&str, bool)> = Vec::new();
        for way in &self.ways {
            for name in &way.names {
                let is_in_all = self.ways.iter().filter(|way| way.always).all(|way| way.names.contains(name));
                let required = self.required && way.always && is_in_all;
                match names.iter_mut().find(|(known, _)| *known == name.as_str()) {
                    Some((_, known)) => *known |= required,
                    None => names.push((name, required)),
                }
            }
        }
        names
    }
}

/// The fields without which a rule set rejects every lead.
fn required_fields(set: &RuleSet) -> BTreeSet<&str> {
    let mut needed = set.rules.iter().map(|node| match node {
        Node::Rule(rule) if rejects_blank(rule) => BTreeSet::from([rule.field()]),
        Node::Rule(_) => BTreeSet::new(),
        Node::Set(inner) => required_fields(inner),
    });
    match set.op {
        Join::And => needed.flatten().collect(),
        Join::Or => {
            let first = needed.next().unwrap_or_default();
            needed.fold(first, |common, other| common.intersection(&other).copied().collect())
        }
    }
}

/// True if the rule fails for a blank value, whether or not the other fields in its template have a value.
fn rejects_blank(rule: &Rule) -> bool {
    // A list can be long, and a blank value is never in it.
    if rule.op.takes_list() {
        return rule.op == Operator::IsIncludedIn;
    }
    let program = Compiler::new(&type_of).compile(&RuleSet { op: Join::And, rules: vec![Node::Rule(rule.clone())] });
    let others: Vec<_> = program.names().filter(|name| *name != rule.field()).map(str::to_owned).collect();
    let rejects = |other: &str| {
        let mut lead = Lead::default();
        others.iter().for_each(|name| lead.insert(name.clone(), parse(type_of(name), other)));
        !program.evaluate(&lead, &Budget::default()).passed()
    };
    rejects("") && rejects("1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{STANDARD_FIELDS, standard_field};

    fn rule(field: &str, op: Operator, value: &str) -> Node {
        let value = if op.is_unary() { None } else { Some(value) };
        Node::Rule(Rule::new(format!("lead.{field}"), op, value))
    }

    fn needed(field: &str) -> Node {
        rule(field, Operator::IsNotBlank, "")
    }

    fn all(rules: Vec<Node>) -> Node {
        Node::Set(RuleSet { op: Join::And, rules })
    }

    fn any(rules: Vec<Node>) -> Node {
        Node::Set(RuleSet { op: Join::Or, rules })
    }

    fn criteria(node: Node) -> AcceptanceCriteria {
        let rule_set = match node {
            Node::Set(set) => set,
            rule => RuleSet { op: Join::And, rules: vec![rule] },
        };
        AcceptanceCriteria { rule_set, reason: None }
    }

    fn map(field: &str, value: &str) -> Mapping {
        Mapping { property: field.to_owned(), value: value.to_owned(), rule_set: None }
    }

    fn list(mappings: &[Mapping], node: Node) -> Vec<Parameter> {
        let fields = ["state", "email", "phone_1", "age"].map(|name| standard_field(name).unwrap());
        Parameter::list(&fields, mappings, &[criteria(node)])
    }

    #[test]
    fn a_field_is_required_if_every_way_to_pass_needs_it() {
        for (node, expected) in [
            (needed("state"), "state"),
            (all(vec![needed("state"), needed("email")]), "email state"),
            (any(vec![needed("state")]), "state"),
            (any(vec![needed("state"), needed("email")]), ""),
            (any(vec![]), ""),
            (any(vec![all(vec![needed("state"), needed("email")]), needed("email")]), "email"),
            (any(vec![needed("email"), all(vec![])]), ""),
            (all(vec![all(vec![needed("age")]), any(vec![needed("state"), needed("email")])]), "age"),
            (all(vec![any(vec![all(vec![needed("age"), any(vec![needed("age"), needed("age")])])])]), "age"),
        ] {
            let set = criteria(node).rule_set;
            assert_eq!(required_fields(&set).into_iter().collect::<Vec<_>>().join(" "), expected, "{set:?}");
        }
    }

    #[test]
    fn a_rule_requires_its_field_if_it_fails_for_a_blank_value() {
        use Operator as Op;
        for (op, value, expected) in [
            (Op::IsEqualTo, "CA", true),
            (Op::IsEqualTo, "{{lead.city}}", false),
            (Op::IsNotEqualTo, "CA", false),
            (Op::IsNotEqualTo, "{{lead.city}}", false),
            (Op::IsIncludedIn, "CA, TX", true),
            (Op::IsNotIncludedIn, "CA, TX", false),
            (Op::Includes, "a", true),
            (Op::DoesNotInclude, "{{lead.city}}", false),
            (Op::MatchesPattern, "/^[ab]{1,3}$/", true),
            (Op::MatchesPattern, "/^[ab]{0,3}$/", false),
            (Op::DoesNotMatchPattern, "/^[ab]{0,3}$/", true),
            (Op::IsBlank, "", false),
            (Op::IsTrue, "", true),
            (Op::IsNotTrue, "", false),
            (Op::IsObscene, "", true),
        ] {
            assert_eq!(rejects_blank(&Rule::new("lead.first_name", op, Some(value))), expected, "{op} {value}");
        }
        for (op, value) in [(Op::IsBetween, "1-9"), (Op::IsLessThan, "9"), (Op::IsGreaterThan, "{{lead.income}}")] {
            assert!(rejects_blank(&Rule::new("lead.age", op, Some(value))), "{op}");
        }
    }

    /// The listed parameters; those that are required are marked.
    fn shown(parameters: &[Parameter]) -> Vec<String> {
        let one = |parameter: &Parameter| {
            let names = parameter.names();
            let names = names.iter().map(|(name, required)| format!("{name}{}", if *required { "!" } else { "" }));
            format!("{}: {}", parameter.field.name, names.collect::<Vec<_>>().join(" "))
        };
        parameters.iter().map(one).collect()
    }

    #[test]
    fn parameters_have_the_sellers_names_and_fixed_fields_are_not_listed() {
        let node = || all(vec![needed("state"), needed("phone_1"), rule("age", Operator::IsNotTrue, "")]);
        let mappings =
            [map("state", "CA"), map("phone_1", "{{area}}{{number}}"), map("email", "{{e}}"), map("email", "{{mail}}")];
        let expected = ["email: e mail", "phone_1: area! number!", "age: age"];
        assert_eq!(shown(&list(&mappings, node())), expected);
        assert_eq!(shown(&list(&[], node())), ["state: state!", "email: email", "phone_1: phone_1!", "age: age"]);
        let either =
            [map("state", "{{a}}"), map("state", "{{b}}"), map("phone_1", "{{p}}"), map("phone_1", "{{p}}{{q}}")];
        assert_eq!(shown(&list(&either, node()))[..3], ["state: a b", "email: email", "phone_1: p! q"]);
        let default = [map("state", "CA"), map("state", "{{st}}")];
        assert_eq!(shown(&list(&default, node()))[0], "state: st", "it has a value if nothing is sent");
    }

    /// What the examples send for these criteria.
    fn sent(mappings: &[Mapping], node: Node) -> Vec<(String, String)> {
        list(mappings, node).into_iter().flat_map(|parameter| parameter.sample).collect()
    }

    #[test]
    fn samples_meet_the_criteria() {
        use Operator as Op;
        let value = |field: &str, rules: Vec<Node>| {
            let fields = STANDARD_FIELDS.iter().collect::<Vec<_>>();
            let found = Parameter::list(&fields, &[], &[criteria(all(rules))]);
            let parameter = found.into_iter().find(|parameter| parameter.field.name == field).unwrap();
            parameter.sample.into_iter().map(|(_, value)| value).next().unwrap_or_default()
        };
        for (field, op, text, expected) in [
            ("state", Op::IsNotBlank, "", "TX"),
            ("state", Op::IsEqualTo, "CA", "CA"),
            ("state", Op::IsIncludedIn, "NV, CA", "NV"),
            ("state", Op::IsNotIncludedIn, "CA", "TX"),
            ("state", Op::IsNotEqualTo, "TX", "CA"),
            ("state", Op::IsBlank, "", ""),
            ("age", Op::IsBetween, "18-30", "24"),
            ("age", Op::IsLessThan, "30", "29"),
            ("age", Op::IsGreaterThan, "64", "65"),
            ("age", Op::IsGreaterThanOrEqualTo, "65", "65"),
            ("loan_amount", Op::IsBetween, "300000-400000", "350000"),
            ("income", Op::IsLessThanOrEqualTo, "50000", "50000"),
            ("postal_code", Op::IsIncludedIn, "90210,90211", "90210"),
            ("first_name", Op::IsEqualTo, "O'Brien & \"Sons\"", "O'Brien & \"Sons\""),
            ("homeowner", Op::IsFalse, "", "false"),
            ("comments", Op::Includes, "solar", "solar"),
            ("dob", Op::IsLessThan, "1980-01-01", "1955-06-15"),
            ("email", Op::FormatIsValid, "", "maria@example.com"),
        ] {
            let found = value(field, vec![rule(field, op, text)]);
            assert_eq!(found, expected, "{field} {op} {text}");
        }
        assert_eq!(value("age", vec![rule("age", Op::IsGreaterThan, "50"), rule("age", Op::IsLessThan, "60")]), "51");
        let either = any(vec![rule("state", Op::IsEqualTo, "CA"), rule("state", Op::IsEqualTo, "NV")]);
        assert_eq!(value("state", vec![either, rule("state", Op::IsNotEqualTo, "CA")]), "NV");
        assert_eq!(
            value("company_name", vec![rule("company_name", Op::IsEqualTo, "{{lead.first_name}}")]),
            "Barton Bakery"
        );
    }

    #[test]
    fn samples_are_sent_by_the_sellers_names_and_in_the_parts_of_templates() {
        let mappings = [map("state", "{{st}}"), map("phone_1", "({{area}}) {{number}}"), map("age", "41")];
        let node = all(vec![rule("state", Operator::IsEqualTo, "CA"), rule("email", Operator::IsBlank, "")]);
        let expected = [("st", "CA"), ("area", "512"), ("number", "555-0142")];
        assert_eq!(sent(&mappings, node), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
