//! `application/xml` and `text/xml`.

use super::{InputProblem, MAX_DEPTH, MAX_FIELDS, is_utf8, put};
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};
use serde_json::{Map, Value};

/// Reads the elements inside the root, whatever its name. Attributes are ignored. An element with child elements is an
/// object, and its own text is ignored. DOCTYPEs and entities other than the predefined ones are rejected.
pub fn read(body: &[u8]) -> Result<Map<String, Value>, InputProblem> {
    let text = std::str::from_utf8(body).map_err(|_| InputProblem::Unreadable)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut tree = Tree::default();
    loop {
        match reader.read_event().map_err(|_| InputProblem::Unreadable)? {
            Event::Start(element) => tree.open(&element)?,
            Event::Empty(element) => {
                tree.open(&element)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text.decode().map_err(|_| InputProblem::Unreadable)?)?,
            Event::CData(text) => tree.text(&text.decode().map_err(|_| InputProblem::Unreadable)?)?,
            Event::GeneralRef(entity) => tree.text(&resolved(&entity)?)?,
            Event::DocType(_) => return Err(InputProblem::DoctypeRefused),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(charset)) if !is_utf8(&String::from_utf8_lossy(&charset)) => {
                    return Err(InputProblem::UnsupportedMediaType);
                }
                Some(Err(_)) => return Err(InputProblem::Unreadable),
                _ => {}
            },
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return tree.fields.ok_or(InputProblem::Unreadable),
        }
    }
}

fn resolved(entity: &BytesRef<'_>) -> Result<String, InputProblem> {
    if let Some(character) = entity.resolve_char_ref().map_err(|_| InputProblem::Unreadable)? {
        return Ok(character.to_string());
    }
    let name = entity.decode().map_err(|_| InputProblem::Unreadable)?;
    resolve_predefined_entity(&name).map(str::to_owned).ok_or(InputProblem::Unreadable)
}

#[derive(Default)]
struct Tree {
    /// The open elements, root first.
    open: Vec<Element>,
    /// The content of the root, once it is closed.
    fields: Option<Map<String, Value>>,
    /// The number of values so far.
    count: usize,
}

struct Element {
    name: String,
    text: String,
    inner: Map<String, Value>,
}

impl Tree {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), InputProblem> {
        if self.fields.is_some() {
            return Err(InputProblem::Unreadable);
        }
        // The root is a level here but not in the submission.
        if self.open.len() > MAX_DEPTH {
            return Err(InputProblem::TooDeep);
        }
        let name = std::str::from_utf8(element.name().into_inner()).map_err(|_| InputProblem::Unreadable)?.to_owned();
        self.open.push(Element { name, text: String::new(), inner: Map::new() });
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), InputProblem> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(InputProblem::Unreadable),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), InputProblem> {
        let element = self.open.pop().ok_or(InputProblem::Unreadable)?;
        let Some(parent) = self.open.last_mut() else {
            self.fields = Some(element.inner);
            return Ok(());
        };
        let plain = element.inner.is_empty();
        self.count += usize::from(plain);
        if self.count > MAX_FIELDS {
            return Err(InputProblem::TooManyFields);
        }
        let value = if plain { Value::String(element.text.trim().to_owned()) } else { Value::Object(element.inner) };
        put(&mut parent.inner, &element.name, value)
    }
}
