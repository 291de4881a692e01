//! Runs cargo.

use std::env;
use std::fs;
use std::process::Command;

use crate::paths;
use crate::shell::{Outcome, execute, failed};

/// Cargo in the checkout. Queries are checked against `.sqlx`, never against the database in `DATABASE_URL`.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths::root()).env("SQLX_OFFLINE", "true").env_remove("DATABASE_URL");
    // Variables that cargo set for this program. When they change, build scripts of dependencies (ring's) run again,
    // and half of the build with them.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Builds the server program.
pub fn build_server(release: bool) -> Outcome {
    build_server_as(if release { "release" } else { "dev" })
}

/// Builds the server program with a profile of `Cargo.toml`.
pub fn build_server_as(profile: &str) -> Outcome {
    execute(cargo().args(["build", "--features", "ssr", "--bin", "accord", "--profile", profile]))
}

/// Removes all build output, including this program, which keeps running because its file is open.
pub fn clean() -> Outcome {
    let target = paths::target();
    if target.exists() {
        fs::remove_dir_all(&target).map_err(failed(format!("remove {}", target.display())))?;
    }
    Ok(())
}
