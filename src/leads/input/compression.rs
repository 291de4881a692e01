//! `Content-Encoding`: gzip, deflate and br, several in a row too.

use super::{InputProblem, MAX_BODY};
use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::{borrow::Cow, io::Read};

/// Maximum encodings in a row.
const MAX_LAYERS: usize = 3;
/// Bytes that the Brotli decoder reads at a time.
const BUFFER: usize = 4096;
/// Maximum characters of an unknown encoding that the answer repeats.
const MAX_SHOWN: usize = 40;

/// Decodes a body. Decoding stops at the first byte beyond the limit, whatever the body would expand to.
pub fn decoded<'b>(body: &'b [u8], content_encoding: Option<&str>) -> Result<Cow<'b, [u8]>, InputProblem> {
    let names = content_encoding.unwrap_or_default().split(',').map(str::trim);
    let names: Vec<_> = names
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
        .take(MAX_LAYERS + 1)
        .map(str::to_ascii_lowercase)
        .collect();
    if names.len() > MAX_LAYERS {
        return Err(InputProblem::UnsupportedEncoding(names.join(", ")));
    }
    let mut decoded = Cow::Borrowed(body);
    for name in names.iter().rev() {
        decoded = Cow::Owned(layer(&decoded, name)?);
    }
    Ok(decoded)
}

fn layer(bytes: &[u8], name: &str) -> Result<Vec<u8>, InputProblem> {
    match name {
        "gzip" | "x-gzip" => all(MultiGzDecoder::new(bytes), "gzip"),
        // Most senders mean the zlib format, as the standard says; some send the bare stream.
        "deflate" if is_zlib(bytes) => all(ZlibDecoder::new(bytes), "deflate"),
        "deflate" => all(DeflateDecoder::new(bytes), "deflate"),
        "br" => all(Decompressor::new(bytes, BUFFER), "br"),
        other => Err(InputProblem::UnsupportedEncoding(super::shown(other, MAX_SHOWN))),
    }
}

/// True if the first two bytes are the head of the zlib format: deflate, and a checksum.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0)
}

fn all(reader: impl Read, name: &str) -> Result<Vec<u8>, InputProblem> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_BODY as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|_| InputProblem::NotDecodable(name.to_owned()))?;
    if bytes.len() > MAX_BODY { Err(InputProblem::BodyTooLarge) } else { Ok(bytes) }
}
