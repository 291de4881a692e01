//! The flat lead that every format builds value by value, with all limits of a submission. A reader stops at the first
//! limit that is exceeded, before it copies what exceeds it.

use super::{InputProblem, InputValue, Mark};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// Maximum values of one submission.
pub const MAX_FIELDS: usize = 1_000;
/// Maximum depth of nested objects and lists, including the outermost, and maximum parts of a dotted name.
pub const MAX_DEPTH: usize = 32;
/// Maximum bytes of one part of a name, and of a whole dotted name.
pub const MAX_PART: usize = 128;
pub const MAX_NAME: usize = 512;
/// Maximum bytes of one value.
pub const MAX_VALUE: usize = 64 * 1024;
/// Maximum bytes of all dotted names and values together. A control character counts as the six bytes that it takes
/// when it is stored.
pub const MAX_LEAD: usize = 1 << 20;

/// Maximum bytes of a name as sent. Brackets and what is removed from it count too.
const MAX_SENT_NAME: usize = 4 * MAX_NAME;

/// The values read so far, and the name of the object or list that is being read. A name can have several values, and
/// a value beside the names below it.
#[derive(Default)]
pub struct Builder {
    values: BTreeMap<String, Vec<String>>,
    /// The open name, with dots between its parts.
    path: String,
    depth: usize,
    /// The values counted so far, including blank ones that are not kept.
    count: usize,
    size: usize,
    marks: BTreeSet<Mark>,
}

/// The name that was open before; [`Builder::close`] returns to it.
#[derive(Clone, Copy)]
#[must_use]
pub struct Level {
    length: usize,
    depth: usize,
}

impl Builder {
    /// Opens a name within the open one. Dots and brackets separate its parts, unless a part would be empty, as in
    /// `a..b`. A byte-order mark before a name is not part of it.
    pub fn open(&mut self, name: &str) -> Result<Level, InputProblem> {
        let level = Level { length: self.path.len(), depth: self.depth };
        if name.split(['.', '[']).take(MAX_DEPTH + 1).count() > MAX_DEPTH {
            return Err(InputProblem::TooDeep);
        }
        if name.len() > MAX_SENT_NAME {
            return Err(InputProblem::NameTooLong);
        }
        let name = self.without_nul(name);
        let name = dotted(name.trim_start_matches('\u{feff}'));
        if name.split('.').any(str::is_empty) {
            self.push(&name)?;
        } else {
            name.split('.').try_for_each(|part| self.push(part))?;
        }
        Ok(level)
    }

    /// Opens an item of the open list.
    pub fn open_item(&mut self, index: usize) -> Result<Level, InputProblem> {
        let level = Level { length: self.path.len(), depth: self.depth };
        self.push(&index.to_string())?;
        Ok(level)
    }

    fn push(&mut self, part: &str) -> Result<(), InputProblem> {
        let separator = usize::from(self.depth > 0);
        if part.len() > MAX_PART || self.path.len() + separator + part.len() > MAX_NAME {
            return Err(InputProblem::NameTooLong);
        }
        if self.depth == MAX_DEPTH {
            return Err(InputProblem::TooDeep);
        }
        if separator > 0 {
            self.path.push('.');
        }
        self.path.push_str(part);
        self.depth += 1;
        Ok(())
    }

    pub fn close(&mut self, level: Level) {
        self.path.truncate(level.length);
        self.depth = level.depth;
    }

    /// Begins an object or a list at the open name.
    pub fn nest(&self) -> Result<(), InputProblem> {
        if self.depth < MAX_DEPTH { Ok(()) } else { Err(InputProblem::TooDeep) }
    }

    /// Sets the open name to null, or to an object or list without content. This counts as a value, unless it is the
    /// whole submission, but nothing is kept.
    pub fn blank(&mut self) -> Result<(), InputProblem> {
        if self.depth == 0 { Ok(()) } else { self.count() }
    }

    /// Adds a value to the open name.
    pub fn value(&mut self, text: &str) -> Result<(), InputProblem> {
        if text.len() > MAX_VALUE {
            return Err(InputProblem::ValueTooLarge);
        }
        let text = self.without_nul(text);
        self.count()?;
        let size = self.size + stored_size(&self.path, &text);
        if size > MAX_LEAD {
            return Err(InputProblem::LeadTooLarge);
        }
        self.size = size;
        match self.values.get_mut(&self.path) {
            Some(values) => values.push(text.into_owned()),
            None => drop(self.values.insert(self.path.clone(), vec![text.into_owned()])),
        }
        Ok(())
    }

    /// Notes what was changed in the submission.
    pub fn mark(&mut self, mark: Option<Mark>) {
        self.marks.extend(mark);
    }

    /// The text as the database can store it.
    fn without_nul<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if !text.contains('\0') {
            return Cow::Borrowed(text);
        }
        self.mark(Some(Mark::NulRemoved));
        Cow::Owned(text.replace('\0', ""))
    }

    fn count(&mut self) -> Result<(), InputProblem> {
        if self.count == MAX_FIELDS {
            return Err(InputProblem::TooManyFields);
        }
        self.count += 1;
        Ok(())
    }

    /// Merges the values of the query over those of the body. Values that are replaced no longer count.
    pub fn overlay(&mut self, query: Self) -> Result<(), InputProblem> {
        for (name, values) in query.values {
            for replaced in self.values.remove(&name).unwrap_or_default() {
                self.size -= stored_size(&name, &replaced);
                self.count -= 1;
            }
            self.size += values.iter().map(|value| stored_size(&name, value)).sum::<usize>();
            self.values.insert(name, values);
        }
        self.count += query.count;
        self.marks.extend(query.marks);
        match (self.size > MAX_LEAD, self.count > MAX_FIELDS) {
            (true, _) => Err(InputProblem::LeadTooLarge),
            (false, true) => Err(InputProblem::TooManyFields),
            (false, false) => Ok(()),
        }
    }

    /// The values by dotted names, and what was changed.
    pub fn finish(self) -> (BTreeMap<String, InputValue>, BTreeSet<Mark>) {
        let values = self.values.into_iter().map(|(name, values)| (name, InputValue::of(values))).collect();
        (values, self.marks)
    }
}

/// The bytes of a name and its value when they are stored.
fn stored_size(path: &str, value: &str) -> usize {
    let control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\0' | b'\t' | b'\n' | b'\r');
    let escapes = path.bytes().chain(value.bytes()).filter(control).count();
    path.len() + value.len() + 5 * escapes
}

/// A name with brackets as a dotted name: `a[b][0]` is `a.b.0`, `a[]` is `a`, and `a[0].b` is `a.0.b`. A part between
/// dots whose brackets are not in this form stays as it is.
pub fn dotted(name: &str) -> Cow<'_, str> {
    if !name.contains('[') {
        return Cow::Borrowed(name);
    }
    let mut is_inside = false;
    let parts = name.split(|c| {
        is_inside = c == '[' || (is_inside && c != ']');
        c == '.' && !is_inside
    });
    Cow::Owned(parts.map(dotted_part).collect::<Vec<_>>().join("."))
}

fn dotted_part(name: &str) -> Cow<'_, str> {
    let Some((first, rest)) = name.split_once('[') else { return Cow::Borrowed(name) };
    let Some(inner) = rest.strip_suffix(']') else { return Cow::Borrowed(name) };
    if first.is_empty() || first.contains(']') || inner.split("][").any(|part| part.contains(['[', ']'])) {
        return Cow::Borrowed(name);
    }
    let parts = inner.split("][").filter(|part| !part.is_empty());
    Cow::Owned(std::iter::once(first).chain(parts).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{form, json, xml},
        InputProblem::*,
        *,
    };

    fn set(builder: &mut Builder, name: &str, value: &str) -> Result<(), InputProblem> {
        let level = builder.open(name)?;
        builder.value(value)?;
        builder.close(level);
        Ok(())
    }

    #[test]
    fn each_limit_holds_exactly() {
        let sets = |name: &str, value: &str| set(&mut Builder::default(), name, value);
        assert_eq!(sets(&"n".repeat(MAX_PART), &"v".repeat(MAX_VALUE)), Ok(()));
        assert_eq!(sets(&"n".repeat(MAX_PART + 1), ""), Err(NameTooLong));
        assert_eq!(sets("a", &"v".repeat(MAX_VALUE + 1)), Err(ValueTooLarge));
        let dotted = |last: usize| format!("{}.{}", ["p"; 4].map(|part| part.repeat(99)).join("."), "q".repeat(last));
        assert_eq!(sets(&dotted(MAX_NAME - 400), ""), Ok(()));
        assert_eq!(sets(&dotted(MAX_NAME - 399), ""), Err(NameTooLong));
    }

    #[test]
    fn the_whole_lead_is_limited_and_a_replaced_value_no_longer_counts() {
        let mut builder = Builder::default();
        let value = "v".repeat(MAX_VALUE - 1);
        for name in 'a'..'q' {
            assert_eq!(set(&mut builder, &name.to_string(), &value), Ok(()));
        }
        assert_eq!(builder.size, MAX_LEAD);
        assert_eq!(set(&mut builder, "z", ""), Err(LeadTooLarge));
        let mut query = Builder::default();
        assert_eq!(set(&mut query, "a", &value), Ok(()));
        assert_eq!(builder.overlay(query), Ok(()));
        assert_eq!(builder.size, MAX_LEAD);
        let mut control = Builder::default();
        let value = "\u{1}".repeat(MAX_VALUE);
        assert_eq!((set(&mut control, "a", &value), set(&mut control, "b", &value)), (Ok(()), Ok(())));
        assert_eq!(set(&mut control, "c", &value), Err(LeadTooLarge));
    }

    #[test]
    fn the_query_replaces_values_of_the_body_without_counting_twice() {
        let fill = |from: usize| {
            let mut builder = Builder::default();
            (from..from + MAX_FIELDS).for_each(|index| set(&mut builder, &format!("f{index}"), "").unwrap());
            builder
        };
        let mut body = fill(0);
        assert_eq!(body.overlay(fill(0)), Ok(()));
        assert_eq!(body.overlay(fill(1)), Err(TooManyFields));
    }

    #[test]
    fn brackets_become_dots_and_broken_ones_stay() {
        for (name, expected) in [
            ("a[b]", "a.b"),
            ("a[b][c]", "a.b.c"),
            ("a[]", "a"),
            ("a[0]", "a.0"),
            ("a[][b]", "a.b"),
            ("a[b.c]", "a.b.c"),
            ("x.a[b c]", "x.a.b c"),
            ("contacts[0].email", "contacts.0.email"),
            ("a[b].c", "a.b.c"),
            ("a.b[0][c]", "a.b.0.c"),
            ("a[0].b[1].c[d.e][]", "a.0.b.1.c.d.e"),
            ("a[]b.c[d]", "a[]b.c.d"),
            ("a[b.c", "a[b.c"),
            ("a..b[0]", "a..b.0"),
            ("a", "a"),
            ("a[", "a["),
            ("a]b", "a]b"),
            ("[x]", "[x]"),
            ("a[b", "a[b"),
            ("a[b]c", "a[b]c"),
            ("a[[b]]", "a[[b]]"),
            ("a]b[c]", "a]b[c]"),
            ("a[b]]", "a[b]]"),
            ("[]", "[]"),
        ] {
            assert_eq!(dotted(name), expected, "{name}");
        }
    }

    /// Writes a random structure in one of the formats, sometimes beyond a limit or damaged.
    fn random_body(format: usize, random: &mut impl FnMut(usize) -> usize) -> String {
        fn name(random: &mut impl FnMut(usize) -> usize) -> String {
            match random(40) {
                0 => "n".repeat(random(300)),
                1 => "a.".repeat(random(20)) + "z",
                2 => "..".to_owned(),
                _ => ["a", "b", "c", "a.b", "b.c", "0", "1"][random(7)].to_owned(),
            }
        }
        fn text(random: &mut impl FnMut(usize) -> usize) -> String {
            let length = if random(30) == 0 { random(80_000) } else { random(6) };
            ["v", "é", "7", "\\u0001"][random(4)].repeat(length)
        }
        fn node(format: usize, depth: usize, random: &mut impl FnMut(usize) -> usize) -> String {
            let count = match depth {
                0 if random(10) == 0 => random(1200),
                0..4 => random(6),
                _ => random(3),
            };
            match (format, if depth > 40 { 9 } else { random(6) }) {
                (0, 0 | 1) => {
                    let members: Vec<_> = (0..count)
                        .map(|_| format!("\"{}\":{}", name(random), node(format, depth + 1, random)))
                        .collect();
                    format!("{{{}}}", members.join(","))
                }
                (0, 2) => {
                    let items: Vec<_> = (0..count).map(|_| node(format, depth + 1, random)).collect();
                    format!("[{}]", items.join(","))
                }
                (0, 3) => ["null", "true", "1.10", "-0", "12345678901234567890"][random(5)].to_owned(),
                (0, _) => format!("\"{}\"", text(random)),
                (1, 0..=3) => (0..count)
                    .map(|_| {
                        let name = name(random);
                        format!("<{name}>{}</{name}>", node(format, depth + 1, random))
                    })
                    .collect(),
                (1, _) => text(random),
                _ => (0..count * 8).map(|_| format!("{}={}&", name(random), text(random))).collect(),
            }
        }
        let mut body = node(format, 0, random);
        if format < 2 {
            body = if format == 0 { format!("{{\"r\":{body}}}") } else { format!("<r>{body}</r>") };
        }
        if random(10) == 0 { body.chars().take(random(body.len().max(1))).collect() } else { body }
    }

    #[test]
    fn whatever_is_sent_the_builder_stays_within_its_limits() {
        let mut state = 42_u64;
        let mut random = |most: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % most.max(1)
        };
        let (mut accepted, mut rejected) = (0, 0);
        for round in 0..1_500 {
            let body = random_body(round % 3, &mut random);
            let mut builder = Builder::default();
            let result = match round % 3 {
                0 => json::read(&body, &mut builder),
                1 => xml::read(&body, &mut builder),
                _ => form::read(body.as_bytes(), None, &mut builder),
            };
            *(if result.is_ok() { &mut accepted } else { &mut rejected }) += 1;
            let all = || builder.values.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
            let size: usize = all().map(|(name, value)| stored_size(name, value)).sum();
            assert_eq!(builder.size, size, "{body:.80}");
            assert!(size <= MAX_LEAD && all().count() <= builder.count && builder.count <= MAX_FIELDS);
            for (name, value) in all() {
                assert!(name.len() <= MAX_NAME && value.len() <= MAX_VALUE, "{name}");
            }
        }
        assert!(accepted > 500 && rejected > 50, "{accepted} and {rejected}");
    }
}
