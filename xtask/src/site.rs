//! The site: all files the server serves, assembled in `target/site`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::assets::{Effort, content_hash, publish, read, write};
use crate::client::{self, Profile};
use crate::shell::{Outcome, failed, step};
use crate::{cargo, parts, paths, size, style};

/// Builds the server and the site for production.
pub fn build(release: bool) -> Outcome {
    let name = if release { "build the server (release)" } else { "build the server" };
    step(name, || cargo::build_server(release))?;
    build_site(Profile::Small)?;
    // Exceeding a budget fails `make test`, not the build.
    size::print().unwrap_or_else(|reason| eprintln!("{reason}"));
    Ok(())
}

/// Compiles the client and assembles the site.
pub fn build_site(profile: Profile) -> Outcome {
    client::build(profile)?;
    refresh(profile)
}

/// Assembles the site with the existing client: enough if only styles and public files changed.
pub fn refresh(profile: Profile) -> Outcome {
    step("assemble the site", || assemble(&client::output(), profile.effort()))
}

/// Files by their path below the site's root.
type Files = BTreeMap<PathBuf, Vec<u8>>;

fn assemble(bound: &Path, effort: Effort) -> Outcome {
    let mut files = Files::new();
    collect(&paths::root().join("public"), Path::new(""), &mut files)?;
    let hashes = add_package(bound, &mut files)?;

    let site = paths::site();
    let stamp = paths::client_target().join("effort.stamp");
    let efforts = format!("{effort:?}");
    let fresh = !fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == efforts);
    for (path, bytes) in &files {
        publish(&site.join(path), bytes, effort, fresh)?;
    }
    write(&stamp, efforts.as_bytes())?;
    write_hashes(&hashes)?;
    remove_stale(&site, Path::new(""), &files)
}

/// Adds client and styles under the names in the pages: `accord.HASH.js`, `.wasm`, `.css`, and the packs of each island,
/// which the list of hashes names in full.
fn add_package(bound: &Path, files: &mut Files) -> Outcome<String> {
    let mut bindgen = Files::new();
    collect(bound, Path::new(""), &mut bindgen)?;
    let mut take = |name: &str| bindgen.remove(Path::new(name)).ok_or(format!("wasm-bindgen wrote no {name}"));
    let wasm = take("accord_bg.wasm")?;
    let script = String::from_utf8(take("accord.js")?).map_err(failed("read accord.js"))?;
    let packed = parts::pack(&script, &mut bindgen)?;
    let package = Path::new("pkg");
    files.extend(packed.packs.into_iter().map(|(name, bytes)| (package.join(name), bytes)));
    // Snippets keep their names: the script imports them by path, and their names already have a hash.
    files.extend(bindgen.into_iter().map(|(path, bytes)| (package.join(path), bytes)));

    let wasm_hash = content_hash(&wasm);
    let script = packed.script.replace("accord_bg.wasm", &format!("accord.{wasm_hash}.wasm")).into_bytes();
    let style = style::bundle()?.into_bytes();
    let (js_hash, css_hash) = (content_hash(&script), content_hash(&style));
    files.insert(package.join(format!("accord.{wasm_hash}.wasm")), wasm);
    files.insert(package.join(format!("accord.{js_hash}.js")), script);
    files.insert(package.join(format!("accord.{css_hash}.css")), style);
    let mut hashes = format!("js: {js_hash}\nwasm: {wasm_hash}\ncss: {css_hash}\n");
    for (island, packs) in packed.islands {
        hashes.push_str(&format!("{island}: {}\n", packs.join(" ")));
    }
    Ok(hashes)
}

/// The server reads the hashes next to its program, so they are written next to every program there can be.
fn write_hashes(hashes: &str) -> Outcome {
    for dir in ["debug", "debug/deps", "release"] {
        write(&paths::target().join(dir).join("hash.txt"), hashes.as_bytes())?;
    }
    Ok(())
}

/// Writes a site of empty files for the program in `dir`, which does not start without one, and returns its root.
/// Measurements and the fuzzer never load these files.
pub fn stand_in(dir: &str) -> Outcome<PathBuf> {
    let (list, root) = (paths::target().join(dir).join("hash.txt"), paths::target().join("empty-site"));
    let mut hashes = fs::read_to_string(&list).unwrap_or_default();
    if hashes.is_empty() {
        hashes = "js: none\nwasm: none\ncss: none\n".to_owned();
        write(&list, hashes.as_bytes())?;
    }
    for (kind, names) in hashes.lines().filter_map(|line| line.split_once(": ")) {
        for name in names.split(' ') {
            let name = if name.contains('.') { name.to_owned() } else { format!("accord.{name}.{kind}") };
            write(&root.join("pkg").join(name), b"")?;
        }
    }
    Ok(root)
}

fn collect(dir: &Path, below: &Path, files: &mut Files) -> Outcome {
    let entries = fs::read_dir(dir).map_err(failed(format!("read {}", dir.display())))?;
    for entry in entries {
        let entry = entry.map_err(failed(format!("read {}", dir.display())))?;
        let path = below.join(entry.file_name());
        if entry.file_name() == ".gitkeep" {
            continue;
        }
        if entry.path().is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.insert(path, read(&entry.path())?);
        }
    }
    Ok(())
}

fn remove_stale(dir: &Path, below: &Path, files: &Files) -> Outcome {
    for entry in fs::read_dir(dir).map_err(failed(format!("read {}", dir.display())))?.flatten() {
        let path = below.join(entry.file_name());
        if entry.path().is_dir() {
            remove_stale(&entry.path(), &path, files)?;
            continue;
        }
        let compressed = path.extension().is_some_and(|extension| extension == "br" || extension == "gz");
        let source = if compressed { path.with_extension("") } else { path };
        if !files.contains_key(&source) {
            fs::remove_file(entry.path()).map_err(failed(format!("remove {}", entry.path().display())))?;
        }
    }
    Ok(())
}
