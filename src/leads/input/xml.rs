//! XML.

use super::{
    Builder, InputProblem, Mark,
    builder::{Level, MAX_DEPTH, MAX_VALUE},
    problem::Place,
};
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{
        BytesRef, BytesStart, Event,
        attributes::{Attribute, Attributes},
    },
};
use std::borrow::Cow;

/// Reads the elements inside the root, whatever its name. Elements that repeat are values of one name. An element can
/// have a text beside its child elements. Attributes count only if their element has a text. Prefixes of namespaces are
/// not part of names. DOCTYPEs and entities other than the predefined ones are rejected.
pub fn read(text: &str, builder: &mut Builder) -> Result<(), InputProblem> {
    let mut reader = Reader::from_str(text);
    let mut tree = Tree { builder, open: Vec::new(), is_closed: false };
    loop {
        let read = reader.read_event().map_err(|_| Stop::Malformed).and_then(|event| tree.event(event));
        match read {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(Stop::Problem(problem)) => return Err(problem),
            Err(Stop::Malformed) => {
                let at = reader.error_position().max(reader.buffer_position());
                let place = usize::try_from(at).ok().map(|at| Place::of(text, at));
                return Err(InputProblem::Unreadable { format: "XML", place });
            }
        }
    }
}

/// The charset that the XML declaration names, which is in ASCII in every charset that matters here.
pub fn declared_charset(body: &[u8]) -> Option<String> {
    let start = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let declaration = start.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).take(200).position(|end| end == b"?>")?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label.to_owned())
}

/// Why reading ends.
enum Stop {
    Problem(InputProblem),
    Malformed,
}

impl From<InputProblem> for Stop {
    fn from(problem: InputProblem) -> Self {
        Self::Problem(problem)
    }
}

struct Tree<'b> {
    builder: &'b mut Builder,
    /// The open elements, root first.
    open: Vec<Element>,
    /// True once the root is closed.
    is_closed: bool,
}

#[derive(Default)]
struct Element {
    /// The level to return to; `None` for the root, which is not part of names.
    level: Option<Level>,
    text: String,
    /// The attributes as written.
    attributes: String,
    has_children: bool,
}

impl Tree<'_> {
    /// True at the end of the document.
    fn event(&mut self, event: Event<'_>) -> Result<bool, Stop> {
        match event {
            Event::Start(element) => self.open(&element)?,
            Event::Empty(element) => {
                self.open(&element)?;
                self.close()?;
            }
            Event::End(_) => self.close()?,
            Event::Text(text) => self.text(&text.decode().map_err(|_| Stop::Malformed)?)?,
            Event::CData(text) => self.text(&text.decode().map_err(|_| Stop::Malformed)?)?,
            Event::GeneralRef(entity) => self.entity(&entity)?,
            Event::DocType(_) => return Err(InputProblem::DoctypeRefused.into()),
            // The charset was read before.
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof if self.is_closed => return Ok(true),
            Event::Eof => return Err(Stop::Malformed),
        }
        Ok(false)
    }

    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), Stop> {
        if self.is_closed {
            return Err(InputProblem::NotOneLead.into());
        }
        // The root is a level here but not in the submission.
        if self.open.len() > MAX_DEPTH {
            return Err(InputProblem::TooDeep.into());
        }
        let mut opened = Element::default();
        if let Some(parent) = self.open.last_mut() {
            parent.has_children = true;
            let name = std::str::from_utf8(element.local_name().into_inner()).map_err(|_| Stop::Malformed)?;
            opened.level = Some(self.builder.open(name)?);
            opened.attributes = std::str::from_utf8(element.attributes_raw()).map_err(|_| Stop::Malformed)?.to_owned();
        }
        self.open.push(opened);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Stop> {
        match self.open.last_mut() {
            // The text of the root has no name.
            Some(element) if element.level.is_none() => {}
            // White space between child elements is layout, however much.
            Some(element) if element.text.is_empty() => element.text.push_str(text.trim_start()),
            Some(element) if element.text.len() > MAX_VALUE + text.len() => {
                return Err(InputProblem::ValueTooLarge.into());
            }
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(Stop::Malformed),
        }
        Ok(())
    }

    fn entity(&mut self, entity: &BytesRef<'_>) -> Result<(), Stop> {
        let name = entity.decode().map_err(|_| Stop::Malformed)?;
        let (text, mark) = resolved(&name).ok_or(Stop::Malformed)?;
        self.builder.mark(mark);
        self.text(&text)
    }

    fn close(&mut self) -> Result<(), Stop> {
        let element = self.open.pop().ok_or(Stop::Malformed)?;
        let Some(level) = element.level else {
            self.is_closed = true;
            return Ok(());
        };
        let text = element.text.trim();
        if !element.has_children || !text.is_empty() {
            self.builder.value(text)?;
        }
        if !text.is_empty() {
            self.attributes(&element.attributes)?;
        }
        self.builder.close(level);
        Ok(())
    }

    fn attributes(&mut self, written: &str) -> Result<(), Stop> {
        // Without a search for names that repeat, which would take quadratic time; they are kept as repeated values.
        for attribute in Attributes::new(written, 0).with_checks(false) {
            let attribute = attribute.map_err(|_| Stop::Malformed)?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let name = std::str::from_utf8(attribute.key.local_name().into_inner()).map_err(|_| Stop::Malformed)?;
            let level = self.builder.open(name)?;
            let value = self.attribute_value(&attribute)?;
            self.builder.value(value.trim())?;
            self.builder.close(level);
        }
        Ok(())
    }

    fn attribute_value<'a>(&mut self, attribute: &'a Attribute<'_>) -> Result<Cow<'a, str>, Stop> {
        let written = std::str::from_utf8(&attribute.value).map_err(|_| Stop::Malformed)?;
        if !written.contains('&') {
            return Ok(Cow::Borrowed(written));
        }
        let mut value = String::new();
        for (index, piece) in written.split('&').enumerate() {
            let Some((name, rest)) = piece.split_once(';').filter(|_| index > 0) else {
                if index > 0 {
                    return Err(Stop::Malformed);
                }
                value.push_str(piece);
                continue;
            };
            let (text, mark) = resolved(name).ok_or(Stop::Malformed)?;
            self.builder.mark(mark);
            value.push_str(&text);
            value.push_str(rest);
        }
        Ok(Cow::Owned(value))
    }
}

/// The text of an entity, and what was changed in it. XML forbids references to NUL and to surrogates; they are read
/// like those of other formats.
fn resolved(name: &str) -> Option<(Cow<'static, str>, Option<Mark>)> {
    let Some(number) = name.strip_prefix('#') else {
        return resolve_predefined_entity(name).map(|text| (Cow::Borrowed(text), None));
    };
    let number = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    match number {
        0 => Some((Cow::Borrowed(""), Some(Mark::NulRemoved))),
        0xd800..=0xdfff => Some((Cow::Borrowed("\u{fffd}"), Some(Mark::SurrogateReplaced))),
        other => char::from_u32(other).map(|c| (Cow::Owned(c.to_string()), None)),
    }
}
