//! Rules, their problems and field types in English.

use super::{
    check::{
        MAX_DEPTH, MAX_MAPPINGS, MAX_NAME, MAX_PATTERNS, MAX_REASON, MAX_RULES, MAX_VALUE, RuleProblem, RuleProblemKind,
    },
    fields::FieldType,
    model::{Join, Node, Rule, RuleSet},
};
use crate::base::Problem;
use serde::{Deserialize, Serialize};

/// Maximum characters of a reason made from failed rules. A rule can list a thousand postal codes.
const MAX_DEFAULT_REASON: usize = 200;

/// One line of criteria in words, for a nested list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// 0 for the outermost set.
    pub depth: usize,
    /// Joins it to the previous line of the same set; None for the first.
    pub joiner: Option<Join>,
    /// A rule, or the heading of a group whose lines follow one level deeper.
    pub text: String,
}

/// The rules of a set in words. `label_of` maps a field name without `lead.` to its label.
pub fn describe(rule_set: &RuleSet, label_of: impl Fn(&str) -> String) -> Vec<Line> {
    let mut lines = Vec::new();
    describe_set(rule_set, &label_of, 0, &mut lines);
    lines
}

fn describe_set(set: &RuleSet, label_of: &dyn Fn(&str) -> String, depth: usize, lines: &mut Vec<Line>) {
    for (index, node) in set.rules.iter().enumerate() {
        let joiner = (index > 0).then_some(set.op);
        match node {
            Node::Rule(rule) => lines.push(Line { depth, joiner, text: rule_text(rule, label_of) }),
            Node::Set(inner) => {
                lines.push(Line { depth, joiner, text: group_heading(inner.op).to_owned() });
                describe_set(inner, label_of, depth + 1, lines);
            }
        }
    }
}

fn group_heading(op: Join) -> &'static str {
    match op {
        Join::And => "all of these:",
        Join::Or => "any of these:",
    }
}

/// A rule in words, such as `State is equal to CA`.
pub fn rule_text(rule: &Rule, label_of: impl Fn(&str) -> String) -> String {
    sentence(rule, rule.op.as_str(), label_of)
}

/// A rule that rejected a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure<'a> {
    pub rule: &'a Rule,
    pub cause: Cause,
}

/// Why a rule failed. The opposite of a rule is not always true: a missing age is neither less than 18 nor greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The field has no value.
    Missing,
    /// The rule compares, and the value cannot be read as what this type of field is compared by.
    Unreadable(FieldType),
    /// The comparison fails and so does its opposite, as for the range `5-10` and the number 7.
    Undecided,
    /// The opposite of the rule holds.
    Opposite,
}

/// The reason why the failed rules reject a lead. More than one rule fails only where any one would have passed.
pub fn default_reason(failures: &[Failure], label_of: impl Fn(&str) -> String) -> String {
    let mut sentences: Vec<_> = failures.iter().map(|failure| failure.sentence(&label_of)).collect();
    sentences.dedup();
    shortened(&sentences.join(" and "))
}

impl Failure<'_> {
    fn sentence(&self, label_of: impl Fn(&str) -> String) -> String {
        let Self { rule, cause } = self;
        match cause {
            Cause::Missing => format!("{} is missing", label_of(rule.field())),
            Cause::Unreadable(kind) => format!("{} can't be read as {}", label_of(rule.field()), kind.measure()),
            Cause::Undecided => sentence(rule, &rule.op.as_str().replacen("is ", "is not ", 1), label_of),
            Cause::Opposite => sentence(rule, rule.op.opposite().as_str(), label_of),
        }
    }
}

fn sentence(rule: &Rule, op: &str, label_of: impl Fn(&str) -> String) -> String {
    let label = label_of(rule.field());
    let value = if rule.op.takes_list() { in_one_line(rule.value()) } else { rule.value().trim().to_owned() };
    match value.char_indices().nth(MAX_VALUE) {
        _ if rule.op.is_unary() => format!("{label} {op}"),
        Some((end, _)) => format!("{label} {op} {}…", &value[..end]),
        None => format!("{label} {op} {value}"),
    }
}

/// A list as written, with commas instead of line ends.
fn in_one_line(list: &str) -> String {
    let lines = list.lines().map(|line| line.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';')));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_DEFAULT_REASON) {
        Some(_) => text.chars().take(MAX_DEFAULT_REASON - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

impl RuleProblem {
    /// A sentence for people that says how to fix the problem.
    pub fn sentence(&self) -> String {
        self.kind.sentence()
    }
}

impl RuleProblemKind {
    /// A sentence for people that says how to fix the problem.
    pub fn sentence(self) -> String {
        match self {
            Self::UnknownField => "Choose a field of this flow.".to_owned(),
            Self::MissingValue => "Enter a value to compare with.".to_owned(),
            Self::UnneededValue => "This operator takes no value. Leave it empty.".to_owned(),
            Self::ValueTooLong => format!("Use at most {MAX_VALUE} characters for the value."),
            Self::BadRange => {
                "Enter a range with its lower end first, such as 18-65, 18+ or 1980-01-01 to 1989-12-31.".to_owned()
            }
            Self::EmptyList => {
                "Enter at least one value. Separate several with commas, semicolons or lines.".to_owned()
            }
            Self::UnreadableValue => "This value can't be read for this field. Correct it, and write years with four digits. In a list, check each value.".to_owned(),
            Self::UnorderedValue => "This field cannot be less or greater than this value. Enter a number, or a date with a year of four digits.".to_owned(),
            Self::BadPattern => "This pattern is invalid, too large or can never match. Change it.".to_owned(),
            Self::BadTemplate => "Write each template as {{name}}, with both pairs of braces. Names can have letters, digits, spaces and _ - . [ ].".to_owned(),
            Self::UnknownTemplateField => {
                "Use a field of this flow in each template, such as {{lead.state}}.".to_owned()
            }
            Self::EmptyGroup => "Add a rule to this group or remove it.".to_owned(),
            Self::TooDeep => format!("Nest groups at most {MAX_DEPTH} deep."),
            Self::TooManyRules => format!("Use at most {MAX_RULES} rules."),
            Self::TooManyPatterns => format!("Use at most {MAX_PATTERNS} patterns."),
            Self::PatternsTooLarge => "Together, these patterns are too large. Shorten some of them.".to_owned(),
            Self::ListTooLong => "Use at most 50,000 entries in a list, and at most 1 MiB.".to_owned(),
            Self::ReasonTooLong => format!("Use at most {MAX_REASON} characters for the reason."),
            Self::BadTarget => {
                format!(
                    "Use lowercase letters, digits and underscores in the field name, at most {MAX_NAME} characters."
                )
            }
            Self::ReservedTarget => "This name is reserved. Choose another field.".to_owned(),
            Self::TooManyMappings => format!("Use at most {MAX_MAPPINGS} mappings."),
        }
    }

    /// The code of the problem for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownField => "unknown_field",
            Self::MissingValue => "missing_value",
            Self::UnneededValue => "unneeded_value",
            Self::ValueTooLong => "value_too_long",
            Self::BadRange => "bad_range",
            Self::EmptyList => "empty_list",
            Self::UnreadableValue => "unreadable_value",
            Self::UnorderedValue => "unordered_value",
            Self::BadPattern => "bad_pattern",
            Self::BadTemplate => "bad_template",
            Self::UnknownTemplateField => "unknown_template_field",
            Self::EmptyGroup => "empty_group",
            Self::TooDeep => "too_deep",
            Self::TooManyRules => "too_many_rules",
            Self::TooManyPatterns => "too_many_patterns",
            Self::PatternsTooLarge => "patterns_too_large",
            Self::ListTooLong => "list_too_long",
            Self::ReasonTooLong => "reason_too_long",
            Self::BadTarget => "bad_target",
            Self::ReservedTarget => "reserved_target",
            Self::TooManyMappings => "too_many_mappings",
        }
    }
}

impl From<RuleProblemKind> for Problem {
    fn from(kind: RuleProblemKind) -> Self {
        match kind {
            RuleProblemKind::UnknownField => Self::RuleFieldUnknown,
            RuleProblemKind::MissingValue => Self::RuleValueMissing,
            RuleProblemKind::UnneededValue | RuleProblemKind::ValueTooLong => Self::TooLong,
            RuleProblemKind::BadRange => Self::RuleRangeInvalid,
            RuleProblemKind::EmptyList => Self::RuleListEmpty,
            RuleProblemKind::UnreadableValue => Self::RuleValueUnreadable,
            RuleProblemKind::UnorderedValue => Self::RuleValueUnordered,
            RuleProblemKind::BadPattern => Self::RulePatternInvalid,
            RuleProblemKind::BadTemplate | RuleProblemKind::UnknownTemplateField => Self::TemplateInvalid,
            RuleProblemKind::EmptyGroup => Self::RuleGroupEmpty,
            RuleProblemKind::TooDeep | RuleProblemKind::TooManyRules => Self::RulesTooMany,
            RuleProblemKind::TooManyPatterns => Self::PatternsTooMany,
            RuleProblemKind::PatternsTooLarge => Self::PatternsTooLarge,
            RuleProblemKind::ListTooLong => Self::RuleListTooLong,
            RuleProblemKind::TooManyMappings => Self::MappingsTooMany,
            RuleProblemKind::ReasonTooLong => Self::ReasonTooLong,
            RuleProblemKind::BadTarget | RuleProblemKind::ReservedTarget => Self::MappingTargetUnknown,
        }
    }
}

impl FieldType {
    /// What a value of this type is read as when a rule compares it.
    const fn measure(self) -> &'static str {
        match self {
            Self::Date | Self::Dob => "a date",
            Self::Time => "a date and time",
            Self::PostalCode => "a ZIP code",
            _ => "a number",
        }
    }

    /// The label of the type on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Boolean => "Yes or no",
            Self::CreditScore => "Credit score",
            Self::Currency => "Amount of money",
            Self::Date => "Date",
            Self::Dob => "Date of birth",
            Self::Time => "Date and time",
            Self::Email => "Email address",
            Self::Gender => "Gender",
            Self::Integer => "Whole number",
            Self::Ip => "IP address",
            Self::List => "List",
            Self::Number => "Number",
            Self::Phone => "Phone number",
            Self::PostalCode => "Postal code",
            Self::Range => "Range",
            Self::Ssn => "Social security number",
            Self::State => "State or province",
            Self::Street => "Street address",
            Self::String => "Text",
            Self::Url => "URL",
            Self::TrustedformUrl => "TrustedForm certificate URL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::model::Operator, *};

    fn label(name: &str) -> String {
        match name {
            "state" => "State".to_owned(),
            "phone_1" => "Phone 1".to_owned(),
            other => other.to_owned(),
        }
    }

    fn rule(lhv: &str, op: Operator, rhv: Option<&str>) -> Rule {
        Rule::new(lhv, op, rhv)
    }

    fn failures<'a>(rules: &[&'a Rule], cause: Cause) -> Vec<Failure<'a>> {
        rules.iter().map(|rule| Failure { rule, cause }).collect()
    }

    #[test]
    fn a_reason_is_true_where_the_opposite_of_the_rule_is_not() {
        let young = rule("lead.age", Operator::IsLessThan, Some("18"));
        let old = rule("lead.age", Operator::IsGreaterThanOrEqualTo, Some("65"));
        let reason = |cause| default_reason(&failures(&[&young, &old], cause), label);
        assert_eq!(reason(Cause::Missing), "age is missing");
        assert_eq!(reason(Cause::Unreadable(FieldType::Number)), "age can't be read as a number");
        assert_eq!(reason(Cause::Undecided), "age is not less than 18 and age is not greater than or equal to 65");
        assert_eq!(reason(Cause::Opposite), "age is greater than or equal to 18 and age is less than 65");
    }

    #[test]
    fn a_list_in_lines_reads_as_one_line() {
        let state = rule("lead.state", Operator::IsIncludedIn, Some("CA,\r\nTX;\n\nNY; FL\n"));
        assert_eq!(rule_text(&state, label), "State is included in CA, TX, NY; FL");
    }

    #[test]
    fn a_rule_reads_as_a_sentence() {
        assert_eq!(rule_text(&rule("lead.state", Operator::IsEqualTo, Some("CA")), label), "State is equal to CA");
        assert_eq!(rule_text(&rule("lead.phone_1", Operator::IsNotBlank, None), label), "Phone 1 is not blank");
    }

    #[test]
    fn a_nested_set_reads_as_a_nested_list() {
        let either = RuleSet {
            op: Join::Or,
            rules: vec![
                Node::Rule(rule("lead.email", Operator::IsNotBlank, None)),
                Node::Rule(rule("lead.phone_1", Operator::FormatIsValid, None)),
            ],
        };
        let state = Node::Rule(rule("lead.state", Operator::IsIncludedIn, Some("CA, TX")));
        let lines = describe(&RuleSet { op: Join::And, rules: vec![state, Node::Set(either)] }, label);
        let shown: Vec<_> =
            lines.iter().map(|line| (line.depth, line.joiner.map_or("", Join::as_str), line.text.as_str())).collect();
        assert_eq!(
            shown,
            [
                (0, "", "State is included in CA, TX"),
                (0, "and", "any of these:"),
                (1, "", "email is not blank"),
                (1, "or", "Phone 1 format is valid"),
            ]
        );
    }

    #[test]
    fn a_reason_states_the_opposite_of_the_failed_rules() {
        let state = rule("lead.state", Operator::IsIncludedIn, Some("CA, TX"));
        let phone = rule("lead.phone_1", Operator::IsNotBlank, None);
        let reason = |rules: &[&Rule]| default_reason(&failures(rules, Cause::Opposite), label);
        assert_eq!(reason(&[&state]), "State is not included in CA, TX");
        assert_eq!(reason(&[&state, &phone]), "State is not included in CA, TX and Phone 1 is blank");
        let long = rule("lead.state", Operator::IsIncludedIn, Some(&"é,".repeat(500)));
        assert_eq!(reason(&[&long]).chars().count(), MAX_DEFAULT_REASON);
    }

    #[test]
    fn the_code_of_a_problem_is_its_serialized_name() {
        for kind in [RuleProblemKind::UnknownField, RuleProblemKind::BadTemplate, RuleProblemKind::TooManyMappings] {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.code()));
        }
    }
}
