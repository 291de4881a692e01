//! Values as ranges of numbers, so one comparison works for numbers, ranges, dates, times and postal codes.

use super::{
    fields::FieldType,
    numbers::{Decimal, Range},
    parse::{Value, band_scores},
    ranges::number,
};

impl Range {
    /// The range that contains only this number.
    pub fn exactly(number: Decimal) -> Self {
        Self { min: Some(number.clone()), max: Some(number) }
    }

    /// True if the whole other range is within this one.
    pub fn contains(&self, other: &Self) -> bool {
        let low = self.min.is_none() || (other.min.is_some() && other.min >= self.min);
        let high = match (&self.max, &other.max) {
            (None, _) => true,
            (Some(max), Some(inner)) => inner <= max,
            (Some(_), None) => false,
        };
        low && high
    }
}

/// A value as a range. None if it has no order.
pub fn span(value: &Value) -> Option<Range> {
    if value.is_blank() || !value.valid {
        return None;
    }
    let text = value.normal.as_str();
    match value.field_type {
        // `yyyy-mm-dd` and RFC 3339 times in UTC keep their order as plain digits.
        FieldType::Date | FieldType::Dob | FieldType::Time => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            Decimal::parse(&digits).map(Range::exactly)
        }
        FieldType::PostalCode => postal_span(text),
        FieldType::CreditScore => {
            band_scores(text).or_else(|| Range::parse(text)).or_else(|| Decimal::parse(text).map(Range::exactly))
        }
        FieldType::Range => Range::parse(text).or_else(|| Decimal::parse(text).map(Range::exactly)),
        FieldType::String => number(text).map(Range::exactly),
        _ => Decimal::parse(text).map(Range::exactly),
    }
}

/// The place of a postal code in the order of its country: all of five digits, which some countries write in groups
/// (`00-950`, `111 22`), otherwise the digits that it begins with.
pub fn postal_span(code: &str) -> Option<Range> {
    let bare: String = code.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let is_five = bare.len() == 5 && bare.bytes().all(|byte| byte.is_ascii_digit());
    let digits = if is_five { Some(bare.as_str()) } else { first_digits(code) };
    digits.and_then(Decimal::parse).map(Range::exactly)
}

/// The digits that a postal code begins with, which order the codes of most countries: `78704` of `78704-1234`, `1012` of
/// `1012 AB`. None for a code that begins with letters.
fn first_digits(code: &str) -> Option<&str> {
    let end = code.find(|c: char| !c.is_ascii_digit()).unwrap_or(code.len());
    (end >= 3).then(|| &code[..end])
}

#[cfg(test)]
mod tests {
    use super::{
        super::{parse::parse, ranges::named_range},
        *,
    };

    fn within(field_type: FieldType, text: &str, range: &str) -> bool {
        let range = named_range(range, field_type).unwrap();
        span(&parse(field_type, text)).is_some_and(|span| range.contains(&span))
    }

    #[test]
    fn a_range_includes_both_ends() {
        for (number, inside) in
            [("10000", true), ("19,999.00", true), ("9999.99", false), ("20000", false), ("", false)]
        {
            assert_eq!(within(FieldType::Number, number, "10000-19999"), inside, "{number}");
        }
        assert!(within(FieldType::String, "15000", "10000-19999"));
        assert!(within(FieldType::Number, "1000000", "18+"));
        assert!(within(FieldType::PostalCode, "10001-1234", "10000 to 19999"));
        assert!(!within(FieldType::PostalCode, "K1A 0B1", "10000-19999"));
    }

    #[test]
    fn a_range_of_a_lead_must_be_within_as_a_whole() {
        assert!(within(FieldType::Range, "12000-13000", "10000-19999"));
        assert!(!within(FieldType::Range, "12000-23000", "10000-19999"));
        assert!(!within(FieldType::Range, "12000+", "10000-19999"));
        assert!(within(FieldType::Range, "12000+", "10000+"));
    }

    #[test]
    fn dates_and_times_are_ordered() {
        assert!(within(FieldType::Dob, "7/21/1984", "1980-01-01 to 12/31/1989"));
        assert!(!within(FieldType::Dob, "7/21/1990", "1980-01-01 to 12/31/1989"));
        assert!(within(FieldType::Time, "2020-01-05T23:59:00-02:00", "2020-01-06 to 2020-01-07"));
    }
}
