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
