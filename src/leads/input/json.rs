//! `application/json`.

use super::{InputProblem, MAX_DEPTH, put};
use serde_json::{Map, Value};

/// Reads an object. Tolerates line breaks and tabs inside strings, which JSON forbids but forms often send.
pub fn read(body: &[u8]) -> Result<Map<String, Value>, InputProblem> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // Checked before parsing, because the parser's own depth limit would be reported as malformed JSON.
    if depth(body) > MAX_DEPTH {
        return Err(InputProblem::TooDeep);
    }
    let value = serde_json::from_slice(body).or_else(|_| serde_json::from_slice(&escaped(body)));
    match value {
        Ok(Value::Object(fields)) => nested(fields),
        Ok(_) => Err(InputProblem::NotAnObject),
        Err(_) => Err(InputProblem::Unreadable),
    }
}

/// Nests dotted names at every level, so a form and an object with the same names are the same submission.
fn nested(fields: Map<String, Value>) -> Result<Map<String, Value>, InputProblem> {
    let mut all = Map::new();
    for (name, value) in fields {
        put(&mut all, &name, nested_value(value)?)?;
    }
    Ok(all)
}

fn nested_value(value: Value) -> Result<Value, InputProblem> {
    match value {
        Value::Object(inner) => nested(inner).map(Value::Object),
        Value::Array(items) => items.into_iter().map(nested_value).collect::<Result<_, _>>().map(Value::Array),
        plain => Ok(plain),
    }
}

/// Calls `each` for every byte of a JSON text, with true if the byte is inside a string.
fn walk(body: &[u8], mut each: impl FnMut(u8, bool)) {
    let (mut inside, mut after_backslash) = (false, false);
    for byte in body {
        each(*byte, inside);
        match byte {
            _ if after_backslash => after_backslash = false,
            b'\\' if inside => after_backslash = true,
            b'"' => inside = !inside,
            _ => {}
        }
    }
}

fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    walk(body, |byte, inside| match byte {
        b'{' | b'[' if !inside => {
            depth += 1;
            deepest = deepest.max(depth);
        }
        b'}' | b']' if !inside => depth = depth.saturating_sub(1),
        _ => {}
    });
    deepest
}

fn escaped(body: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(body.len() + 16);
    walk(body, |byte, inside| match byte {
        b'\n' if inside => escaped.extend(b"\\n"),
        b'\r' if inside => escaped.extend(b"\\r"),
        b'\t' if inside => escaped.extend(b"\\t"),
        other => escaped.push(other),
    });
    escaped
}
