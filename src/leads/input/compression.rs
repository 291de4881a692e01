//! `Content-Encoding`: gzip, deflate and br, several in a row too.

use super::{InputProblem, MAX_BODY};
use brotli_decompressor::Decompressor;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use std::{borrow::Cow, io::Read};

/// Maximum encodings in a row.
const MAX_LAYERS: usize = 3;
/// Bytes by which a body can grow before its last layer. Compressed data hardly gets smaller when it is compressed
/// again, so only a body that is made to cost much time grows more.
const MAX_GROWTH: usize = 64 * 1024;
/// Maximum parts of a gzip body. Programs that write parts fill them with 64 KiB.
const MAX_PARTS: usize = 32;
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
    for (index, name) in names.iter().enumerate().rev() {
        let most = if index == 0 { MAX_BODY } else { MAX_BODY.min(body.len() + MAX_GROWTH) };
        decoded = Cow::Owned(layer(&decoded, name, most)?);
    }
    Ok(decoded)
}

/// Decodes one layer to at most this many bytes.
fn layer(bytes: &[u8], name: &str, most: usize) -> Result<Vec<u8>, InputProblem> {
    match name {
        "gzip" | "x-gzip" => parts(bytes, most),
        // Most senders mean the zlib format, as the standard says; some send the bare stream.
        "deflate" if is_zlib(bytes) => append(Vec::new(), ZlibDecoder::new(bytes), "deflate", most),
        "deflate" => append(Vec::new(), DeflateDecoder::new(bytes), "deflate", most),
        "br" => append(Vec::new(), Decompressor::new(bytes, BUFFER), "br", most),
        other => Err(InputProblem::UnsupportedEncoding(super::shown(other, MAX_SHOWN))),
    }
}

/// True if the first two bytes are the head of the zlib format: deflate, and a checksum.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0)
}

/// Decodes the parts of a gzip body, one after another.
fn parts(mut rest: &[u8], most: usize) -> Result<Vec<u8>, InputProblem> {
    let mut bytes = Vec::new();
    for _ in 0..MAX_PARTS {
        bytes = append(bytes, GzDecoder::new(&mut rest), "gzip", most)?;
        if rest.is_empty() {
            return Ok(bytes);
        }
    }
    Err(InputProblem::NotDecodable("gzip".to_owned()))
}

fn append(mut bytes: Vec<u8>, reader: impl Read, name: &str, most: usize) -> Result<Vec<u8>, InputProblem> {
    let left = (most - bytes.len()) as u64;
    let read = reader.take(left + 1).read_to_end(&mut bytes);
    read.map_err(|_| InputProblem::NotDecodable(name.to_owned()))?;
    if bytes.len() > most { Err(InputProblem::BodyTooLarge) } else { Ok(bytes) }
}
