//! `multipart/form-data`.

use super::{Builder, InputProblem, Mark, builder::MAX_FIELDS, charset, form::CHARSET_FIELD, header};
use axum::body::Bytes;
use encoding_rs::Encoding;
use futures::{FutureExt, stream};
use multer::{Field, Multipart};
use std::{borrow::Cow, convert::Infallible};

const UNREADABLE: InputProblem = InputProblem::Unreadable { format: "multipart/form-data", place: None };
/// Maximum bytes of a boundary that is taken from the body.
const MAX_BOUNDARY: usize = 200;

/// Reads the parts. A text is a field. A file is kept by its name only, and a file field without a file is ignored.
pub fn read(body: &[u8], content_type: &str, builder: &mut Builder) -> Result<(), InputProblem> {
    let label = header::parameter(content_type, "charset").map_or(Ok(None), |label| charset::of_label(&label))?;
    let boundary = header::parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty());
    let boundary = boundary.or_else(|| first_boundary(body)).ok_or(UNREADABLE)?;
    let (body, has_bare_line_ends) = with_line_ends(body, &boundary);
    let whole = Bytes::from(body.into_owned());
    let body = stream::iter([Ok::<_, Infallible>(whole)]);
    // The body is complete, so nothing ever waits.
    let parts = parts(Multipart::new(body, boundary)).now_or_never().ok_or(UNREADABLE)??;
    let own = parts.iter().find(|part| part.name == CHARSET_FIELD.as_bytes());
    let own = own.and_then(|part| charset::of_label(std::str::from_utf8(&part.content).ok()?).ok().flatten());
    for part in parts {
        part.read(label.or(own), has_bare_line_ends, builder)?;
    }
    Ok(())
}

/// A part as sent.
struct Part {
    name: Vec<u8>,
    /// The name of the file, if this is one.
    file: Option<Vec<u8>>,
    content_type: String,
    /// Empty for a file.
    content: Bytes,
}

async fn parts(mut multipart: Multipart<'_>) -> Result<Vec<Part>, InputProblem> {
    let mut parts = Vec::new();
    while let Some(mut field) = multipart.next_field().await.map_err(|_| UNREADABLE)? {
        if parts.len() == MAX_FIELDS {
            return Err(InputProblem::TooManyFields);
        }
        let (name, file, content_type) = head(&field);
        let mut content = Bytes::new();
        while let Some(chunk) = field.chunk().await.map_err(|_| UNREADABLE)? {
            if content.is_empty() && file.is_none() {
                content = chunk;
            } else if file.is_none() {
                content = [content, chunk].concat().into();
            }
        }
        parts.push(Part { name, file, content_type, content });
    }
    Ok(parts)
}

/// Name, file name and type of a part. The names are bytes in the charset of the form.
fn head(field: &Field<'_>) -> (Vec<u8>, Option<Vec<u8>>, String) {
    // Each byte as a character, which keeps the bytes apart from quotes and semicolons.
    let text = |name: &str| {
        let value = field.headers().get(name).map_or(&b""[..], |value| value.as_bytes());
        value.iter().map(|byte| char::from(*byte)).collect::<String>()
    };
    let bytes = |text: String| text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect::<Vec<_>>();
    let disposition = text("content-disposition");
    let name = header::parameter(&disposition, "name").unwrap_or_default();
    let file = header::parameter(&disposition, "filename").or_else(|| {
        // RFC 5987: the charset, a language, and the escaped name.
        header::parameter(&disposition, "filename*").map(|name| name.rsplit('\'').next().unwrap_or_default().to_owned())
    });
    (bytes(name), file.map(bytes), text("content-type"))
}

impl Part {
    fn read(
        &self,
        label: Option<&'static Encoding>,
        has_bare_line_ends: bool,
        builder: &mut Builder,
    ) -> Result<(), InputProblem> {
        if self.name.is_empty() || self.file.as_ref().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        let own =
            header::parameter(&self.content_type, "charset").map_or(Ok(None), |label| charset::of_label(&label))?;
        let (name, mark) = charset::part(&self.name, label);
        builder.mark(mark);
        let level = builder.open(&unescaped_quotes(&name))?;
        let (value, mark): (Cow<'_, str>, Option<Mark>) = match &self.file {
            Some(file) => charset::part(file, label),
            None => charset::part(&self.content, own.or(label)),
        };
        builder.mark(mark);
        builder.value(&if has_bare_line_ends { value.replace("\r\n", "\n").into() } else { value })?;
        builder.close(level);
        Ok(())
    }
}

/// Browsers escape these characters in names, and no others.
fn unescaped_quotes(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D%0A", "\r\n")
}

/// The boundary of the first line, for senders who set the media type by hand and so lose it.
fn first_boundary(body: &[u8]) -> Option<String> {
    let line = body.trim_ascii_start().strip_prefix(b"--")?.split(|byte| *byte == b'\n').next()?.trim_ascii_end();
    let boundary = std::str::from_utf8(line).ok()?;
    (!boundary.is_empty() && boundary.len() <= MAX_BOUNDARY).then(|| boundary.to_owned())
}

/// The body with the line ends that the format requires. Returns true if it had none of them.
fn with_line_ends<'b>(body: &'b [u8], boundary: &str) -> (Cow<'b, [u8]>, bool) {
    let first = [b"--", boundary.as_bytes()].concat();
    let is_bare = body.trim_ascii_start().strip_prefix(first.as_slice()).is_some_and(|rest| rest.starts_with(b"\n"));
    if !is_bare || body.windows(2).any(|pair| pair == b"\r\n") {
        return (Cow::Borrowed(body), false);
    }
    let lines: Vec<_> = body.split(|byte| *byte == b'\n').collect();
    (Cow::Owned(lines.join(&b"\r\n"[..])), true)
}
