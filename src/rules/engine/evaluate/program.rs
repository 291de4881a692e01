//! Compiles rules once per configuration.

use super::super::{
    fields::FieldType,
    model::{Join, Node, Operator, Rule, RuleSet},
    pattern::{self, MAX_COMPILED_TOTAL, Pattern},
};
use super::right::{Right, Template};
use std::{collections::BTreeMap, fmt, ops::Add, sync::Arc};

/// Characters of a rule's value that are kept for reasons, which show fewer. A list can have 1 MiB.
const MAX_SHOWN: usize = 400;

/// A compiled rule set.
#[derive(Debug, Default)]
pub struct Program {
    pub(super) rules: CompiledSet,
    /// The fields that the rules test, each once.
    pub(super) fields: Vec<String>,
    cost: Cost,
}

/// What a program takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// The memory, in bytes.
    pub bytes: usize,
    pub rules: usize,
    /// The weights of all patterns.
    pub weight: usize,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, rules: self.rules + other.rules, weight: self.weight + other.weight }
    }
}

#[derive(Debug, Default)]
pub(super) struct CompiledSet {
    pub op: Join,
    pub parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) enum Part {
    Rule(CompiledRule),
    Set(CompiledSet),
}

#[derive(Debug)]
pub(super) struct CompiledRule {
    /// The place in `fields`.
    pub field: usize,
    /// The rule as reasons show it: a list can be long.
    pub shown: Rule,
    pub right: Right,
    /// Some if the value refers to other fields, so it is prepared for each lead.
    pub template: Option<Template>,
}

impl Program {
    pub const fn cost(&self) -> Cost {
        self.cost
    }

    /// The names of the fields that the rules test, and that their values refer to.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(String::as_str).chain(self.rules.template_names())
    }
}

impl CompiledSet {
    fn template_names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.parts.iter().flat_map(|part| match part {
            Part::Set(set) => set.template_names(),
            Part::Rule(rule) => Box::new(rule.template.iter().flat_map(Template::names)),
        }))
    }
}

/// Compiles the rule sets of one configuration. A pattern that occurs again is shared.
pub struct Compiler<'c> {
    /// The type of each field, by name.
    type_of: &'c dyn Fn(&str) -> FieldType,
    /// By source.
    patterns: BTreeMap<String, Option<Arc<Pattern>>>,
    pattern_bytes: usize,
}

impl fmt::Debug for Compiler<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Compiler({} patterns)", self.patterns.len())
    }
}

impl<'c> Compiler<'c> {
    pub fn new(type_of: &'c dyn Fn(&str) -> FieldType) -> Self {
        Self { type_of, patterns: BTreeMap::new(), pattern_bytes: 0 }
    }

    /// The type of a field.
    pub fn type_of(&self, name: &str) -> FieldType {
        (self.type_of)(name)
    }

    /// Compiles for fields whose values are all texts, such as the parameters of a submission as sent.
    pub fn with_texts(&mut self, set: &RuleSet) -> Program {
        let type_of = std::mem::replace(&mut self.type_of, &|_| FieldType::String);
        let program = self.compile(set);
        self.type_of = type_of;
        program
    }

    pub fn compile(&mut self, set: &RuleSet) -> Program {
        let mut program = Program::default();
        let mut places = BTreeMap::new();
        let before = self.pattern_bytes;
        program.rules = self.set(set, &mut program.cost, &mut places);
        program.cost.bytes += self.pattern_bytes - before;
        program.fields = vec![String::new(); places.len()];
        for (name, place) in places {
            program.cost.bytes += name.len() + size_of::<String>();
            if let Some(slot) = program.fields.get_mut(place) {
                name.clone_into(slot);
            }
        }
        program
    }

    fn set<'s>(&mut self, set: &'s RuleSet, cost: &mut Cost, places: &mut BTreeMap<&'s str, usize>) -> CompiledSet {
        let part = |node: &'s Node| match node {
            Node::Set(inner) => Part::Set(self.set(inner, cost, places)),
            Node::Rule(rule) => Part::Rule(self.rule(rule, cost, places)),
        };
        CompiledSet { op: set.op, parts: set.rules.iter().map(part).collect() }
    }

    fn rule<'s>(&mut self, rule: &'s Rule, cost: &mut Cost, places: &mut BTreeMap<&'s str, usize>) -> CompiledRule {
        let next = places.len();
        let field = *places.entry(rule.field()).or_insert(next);
        let template = if rule.op.takes_pattern() { None } else { Template::parse(rule.value()) };
        let right = match (rule.op, &template) {
            (op, _) if op.takes_pattern() => self.pattern(rule, cost),
            (_, Some(_)) => Right::Nothing,
            (op, None) => Right::new(op, (self.type_of)(rule.field()), rule.value()),
        };
        let shown = Rule {
            rhv: rule.rhv.as_deref().map(|text| shown_value(rule.op, text)),
            ..Rule::new(&*rule.lhv, rule.op, None)
        };
        cost.rules += 1;
        cost.bytes += size_of::<CompiledRule>() + shown.lhv.len() + shown.value().len() + right.bytes();
        cost.bytes += template.as_ref().map_or(0, Template::bytes);
        CompiledRule { field, shown, right, template }
    }

    fn pattern(&mut self, rule: &Rule, cost: &mut Cost) -> Right {
        let Some(source) = pattern::source(rule.op, rule.value()) else { return Right::Nothing };
        if !self.patterns.contains_key(&source) {
            if self.pattern_bytes > 2 * MAX_COMPILED_TOTAL {
                return Right::UncompiledPattern(source);
            }
            let pattern = Pattern::compile(&source).map(Arc::new);
            self.pattern_bytes += pattern.as_ref().map_or(0, |pattern| pattern.bytes());
            self.patterns.insert(source.clone(), pattern);
        }
        let pattern = self.patterns.get(&source).cloned().flatten();
        cost.weight += pattern.as_ref().map_or(0, |pattern| pattern.weight());
        pattern.map_or(Right::Nothing, Right::Pattern)
    }
}

/// The value as reasons show it, shortened with a mark; a list ends with a whole entry.
fn shown_value(op: Operator, text: &str) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(MAX_SHOWN) else { return text.to_owned() };
    let kept = &text[..end];
    match kept.rfind([',', ';', '\n']).filter(|_| op.takes_list()) {
        Some(at) => format!("{} …", &kept[..=at]),
        None => format!("{kept}…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_shown_with_a_mark_and_a_list_without_half_an_entry() {
        use Operator::{IsEqualTo, IsIncludedIn};
        let (words, lines) = ("some, ".repeat(100), "02134\n".repeat(100));
        for (op, text, expected) in [
            (IsEqualTo, "a".repeat(400), "a".repeat(400)),
            (IsEqualTo, "é".repeat(401), format!("{}…", "é".repeat(400))),
            (IsEqualTo, words.clone(), format!("{}…", &words[..400])),
            (IsIncludedIn, words, format!("{}, …", ["some"; 66].join(", "))),
            (IsIncludedIn, lines.clone(), format!("{} …", &lines[..396])),
            (IsIncludedIn, "a".repeat(401), format!("{}…", "a".repeat(400))),
            (IsIncludedIn, " CA, TX ".to_owned(), "CA, TX".to_owned()),
        ] {
            assert_eq!(shown_value(op, &text), expected, "{op} {text}");
        }
    }
}
