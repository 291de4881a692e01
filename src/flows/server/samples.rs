//! [ssr] Sample values of fields that meet acceptance criteria, for the examples of the Submission Docs. They are
//! derived from the rules, tried, and kept if the rules accept them.

use crate::rules::{
    AcceptanceCriteria, Budget, Compiler, Criteria, FieldType, Join, Lead, Node, Operator, Program, Rule, RuleSet,
    StandardField, parse, standard_field,
};
use std::collections::BTreeMap;

/// Alternatives of `or` sets that are tried.
const MAX_CHOICES: usize = 4;
/// Entries of a list that are tried.
const MAX_ENTRIES: usize = 20;
/// Values of a field's rules that are tried, each by all of the rules: opening the docs must stay cheap.
const MAX_CANDIDATES: usize = 64;

pub fn type_of(field: &str) -> FieldType {
    standard_field(field).map_or(FieldType::String, |field| field.field_type)
}

/// A value for each field. If no values are found that meet all criteria, they meet as many rules as possible.
pub fn values(fields: &[&'static StandardField], criteria: &[AcceptanceCriteria]) -> BTreeMap<&'static str, String> {
    let mut compiler = Compiler::new(&type_of);
    let whole: Vec<_> = criteria.iter().map(|criteria| Criteria::compile(criteria, &mut compiler)).collect();
    let mut first = None;
    for choice in 0..MAX_CHOICES {
        let mut rules = Vec::new();
        criteria.iter().for_each(|criteria| collect(&criteria.rule_set, choice, &mut rules));
        let values = choose(fields, &rules, &mut compiler);
        let lead = lead_of(&values);
        let is_accepted =
            whole.iter().all(|criteria| criteria.judge(&lead, &Budget::default(), str::to_owned).is_none());
        if is_accepted {
            return values;
        }
        first.get_or_insert(values);
    }
    first.unwrap_or_default()
}

fn lead_of(values: &BTreeMap<&'static str, String>) -> Lead {
    let mut lead = Lead::default();
    values.iter().for_each(|(name, value)| lead.insert(*name, parse(type_of(name), value)));
    lead
}

/// The rules that must pass if this alternative of each `or` set is chosen.
fn collect<'r>(set: &'r RuleSet, choice: usize, rules: &mut Vec<&'r Rule>) {
    let chosen = match set.op {
        Join::And => set.rules.as_slice(),
        Join::Or => set.rules.get(choice.min(set.rules.len().saturating_sub(1))).map_or(&[][..], std::slice::from_ref),
    };
    for node in chosen {
        match node {
            Node::Rule(rule) => rules.push(rule),
            Node::Set(inner) => collect(inner, choice, rules),
        }
    }
}

/// For each field, the first value that most of its rules accept. Rules that compare with an earlier field see its value.
fn choose(
    fields: &[&'static StandardField],
    rules: &[&Rule],
    compiler: &mut Compiler<'_>,
) -> BTreeMap<&'static str, String> {
    let mut values: BTreeMap<_, _> = fields.iter().map(|field| (field.name, example(field).to_owned())).collect();
    for field in fields {
        let own: Vec<_> = rules.iter().copied().filter(|rule| rule.field() == field.name).collect();
        let programs: Vec<_> = own.iter().map(|rule| compile(rule, compiler)).collect();
        let mut best = (0, String::new());
        for value in candidates(field, &own) {
            values.insert(field.name, value.clone());
            let lead = lead_of(&values);
            let passed = programs.iter().filter(|rule| rule.evaluate(&lead, &Budget::default()).passed()).count();
            if passed == programs.len() {
                best = (passed, value);
                break;
            }
            if passed > best.0 || best.1.is_empty() {
                best = (passed, value);
            }
        }
        values.insert(field.name, best.1);
    }
    values
}

fn compile(rule: &Rule, compiler: &mut Compiler<'_>) -> Program {
    compiler.compile(&RuleSet { op: Join::And, rules: vec![Node::Rule(rule.clone())] })
}

fn example(field: &StandardField) -> &'static str {
    field.examples.first().copied().unwrap_or("…")
}

/// Values to try, the most natural ones first.
fn candidates(field: &StandardField, rules: &[&Rule]) -> Vec<String> {
    let mut values: Vec<_> = field.examples.iter().map(|example| (*example).to_owned()).collect();
    for rule in rules {
        if values.len() >= MAX_CANDIDATES {
            break;
        }
        values.extend(derived(field, rule));
    }
    values.truncate(MAX_CANDIDATES);
    let others: &[&str] = match field.field_type {
        FieldType::Date | FieldType::Dob | FieldType::Time => &["1955-06-15", "1995-06-15", "2020-06-15", "2090-06-15"],
        FieldType::State => &["CA", "NY", "FL", "OH"],
        FieldType::PostalCode => &["10001", "90210", "60601"],
        _ => &[],
    };
    values.extend(others.iter().map(|other| (*other).to_owned()));
    // Left out of the examples.
    values.push(String::new());
    values
}

fn derived(field: &StandardField, rule: &Rule) -> Vec<String> {
    let value = rule.value().trim();
    if value.contains("{{") {
        return Vec::new();
    }
    let example = example(field);
    let texts = match rule.op {
        Operator::IsEqualTo | Operator::IsLessThanOrEqualTo | Operator::IsGreaterThanOrEqualTo => {
            vec![value.to_owned()]
        }
        Operator::IsIncludedIn => entries(value),
        Operator::IsBetween => ends(value),
        Operator::IsLessThan => beside(value, -1.0),
        Operator::IsGreaterThan => beside(value, 1.0),
        Operator::Includes => {
            vec![value.to_owned(), format!("{example} {value}"), format!("maria{value}"), format!("{example}{value}")]
        }
        Operator::IsTrue | Operator::IsNotFalse => vec!["true".to_owned()],
        Operator::IsFalse | Operator::IsNotTrue => vec!["false".to_owned()],
        Operator::IsNotEqualTo | Operator::IsNotIncludedIn | Operator::IsNotBetween => beside(value, 1.0),
        _ => Vec::new(),
    };
    texts.into_iter().filter(|text| text.len() <= 200).collect()
}

/// The first entries of a list.
fn entries(list: &str) -> Vec<String> {
    let texts = list.split([',', ';', '\n']).map(|entry| entry.trim().trim_matches('"'));
    texts.filter(|entry| !entry.is_empty()).take(MAX_ENTRIES).map(str::to_owned).collect()
}

/// What can be meant by the ends of a range, and the middle between two numbers.
fn ends(range: &str) -> Vec<String> {
    let range = range.trim_end_matches('+').trim_start_matches("between ");
    let mut ends = Vec::new();
    for separator in [" - ", " – ", " to ", " and ", "..", "–", "-"] {
        if let Some((low, high)) = range.split_once(separator) {
            if let (Some(low), Some(high)) = (number(low), number(high)) {
                ends.push(((low + high) / 2.0).floor().to_string());
            }
            ends.extend([low, high].map(|end| end.trim().to_owned()));
        }
    }
    ends.push(range.trim().to_owned());
    ends
}

/// A number that is lower or greater.
fn beside(value: &str, step: f64) -> Vec<String> {
    number(value).map(|number| (number + step).to_string()).into_iter().collect()
}

fn number(text: &str) -> Option<f64> {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-')).collect();
    digits.trim_end_matches('-').parse().ok().filter(|number: &f64| number.abs() < 1e12)
}
