//! Works out again how a lead was judged: what each mapping did, and each rule with what it saw. Pure.

use super::input::{Parameter, StoredInput};
use crate::{
    flows::server::{
        docs::label_of,
        versions::{FlowConfiguration, SourceConfiguration},
    },
    leads::server::{
        configuration::{Part, StoredPart, type_of},
        queries::story::StoredField,
        sensitive::REMOVED,
    },
    rules::{
        Budget, Compiler, Criteria, Explained, Join, Lead, Line, MAX_EXPANDED_TOTAL, Mapping, Mappings, Program, Step,
        describe, parse, rule_text, template_names,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Characters of a value that a step shows. Hundreds of rules can test one long value.
const MAX_SEEN: usize = 500;

/// The configurations of a flow and one of its sources.
#[derive(Debug, Clone)]
pub struct Configurations {
    pub flow: FlowConfiguration,
    pub source: SourceConfiguration,
}

impl Configurations {
    /// Both compiled, which can take tens of milliseconds.
    pub fn compile(&self) -> [Arc<Part>; 2] {
        let flow = (Vec::new(), self.flow.acceptance_criteria.clone());
        let source = (self.source.mappings.clone(), self.source.acceptance_criteria.clone());
        let version = String::new;
        [flow, source].map(|(mappings, criteria)| StoredPart { version: version(), mappings, criteria }.compile())
    }
}

/// What owns a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Flow,
    Source,
}

impl Owner {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Source => "source",
        }
    }
}

/// One rule with its result, or the heading of a group.
#[derive(Debug, Clone)]
pub struct RuleStep {
    pub owner: Owner,
    /// The places from the outermost set to this part, from 0.
    pub path: Vec<usize>,
    pub joiner: Option<Join>,
    /// The rule in words, with the value that its template had for this lead.
    pub words: String,
    pub is_group: bool,
    /// For a rule that is not reached, whether it would pass.
    pub passed: bool,
    /// False if the lead was decided before it.
    pub reached: bool,
    /// The beginning of the normal form of the field that it tests; None if the lead does not have it, and for a group.
    pub saw: Option<String>,
}

/// What one mapping did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Applied,
    /// A later mapping of the same field applied too.
    Replaced,
    ConditionNotMet,
    /// Its template expanded to nothing, or to more than is left of what all mappings can produce.
    Skipped,
}

#[derive(Debug, Clone)]
pub struct MappingStep {
    pub property: String,
    /// The text with its templates.
    pub value: String,
    /// The condition in words, one rule each; empty if there is none.
    pub condition: Vec<String>,
    pub effect: Effect,
    /// The parameters that its text refers to.
    pub parameters: Vec<String>,
}

/// How a lead is judged by one configuration.
#[derive(Debug, Clone)]
pub struct Replay {
    pub mappings: Vec<MappingStep>,
    /// The fields that the mappings set, as texts.
    pub mapped: BTreeMap<String, String>,
    /// The rules of the flow, then of the source.
    pub rules: Vec<RuleStep>,
    pub accepted: bool,
    /// Why the lead is rejected, as the answer says it.
    pub reason: Option<String>,
    /// True if a rule that was reached, or the condition of a mapping, sees a value that was removed before the lead was
    /// stored. Its result here says nothing about the result that it had.
    pub sees_removed: bool,
    /// The parameters that a field or mapping uses.
    pub used: BTreeSet<String>,
}

impl Replay {
    /// Judges a lead whose fields are parsed already. The budget is used as the judging of a lead uses it.
    pub fn of(
        configurations: &Configurations,
        [flow, source]: &[Arc<Part>; 2],
        input: &StoredInput,
        lead: &Lead,
    ) -> Self {
        let budget = Budget::default();
        let mapped = input.apply(&source.mappings, &budget);
        // The explanation takes from the budget too, so the reason has one of its own that the mappings have used.
        let for_reason = Budget::default();
        input.apply(&source.mappings, &for_reason);
        let criteria = || [flow, source].into_iter().filter_map(|part| part.criteria.as_ref());
        let reason = criteria().find_map(|criteria| criteria.judge(lead, &for_reason, label_of));
        let (mut rules, mut accepted, mut sees_removed) = (Vec::new(), true, false);
        for (owner, part) in [(Owner::Flow, flow), (Owner::Source, source)] {
            let Some(criteria) = &part.criteria else { continue };
            let explained = explain(owner, criteria, lead, &budget, accepted);
            rules.extend(explained.steps);
            sees_removed |= explained.sees_removed;
            accepted &= explained.passed;
        }
        let (mappings, mut used) = explain_mappings(&configurations.source.mappings, input);
        used.extend(configurations.flow.fields.iter().cloned());
        sees_removed |= tests_removed(&configurations.source.mappings, input);
        Self { mappings, mapped, rules, accepted, reason, sees_removed, used }
    }

    /// The rule that the answer is about: the first one that failed in the rules that decided the lead. A failed rule in
    /// a group that passed decided nothing. None if the lead is accepted.
    pub fn cause(&self) -> Option<usize> {
        let last = self.rules.iter().rfind(|step| step.reached && !self.accepted);
        let owner = last?.owner;
        let is_above = |group: &RuleStep, step: &RuleStep| step.path.starts_with(&group.path);
        let passed: Vec<_> =
            self.rules.iter().filter(|step| step.owner == owner && step.is_group && step.passed).collect();
        self.rules.iter().position(|step| {
            let failed = step.owner == owner && step.reached && !step.is_group && !step.passed;
            failed && !passed.iter().any(|group| is_above(group, step))
        })
    }
}

/// The lead as its rules saw it, from its stored fields. The stored forms count, whatever parsing says today.
pub fn stored_lead(fields: &BTreeMap<String, StoredField>) -> Lead {
    let mut lead = Lead::default();
    for (name, field) in fields {
        let mut value = parse(type_of(name), &field.raw);
        (value.normal, value.valid) = (field.value.clone(), field.valid);
        lead.insert(name, value);
    }
    lead
}

struct ExplainedRules {
    steps: Vec<RuleStep>,
    passed: bool,
    sees_removed: bool,
}

fn explain(owner: Owner, criteria: &Criteria, lead: &Lead, budget: &Budget, is_reached: bool) -> ExplainedRules {
    let spare = Budget::default();
    let explanation = criteria.program.explain(lead, if is_reached { budget } else { &spare });
    let sees_removed = |step: &Step<'_>| match &step.part {
        Explained::Rule { saw, compared, .. } => {
            step.reached && is_reached && (saw.is_some_and(is_removed) || compared.as_deref().is_some_and(is_removed))
        }
        Explained::Set(_) => false,
    };
    let sees_removed = explanation.steps.iter().any(sees_removed);
    let step = |step: Step<'_>| {
        let reached = step.reached && is_reached;
        let (words, is_group, saw) = match step.part {
            Explained::Set(Join::And) => ("all of these:".to_owned(), true, None),
            Explained::Set(Join::Or) => ("any of these:".to_owned(), true, None),
            Explained::Rule { rule, saw, compared } => {
                let here = compared.map(|value| format!(" (here: {})", shortened(&value))).unwrap_or_default();
                (rule_text(rule, label_of) + &here, false, saw.map(shortened))
            }
        };
        let (path, joiner, passed) = (step.path, step.joiner, step.passed);
        RuleStep { owner, path, joiner, words, is_group, passed, reached, saw }
    };
    let passed = explanation.passed;
    ExplainedRules { steps: explanation.steps.into_iter().map(step).collect(), passed, sees_removed }
}

fn is_removed(value: &str) -> bool {
    value.contains(REMOVED)
}

/// True if the condition of a mapping tests a parameter whose value was removed.
fn tests_removed(mappings: &[Mapping], input: &StoredInput) -> bool {
    let has_removed = |parameter: &&Parameter| parameter.values.iter().any(|value| is_removed(value));
    let removed: Vec<_> = input.parameters.iter().filter(has_removed).collect();
    let mut compiler = Compiler::new(&type_of);
    let mut is_tested = |mapping: &Mapping| {
        let program = mapping.rule_set.as_ref().map(|rules| compiler.with_texts(rules));
        let names: BTreeSet<_> = program.iter().flat_map(Program::names).map(str::to_owned).collect();
        removed.iter().any(|parameter| parameter.is_one_of(&names))
    };
    !removed.is_empty() && mappings.iter().any(&mut is_tested)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_SEEN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What each mapping did, and the parameters that the mappings use.
fn explain_mappings(mappings: &[Mapping], input: &StoredInput) -> (Vec<MappingStep>, BTreeSet<String>) {
    let (budget, spare) = (Budget::default(), Budget::default());
    let (mut steps, mut used, mut left) = (Vec::<MappingStep>::new(), BTreeSet::new(), MAX_EXPANDED_TOTAL);
    for mapping in mappings {
        let mut compiler = Compiler::new(&type_of);
        let size = |mapping: &Mapping, compiler: &mut Compiler<'_>, budget| {
            let alone = Mappings::compile(std::slice::from_ref(mapping), compiler);
            input.apply(&alone, budget).get(&mapping.property).map(String::len)
        };
        let unconditional = Mapping { rule_set: None, ..mapping.clone() };
        let effect = match size(mapping, &mut compiler, &budget) {
            Some(bytes) if bytes <= left => {
                left -= bytes;
                Effect::Applied
            }
            Some(_) => Effect::Skipped,
            None if mapping.rule_set.is_some() && size(&unconditional, &mut compiler, &spare).is_some() => {
                Effect::ConditionNotMet
            }
            None => Effect::Skipped,
        };
        if effect == Effect::Applied {
            let same = steps.iter_mut().filter(|step| step.property == mapping.property);
            same.filter(|step| step.effect == Effect::Applied).for_each(|step| step.effect = Effect::Replaced);
        }
        if let Some(rules) = &mapping.rule_set {
            used.extend(compiler.with_texts(rules).names().map(str::to_owned));
        }
        let parameters: Vec<_> = template_names(&mapping.value).map(str::to_owned).collect();
        used.extend(parameters.iter().cloned());
        steps.push(MappingStep {
            property: mapping.property.clone(),
            value: mapping.value.clone(),
            condition: condition(mapping),
            effect,
            parameters,
        });
    }
    (steps, used)
}

/// The condition of a mapping in words. Its rules test parameters, which have no labels.
fn condition(mapping: &Mapping) -> Vec<String> {
    let lines = mapping.rule_set.as_ref().map(|rules| describe(rules, str::to_owned)).unwrap_or_default();
    let words = |line: Line| match line.joiner {
        Some(joiner) => format!("{} {}", joiner.as_str(), line.text),
        None => line.text,
    };
    lines.into_iter().map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A configuration with these rules, and the lead of this input with the texts as its fields.
    fn replayed(flow: Value, source: Value, mappings: Value, input: &Value) -> Replay {
        let criteria = |rules: Value| json!({ "rule_set": rules });
        let known = Configurations {
            flow: serde_json::from_value(
                json!({ "enabled": true, "fields": [], "acceptance_criteria": criteria(flow) }),
            )
            .unwrap(),
            source: serde_json::from_value(json!({
                "mappings": mappings, "acceptance_criteria": criteria(source), "require_authentication": false,
            }))
            .unwrap(),
        };
        let mut lead = Lead::default();
        for (name, value) in input.as_object().unwrap() {
            lead.insert(name, parse(type_of(name), value.as_str().unwrap()));
        }
        Replay::of(&known, &known.compile(), &StoredInput::read(input), &lead)
    }

    fn rule(field: &str, op: &str, value: &str) -> Value {
        json!({ "lhv": format!("lead.{field}"), "op": op, "rhv": value })
    }

    fn all(rules: &[Value]) -> Value {
        json!({ "op": "and", "rules": rules })
    }

    fn any(rules: &[Value]) -> Value {
        json!({ "op": "or", "rules": rules })
    }

    #[test]
    fn the_cause_is_the_first_failed_rule_that_decided_the_lead() {
        let state = |code| rule("state", "is equal to", code);
        let old = || rule("age", "is greater than", "18");
        let either = || any(&[state("CA"), state("TX")]);
        for (flow, source, expected, reason) in [
            (all(&[either(), old()]), all(&[]), Some((Owner::Flow, vec![1])), "Age"),
            (all(&[]), all(&[either(), old()]), Some((Owner::Source, vec![1])), "Age"),
            (any(&[state("CA"), state("TX")]), old_only(), Some((Owner::Source, vec![0])), "Age"),
            (any(&[state("CA"), old()]), all(&[state("CA")]), Some((Owner::Flow, vec![0])), "State"),
            (
                all(&[any(&[all(&[state("TX"), old()]), state("CA")])]),
                all(&[]),
                Some((Owner::Flow, vec![0, 0, 1])),
                "Age",
            ),
            (
                all(&[any(&[all(&[state("CA"), old()]), state("TX")]), old()]),
                all(&[]),
                Some((Owner::Flow, vec![1])),
                "Age",
            ),
            (all(&[either()]), any(&[state("CA"), state("TX")]), None, ""),
        ] {
            let shown = format!("{flow} {source}");
            let replay = replayed(flow, source, json!([]), &json!({ "state": "TX", "age": "17" }));
            let cause = replay.cause().map(|place| &replay.rules[place]);
            assert_eq!(cause.map(|step| (step.owner, step.path.clone())), expected, "{shown}");
            assert!(replay.reason.unwrap_or_default().starts_with(reason), "{shown}");
        }
    }

    fn old_only() -> Value {
        all(&[rule("age", "is greater than", "18")])
    }

    #[test]
    fn a_removed_value_counts_where_a_rule_or_a_condition_sees_it() {
        let ssn = || rule("ssn", "is equal to", "123-45-6789");
        let quotes = || rule("first_name", "is equal to", "{{lead.ssn}}");
        let first = || rule("first_name", "is equal to", "Lea");
        let when = |rules| json!([{ "property": "city", "value": "Reno", "rule_set": rules }]);
        for (flow, source, mappings, expected) in [
            (all(&[ssn()]), all(&[]), json!([]), true),
            (all(&[first()]), all(&[quotes()]), json!([]), true),
            (all(&[first()]), all(&[]), json!([]), false),
            (any(&[first(), ssn()]), all(&[]), json!([]), false),
            (all(&[rule("first_name", "is equal to", "Al")]), all(&[ssn()]), json!([]), false),
            (all(&[]), all(&[]), when(all(&[ssn()])), true),
            (all(&[]), all(&[]), when(all(&[first()])), false),
        ] {
            let shown = format!("{flow} {source} {mappings}");
            let replay = replayed(flow, source, mappings, &json!({ "ssn": REMOVED, "first_name": "Lea" }));
            assert_eq!(replay.sees_removed, expected, "{shown}");
        }
    }

    #[test]
    fn mappings_are_skipped_where_they_can_produce_no_more() {
        let fields = (0..20).map(|n| json!({ "property": format!("f{n}"), "value": "{{x}}" }));
        let mappings: Vec<_> = fields.chain([json!({ "property": "small", "value": "{{y}}" })]).collect();
        let input = json!({ "x": "x".repeat(60_000), "y": "y" });
        let replay = replayed(all(&[]), all(&[]), json!(mappings), &input);
        let with = |effect| replay.mappings.iter().filter(move |step| step.effect == effect);
        let applied: BTreeSet<_> = with(Effect::Applied).map(|step| step.property.clone()).collect();
        assert_eq!(applied, replay.mapped.keys().cloned().collect());
        assert_eq!(with(Effect::Skipped).map(|step| step.property.as_str()).collect::<Vec<_>>(), ["f17", "f18", "f19"]);
    }
}
