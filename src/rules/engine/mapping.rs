//! Applies mappings to a submission as sent, before parsing by field type.

use super::{
    budget::Budget,
    check::{MAX_MAPPINGS, is_reserved_name},
    evaluate::{Compiler, Cost, Lead, Program},
    fields::FieldType,
    model::{Mapping, RuleSet},
    template::{self, Piece},
};
use std::{borrow::Cow, collections::BTreeMap};

/// Maximum bytes that one mapping, and all mappings of a submission together, can produce. This keeps templates from
/// multiplying a large parameter.
const MAX_EXPANDED: usize = 64 * 1024;
pub const MAX_EXPANDED_TOTAL: usize = 1024 * 1024;

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

    /// Each mapped field, with each parameter that its templates name.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.mappings.iter().flat_map(|mapping| {
            let names: Vec<_> = template::names(&mapping.value).collect();
            names.into_iter().map(|name| (mapping.property.as_str(), name))
        })
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

/// One way to send a field: the parameters that a mapping reads, or the parameter with the field's own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The parameters, each once. All of them together make the value.
    pub names: Vec<String>,
    /// The text of the mapping.
    pub template: String,
    /// False if a condition decides whether the mapping applies.
    pub always: bool,
}

/// How a seller can send a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ways {
    /// In the order of the mappings. None if the field is set to a fixed value.
    pub ways: Vec<Way>,
    /// True if the field has a value even if nothing is sent.
    pub has_default: bool,
}

/// How a seller can send this field, as [`Mappings::apply`] reads it. A parameter with the field's own name counts only
/// while no mapping always applies. A template that expands to nothing leaves the value of an earlier mapping, so the
/// earlier one stays another way.
pub fn ways_to_send(field: &str, mappings: &[Mapping]) -> Ways {
    let own = Way { names: vec![field.to_owned()], template: format!("{{{{{field}}}}}"), always: true };
    let (mut ways, mut has_default, mut own_counts) = (Vec::<Way>::new(), false, true);
    let applicable = mappings.iter().take(MAX_MAPPINGS).filter(|mapping| !is_reserved_name(&mapping.property));
    for mapping in applicable.filter(|mapping| mapping.property == field) {
        let Some(pieces) = template::pieces(&mapping.value) else { continue };
        let always = mapping.rule_set.as_ref().is_none_or(RuleSet::is_empty);
        let mut names = Vec::new();
        for piece in &pieces {
            match piece {
                Piece::Name(name) if !names.iter().any(|known| known == name) => names.push((*name).to_owned()),
                _ => {}
            }
        }
        let is_fixed = names.is_empty();
        let has_text = pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if !text.trim().is_empty()));
        if always && (is_fixed || has_text) {
            ways.clear();
            has_default = is_fixed && has_text;
        }
        own_counts &= !always;
        if !is_fixed && !ways.iter().any(|way| way.names == names) {
            ways.push(Way { names, template: mapping.value.clone(), always });
        }
    }
    if own_counts {
        ways.insert(0, own);
    }
    Ways { ways, has_default }
}

impl Way {
    /// Values for the parameters of which the template makes this value, as far as the value has the template's texts.
    pub fn parts_of(&self, value: &str) -> Vec<(String, String)> {
        let pieces = template::pieces(&self.template).unwrap_or_default();
        let mut parts: Vec<(String, String)> = Vec::new();
        let mut rest = value;
        for (index, piece) in pieces.iter().enumerate() {
            let name = match piece {
                Piece::Text(text) => {
                    rest = rest.strip_prefix(text).unwrap_or(rest);
                    continue;
                }
                Piece::Name(name) => *name,
            };
            let following = &pieces[index + 1..];
            let run = following.iter().take_while(|piece| matches!(piece, Piece::Name(_))).count();
            let end = match following.get(run) {
                Some(Piece::Text(text)) => rest.find(text).unwrap_or(rest.len()),
                _ => rest.len(),
            };
            let chars = rest[..end].chars().count();
            let length = rest.char_indices().nth(chars / (run + 1)).map_or(rest.len(), |(at, _)| at);
            let (part, after) = rest.split_at(length);
            if !parts.iter().any(|(known, _)| known == name) {
                parts.push((name.to_owned(), part.to_owned()));
            }
            rest = after;
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::model::{Node, Operator, Rule},
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
    fn the_ways_to_send_a_field_are_those_that_its_mappings_read() {
        let texas = || map("f", "TX");
        let maybe = |value| when(map("f", value), "lead.zip", Operator::IsBlank, None);
        for (mappings, expected, has_default) in [
            (vec![], "f", false),
            (vec![map("other", "{{o}}")], "f", false),
            (vec![map("f", "{{ f_name }}")], "f_name", false),
            (vec![map("f", "{{a}} {{b}}{{a}}")], "a+b", false),
            (vec![map("f", "{{a}}"), map("f", "{{b}}")], "a, b", false),
            (vec![map("f", "{{a}}"), map("f", "{{a}}")], "a", false),
            (vec![map("f", "{{a}}"), map("f", "+1{{b}}")], "b", false),
            (vec![texas()], "", true),
            (vec![map("f", "")], "", false),
            (vec![map("f", "{{a}}"), texas()], "", true),
            (vec![texas(), map("f", "{{a}}")], "a", true),
            (vec![map("f", "{{a}}"), maybe("TX")], "a", false),
            (vec![maybe("TX")], "f", false),
            (vec![maybe("{{a}}")], "f, a?", false),
            (vec![map("f", "{{a}}"), maybe("{{b}}")], "a, b?", false),
            (vec![texas(), maybe("{{b}}")], "b?", true),
            (vec![map("f", "{{a}}"), map("f", "{{broken")], "a", false),
        ] {
            let found = ways_to_send("f", &mappings);
            let shown =
                found.ways.iter().map(|way| format!("{}{}", way.names.join("+"), if way.always { "" } else { "?" }));
            assert_eq!(
                (shown.collect::<Vec<_>>().join(", ").as_str(), found.has_default),
                (expected, has_default),
                "{mappings:?}"
            );
        }
    }

    #[test]
    fn the_parts_of_a_value_make_it_again() {
        for (template, value, expected) in [
            ("{{a}}", "Maria Garcia", vec!["Maria Garcia"]),
            ("{{a}} {{b}}", "Maria Garcia", vec!["Maria", "Garcia"]),
            ("{{area}}{{exchange}}{{line}}", "5125550142", vec!["512", "555", "0142"]),
            ("({{area}}) {{b}}-{{c}}", "(512) 555-0142", vec!["512", "555", "0142"]),
            ("+1{{a}}", "+15125550142", vec!["5125550142"]),
            ("{{é}}{{b}}", "éèê", vec!["é", "èê"]),
        ] {
            let way = ways_to_send("f", &[map("f", template)]).ways.remove(0);
            let parts = way.parts_of(value);
            assert_eq!(parts.iter().map(|(_, part)| part.as_str()).collect::<Vec<_>>(), expected, "{template}");
            let sent: Vec<_> = parts.iter().map(|(name, part)| (name.as_str(), part.as_str())).collect();
            assert_eq!(applied(&[map("f", template)], &sent)["f"], value);
        }
        let way = ways_to_send("f", &[map("f", "{{a}}, {{b}}")]).ways.remove(0);
        let parts = way.parts_of("CA");
        assert_eq!(parts, [("a".to_owned(), "CA".to_owned()), ("b".to_owned(), String::new())]);
    }
}
