//! The value of a rule, prepared for its operator, so that a lead only compares.

use super::super::{
    budget::Budget,
    entries::entries,
    fields::FieldType,
    fold::fold,
    list::EntryList,
    model::Operator,
    numbers::{Decimal, Range},
    parse::{Value, typed},
    pattern::Pattern,
    ranges::{compared, named_range, read},
    template::{self, Piece},
};
use super::Lead;
use std::sync::Arc;

/// Maximum bytes of an expanded template in a rule.
const MAX_EXPANDED: usize = 20_000;

/// What a rule compares its field with.
#[derive(Debug)]
pub enum Right {
    /// A unary operator, or a value that no field can fit.
    Nothing,
    /// The form in which two equal values are the same.
    Same(String),
    Span(Range),
    List(EntryList),
    /// Folded.
    Text(String),
    Pattern(Arc<Pattern>),
    /// The source of a pattern beyond the memory of its configuration, which is compiled for each lead.
    UncompiledPattern(String),
}

impl Right {
    /// Prepares the value of any rule but a pattern.
    pub fn new(op: Operator, field_type: FieldType, text: &str) -> Self {
        let text = text.trim();
        match op {
            Operator::IsEqualTo | Operator::IsNotEqualTo => Self::Same(same(&read(field_type, text))),
            Operator::IsLessThan
            | Operator::IsLessThanOrEqualTo
            | Operator::IsGreaterThan
            | Operator::IsGreaterThanOrEqualTo => {
                compared(text, field_type).map_or(Self::Nothing, |span| Self::Span(compared_end(op, field_type, span)))
            }
            Operator::IsBetween | Operator::IsNotBetween => {
                named_range(text, field_type).map_or(Self::Nothing, Self::Span)
            }
            Operator::IsIncludedIn | Operator::IsNotIncludedIn => {
                Self::List(EntryList::new(entries(text).map(|entry| same(&read(field_type, &entry)))))
            }
            Operator::Includes | Operator::DoesNotInclude if !text.is_empty() => Self::Text(fold(text)),
            _ => Self::Nothing,
        }
    }

    /// The memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Nothing | Self::Span(_) | Self::Pattern(_) => 0,
            Self::Same(text) | Self::Text(text) | Self::UncompiledPattern(text) => text.capacity(),
            Self::List(list) => list.bytes(),
        }
    }
}

/// The end of a year or a month that a rule compares with: its last day for `is less than or equal to`.
fn compared_end(op: Operator, field_type: FieldType, span: Range) -> Range {
    match (field_type, op, span) {
        (
            FieldType::Date | FieldType::Dob | FieldType::Time,
            Operator::IsLessThanOrEqualTo,
            Range { max: Some(max), .. },
        ) => Range::exactly(max),
        (
            FieldType::Date | FieldType::Dob | FieldType::Time,
            Operator::IsGreaterThanOrEqualTo,
            Range { min: Some(min), .. },
        ) => Range::exactly(min),
        (_, _, span) => span,
    }
}

/// The form in which two equal values of one type are the same: numbers without their spelling, texts folded.
pub fn same(value: &Value) -> String {
    same_text(value.field_type, &value.normal)
}

/// What the form of a text begins with.
pub const TEXT: &str = "text ";

pub fn same_text(field_type: FieldType, normal: &str) -> String {
    match number(field_type, normal) {
        Some(number) => format!("number {number}"),
        None if field_type.is_grouped() => format!("{TEXT}{}", ungrouped(normal)),
        None => format!("{TEXT}{}", fold(normal)),
    }
}

/// The folded text without what separates groups. A text of separators only stays.
fn ungrouped(text: &str) -> String {
    let folded = fold(&typed(text));
    let bare: String = folded.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    if bare.is_empty() { folded } else { bare }
}

/// The area of a postal code, which a rule can name instead of the whole code: `02134` of `02134-1021`, `M5V` of
/// `M5V 2T6`, `SW1A` of `SW1A 1AA`.
pub fn area(code: &str) -> Option<&str> {
    let (area, rest) = code.split_once(['-', ' '])?;
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_zip = digits(area, 5) && digits(rest, 4);
    (is_zip || area.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(area)
}

/// A value as a number, if it is meant as one. A postal code, a phone number and `007` are texts.
fn number(field_type: FieldType, text: &str) -> Option<Decimal> {
    let padded = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
    let meant = matches!(field_type, FieldType::Number | FieldType::Range | FieldType::String);
    if meant && !padded { Decimal::parse(text) } else { None }
}

/// The value of a rule that refers to other fields of the lead.
#[derive(Debug)]
pub struct Template(Vec<Segment>);

#[derive(Debug)]
enum Segment {
    Text(String),
    Field(String),
}

impl Template {
    /// None if the text has no template. An invalid template, which is never saved, expands to nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let segment = |piece| match piece {
            Piece::Text(text) => Segment::Text(text.to_owned()),
            Piece::Name(name) => Segment::Field(name.strip_prefix("lead.").unwrap_or(name).to_owned()),
        };
        let pieces = || template::pieces(text).unwrap_or_default();
        template::is_template(text).then(|| Self(pieces().into_iter().map(segment).collect()))
    }

    /// The text for a lead; empty if it is too long.
    pub fn expand(&self, lead: &Lead, budget: &Budget) -> String {
        let mut whole = String::new();
        for segment in &self.0 {
            let text = match segment {
                Segment::Text(text) => text,
                Segment::Field(name) => lead.get(name).map(|value| value.normal.as_str()).unwrap_or_default(),
            };
            if whole.len() + text.len() > MAX_EXPANDED || !budget.take_expanded(text.len()) {
                return String::new();
            }
            whole.push_str(text);
        }
        whole
    }

    /// The fields it refers to.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Field(name) => Some(name.as_str()),
            Segment::Text(_) => None,
        })
    }

    /// The memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let text = |segment: &Segment| match segment {
            Segment::Text(text) | Segment::Field(text) => text.capacity() + size_of::<Segment>(),
        };
        self.0.iter().map(text).sum()
    }
}
