//! The files Accord needs: the site, and in development the data folder.

use super::Finding;
use leptos::config::LeptosOptions;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The site: style, script and WASM under the names that the program announces. `program` is the folder of the program,
/// where `hash.txt` lies.
pub fn site(options: &LeptosOptions, program: &Path) -> Vec<Finding> {
    const ABOUT: &str = "site";
    let root = Path::new(&*options.site_root);
    let build = "Run `make build`, or start where the site is.";
    if !root.is_dir() {
        return vec![Finding::fault(ABOUT, format!("There is no folder {}. {build}", root.display()))];
    }
    let hashes = match fs::read_to_string(program.join("hash.txt")) {
        Ok(hashes) => hashes,
        Err(_) if !options.hash_files => String::new(),
        Err(_) => {
            let path = program.join("hash.txt");
            return vec![Finding::fault(
                ABOUT,
                format!("{} is missing: it belongs beside the program. {build}", path.display()),
            )];
        }
    };
    let package = root.join(&*options.site_pkg_dir);
    let missing: Vec<PathBuf> = ["css", "js", "wasm"]
        .iter()
        .map(|kind| {
            let hash = hashes.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(": "));
            let dot_hash = hash.map(|hash| format!(".{}", hash.trim())).unwrap_or_default();
            package.join(format!("{}{dot_hash}.{kind}", options.output_name))
        })
        .filter(|path| !path.is_file())
        .collect();
    if missing.is_empty() {
        return vec![Finding::well(ABOUT, format!("Style, script and WASM are in {}.", package.display()))];
    }
    missing
        .iter()
        .map(|path| {
            Finding::fault(
                ABOUT,
                format!("{} is missing: program and site are of different builds. {build}", path.display()),
            )
        })
        .collect()
}

/// The folder of development: whether it can be written, and whether the secret key is ours alone.
pub fn data(folder: &Path) -> Vec<Finding> {
    const ABOUT: &str = "data folder";
    if !folder.exists() {
        let text = format!("{} is not there yet; the first start makes it.", folder.display());
        return vec![Finding::well(ABOUT, text)];
    }
    let mut findings = vec![match try_to_write(folder) {
        Ok(()) => Finding::well(ABOUT, format!("{} can be written.", folder.display())),
        Err(error) => {
            let path = folder.display();
            Finding::fault(ABOUT, format!("{path} cannot be written ({error}). Give it to the user who runs Accord."))
        }
    }];
    let key = folder.join("secret-key");
    if let Ok(facts) = fs::metadata(&key) {
        let (mode, path) = (facts.permissions().mode() & 0o777, key.display());
        findings.push(if mode & 0o077 == 0 {
            Finding::well("secret key", format!("{path} is readable by its owner only."))
        } else {
            Finding::warning(
                "secret key",
                format!("{path} can be read by others (mode {mode:03o}). Run: chmod 600 {path}"),
            )
        });
    }
    findings
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    let file = folder.join(format!(".doctor-{}", std::process::id()));
    fs::write(&file, "")?;
    fs::remove_file(&file)
}
