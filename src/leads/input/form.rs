//! `application/x-www-form-urlencoded`, for bodies and queries.

use super::{Builder, InputProblem, builder::MAX_FIELDS};

/// Reads pairs of names and values. Unlike browsers, it rejects text that is not UTF-8, because a name with a
/// replacement character matches no field.
pub fn read(text: &[u8], builder: &mut Builder) -> Result<(), InputProblem> {
    let pairs = text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    for (index, pair) in pairs.enumerate() {
        if index == MAX_FIELDS {
            return Err(InputProblem::TooManyFields);
        }
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        let name = decoded(name)?;
        let value = decoded(value.get(1..).unwrap_or_default())?;
        if !name.is_empty() {
            let level = builder.open(&name)?;
            builder.value(&value)?;
            builder.close(level);
        }
    }
    Ok(())
}

/// As in browsers, a percent sign that does not begin an escape is kept.
fn decoded(text: &[u8]) -> Result<String, InputProblem> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let escaped = || Some(hex(*text.get(at + 1)?)? << 4 | hex(*text.get(at + 2)?)?);
        match (byte, escaped()) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(byte)) => {
                bytes.push(byte);
                at += 2;
            }
            (byte, _) => bytes.push(*byte),
        }
        at += 1;
    }
    String::from_utf8(bytes).map_err(|_| InputProblem::Unreadable)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
