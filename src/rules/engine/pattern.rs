//! Regular expressions, which match anywhere in the value, and wildcards, which match the whole value. Matching takes
//! linear time, and the size of a compiled pattern is bounded.

use super::{budget::Budget, fold::composed, model::Operator};
use regex_automata::meta;
use regex_syntax::{
    ParserBuilder,
    hir::{Hir, HirKind, Look},
};
use std::fmt;

/// Maximum characters of a pattern.
const MAX_PATTERN: usize = 500;
/// Maximum bytes of a compiled pattern. `\w{6}` exceeds it.
const MAX_COMPILED: usize = 256 * 1024;
/// Maximum bytes of all compiled patterns that are saved together.
pub const MAX_COMPILED_TOTAL: usize = 4 << 20;
/// The memory for the states that a pattern remembers while it matches. A pattern with more states forgets some.
const MATCH_CACHE: usize = 32 * 1024;
/// What can follow a regular expression between slashes. Case never matters, and one match is enough.
const FLAGS: &[&str] = &["", "i", "g", "gi", "ig"];

/// A compiled pattern.
pub struct Pattern {
    regex: meta::Regex,
    /// The steps that one byte of a value costs at worst.
    weight: usize,
    /// The bytes at the start that decide, for a pattern that is tied to the start.
    decisive: Option<usize>,
    can_match: bool,
}

/// The regular expression of a rule's value, which is empty for `//`. None if the value is blank or too long.
pub fn source(op: Operator, value: &str) -> Option<String> {
    let value = value.trim();
    if value.is_empty() || value.chars().count() > MAX_PATTERN {
        return None;
    }
    let value = composed(value);
    if op.takes_wildcard() {
        return Some(wildcard(&value));
    }
    let between_slashes = value.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    match between_slashes.filter(|(_, flags)| FLAGS.contains(flags)) {
        Some((inner, _)) => Some(inner.to_owned()),
        None => Some(value.into_owned()),
    }
}

impl Pattern {
    /// Compiles a [`source`] without regard to case. None if it is invalid or too large.
    pub fn compile(source: &str) -> Option<Self> {
        let hir = ParserBuilder::new().case_insensitive(true).nest_limit(50).build().parse(source).ok()?;
        let limits = meta::Config::new().nfa_size_limit(Some(MAX_COMPILED)).hybrid_cache_capacity(MATCH_CACHE);
        let regex = meta::Builder::new().configure(limits).build_from_hir(&hir).ok()?;
        let is_tied = hir.properties().look_set_prefix().contains(Look::Start);
        let decisive = hir.properties().maximum_len().filter(|_| is_tied).map(|most| most + 1);
        Some(Self { regex, weight: weight(&hir).max(1), decisive, can_match: can_match(&hir) })
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

    /// False if no text can match, as for `$5`: nothing follows the end of a text.
    pub const fn can_match(&self) -> bool {
        self.can_match
    }

    /// The size that counts against [`MAX_COMPILED_TOTAL`], in bytes.
    pub fn size(&self) -> usize {
        self.regex.memory_usage()
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

/// False if some part of the pattern can't match, or if it needs text before its start or after its end.
fn can_match(hir: &Hir) -> bool {
    let takes_text = |part: &Hir| part.properties().minimum_len().is_none_or(|least| least > 0);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) => true,
        HirKind::Class(_) => hir.properties().minimum_len().is_some(),
        HirKind::Repetition(repeated) => repeated.min == 0 || can_match(&repeated.sub),
        HirKind::Capture(group) => can_match(&group.sub),
        HirKind::Alternation(parts) => parts.iter().any(can_match),
        HirKind::Concat(parts) => {
            let is = |part: &Hir, look: Look| matches!(part.kind(), HirKind::Look(found) if *found == look);
            parts.iter().all(can_match)
                && !parts.iter().skip_while(|part| !is(part, Look::End)).any(takes_text)
                && !parts.iter().rev().skip_while(|part| !is(part, Look::Start)).any(takes_text)
        }
    }
}

fn wildcard(pattern: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(op: Operator, value: &str) -> Option<Pattern> {
        Pattern::compile(&source(op, value)?)
    }

    fn matches(value: &str, text: &str) -> bool {
        pattern(Operator::MatchesPattern, value).unwrap().is_match(text, &Budget::default())
    }

    fn is_like(value: &str, text: &str) -> bool {
        pattern(Operator::MatchesWildcard, value).unwrap().is_match(text, &Budget::default())
    }

    fn expression(value: &str) -> Option<Pattern> {
        pattern(Operator::DoesNotMatchPattern, value)
    }

    #[test]
    fn a_pattern_is_a_regular_expression_with_or_without_slashes() {
        for (value, text, expected) in [
            ("^J.*n$", "John", true),
            ("^J.*n$", "Johnny", false),
            ("^j.*N$", "JOAN", true),
            (r"/^5\d+$/", "512", true),
            (r"^5\d+$", "512", true),
            ("/AUST/i", "In Austin", true),
            ("/aust/gi", "In Austin", true),
            ("aust", "In Austin", true),
            ("/^x/", "ax", false),
            ("^(CA|TX)$", "tx", true),
            ("J*n", "Hahn", true),
            ("J*n", "Joe", false),
            ("a.c", "ABC", true),
            ("[0-9]{5}", "zip 02134", true),
            ("^$", "", true),
            ("^.+@example\\.com$", "Ann@Example.com", true),
            ("/en/us", "https://example.com/en/us", true),
            ("^caf\u{e9}$", "CAF\u{c9}", true),
            ("^cafe\u{301}$", "caf\u{e9}", true),
            (" ^a$ ", "A", true),
        ] {
            assert_eq!(matches(value, text), expected, "{value} {text}");
        }
    }

    #[test]
    fn a_wildcard_is_for_the_whole_value() {
        for (value, text, expected) in [
            ("J*n", "John", true),
            ("j*N", "Joan", true),
            ("J*n", "Johnny", false),
            ("J*n", "Hahn", false),
            ("aus*", "Austin\nTX", true),
            ("?.a+b", "x.A+B", true),
            ("aus", "Austin", false),
            ("a.c", "abc", false),
            ("*@example.com", "ann@EXAMPLE.com", true),
            ("^J.*n$", "John", false),
            ("(512)*", "(512) 555", true),
            ("J??n", "Jöhn", true),
            ("*", "", true),
        ] {
            assert_eq!(is_like(value, text), expected, "{value} {text}");
        }
    }

    #[test]
    fn invalid_large_and_blank_patterns_are_rejected() {
        for value in [
            r"/(\w{200}){200}/",
            "((a{100}){100}){100}",
            "/(/",
            "(",
            "[a",
            "*a",
            r"(a)\1",
            "(?=a)b",
            "",
            " ",
            &"a".repeat(501),
            &format!("{}a{}", "(".repeat(60), ")".repeat(60)),
        ] {
            assert!(expression(value).is_none(), "{value}");
        }
        assert!(pattern(Operator::MatchesWildcard, "(").is_some());
        assert!(pattern(Operator::MatchesWildcard, &"a".repeat(501)).is_none());
        assert!(pattern(Operator::MatchesWildcard, " ").is_none());
    }

    #[test]
    fn a_pattern_that_no_text_can_match_is_recognised() {
        for value in [
            "$5", "a^b", "^a$b", "(x$)y", r"[^\s\S]", "a|$5", "^^a$$", "(^a|b)$", "a?^b", "x*$", r"\$5", "(?m)$a", "^$",
        ] {
            let expected = !matches!(value, "$5" | "a^b" | "^a$b" | r"[^\s\S]");
            assert_eq!(expression(value).unwrap().can_match(), expected, "{value}");
        }
    }

    #[test]
    fn a_pattern_that_backtracks_in_other_engines_takes_linear_time() {
        assert!(!matches("/^(a+)+$/", &format!("{}!", "a".repeat(100_000))));
    }

    #[test]
    fn a_heavy_pattern_sees_less_of_a_long_value() {
        let budget = Budget::default();
        let light = expression("/x$/").unwrap();
        let text = format!("{}x", "y".repeat(9_999));
        assert!(light.is_match(&text, &budget));
        let heavy = expression("/y[xy]{3000}/").unwrap();
        assert!(heavy.weight() >= 3_000 && !heavy.is_match(&text, &budget));
        assert!(!light.is_match(&text, &budget), "the heavy one used the steps of this lead");
        assert!(light.is_match("yx", &budget));
        assert!(light.is_match(&text, &Budget::default()), "the next lead has its own");
    }

    #[test]
    fn a_pattern_tied_to_the_start_costs_no_more_than_it_decides() {
        let budget = Budget::default();
        let text = "7".repeat(10_000);
        let tied = expression(r"/^\d{5}$/").unwrap();
        assert!((0..500).all(|_| !tied.is_match(&text, &budget)));
        assert!(expression("/7{80}$/").unwrap().is_match(&text, &budget));
    }
}
