//! The files Accord needs: the site, and in development the data folder.

use super::Finding;
use crate::server::site::find_site;
use leptos::config::LeptosOptions;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// The site: style, script and WASM under the names that the program announces. `program` is the folder of the program.
pub fn site(options: &LeptosOptions, program: &Path) -> Vec<Finding> {
    const ABOUT: &str = "site";
    match find_site(options, program) {
        Ok(folder) => vec![Finding::well(ABOUT, format!("Style, script and WASM are in {}.", folder.display()))],
        Err(problems) => problems.into_iter().map(|problem| Finding::fault(ABOUT, problem)).collect(),
    }
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
