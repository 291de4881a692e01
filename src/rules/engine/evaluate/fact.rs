//! One field of a lead as rules see it. What several rules need is worked out once.

use super::{
    super::{
        budget::Budget,
        model::Operator,
        numbers::Range,
        obscene,
        parse::{Value, boolean},
        pattern::Pattern,
        spans::span,
    },
    right::{Right, same_text},
};
use std::cell::OnceCell;

/// Maximum characters of a value that rules and patterns see.
pub const MAX_SEEN: usize = 10_000;

pub struct Fact<'l> {
    pub value: &'l Value,
    /// The beginning of the normal form that rules see.
    seen: &'l str,
    same: OnceCell<String>,
    lower: OnceCell<String>,
    span: OnceCell<Option<Range>>,
    is_obscene: OnceCell<bool>,
}

impl<'l> Fact<'l> {
    pub fn new(value: &'l Value) -> Self {
        let normal = value.normal.as_str();
        let end = (normal.len() > MAX_SEEN).then(|| normal.char_indices().nth(MAX_SEEN)).flatten();
        let seen = end.map_or(normal, |(end, _)| &normal[..end]);
        let (same, lower, span, is_obscene) = Default::default();
        Self { value, seen, same, lower, span, is_obscene }
    }

    /// True if a rule with this operator and value passes.
    pub fn holds(&self, op: Operator, right: &Right, budget: &Budget) -> bool {
        match op {
            Operator::IsEqualTo => self.equals(right),
            Operator::IsNotEqualTo => !self.equals(right),
            Operator::IsLessThan => self.compared(right, |a, b| a.max.is_some() && a.max < b.min),
            Operator::IsLessThanOrEqualTo => self.compared(right, |a, b| a.max.is_some() && a.max <= b.min),
            Operator::IsGreaterThan => self.compared(right, |a, b| b.max.is_some() && a.min > b.max),
            Operator::IsGreaterThanOrEqualTo => self.compared(right, |a, b| b.max.is_some() && a.min >= b.max),
            Operator::IsIncludedIn => self.is_included(right),
            Operator::IsNotIncludedIn => !self.is_included(right),
            Operator::Includes => self.includes(right),
            Operator::DoesNotInclude => !self.includes(right),
            Operator::IsBetween => self.compared(right, |value, range| range.contains(value)),
            Operator::IsNotBetween => !self.compared(right, |value, range| range.contains(value)),
            Operator::MatchesPattern => self.matches(right, budget),
            Operator::DoesNotMatchPattern => !self.matches(right, budget),
            _ => self.holds_alone(op),
        }
    }

    fn holds_alone(&self, op: Operator) -> bool {
        match op {
            Operator::IsBlank => self.value.is_blank(),
            Operator::IsNotBlank => !self.value.is_blank(),
            Operator::FormatIsValid => self.value.valid,
            Operator::FormatIsInvalid => !self.value.valid,
            Operator::IsTrue => boolean(self.seen) == Some(true),
            Operator::IsNotTrue => boolean(self.seen) != Some(true),
            Operator::IsFalse => boolean(self.seen) == Some(false),
            Operator::IsNotFalse => boolean(self.seen) != Some(false),
            Operator::IsObscene => self.is_obscene(),
            Operator::IsNotObscene => !self.is_obscene(),
            _ => false,
        }
    }

    fn same(&self) -> &str {
        self.same.get_or_init(|| same_text(self.value.field_type, self.seen))
    }

    fn equals(&self, right: &Right) -> bool {
        matches!(right, Right::Same(same) if self.same() == same)
    }

    fn is_included(&self, right: &Right) -> bool {
        matches!(right, Right::List(list) if !self.value.is_blank() && list.contains(self.same()))
    }

    fn includes(&self, right: &Right) -> bool {
        matches!(right, Right::Text(part) if self.lower.get_or_init(|| self.seen.to_lowercase()).contains(part))
    }

    fn compared(&self, right: &Right, test: impl Fn(&Range, &Range) -> bool) -> bool {
        let Right::Span(right) = right else { return false };
        self.span.get_or_init(|| span(self.value)).as_ref().is_some_and(|left| test(left, right))
    }

    /// An invalid pattern matches nothing; `pattern_problems` keeps it from being saved.
    fn matches(&self, right: &Right, budget: &Budget) -> bool {
        match right {
            Right::Pattern(pattern) => pattern.is_match(self.seen, budget),
            Right::UncompiledPattern(text) => {
                Pattern::compile(text).is_some_and(|pattern| pattern.is_match(self.seen, budget))
            }
            _ => false,
        }
    }

    fn is_obscene(&self) -> bool {
        *self.is_obscene.get_or_init(|| obscene::is_obscene(self.seen))
    }
}
