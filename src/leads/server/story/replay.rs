//! Works out again how a lead was judged: what each mapping did, and each rule with what it saw. Pure.

use super::input::StoredInput;
use crate::{
    flows::server::{
        docs::label_of,
        versions::{FlowConfiguration, SourceConfiguration},
    },
    leads::server::{
        configuration::{Part, StoredPart, type_of},
        queries::story::StoredField,
    },
    rules::{
        Budget, Compiler, Criteria, Explained, Join, Lead, Line, Mapping, Mappings, Step, describe, parse, rule_text,
        template_names,
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
    /// Its template expanded to nothing, or to too much.
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
        let (mut rules, mut accepted) = (Vec::new(), true);
        for (owner, part) in [(Owner::Flow, flow), (Owner::Source, source)] {
            let Some(criteria) = &part.criteria else { continue };
            let (steps, passed) = explain(owner, criteria, lead, &budget, accepted);
            rules.extend(steps);
            accepted &= passed;
        }
        let (mappings, mut used) = explain_mappings(&configurations.source.mappings, input);
        used.extend(configurations.flow.fields.iter().cloned());
        Self { mappings, mapped, rules, accepted, used }
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

fn explain(owner: Owner, criteria: &Criteria, lead: &Lead, budget: &Budget, is_reached: bool) -> (Vec<RuleStep>, bool) {
    let spare = Budget::default();
    let explanation = criteria.program.explain(lead, if is_reached { budget } else { &spare });
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
    (explanation.steps.into_iter().map(step).collect(), explanation.passed)
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
    let (mut steps, mut used) = (Vec::<MappingStep>::new(), BTreeSet::new());
    for mapping in mappings {
        let mut compiler = Compiler::new(&type_of);
        let applies = |mapping: &Mapping, compiler: &mut Compiler<'_>, budget| {
            let alone = Mappings::compile(std::slice::from_ref(mapping), compiler);
            input.apply(&alone, budget).contains_key(&mapping.property)
        };
        let unconditional = Mapping { rule_set: None, ..mapping.clone() };
        let effect = if applies(mapping, &mut compiler, &budget) {
            Effect::Applied
        } else if mapping.rule_set.is_some() && applies(&unconditional, &mut compiler, &spare) {
            Effect::ConditionNotMet
        } else {
            Effect::Skipped
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
