//! The client in parts: a page loads the framework's core, and the code of its islands.
//!
//! The splitter makes a WASM module for each set of islands that share code, thirty in all. Several of them travel in
//! one file, a *pack*: what all islands share, what most share, and the rest of each island.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::assets::{content_hash, read, write};
use crate::shell::{Outcome, failed};

const TABLE: &str = "parts.txt";
const LINK: &str = "./__wasm_split.js";
const LOADER: &str = include_str!("parts.js");

/// The modules of each island, by the name of its loader.
pub type Islands = BTreeMap<String, Vec<String>>;

/// Splits `wasm` into modules in `out`; the main one is at `main`.
pub fn split(wasm: &[u8], main: &Path, out: &Path) -> Outcome {
    let mut options = wasm_split_cli_support::Options::new(wasm);
    options.output_dir = out;
    options.main_out_path = main;
    options.link_name = LINK;
    let split = wasm_split_cli_support::transform(options).map_err(failed("split the client"))?;
    let mut table = canary(&out.join(LINK))?;
    for (island, modules) in split.prefetch_map {
        table.push_str(&format!("\n{island} {}", modules.join(" ")));
    }
    fs::remove_file(out.join(LINK)).map_err(failed("remove the splitter's loader"))?;
    write(&out.join(TABLE), table.as_bytes())
}

/// What a module of a build with debug assertions imports, to prove that it belongs to the main one.
fn canary(link: &Path) -> Outcome<String> {
    let script = String::from_utf8(read(link)?).map_err(failed("read the splitter's loader"))?;
    let found = script.split_once("__wasm_split: { ").and_then(|(_, rest)| rest.split_once(", }"));
    Ok(found.map(|(canary, _)| canary.trim().to_owned()).unwrap_or_default())
}

/// Packs and the script that loads them.
pub struct Packed {
    /// The packs by file name.
    pub packs: BTreeMap<String, Vec<u8>>,
    /// The pack files of each island, by its name.
    pub islands: BTreeMap<String, Vec<String>>,
    pub script: String,
}

/// Islands that another one opens: what the other has loaded is not in their packs.
const OPENED_BY: [(&str, &str); 1] = [("add_source", "sources_panel")];

/// The modules in each pack of an island.
fn packs_of(island: &str, islands: &Islands, modules: &BTreeMap<String, Vec<u8>>) -> Vec<Vec<String>> {
    let needed = islands.get(island).cloned().unwrap_or_default();
    let opener = OPENED_BY.iter().find(|(opened, _)| *opened == name_of(island)).map(|(_, opener)| *opener);
    if let Some(opener) = opener {
        let loaded: Vec<_> =
            islands.iter().filter(|(name, _)| name_of(name) == opener).flat_map(|(_, of)| of).collect();
        return vec![needed.into_iter().filter(|name| !loaded.contains(&name)).collect()];
    }
    let (mut packs, mut own) = (Vec::new(), needed.clone());
    for share in [Share::All, Share::Most] {
        let pack: Vec<_> = modules.keys().filter(|name| share_of(name, islands) == share).cloned().collect();
        let size = |names: &[String]| names.iter().filter_map(|name| modules.get(name)).map(Vec::len).sum::<usize>();
        let used: Vec<_> = pack.iter().filter(|name| needed.contains(name)).cloned().collect();
        // An island that needs little of a pack has it in its own.
        if size(&used) * 2 > size(&pack) {
            own.retain(|name| !pack.contains(name));
            packs.push(pack);
        }
    }
    packs.push(own);
    packs
}

/// Takes the modules out of `files` and puts them into packs; `script` is what wasm-bindgen wrote.
pub fn pack(script: &str, files: &mut BTreeMap<std::path::PathBuf, Vec<u8>>) -> Outcome<Packed> {
    let mut take = |name: &str| files.remove(Path::new(name)).ok_or(format!("the client has no {name}"));
    let table = String::from_utf8(take(TABLE)?).map_err(failed("read the parts of the client"))?;
    let (canary, lines) = table.split_once('\n').unwrap_or((&table, ""));
    let mut islands = Islands::new();
    for line in lines.lines() {
        let mut words = line.split(' ').map(ToOwned::to_owned);
        let Some(island) = words.next() else { continue };
        islands.insert(island, words.collect());
    }
    let mut modules = BTreeMap::new();
    for module in islands.values().flatten().collect::<BTreeSet<_>>() {
        modules.insert(module.clone(), take(&format!("{module}.wasm"))?);
    }

    let (mut packed, mut table) = (BTreeMap::new(), BTreeMap::new());
    let (mut files_of, mut loaders) = (BTreeMap::new(), String::new());
    for (island, names) in &islands {
        let mut from = Vec::new();
        for here in packs_of(island, &islands, &modules) {
            let bytes: Vec<u8> = here.iter().filter_map(|name| modules.get(name)).flatten().copied().collect();
            let file = format!("accord.{}.bin", content_hash(&bytes));
            let lengths = here.iter().map(|name| (name, modules.get(name).map_or(0, Vec::len)));
            table.insert(file.clone(), serde_json::json!(lengths.collect::<Vec<_>>()));
            packed.insert(file.clone(), bytes);
            from.push(file);
        }
        let (files, parts) = (serde_json::json!(from), serde_json::json!(names));
        loaders.push_str(&format!("  __wasm_split_load_{island}: load({files}, {parts}),\n"));
        files_of.insert(name_of(island).to_owned(), from);
    }
    let loader = LOADER.replace("PACKS", &serde_json::json!(table).to_string()).replace("CANARY", canary);
    Ok(Packed { packs: packed, islands: files_of, script: join(script, &loader, &loaders)? })
}

/// The island of a loader, such as `team_panel` of `team_panel_loader_123`.
fn name_of(loader: &str) -> &str {
    loader.split_once("_loader_").map_or(loader, |(name, _)| name)
}

/// How many islands need a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    All,
    Most,
    Own,
}

fn share_of(module: &str, islands: &Islands) -> Share {
    let opened = |island: &str| OPENED_BY.iter().any(|(opened, _)| *opened == name_of(island));
    let of_pages = || islands.iter().filter(|(island, _)| !opened(island)).map(|(_, modules)| modules);
    let users = of_pages().filter(|modules| modules.iter().any(|name| name == module)).count();
    match users {
        all if all == of_pages().count() => Share::All,
        most if most * 3 > of_pages().count() * 2 => Share::Most,
        _ => Share::Own,
    }
}

/// Puts the loader into wasm-bindgen's script, which imports it once for each island. In a file of its own, each of the
/// two would need the hash of the other.
fn join(script: &str, loader: &str, loaders: &str) -> Outcome<String> {
    let link = format!("from \"{LINK}\"");
    let mut out = format!("{}const parts = {{\n{loaders}}};\n", spare(loader));
    let mut found = false;
    for line in script.lines() {
        let import = line.strip_prefix("import * as ").filter(|rest| rest.contains(&link));
        if let Some((name, _)) = import.and_then(|rest| rest.split_once(' ')) {
            out.push_str(&format!("const {name} = parts;\n"));
            found = true;
        } else {
            out.push_str(&spare(line));
        }
    }
    if found { Ok(out) } else { Err("wasm-bindgen's script does not import the parts of the client".to_owned()) }
}

/// Without comments and indentation.
fn spare(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let code =
        lines.filter(|line| !line.is_empty() && !["//", "/*", "* ", "*/"].iter().any(|mark| line.starts_with(mark)));
    code.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Islands, Share, join, share_of};

    #[test]
    fn a_module_travels_with_those_who_need_it() {
        let island = |modules: &[&str]| modules.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let islands: Islands = [
            ("a".to_owned(), island(&["core", "form", "a"])),
            ("b".to_owned(), island(&["core", "form", "b"])),
            ("c".to_owned(), island(&["core", "form", "c"])),
            ("d".to_owned(), island(&["core", "d"])),
        ]
        .into();
        assert_eq!(share_of("core", &islands), Share::All);
        assert_eq!(share_of("form", &islands), Share::Most);
        assert_eq!(share_of("a", &islands), Share::Own);
    }

    #[test]
    fn the_loader_replaces_the_imports() {
        let script = "import * as import1 from \"./__wasm_split.js\"\n/**\n * Text\n */\nlet wasm;";
        let joined = join(script, "const load = 1;", "").unwrap_or_default();
        assert_eq!(joined, "const load = 1;\nconst parts = {\n};\nconst import1 = parts;\nlet wasm;\n");
        assert!(join("let wasm;", "", "").is_err());
    }
}
