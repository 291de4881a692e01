//! `application/xml` and `text/xml`.

use super::{
    Builder, InputProblem,
    builder::{Level, MAX_DEPTH},
    is_utf8,
};
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};

/// Reads the elements inside the root, whatever its name. Attributes are ignored. An element with child elements is an
/// object, and its own text is ignored. DOCTYPEs and entities other than the predefined ones are rejected.
pub fn read(body: &[u8], builder: &mut Builder) -> Result<(), InputProblem> {
    let text = std::str::from_utf8(body).map_err(|_| InputProblem::Unreadable)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut tree = Tree { builder, open: Vec::new(), is_closed: false };
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
            Event::GeneralRef(entity) => tree.entity(&entity)?,
            Event::DocType(_) => return Err(InputProblem::DoctypeRefused),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(charset)) if !is_utf8(&String::from_utf8_lossy(&charset)) => {
                    return Err(InputProblem::UnsupportedMediaType);
                }
                Some(Err(_)) => return Err(InputProblem::Unreadable),
                _ => {}
            },
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof if tree.is_closed => return Ok(()),
            Event::Eof => return Err(InputProblem::Unreadable),
        }
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
    has_children: bool,
}

impl Tree<'_> {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), InputProblem> {
        if self.is_closed {
            return Err(InputProblem::Unreadable);
        }
        // The root is a level here but not in the submission.
        if self.open.len() > MAX_DEPTH {
            return Err(InputProblem::TooDeep);
        }
        let mut opened = Element::default();
        if let Some(parent) = self.open.last_mut() {
            parent.has_children = true;
            parent.text = String::new();
            let name = std::str::from_utf8(element.name().into_inner()).map_err(|_| InputProblem::Unreadable)?;
            opened.level = Some(self.builder.open(name)?);
        }
        self.open.push(opened);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), InputProblem> {
        match self.open.last_mut() {
            Some(element) if element.has_children => {}
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(InputProblem::Unreadable),
        }
        Ok(())
    }

    fn entity(&mut self, entity: &BytesRef<'_>) -> Result<(), InputProblem> {
        if let Some(character) = entity.resolve_char_ref().map_err(|_| InputProblem::Unreadable)? {
            return self.text(character.encode_utf8(&mut [0; 4]));
        }
        let name = entity.decode().map_err(|_| InputProblem::Unreadable)?;
        self.text(resolve_predefined_entity(&name).ok_or(InputProblem::Unreadable)?)
    }

    fn close(&mut self) -> Result<(), InputProblem> {
        let element = self.open.pop().ok_or(InputProblem::Unreadable)?;
        let Some(level) = element.level else {
            self.is_closed = true;
            return Ok(());
        };
        if !element.has_children {
            self.builder.value(element.text.trim())?;
        }
        self.builder.close(level);
        Ok(())
    }
}
