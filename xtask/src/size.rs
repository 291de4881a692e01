//! Download size of the client, checked against its budgets.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::client::Profile;
use crate::paths;
use crate::shell::{Outcome, failed};
use crate::site;

/// Pages by the islands they load, and the maximum bytes of their client, compressed: WASM and JavaScript. A page that
/// is not here has no islands and loads no script at all; its tests check that, above all the invitation page's.
const PAGES: [(&str, &[&str], u64); 7] = [
    ("People, Users, Members", &["team_panel"], 166_000),
    ("Sources of a flow", &["sources_panel"], 175_000),
    ("Add Source opened", &["sources_panel", "add_source"], 230_000),
    ("Acceptance criteria", &["criteria_editor"], 147_500),
    ("Field mappings", &["mappings_editor"], 134_500),
    ("Home", &["invitation_answer"], 104_000),
    ("Docs, API keys, links", &["copy_buttons"], 51_000),
];
/// Maximum bytes of style on any page.
const STYLE_BUDGET: u64 = 10_000;

/// Builds the site and prints the sizes.
pub fn size() -> Outcome {
    site::build_site(Profile::Small)?;
    print()
}

/// Prints the sizes of the built site. Fails if a budget is exceeded.
pub fn print() -> Outcome {
    let files = files()?;
    let bytes = |kind: &str| files.get(kind).map_or(0, |names| names.iter().map(|(_, bytes)| bytes).sum::<u64>());
    let core = bytes("js") + bytes("wasm");
    println!("Client, compressed with brotli: script {}, core {}", kilobytes(bytes("js")), kilobytes(bytes("wasm")));
    let mut over = Vec::new();
    let mut check = |what: &str, bytes: u64, budget: u64| {
        println!("  {what:26} {:>9} of {}", kilobytes(bytes), kilobytes(budget));
        if bytes > budget {
            over.push(format!("{what}: {}; the budget is {}.", kilobytes(bytes), kilobytes(budget)));
        }
    };
    for (page, islands, budget) in PAGES {
        let mut packs = BTreeMap::new();
        for island in islands {
            let names = files.get(*island).ok_or(format!("The client has no island {island}."))?;
            packs.extend(names.iter().cloned());
        }
        check(page, core + packs.values().sum::<u64>(), budget);
    }
    check("Pages without islands", 0, 0);
    check("Style of every page", bytes("css"), STYLE_BUDGET);
    if over.is_empty() { Ok(()) } else { Err(over.join("\n")) }
}

/// The files of each kind and of each island, with the bytes that are sent.
fn files() -> Outcome<BTreeMap<String, Vec<(String, u64)>>> {
    let (dir, list) = (paths::site().join("pkg"), paths::target().join("debug/hash.txt"));
    let list = fs::read_to_string(&list).map_err(failed(format!("read {}", list.display())))?;
    let mut files = BTreeMap::new();
    for (kind, names) in list.lines().filter_map(|line| line.split_once(": ")) {
        let names = names.split(' ').map(|name| {
            let name = if name.contains('.') { name.to_owned() } else { format!("accord.{name}.{kind}") };
            sent(&dir, &name).map(|bytes| (name, bytes))
        });
        files.insert(kind.to_owned(), names.collect::<Outcome<Vec<_>>>()?);
    }
    Ok(files)
}

/// A file too small to compress has no compressed copy.
fn sent(dir: &Path, name: &str) -> Outcome<u64> {
    let path = dir.join(name);
    let found = fs::metadata(dir.join(format!("{name}.br"))).or_else(|_| fs::metadata(&path));
    found.map(|file| file.len()).map_err(failed(format!("read {}", path.display())))
}

fn kilobytes(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}
