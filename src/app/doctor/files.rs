//! Checks the files Accord needs: the site, and in development the data folder.

use super::Finding;
use crate::server::site::find_site;
use leptos::config::LeptosOptions;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// Checks that style, script and WASM exist under the names the pages use. `program` is the folder of the program.
pub fn site(options: &LeptosOptions, program: &Path) -> Vec<Finding> {
    const ABOUT: &str = "site";
    match find_site(options, program) {
        Ok(folder) => vec![Finding::ok(ABOUT, format!("Style, script and WASM are in {}.", folder.display()))],
        Err(problems) => problems.into_iter().map(|problem| Finding::fault(ABOUT, problem)).collect(),
    }
}

/// Checks the development data folder: it must be writable, and only its owner should be able to read the secret key.
pub fn data(folder: &Path) -> Vec<Finding> {
    const ABOUT: &str = "data folder";
    if !folder.exists() {
        let text = format!("{} does not exist yet. The first start creates it.", folder.display());
        return vec![Finding::ok(ABOUT, text)];
    }
    let mut findings = vec![match check_writable(folder) {
        Ok(()) => Finding::ok(ABOUT, format!("{} is writable.", folder.display())),
        Err(error) => {
            let path = folder.display();
            Finding::fault(ABOUT, format!("{path} is not writable ({error}). Make the user who runs Accord its owner."))
        }
    }];
    let key = folder.join("secret-key");
    if let Ok(facts) = fs::metadata(&key) {
        let (mode, path) = (facts.permissions().mode() & 0o777, key.display());
        findings.push(if mode & 0o077 == 0 {
            Finding::ok("secret key", format!("Only its owner can read {path}."))
        } else {
            Finding::warning("secret key", format!("Others can read {path} (mode {mode:03o}). Run: chmod 600 {path}"))
        });
    }
    findings
}

fn check_writable(folder: &Path) -> std::io::Result<()> {
    let file = folder.join(format!(".doctor-{}", std::process::id()));
    fs::write(&file, "")?;
    fs::remove_file(&file)
}
