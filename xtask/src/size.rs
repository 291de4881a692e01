//! Download size of the client, checked against its budgets.

use std::fs;
use std::path::{Path, PathBuf};

use crate::client::Profile;
use crate::paths;
use crate::shell::{Outcome, failed};
use crate::site;

/// Maximum bytes of client per page, compressed.
const PAGE_BUDGET: u64 = 250_000;
/// Maximum bytes of client on the invitation page. Its tests check that it loads no script at all.
const INVITATION_BUDGET: u64 = 60_000;

/// Builds the site and prints the sizes.
pub fn size() -> Outcome {
    site::build_site(Profile::Small)?;
    print()
}

/// Prints the sizes of the built site. Fails if a budget is exceeded.
pub fn print() -> Outcome {
    let sizes = measure()?;
    let client = sizes.script + sizes.wasm;
    println!("Client, compressed with brotli:");
    println!("  script {}, wasm {}, style {}", kilobytes(sizes.script), kilobytes(sizes.wasm), kilobytes(sizes.style));
    println!("  a page with islands {} of {}", kilobytes(client), kilobytes(PAGE_BUDGET));
    println!("  the invitation page 0.0 kB of {} (it loads no script)", kilobytes(INVITATION_BUDGET));
    if client > PAGE_BUDGET {
        return Err(format!("The client has {}; the budget is {}.", kilobytes(client), kilobytes(PAGE_BUDGET)));
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Sizes {
    script: u64,
    wasm: u64,
    style: u64,
}

fn measure() -> Outcome<Sizes> {
    let dir = paths::site().join("pkg");
    let mut sizes = Sizes::default();
    for entry in fs::read_dir(&dir).map_err(failed(format!("read {}", dir.display())))?.flatten() {
        let path = entry.path();
        let sum = match path.extension().and_then(|extension| extension.to_str()) {
            Some("js") => &mut sizes.script,
            Some("wasm") => &mut sizes.wasm,
            Some("css") => &mut sizes.style,
            _ => continue,
        };
        // A file too small to compress has no compressed copy.
        let transferred = fs::metadata(compressed_copy(&path)).or_else(|_| entry.metadata());
        *sum += transferred.map_err(failed(format!("read {}", path.display())))?.len();
    }
    Ok(sizes)
}

fn compressed_copy(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

fn kilobytes(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}
