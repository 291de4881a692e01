//! Patterns: `/…/` is a regular expression that matches anywhere in the value; anything else is a glob for the whole
//! value. Matching takes linear time, and the size of a compiled pattern is bounded.

use super::{
    check::{RuleProblem, RuleProblemKind, join},
    model::{Node, RuleSet},
};
use regex::{Regex, RegexBuilder};

/// Maximum characters of a pattern.
const MAX_PATTERN: usize = 500;
/// Maximum bytes of a compiled pattern. `\w{200}` exceeds it.
const MAX_COMPILED: usize = 256 * 1024;

/// Compiles a case-insensitive pattern. None if it is invalid or too large.
pub fn compile(pattern: &str) -> Option<Regex> {
    let pattern = pattern.trim();
    if pattern.chars().count() > MAX_PATTERN {
        return None;
    }
    let source = match pattern.strip_prefix('/').and_then(|rest| rest.strip_suffix("/i").or(rest.strip_suffix('/'))) {
        Some(source) => source.to_owned(),
        None => glob(pattern),
    };
    RegexBuilder::new(&source)
        .case_insensitive(true)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .nest_limit(50)
        .build()
        .ok()
}

fn glob(pattern: &str) -> String {
    let mut source = String::from("(?s)^");
    for character in pattern.chars() {
        match character {
            '*' => source.push_str(".*"),
            '?' => source.push('.'),
            other => source.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    source.push('$');
    source
}

/// The invalid patterns of a set. `RuleSet::check`, which needs no engine, makes all other checks.
pub fn pattern_problems(rule_set: &RuleSet) -> Vec<RuleProblem> {
    let mut problems = Vec::new();
    collect(rule_set, "", &mut problems);
    problems
}

fn collect(set: &RuleSet, at: &str, problems: &mut Vec<RuleProblem>) {
    for (index, node) in set.rules.iter().enumerate() {
        let at = join(at, &format!("rules.{index}"));
        match node {
            Node::Set(inner) => collect(inner, &at, problems),
            Node::Rule(rule) if rule.op.takes_pattern() && compile(rule.value()).is_none() => {
                problems.push(RuleProblem::new(join(&at, "rhv"), RuleProblemKind::BadPattern));
            }
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
        compile(pattern).unwrap().is_match(text)
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
            assert!(compile(pattern).is_none(), "{pattern}");
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
        assert_eq!(pattern_problems(&set), [RuleProblem::new("rules.1.rules.0.rhv", RuleProblemKind::BadPattern)]);
    }
}
