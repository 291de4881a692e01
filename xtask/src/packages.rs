//! npm and PyPI packages for the tests, installed on first use in locked versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::assets::{content_hash, read};
use crate::shell::{Outcome, capture, execute, failed, step};
use crate::{debian, paths};

/// A program from npm, run in `end2end`. Its packages are installed if the lock file has changed.
pub fn npx(program: &str) -> Outcome<Command> {
    let dir = paths::root().join("end2end");
    unless_installed(&dir.join("package-lock.json"), &dir.join("node_modules/.accord-lock"), || {
        step("install the npm packages", || {
            let mut npm = Command::new("npm");
            npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&dir);
            npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").env("PUPPETEER_SKIP_DOWNLOAD", "1");
            execute(npm.env("SCARF_ANALYTICS", "false"))
        })
    })?;
    let mut npx = Command::new("npx");
    npx.args(["--no-install", program]).current_dir(dir);
    Ok(npx)
}

/// The programs of `end2end/api/requirements.txt`, in a virtual environment under `target/`.
pub fn python_programs() -> Outcome<PathBuf> {
    let requirements = paths::root().join("end2end/api/requirements.txt");
    let dir = paths::target().join("python");
    unless_installed(&requirements, &dir.join(".accord-lock"), || {
        step("install the Python packages", || {
            make_environment(&dir)?;
            let mut pip = Command::new(dir.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&requirements);
            execute(&mut pip)
        })
    })?;
    Ok(dir.join("bin"))
}

/// Installs if the list differs from the installed one.
fn unless_installed(list: &Path, stamp: &Path, install: impl FnOnce() -> Outcome) -> Outcome {
    let wanted = content_hash(&read(list)?);
    if fs::read_to_string(stamp).is_ok_and(|stamped| stamped == wanted) {
        return Ok(());
    }
    install()?;
    fs::write(stamp, &wanted).map_err(failed(format!("write {}", stamp.display())))
}

/// On Debian, the module that creates virtual environments is a separate package.
fn make_environment(dir: &Path) -> Outcome {
    let make = || capture(Command::new("python3").args(["-m", "venv", "--clear"]).arg(dir)).map(drop);
    make().or_else(|_| debian::install(&["python3-venv"]).and_then(|()| make()))
}
