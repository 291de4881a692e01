//! One field of a lead as rules see it. What several rules need is worked out once.

use super::{
    super::{
        budget::Budget,
        fields::FieldType,
        fold::{composed, fold},
        model::Operator,
        numbers::Range,
        obscene,
        parse::{Value, boolean},
        pattern::Pattern,
        spans::span,
        words::Cause,
    },
    right::{Right, TEXT, area, same_text},
};
use std::{borrow::Cow, cell::OnceCell};

/// Maximum characters of a value that rules and patterns see.
pub const MAX_SEEN: usize = 10_000;

pub struct Fact<'l> {
    pub value: &'l Value,
    /// The beginning of the normal form that rules see.
    seen: Cow<'l, str>,
    same: OnceCell<String>,
    /// The area of a postal code, or a phone number abroad as it was sent, as `same`.
    also_same: OnceCell<Option<String>>,
    folded: OnceCell<String>,
    span: OnceCell<Option<Range>>,
    is_obscene: OnceCell<bool>,
}

impl<'l> Fact<'l> {
    pub fn new(value: &'l Value) -> Self {
        let normal = value.normal.as_str();
        let end = (normal.len() > MAX_SEEN).then(|| normal.char_indices().nth(MAX_SEEN)).flatten();
        let seen = composed(end.map_or(normal, |(end, _)| &normal[..end]));
        let (same, also_same, folded, span, is_obscene) = Default::default();
        Self { value, seen, same, also_same, folded, span, is_obscene }
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
            Operator::MatchesPattern | Operator::MatchesWildcard => self.matches(right, budget),
            Operator::DoesNotMatchPattern | Operator::DoesNotMatchWildcard => !self.matches(right, budget),
            _ => self.holds_alone(op),
        }
    }

    fn holds_alone(&self, op: Operator) -> bool {
        match op {
            Operator::IsBlank => self.value.is_blank(),
            Operator::IsNotBlank => !self.value.is_blank(),
            Operator::FormatIsValid => self.value.valid,
            Operator::FormatIsInvalid => !self.value.valid,
            Operator::IsTrue => boolean(&self.seen) == Some(true),
            Operator::IsNotTrue => boolean(&self.seen) != Some(true),
            Operator::IsFalse => boolean(&self.seen) == Some(false),
            Operator::IsNotFalse => boolean(&self.seen) != Some(false),
            Operator::IsObscene => self.is_obscene(),
            Operator::IsNotObscene => !self.is_obscene(),
            _ => false,
        }
    }

    fn same(&self) -> &str {
        self.same.get_or_init(|| same_text(self.value.field_type, &self.seen))
    }

    /// What else a rule can name instead of the value. The value of a rule has no country, so a phone number abroad can
    /// only be recognized there as it is dialled at home.
    fn also_same(&self) -> Option<&str> {
        let other = || match self.value.field_type {
            _ if !self.value.valid => None,
            FieldType::PostalCode => area(&self.seen),
            FieldType::Phone if self.seen.starts_with('+') => Some(self.value.raw.as_str()),
            _ => None,
        };
        let also = || other().map(|text| same_text(self.value.field_type, text));
        self.also_same.get_or_init(also).as_deref()
    }

    fn equals(&self, right: &Right) -> bool {
        matches!(right, Right::Same(same) if self.same() == same || self.also_same() == Some(same))
    }

    fn is_included(&self, right: &Right) -> bool {
        let Right::List(list) = right else { return false };
        let has_other = || self.also_same().is_some_and(|other| list.contains(other));
        !self.value.is_blank() && (list.contains(self.same()) || has_other())
    }

    fn includes(&self, right: &Right) -> bool {
        matches!(right, Right::Text(part) if self.folded().contains(part))
    }

    fn folded(&self) -> &str {
        let same = self.same().strip_prefix(TEXT).filter(|_| !self.value.field_type.is_grouped());
        same.unwrap_or_else(|| self.folded.get_or_init(|| fold(&self.seen)))
    }

    fn span(&self) -> Option<&Range> {
        self.span.get_or_init(|| span(self.value)).as_ref()
    }

    /// Why a rule with this operator and value failed.
    pub fn cause(&self, op: Operator, right: &Right, budget: &Budget) -> Cause {
        let compares = matches!(
            op,
            Operator::IsLessThan
                | Operator::IsLessThanOrEqualTo
                | Operator::IsGreaterThan
                | Operator::IsGreaterThanOrEqualTo
        );
        // A code without an order is not between two others.
        let needs_order = compares || op == Operator::IsBetween && !(self.value.valid && self.is_postal_code());
        match op {
            Operator::IsNotBlank => Cause::Opposite,
            _ if self.value.is_blank() => Cause::Missing,
            _ if needs_order && self.span().is_none() => Cause::Unreadable(self.value.field_type),
            _ if compares && !self.holds(op.opposite(), right, budget) => Cause::Undecided,
            _ => Cause::Opposite,
        }
    }

    fn is_postal_code(&self) -> bool {
        self.value.field_type == FieldType::PostalCode
    }

    fn compared(&self, right: &Right, test: impl Fn(&Range, &Range) -> bool) -> bool {
        let Right::Span(right) = right else { return false };
        self.span().is_some_and(|left| test(left, right))
    }

    /// An invalid pattern matches nothing; `value_problems` keeps it from being saved.
    fn matches(&self, right: &Right, budget: &Budget) -> bool {
        match right {
            Right::Pattern(pattern) => pattern.is_match(&self.seen, budget),
            Right::UncompiledPattern(source) => {
                Pattern::compile(source).is_some_and(|pattern| pattern.is_match(&self.seen, budget))
            }
            _ => false,
        }
    }

    fn is_obscene(&self) -> bool {
        *self.is_obscene.get_or_init(|| obscene::is_obscene(&self.seen))
    }
}
