//! Applies mappings to a submission as sent, before parsing by field type.

use super::{
    budget::Budget,
    check::{MAX_MAPPINGS, is_reserved_name},
    evaluate::{Compiler, Cost, Lead, Program},
    fields::FieldType,
    model::Mapping,
    template::{self, Piece},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// Maximum bytes that one mapping, and all mappings of a submission together, can produce. This keeps templates from
/// multiplying a large parameter.
const MAX_EXPANDED: usize = 64 * 1024;
const MAX_EXPANDED_TOTAL: usize = 1024 * 1024;

/// The compiled mappings of a source.
#[derive(Debug, Default)]
pub struct Mappings {
    mappings: Vec<CompiledMapping>,
    /// The parameters that conditions refer to, with the types of the fields of these names.
    tested: BTreeMap<String, FieldType>,
    pub cost: Cost,
}

#[derive(Debug)]
struct CompiledMapping {
    property: String,
    field_type: FieldType,
    /// The text with its templates, which [`Mapping::check`] has found valid.
    value: String,
    condition: Option<Program>,
}

impl Mappings {
    pub fn compile(mappings: &[Mapping], compiler: &mut Compiler) -> Self {
        let mut compiled = Self::default();
        for mapping in mappings.iter().take(MAX_MAPPINGS).filter(|mapping| !is_reserved_name(&mapping.property)) {
            let condition = mapping.rule_set.as_ref().map(|rules| compiler.with_texts(rules));
            if let Some(program) = &condition {
                compiled.tested.extend(program.names().map(|name| (name.to_owned(), compiler.type_of(name))));
                compiled.cost = compiled.cost + program.cost();
            }
            compiled.cost.bytes += size_of::<CompiledMapping>() + mapping.property.len() + mapping.value.len();
            let (property, value) = (mapping.property.clone(), mapping.value.clone());
            let field_type = compiler.type_of(&property);
            compiled.mappings.push(CompiledMapping { property, field_type, value, condition });
        }
        compiled
    }

    /// The fields that the mappings set. They apply in order, so a later one overwrites an earlier one. Templates and
    /// conditions refer to the submission as sent, never to the result of a mapping, so there are no cycles. A template
    /// that expands to nothing is skipped, as is a mapping that can't be applied. An empty constant clears its field.
    /// `value_of` gets the type of the field that the parameter is for.
    pub fn apply<'v>(
        &self,
        value_of: impl Fn(&str, FieldType) -> Option<Cow<'v, str>>,
        budget: &Budget,
    ) -> BTreeMap<String, String> {
        let mut mapped = BTreeMap::new();
        let mut left = MAX_EXPANDED_TOTAL;
        let tested = self.tested.keys().map(|name| (name.as_str(), FieldType::String));
        let as_field = |name: &str, _| value_of(name, self.tested.get(name).copied().unwrap_or_default());
        let lead = Lead::parse(as_field, tested, None);
        for CompiledMapping { property, field_type, value, condition } in &self.mappings {
            let applies = condition.as_ref().is_none_or(|rules| rules.evaluate(&lead, budget).passed());
            if !applies {
                continue;
            }
            let parameter = |name: &str| value_of(name, *field_type);
            if let Some(value) = expand(value, parameter, left.min(MAX_EXPANDED)) {
                left -= value.len();
                mapped.insert(property.clone(), value);
            }
        }
        mapped
    }
}

/// Expands the templates of a value to at most `limit` bytes. None if the mapping is skipped.
fn expand<'v>(value: &str, parameter: impl Fn(&str) -> Option<Cow<'v, str>>, limit: usize) -> Option<String> {
    let mut expanded = String::new();
    for piece in template::pieces(value)? {
        let text = match piece {
            Piece::Text(text) => Cow::Borrowed(text),
            Piece::Name(name) => parameter(name).unwrap_or_default(),
        };
        if expanded.len() + text.len() > limit {
            return None;
        }
        expanded.push_str(&text);
    }
    (!template::is_template(value) || !expanded.trim().is_empty()).then_some(expanded)
}

/// The seller's own parameter for each of these fields that is mapped from exactly one. Submission Docs show it instead
/// of the field's name. The last mapping of a field decides, as it does for a lead.
pub fn parameter_names(mappings: &[Mapping], fields: &[&str]) -> BTreeMap<String, String> {
    let wanted: BTreeSet<_> = fields.iter().copied().collect();
    let mut names = BTreeMap::new();
    for mapping in mappings.iter().filter(|mapping| wanted.contains(mapping.property.as_str())) {
        match (plain_parameter(&mapping.value), &mapping.rule_set) {
            (Some(parameter), _) => {
                names.insert(mapping.property.clone(), parameter.to_owned());
            }
            (None, None) => {
                names.remove(&mapping.property);
            }
            // A conditional constant does not replace the parameter.
            (None, Some(_)) => {}
        }
    }
    names
}

fn plain_parameter(value: &str) -> Option<&str> {
    match template::pieces(value.trim())?[..] {
        [Piece::Name(name)] => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::model::{Node, Operator, Rule, RuleSet},
        *,
    };

    fn map(property: &str, value: &str) -> Mapping {
        Mapping { property: property.to_owned(), value: value.to_owned(), rule_set: None }
    }

    fn when(mapping: Mapping, lhv: &str, op: Operator, rhv: Option<&str>) -> Mapping {
        let rules = vec![Node::Rule(Rule::new(lhv, op, rhv))];
        Mapping { rule_set: Some(RuleSet { rules, ..Default::default() }), ..mapping }
    }

    fn submission(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn applied_to(mappings: &[Mapping], mut submission: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut compiler = Compiler::new(&|_| FieldType::Number);
        let value_of = |name: &str, _| submission.get(name).map(|value| Cow::Owned(value.clone()));
        let set = Mappings::compile(mappings, &mut compiler).apply(value_of, &Budget::default());
        submission.extend(set);
        submission
    }

    fn applied(mappings: &[Mapping], pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        applied_to(mappings, submission(pairs))
    }

    #[test]
    fn a_mapped_parameter_is_copied_and_kept() {
        let mapped = applied(&[map("first_name", "{{f_name}}")], &[("f_name", "Ada")]);
        assert_eq!(mapped, submission(&[("f_name", "Ada"), ("first_name", "Ada")]));
    }

    #[test]
    fn a_later_mapping_overwrites_but_never_sees_an_earlier_one() {
        let mapped =
            applied(&[map("a", "{{x}}"), map("b", "{{a}}"), map("a", "{{x}}-{{y}}")], &[("x", "1"), ("y", "2")]);
        assert_eq!(mapped.get("a").unwrap(), "1-2");
        assert_eq!(mapped.get("b"), None);
    }

    #[test]
    fn an_empty_template_is_skipped_and_an_empty_constant_applies() {
        let mapped =
            applied(&[map("a", "{{nothing}} {{blank}}"), map("b", "")], &[("a", "1"), ("b", "2"), ("blank", "")]);
        assert_eq!((mapped["a"].as_str(), mapped["b"].as_str()), ("1", ""));
    }

    #[test]
    fn a_submitted_value_is_never_a_template() {
        let mapped = applied(&[map("a", "{{x}}")], &[("x", "{{secret}}"), ("secret", "s")]);
        assert_eq!(mapped["a"], "{{secret}}");
    }

    #[test]
    fn a_failing_mapping_does_not_stop_the_next() {
        let mapped = applied(&[map("a", "{{x"), map("lead.id", "1"), map("b", "{{x}}")], &[("x", "1")]);
        assert_eq!(mapped, submission(&[("b", "1"), ("x", "1")]));
    }

    #[test]
    fn a_condition_refers_to_the_submission_as_sent() {
        let only_texas = |value| when(map("area", value), "lead.st", Operator::IsEqualTo, Some("tx"));
        assert_eq!(applied(&[only_texas("south")], &[("st", "TX")])["area"], "south");
        assert_eq!(applied(&[only_texas("south")], &[("st", "CA")]).get("area"), None);
        let plain = when(map("a", "1"), "st", Operator::IsBlank, None);
        assert_eq!(applied(&[map("st", "TX"), plain], &[])["a"], "1");
    }

    #[test]
    fn mappings_cannot_multiply_a_large_parameter() {
        let large = "x".repeat(40_000);
        let twice = applied(&[map("a", "{{x}}{{x}}")], &[("x", &large)]);
        assert_eq!(twice.get("a"), None);
        let many: Vec<_> = (0..MAX_MAPPINGS + 50).map(|index| map(&format!("a{index}"), "{{x}}")).collect();
        let total: usize = applied(&many, &[("x", &large)]).values().map(String::len).sum();
        assert!(total <= MAX_EXPANDED_TOTAL + large.len());
    }

    #[test]
    fn docs_show_the_parameter_that_a_field_is_mapped_from() {
        let sometimes = when(map("state", "TX"), "lead.zip", Operator::IsBlank, None);
        let mappings = [
            map("first_name", "{{ f_name }}"),
            map("last_name", "{{a}} {{b}}"),
            map("email", "{{mail}}"),
            map("email", "fixed@example.com"),
            map("state", "{{st}}"),
            sometimes,
            map("other", "{{o}}"),
        ];
        let names = parameter_names(&mappings, &["first_name", "last_name", "email", "state"]);
        assert_eq!(names, submission(&[("first_name", "f_name"), ("state", "st")]));
    }
}
