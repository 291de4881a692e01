//! Removes social security numbers from a judged submission. Rules see the real number; nothing stores, logs or shows
//! it afterwards.

use super::{configuration::type_of, judging::Judgement};
use crate::{
    leads::input::Input,
    rules::{FieldType, Lead, Mappings, STANDARD_FIELDS},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::LazyLock,
};

/// What is stored and shown instead of a removed value.
pub const REMOVED: &str = "[removed]";

/// The digits of a social security number.
const DIGITS: usize = 9;
/// Maximum characters between two of its digits.
const MAX_GAP: usize = 3;
/// The digits from which on a part of a number is treated like the number.
const MIN_PART: usize = 5;

/// Replaces the values of type `ssn` in the fields, the parameters that they came from, the fields that are mapped from
/// the same parameters, and the same numbers anywhere else in the lead and its reason.
pub fn remove(judgement: &mut Judgement, names: &Names) {
    let Judgement { input, lead, reason, .. } = judgement;
    let fields: Vec<_> =
        lead.values().map(|(name, _)| name).filter(|name| names.has_field(name)).map(str::to_owned).collect();
    let prefixes: BTreeMap<_, _> =
        input.values().keys().filter_map(|name| Some((name.clone(), names.prefix(name)?.to_owned()))).collect();
    if fields.is_empty() && prefixes.is_empty() {
        return;
    }
    let numbers = numbers_in(input, lead, &prefixes);
    replace_fields(lead, &fields, &numbers);
    input.rewrite(|name, text| match prefixes.contains_key(name) {
        true => replaced(text),
        false => without(text, &numbers),
    });
    for (name, prefix) in prefixes {
        if has_number(&name[prefix.len()..]) {
            input.rename(&name, prefix);
        }
    }
    if let Some(text) = reason.as_deref().and_then(|text| without(text, &numbers)) {
        *reason = Some(text);
    }
}

/// The parameters that have, or can have, a social security number.
#[derive(Debug, Default)]
pub struct Names {
    /// The parameters in the templates of fields of type `ssn`, and with dots in place of brackets.
    mapped: BTreeSet<String>,
    /// The lists of which such a template reads one item.
    lists: BTreeSet<String>,
    /// The fields that are mapped from such a parameter.
    linked: BTreeSet<String>,
}

impl Names {
    /// The names that the mappings of a source give.
    pub fn of(mappings: &Mappings) -> Self {
        let links: Vec<_> = mappings.parameters().collect();
        let numbers = links.iter().filter(|(field, _)| is_ssn(field));
        let mapped: BTreeSet<_> = numbers.flat_map(|(_, name)| [(*name).to_owned(), dotted(name)]).collect();
        let list = |name: &String| {
            let (list, item) = name.rsplit_once('.')?;
            item.bytes().all(|byte| byte.is_ascii_digit()).then(|| list.to_owned())
        };
        let lists = mapped.iter().filter_map(list).collect();
        let names = Self { mapped, lists, linked: BTreeSet::new() };
        let linked = links.iter().filter(|(_, parameter)| names.prefix(parameter).is_some());
        let linked = linked.map(|(field, _)| (*field).to_owned()).collect();
        Self { linked, ..names }
    }

    /// The bytes of the names.
    pub fn size(&self) -> usize {
        let all = [&self.mapped, &self.lists, &self.linked].into_iter().flatten();
        all.map(|name| name.len() + size_of::<String>()).sum()
    }

    /// The part of a parameter's name up to where it means a social security number: the parameter itself, or the
    /// object or list that it belongs to.
    fn prefix<'n>(&self, name: &'n str) -> Option<&'n str> {
        if self.lists.contains(name) {
            return Some(name);
        }
        let ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]);
        let mut prefixes = ends.map(|end| &name[..end]);
        prefixes.find(|prefix| {
            let last = prefix.rsplit(['.', '[']).next().unwrap_or_default();
            self.mapped.contains(*prefix) || is_called_ssn(last)
        })
    }

    /// True if the field's value can have a social security number: by its type, or because it is mapped from one.
    fn has_field(&self, field: &str) -> bool {
        is_ssn(field) || self.prefix(field).is_some() || self.linked.contains(field)
    }
}

/// True if what follows the prefix of a name can be the number itself.
fn has_number(rest: &str) -> bool {
    rest.chars().filter_map(digit).count() >= MIN_PART
}

/// A name with brackets as it is read: `a[b][]` is `a.b`.
fn dotted(name: &str) -> String {
    name.replace("[]", "").replace('[', ".").replace(']', "")
}

fn is_ssn(field: &str) -> bool {
    type_of(field) == FieldType::Ssn
}

/// True for the name and the label of a field of type `ssn` in any spelling, such as `SSN` or `socialSecurityNumber`.
/// Nobody has to map such a parameter for its value to be removed.
fn is_called_ssn(name: &str) -> bool {
    static SPELLINGS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let fields = STANDARD_FIELDS.iter().filter(|field| field.field_type == FieldType::Ssn);
        fields.flat_map(|field| [field.name, field.label]).map(|spelling| letters(spelling).collect()).collect()
    });
    name.len() <= 64 && SPELLINGS.iter().any(|spelling| letters(name).eq(spelling.chars()))
}

/// What is left of a name when spellings are compared.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// The numbers to look for elsewhere.
fn numbers_in(input: &Input, lead: &Lead, prefixes: &BTreeMap<String, String>) -> BTreeSet<String> {
    let sent = input.texts().filter(|(name, _)| prefixes.contains_key(*name)).map(|(_, text)| text);
    let parsed = lead.values().filter(|(name, _)| is_ssn(name)).flat_map(|(_, value)| [&*value.raw, &*value.normal]);
    sent.chain(parsed).flat_map(numbers).map(|number| number.digits).collect()
}

fn replace_fields(lead: &mut Lead, fields: &[String], numbers: &BTreeSet<String>) {
    let all: Vec<_> = lead.values().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    for (name, mut value) in all {
        let is_removed = fields.contains(&name);
        for text in [&mut value.raw, &mut value.normal] {
            let changed = if is_removed { replaced(text) } else { without(text, numbers) };
            if let Some(changed) = changed {
                *text = changed;
            }
        }
        lead.insert(name, value);
    }
}

/// A blank value stays blank, so that it still shows that nothing was sent.
fn replaced(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| REMOVED.to_owned())
}

/// The text without these numbers, however they are spelled. None if it has none of them.
fn without(text: &str, wanted: &BTreeSet<String>) -> Option<String> {
    let is_wanted = |number: &Number| match number.is_cut {
        false => wanted.contains(&number.digits),
        true => wanted.range(number.digits.clone()..).next().is_some_and(|whole| whole.starts_with(&number.digits)),
    };
    let found: Vec<_> = if wanted.is_empty() { Vec::new() } else { numbers(text).filter(is_wanted).collect() };
    let mut changed = String::with_capacity(text.len());
    let mut from = 0;
    for number in &found {
        changed.push_str(&text[from..number.place.start]);
        changed.push_str(REMOVED);
        from = number.place.end;
    }
    changed.push_str(&text[from..]);
    (!found.is_empty()).then_some(changed)
}

/// A number of nine digits in a text.
#[derive(Debug)]
struct Number {
    place: Range<usize>,
    digits: String,
    /// True if the text is shortened here: `…` follows the first digits.
    is_cut: bool,
}

/// The numbers in a text. Each place where digits begin is looked at once, for a few characters.
fn numbers(text: &str) -> impl Iterator<Item = Number> {
    let (mut after_digit, mut from) = (false, 0);
    text.char_indices().filter_map(move |(start, c)| {
        let is_digit = digit(c).is_some();
        let begins = is_digit && !after_digit && start >= from;
        after_digit = is_digit;
        let number = if begins { number_at(text, start) } else { None }?;
        from = number.place.end;
        Some(number)
    })
}

fn number_at(text: &str, start: usize) -> Option<Number> {
    let (mut digits, mut gap, mut end) = (String::new(), 0, start);
    for (at, c) in text[start..].char_indices() {
        match digit(c) {
            // It belongs to a longer number.
            Some(_) if digits.len() == DIGITS => return None,
            Some(digit) => {
                digits.push(digit);
                (gap, end) = (0, start + at + c.len_utf8());
            }
            None if digits.len() == DIGITS => break,
            None if c == '…' => break,
            None if c.is_alphanumeric() || gap == MAX_GAP => return None,
            None => gap += 1,
        }
    }
    let is_cut = digits.len() < DIGITS && text[end..].trim_start_matches([' ', '-']).starts_with('…');
    let is_number = digits.len() == DIGITS || (is_cut && digits.len() >= MIN_PART);
    is_number.then_some(Number { place: start..end, digits, is_cut })
}

/// A decimal digit as ASCII: Latin, full-width or Arabic.
fn digit(c: char) -> Option<char> {
    let zeros = ['0', '０', '٠', '۰'].map(u32::from);
    zeros.into_iter().find_map(|zero| char::from_digit(u32::from(c).checked_sub(zero)?, 10))
}

#[cfg(test)]
mod tests {
    use super::{super::configuration::StoredPart, *};
    use crate::{
        leads::server::judging::{Sent, judge},
        rules::{AcceptanceCriteria, Mapping, Node, Operator, Rule, RuleSet},
    };

    use time::macros::date;

    const FIELDS: [&str; 4] = ["ssn", "first_name", "comments", "phone_1"];

    /// The submission as it would be stored, judged with these mappings and a rule.
    fn stored(mappings: &[(&str, &str)], rule: Option<Rule>, body: &str) -> Judgement {
        let map = |(field, text): &(&str, &str)| Mapping {
            property: (*field).to_owned(),
            value: (*text).to_owned(),
            rule_set: None,
        };
        let rule_set = RuleSet { rules: rule.into_iter().map(Node::Rule).collect(), ..Default::default() };
        let part = |mappings, criteria| StoredPart { version: "1".to_owned(), mappings, criteria }.compile();
        let criteria = Some(AcceptanceCriteria { rule_set, reason: None });
        let configuration = super::super::configuration::Configuration {
            flow: part(Vec::new(), criteria),
            source: part(mappings.iter().map(map).collect(), None),
        };
        judge(&Sent::form(body), &configuration, &FIELDS.map(str::to_owned).into(), date!(2026 - 03 - 01))
            .result
            .unwrap()
    }

    fn shown(judgement: &Judgement) -> String {
        let fields = judgement.lead.values().map(|(name, value)| format!("{name}={}/{}", value.raw, value.normal));
        let input = judgement.input.texts().map(|(name, text)| format!("{name}={text}"));
        let reason = judgement.reason.clone().unwrap_or_default();
        [input.collect::<Vec<_>>().join("&"), fields.collect::<Vec<_>>().join("&"), reason].join(" | ")
    }

    #[test]
    fn the_number_is_removed_wherever_the_lead_has_it() {
        let same = &[("ssn", "{{social}}")][..];
        for (mappings, body, expected) in [
            (&[][..], "ssn=123-45-6789", "ssn=[removed] | ssn=[removed]/[removed] | "),
            (&[][..], "ssn=12345", "ssn=[removed] | ssn=[removed]/[removed] | "),
            (&[][..], "ssn=+&first_name=Al", "first_name=Al&ssn=  | first_name=Al/Al&ssn= / | "),
            (&[][..], "SSN=123456789&social-security.number=1", "SSN=[removed]&social-security.number=1 |  | "),
            (&[][..], "Social+Security+Number=123456789", "Social Security Number=[removed] |  | "),
            (&[][..], "person.ssn.area=123", "person.ssn.area=[removed] |  | "),
            (&[][..], "ssn.123-45-6789=yes", "ssn=[removed] |  | "),
            (same, "social=123456789", "social=[removed] | ssn=[removed]/[removed] | "),
            (
                same,
                "social.0=123456789&social.1=1",
                "social.0=[removed]&social.1=[removed] | ssn=[removed]/[removed] | ",
            ),
            (
                &[("ssn", "{{a}}-{{b}}-{{c}}"), ("comments", "ends in {{c}}")][..],
                "a=123&b=45&c=6789",
                "a=[removed]&b=[removed]&c=[removed] | comments=[removed]/[removed]&ssn=[removed]/[removed] | ",
            ),
            (
                &[("comments", "SSN {{ssn}} of {{n}}"), ("phone_1", "{{ssn}}")][..],
                "ssn=123-45-6789&n=Al",
                "n=Al&ssn=[removed] | comments=[removed]/[removed]&phone_1=[removed]/[removed]&ssn=[removed]/[removed] | ",
            ),
            (
                &[("ssn", "{{list.1}}")][..],
                "list.1=123456789&list.0=x",
                "list.0=x&list.1=[removed] | ssn=[removed]/[removed] | ",
            ),
            (
                &[][..],
                "ssn=123-45-6789&comments=mine+is+123+45+6789,+not+1123456789+or+123-45-67890&url=?s%3D123456789",
                "comments=mine is [removed], not 1123456789 or 123-45-67890&ssn=[removed]&url=?s=[removed] | \
                 comments=mine is [removed], not 1123456789 or 123-45-67890/mine is [removed], not 1123456789 or \
                 123-45-67890&ssn=[removed]/[removed] | ",
            ),
            (&[][..], "comments=123-45-6789", "comments=123-45-6789 | comments=123-45-6789/123-45-6789 | "),
        ] {
            assert_eq!(shown(&stored(mappings, None, body)), expected, "{mappings:?} {body}");
        }
    }

    #[test]
    fn a_parameter_means_a_number_by_its_name_or_its_mapping() {
        let mapped = BTreeSet::from(["who[tax]".to_owned(), dotted("who[tax]"), dotted("ids[0]")]);
        let names = Names { mapped, lists: BTreeSet::from(["ids".to_owned()]), linked: BTreeSet::new() };
        for (name, expected) in [
            ("who.tax", Some("who.tax")),
            ("who[tax]", Some("who[tax]")),
            ("who.tax.0", Some("who.tax")),
            ("ids.0", Some("ids.0")),
            ("ids.1", None),
            ("ids", Some("ids")),
            ("who", None),
            ("a.0.SSN.1", Some("a.0.SSN")),
            ("a[ssn]", Some("a[ssn]")),
            ("socialSecurityNumber", Some("socialSecurityNumber")),
            ("ssn_provided", None),
            ("assn", None),
            ("", None),
        ] {
            assert_eq!(names.prefix(name), expected, "{name}");
        }
    }

    #[test]
    fn rules_see_the_number_and_the_reason_does_not_quote_it() {
        for (op, value, body, expected) in [
            (Operator::FormatIsValid, None, "ssn=123-45-6789", None),
            (Operator::FormatIsValid, None, "ssn=123-45", Some("Social Security Number format is invalid")),
            (
                Operator::IsNotEqualTo,
                Some("123-45-6789"),
                "ssn=123456789",
                Some("Social Security Number is equal to [removed]"),
            ),
            (
                Operator::IsNotIncludedIn,
                Some("999-99-9999, 123-45-6789"),
                "ssn=123456789",
                Some("Social Security Number is included in 999-99-9999, [removed]"),
            ),
            (Operator::IsIncludedIn, Some("123-45-6789"), "ssn=123456789", None),
        ] {
            let judgement = stored(&[], Some(Rule::new("lead.ssn", op, value)), body);
            assert_eq!(judgement.reason.as_deref(), expected, "{op}");
            let value = judgement.lead.get("ssn").unwrap();
            assert_eq!((&*value.raw, value.valid), (REMOVED, body != "ssn=123-45"), "{op}");
        }
        let wanted = BTreeSet::from(["123456789".to_owned()]);
        for (text, expected) in [
            ("is included in 123-45-6…", Some("is included in [removed]…")),
            ("is included in 123-4…", None),
            ("is less than 12345", None),
            ("is included in 223-45-6…", None),
            ("１２３ ٤٥ ۶۷۸۹", Some("[removed]")),
            ("123\u{200b}456\u{2013}789", Some("[removed]")),
            ("123a456789 123----456789 1 2345678", None),
        ] {
            assert_eq!(without(text, &wanted).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn texts_of_digits_take_time_in_proportion_to_their_length() {
        let wanted = (0..100_000).map(|number| format!("{number:09}")).collect();
        assert_eq!(without(&"123456…".repeat(150_000), &wanted), None);
        assert_eq!(without("00001… 00011… 123456…", &wanted), Some(format!("{REMOVED}… 00011… 123456…")));
        let digits = "1 ".repeat(500_000);
        assert_eq!(without(&digits, &wanted), None);
        assert_eq!(numbers(&digits).count(), 500_000 / DIGITS);
    }
}
