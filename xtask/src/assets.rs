//! Files of the site: content hashes and compressed copies.

use std::fs;
use std::io::Write;
use std::path::Path;

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::shell::{Outcome, failed};

/// Formats that are not already compressed.
const COMPRESSIBLE: [&str; 11] =
    ["bin", "css", "html", "ico", "js", "json", "svg", "txt", "wasm", "webmanifest", "xml"];

/// How much time to spend on compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// For `dev`.
    Quick,
    /// As small as the formats allow.
    Full,
}

type Compress = fn(&[u8], Effort) -> Outcome<Vec<u8>>;

/// 64 bits in hexadecimal (FNV-1a): distinguishes versions of a file, but is not cryptographic.
pub fn content_hash(bytes: &[u8]) -> String {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let hash = bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// Writes the file and those compressed copies that are smaller, unless they already exist.
pub fn publish(path: &Path, bytes: &[u8], effort: Effort, fresh: bool) -> Outcome {
    let current = !fresh && fs::read(path).is_ok_and(|existing| existing == bytes);
    if !current {
        write(path, bytes)?;
    }
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    if !COMPRESSIBLE.contains(&&*extension) {
        return Ok(());
    }
    for (suffix, compress) in [("br", compress_brotli as Compress), ("gz", compress_gzip)] {
        let copy = path.with_extension(format!("{extension}.{suffix}"));
        if current && copy.exists() {
            continue;
        }
        let compressed = compress(bytes, effort)?;
        if compressed.len() < bytes.len() {
            write(&copy, &compressed)?;
        } else if copy.exists() {
            fs::remove_file(&copy).map_err(failed(format!("remove {}", copy.display())))?;
        }
    }
    Ok(())
}

/// Reads a file.
pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(failed(format!("read {}", path.display())))
}

/// Writes a file and creates its directories.
pub fn write(path: &Path, bytes: &[u8]) -> Outcome {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(failed(format!("create {}", parent.display())))?;
    fs::write(path, bytes).map_err(failed(format!("write {}", path.display())))
}

fn compress_brotli(bytes: &[u8], effort: Effort) -> Outcome<Vec<u8>> {
    let quality = if effort == Effort::Full { 11 } else { 4 };
    let params = BrotliEncoderParams { quality, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &params).map_err(failed("compress with brotli"))?;
    Ok(compressed)
}

fn compress_gzip(bytes: &[u8], effort: Effort) -> Outcome<Vec<u8>> {
    let level = if effort == Effort::Full { Compression::best() } else { Compression::fast() };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(failed("compress with gzip"))
}
