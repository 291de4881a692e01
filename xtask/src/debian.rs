//! Installs Debian packages, only as root and only if something is missing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::shell::{Outcome, capture, execute, failed, step};

static UPDATED: AtomicBool = AtomicBool::new(false);
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

/// Installs packages, or fails with the command that would.
pub fn install(packages: &[&str]) -> Outcome {
    let names = packages.join(" ");
    if !Path::new("/usr/bin/apt-get").exists() || !is_root() {
        return Err(format!("Packages are missing. On Debian, run as root: apt-get install {names}"));
    }
    step(&format!("install {names}"), || {
        if !UPDATED.swap(true, Ordering::Relaxed) {
            execute(apt().args(["-q", "update"]))?;
        }
        execute(
            apt()
                .args(["-q", "install", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"])
                .args(packages),
        )
    })
}

/// Installs the server programs of Postgres without Debian's default cluster and service.
pub fn install_postgres() -> Outcome {
    let settings = Path::new(CLUSTER_SETTINGS);
    if is_root() && !settings.exists() {
        let dir = settings.parent().unwrap_or(settings);
        fs::create_dir_all(dir).map_err(failed(format!("create {}", dir.display())))?;
        fs::write(settings, "create_main_cluster = false\n").map_err(failed(format!("write {CLUSTER_SETTINGS}")))?;
    }
    install(&["postgresql"])
}

fn is_root() -> bool {
    capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("-y").env("DEBIAN_FRONTEND", "noninteractive");
    command
}
