//! Patterns: `/…/` is a regular expression that matches anywhere in the value; anything else is a glob for the whole
//! value. Matching takes linear time, and the size of a compiled pattern is bounded.

use super::{
    budget::Budget,
    check::{MAX_PATTERNS, RuleProblem, RuleProblemKind, join},
    model::{Node, RuleSet},
};
use regex_automata::meta;
use regex_syntax::{
    ParserBuilder,
    hir::{Hir, HirKind, Look},
};
use std::{collections::BTreeSet, fmt};

/// Maximum characters of a pattern.
const MAX_PATTERN: usize = 500;
/// Maximum bytes of a compiled pattern. `\w{6}` exceeds it.
const MAX_COMPILED: usize = 256 * 1024;
/// Maximum bytes of all compiled patterns that are saved together.
pub const MAX_COMPILED_TOTAL: usize = 4 << 20;
/// The memory for the states that a pattern remembers while it matches. A pattern with more states forgets some.
const MATCH_CACHE: usize = 32 * 1024;
/// Maximum problems reported at once, because an invalid pattern costs the most.
const MAX_PROBLEMS: usize = 10;

/// A compiled pattern.
pub struct Pattern {
    regex: meta::Regex,
    /// The steps that one byte of a value costs at worst.
    weight: usize,
    /// The bytes at the start that decide, for a pattern that is tied to the start.
    decisive: Option<usize>,
}

impl Pattern {
    /// Compiles a case-insensitive pattern. None if it is invalid or too large.
    pub fn compile(pattern: &str) -> Option<Self> {
        let pattern = pattern.trim();
        if pattern.chars().count() > MAX_PATTERN {
            return None;
        }
        let inner = pattern.strip_prefix('/').and_then(|rest| rest.strip_suffix("/i").or(rest.strip_suffix('/')));
        let source = inner.map_or_else(|| glob(pattern), str::to_owned);
        let hir = ParserBuilder::new().case_insensitive(true).nest_limit(50).build().parse(&source).ok()?;
        let limits = meta::Config::new().nfa_size_limit(Some(MAX_COMPILED)).hybrid_cache_capacity(MATCH_CACHE);
        let regex = meta::Builder::new().configure(limits).build_from_hir(&hir).ok()?;
        let is_tied = hir.properties().look_set_prefix().contains(Look::Start);
        let decisive = hir.properties().maximum_len().filter(|_| is_tied).map(|most| most + 1);
        Some(Self { regex, weight: weight(&hir).max(1), decisive })
    }

    /// True if the pattern matches in the text, or in as much of it as the budget allows.
    pub fn is_match(&self, text: &str, budget: &Budget) -> bool {
        let decisive = self.decisive.map_or(text.len(), |decisive| decisive.min(text.len()));
        let seen = budget.take_steps(decisive, self.weight);
        let text = if seen < decisive { &text[..text.floor_char_boundary(seen)] } else { text };
        self.regex.is_match(text)
    }

    pub const fn weight(&self) -> usize {
        self.weight
    }

    /// The memory it takes, in bytes, with that for matching in one thread.
    pub fn bytes(&self) -> usize {
        self.regex.memory_usage() * 3 / 2 + MATCH_CACHE
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern(weight {})", self.weight)
    }
}

/// The number of places in a pattern that a match can be at simultaneously, at worst.
fn weight(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(_) => 1,
        HirKind::Repetition(repeated) => {
            let times = repeated.max.unwrap_or(repeated.min).max(1);
            weight(&repeated.sub).saturating_mul(times as usize)
        }
        HirKind::Capture(group) => weight(&group.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(weight).fold(0, usize::saturating_add),
    }
}

fn glob(pattern: &str) -> String {
    let mut source = String::from("(?s)^");
    for character in pattern.chars() {
        match character {
            '*' => source.push_str(".*"),
            '?' => source.push('.'),
            other => source.push_str(&regex_syntax::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    source.push('$');
    source
}

/// The invalid patterns of these sets, each with the path of its set, and patterns that are too large together. The
/// checks that need no engine come first: this one expects at most [`MAX_PATTERNS`] patterns, and looks at no more.
pub fn pattern_problems<'a>(sets: impl Iterator<Item = (String, &'a RuleSet)>) -> Vec<RuleProblem> {
    let mut found = Vec::new();
    sets.for_each(|(at, set)| collect(set, &at, &mut found));
    let (mut seen, mut total, mut problems) = (BTreeSet::new(), 0, Vec::new());
    for (at, text) in found.into_iter().take(MAX_PATTERNS) {
        if problems.len() == MAX_PROBLEMS {
            break;
        }
        match Pattern::compile(text) {
            None => problems.push(RuleProblem::new(at, RuleProblemKind::BadPattern)),
            Some(pattern) if seen.insert(text) => {
                total += pattern.regex.memory_usage();
                if total > MAX_COMPILED_TOTAL {
                    problems.push(RuleProblem::new(at, RuleProblemKind::PatternsTooLarge));
                    break;
                }
            }
            Some(_) => {}
        }
    }
    problems
}

fn collect<'a>(set: &'a RuleSet, at: &str, found: &mut Vec<(String, &'a str)>) {
    for (index, node) in set.rules.iter().enumerate() {
        let at = join(at, &format!("rules.{index}"));
        match node {
            Node::Set(inner) => collect(inner, &at, found),
            Node::Rule(rule) if rule.op.takes_pattern() => found.push((join(&at, "rhv"), rule.value())),
            Node::Rule(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::model::{Operator, Rule},
        *,
    };

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::compile(pattern).unwrap().is_match(text, &Budget::default())
    }

    #[test]
    fn a_pattern_between_slashes_is_a_regular_expression() {
        assert!(matches(r"/^5\d+$/", "512"));
        assert!(matches("/AUST/i", "In Austin"));
        assert!(!matches("/^x/", "ax"));
    }

    #[test]
    fn any_other_pattern_is_a_glob_for_the_whole_value() {
        assert!(matches("aus*", "Austin\nTX"));
        assert!(matches("?.a+b", "x.A+B"));
        assert!(!matches("aus", "Austin"));
        assert!(!matches("a.c", "abc"));
    }

    #[test]
    fn invalid_and_large_patterns_are_rejected() {
        for pattern in [
            r"/(\w{200}){200}/",
            "/((a{100}){100}){100}/",
            "/(/",
            r"/(a)\1/",
            &"a".repeat(501),
            &format!("/{}a{}/", "(".repeat(60), ")".repeat(60)),
        ] {
            assert!(Pattern::compile(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_backtracks_in_other_engines_takes_linear_time() {
        assert!(!matches("/^(a+)+$/", &format!("{}!", "a".repeat(100_000))));
    }

    #[test]
    fn invalid_patterns_are_reported_with_their_path() {
        let rule = |rhv| Node::Rule(Rule::new("lead.city", Operator::MatchesPattern, Some(rhv)));
        let inner = RuleSet { rules: vec![rule("/(/")], ..Default::default() };
        let set = RuleSet { rules: vec![rule("*"), Node::Set(inner)], ..Default::default() };
        let problems = pattern_problems([(String::new(), &set)].into_iter());
        assert_eq!(problems, [RuleProblem::new("rules.1.rules.0.rhv", RuleProblemKind::BadPattern)]);
    }

    #[test]
    fn a_heavy_pattern_sees_less_of_a_long_value() {
        let budget = Budget::default();
        let light = Pattern::compile("/x$/").unwrap();
        let text = format!("{}x", "y".repeat(9_999));
        assert!(light.is_match(&text, &budget));
        let heavy = Pattern::compile("/y[xy]{3000}/").unwrap();
        assert!(heavy.weight() >= 3_000 && !heavy.is_match(&text, &budget));
        assert!(!light.is_match(&text, &budget), "the heavy one used the steps of this lead");
        assert!(light.is_match("yx", &budget));
        assert!(light.is_match(&text, &Budget::default()), "the next lead has its own");
    }

    #[test]
    fn a_pattern_tied_to_the_start_costs_no_more_than_it_decides() {
        let budget = Budget::default();
        let text = "7".repeat(10_000);
        let tied = Pattern::compile(r"/^\d{5}$/").unwrap();
        assert!((0..500).all(|_| !tied.is_match(&text, &budget)));
        assert!(Pattern::compile("/7{80}$/").unwrap().is_match(&text, &budget));
    }

    #[test]
    fn patterns_that_are_too_large_together_are_rejected() {
        let rules = (0..50).map(|index| format!("/\\w{{4}}{index}/"));
        let rules = rules.map(|text| Node::Rule(Rule::new("lead.city", Operator::MatchesPattern, Some(&text))));
        let set = RuleSet { rules: rules.collect(), ..Default::default() };
        let problems = pattern_problems([("rule_set".to_owned(), &set)].into_iter());
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].kind, RuleProblemKind::PatternsTooLarge);
        let one = RuleSet { rules: vec![set.rules[0].clone(); 50], ..Default::default() };
        assert_eq!(pattern_problems([(String::new(), &one)].into_iter()), [], "the same pattern counts once");
    }
}
