//! The flat lead that every format builds value by value, with all limits of a submission. A reader stops at the first
//! limit that is exceeded, before it copies what exceeds it.

use super::InputProblem;
use std::collections::BTreeMap;

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

/// Separates the parts of a name. No name contains it, so `a..b`, which is one part, differs from `a`, ``, `b`.
const SEPARATOR: char = '\0';

/// The values read so far, and the name of the object or list that is being read.
#[derive(Default)]
pub struct Builder {
    values: BTreeMap<String, String>,
    /// The parts of the open name, joined by [`SEPARATOR`].
    path: String,
    depth: usize,
    /// The values counted so far, including blank and replaced ones.
    count: usize,
    size: usize,
}

/// The name that was open before; [`Builder::close`] returns to it.
#[derive(Clone, Copy)]
#[must_use]
pub struct Level {
    length: usize,
    depth: usize,
}

impl Builder {
    /// Opens a name within the open one. Dots separate its parts, unless a part would be empty, as in `a..b`.
    pub fn open(&mut self, name: &str) -> Result<Level, InputProblem> {
        let level = Level { length: self.path.len(), depth: self.depth };
        let parts = name.split('.').take(MAX_DEPTH + 1).count();
        if parts > MAX_DEPTH {
            return Err(InputProblem::TooDeep);
        }
        if name.contains(SEPARATOR) {
            return Err(InputProblem::NulCharacter);
        }
        if name.split('.').any(str::is_empty) {
            self.push(name)?;
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
            self.path.push(SEPARATOR);
        }
        self.path.push_str(part);
        self.depth += 1;
        Ok(())
    }

    pub fn close(&mut self, level: Level) {
        self.path.truncate(level.length);
        self.depth = level.depth;
    }

    /// Begins an object at the open name. It is merged with an earlier object of that name.
    pub fn object(&mut self) -> Result<(), InputProblem> {
        if self.depth < MAX_DEPTH { Ok(()) } else { Err(InputProblem::TooDeep) }
    }

    /// Begins a list at the open name. It replaces an earlier value of that name.
    pub fn list(&mut self) -> Result<(), InputProblem> {
        self.object()?;
        self.vacate();
        Ok(())
    }

    /// Ends an object without content, which counts as a value, unless it is the whole submission.
    pub fn empty_object(&mut self) -> Result<(), InputProblem> {
        if self.depth == 0 {
            return Ok(());
        }
        self.count()?;
        self.vacate_parents();
        let path = std::mem::take(&mut self.path);
        self.remove(&path);
        self.path = path;
        Ok(())
    }

    /// Sets the open name to null, or to an empty list. Neither is stored, but both replace an earlier value.
    pub fn blank(&mut self) -> Result<(), InputProblem> {
        self.count()?;
        self.vacate();
        Ok(())
    }

    /// Sets the open name to a value; of two values, the last one counts.
    pub fn value(&mut self, text: &str) -> Result<(), InputProblem> {
        if text.len() > MAX_VALUE {
            return Err(InputProblem::ValueTooLarge);
        }
        if text.contains('\0') {
            return Err(InputProblem::NulCharacter);
        }
        self.count()?;
        self.vacate();
        self.grow(stored_size(&self.path, text))?;
        self.values.insert(self.path.clone(), text.to_owned());
        Ok(())
    }

    fn count(&mut self) -> Result<(), InputProblem> {
        if self.count == MAX_FIELDS {
            return Err(InputProblem::TooManyFields);
        }
        self.count += 1;
        Ok(())
    }

    fn grow(&mut self, by: usize) -> Result<(), InputProblem> {
        if self.size + by > MAX_LEAD {
            return Err(InputProblem::LeadTooLarge);
        }
        self.size += by;
        Ok(())
    }

    /// Removes what is at the open name, below it, or at one of its parents. Returns how many values that were.
    fn vacate(&mut self) -> usize {
        let before = self.values.len();
        self.vacate_parents();
        let path = std::mem::take(&mut self.path);
        self.remove(&path);
        let (first, end) = (format!("{path}{SEPARATOR}"), format!("{path}\u{1}"));
        let inside: Vec<_> = self.values.range(first..end).map(|(name, _)| name.clone()).collect();
        inside.iter().for_each(|name| self.remove(name));
        self.path = path;
        before - self.values.len()
    }

    /// A plain value in the way of a nested one is removed.
    fn vacate_parents(&mut self) {
        let path = std::mem::take(&mut self.path);
        path.match_indices(SEPARATOR).for_each(|(end, _)| self.remove(&path[..end]));
        self.path = path;
    }

    fn remove(&mut self, path: &str) {
        if let Some(value) = self.values.remove(path) {
            self.size -= stored_size(path, &value);
        }
    }

    /// Merges the values of the query over those of the body. A value that is replaced no longer counts.
    pub fn overlay(&mut self, query: Self) -> Result<(), InputProblem> {
        for (name, value) in query.values {
            self.path = name;
            self.count -= self.vacate();
            self.grow(stored_size(&self.path, &value))?;
            self.values.insert(std::mem::take(&mut self.path), value);
        }
        self.count += query.count;
        if self.count > MAX_FIELDS { Err(InputProblem::TooManyFields) } else { Ok(()) }
    }

    /// The values by dotted names.
    pub fn finish(self) -> BTreeMap<String, String> {
        let dotted = |name: String| if name.contains(SEPARATOR) { name.replace(SEPARATOR, ".") } else { name };
        self.values.into_iter().map(|(name, value)| (dotted(name), value)).collect()
    }
}

/// The bytes of a name and its value when they are stored.
fn stored_size(path: &str, value: &str) -> usize {
    let control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\0' | b'\t' | b'\n' | b'\r');
    let escapes = path.bytes().chain(value.bytes()).filter(control).count();
    path.len() + value.len() + 5 * escapes
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
        assert_eq!(set(&mut builder, "a", &value), Ok(()));
        assert_eq!(set(&mut builder, "z", ""), Err(LeadTooLarge));
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
                0 => json::read(body.as_bytes(), &mut builder),
                1 => xml::read(body.as_bytes(), &mut builder),
                _ => form::read(body.as_bytes(), &mut builder),
            };
            *(if result.is_ok() { &mut accepted } else { &mut rejected }) += 1;
            let size: usize = builder.values.iter().map(|(name, value)| stored_size(name, value)).sum();
            assert_eq!(builder.size, size, "{body:.80}");
            assert!(size <= MAX_LEAD && builder.count <= MAX_FIELDS && builder.values.len() <= builder.count);
            for (name, value) in &builder.values {
                assert!(name.len() <= MAX_NAME && value.len() <= MAX_VALUE, "{name}");
                assert!(name.split(SEPARATOR).count() <= MAX_DEPTH, "{name}");
                let parents = name.match_indices(SEPARATOR).map(|(end, _)| &name[..end]);
                assert!(parents.clone().all(|parent| !builder.values.contains_key(parent)), "{name}");
            }
        }
        assert!(accepted > 500 && rejected > 50, "{accepted} and {rejected}");
    }
}
