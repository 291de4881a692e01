//! Calls of cargo.

use std::env;
use std::fs;
use std::process::Command;

use crate::place;
use crate::shell::{Outcome, execute, failed};

/// Cargo in the checkout, with queries checked against `.sqlx` and never against whatever `DATABASE_URL` points to.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(place::root()).env("SQLX_OFFLINE", "true").env_remove("DATABASE_URL");
    // What cargo told this program about itself. Build scripts of dependencies (ring's) run again when it changes, and
    // with them half of the build.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Builds the server program.
pub fn build_server(release: bool) -> Outcome {
    let mut command = cargo();
    command.args(["build", "--features", "ssr", "--bin", "accord"]);
    if release {
        command.arg("--release");
    }
    execute(&mut command)
}

/// Removes what was built. This program is in there too, which an open file survives.
pub fn clean() -> Outcome {
    let target = place::target();
    if target.exists() {
        fs::remove_dir_all(&target).map_err(failed(format!("remove {}", target.display())))?;
    }
    Ok(())
}
