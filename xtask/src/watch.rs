//! `make dev`: rebuilds what changed and restarts the server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use crate::client::Profile;
use crate::shell::{Outcome, end, failed, step};
use crate::{cargo, paths, setup, site};

const POLL: Duration = Duration::from_millis(300);
/// Sources of the program.
const PROGRAM: [&str; 7] = ["src", "postgres", "migrations", ".sqlx", "Cargo.toml", "Cargo.lock", "Leptos.toml"];
/// Files that are only copied into the site.
const FILES: [&str; 2] = ["style", "public"];

type Times = BTreeMap<PathBuf, SystemTime>;

/// Builds and serves until interrupted. If a build fails, the old server keeps running.
pub fn dev() -> Outcome {
    setup::setup()?;
    let (mut program, mut files) = (times(&PROGRAM), times(&FILES));
    let mut server = Server::default();
    report(rebuild_all(&mut server));
    loop {
        sleep(POLL);
        let (program_now, files_now) = (times(&PROGRAM), times(&FILES));
        if program_now != program {
            report(rebuild_all(&mut server));
        } else if files_now != files {
            report(site::refresh(Profile::Quick).and_then(|()| server.restart_if_new()));
        }
        (program, files) = (program_now, files_now);
        server.report_exit();
    }
}

fn rebuild_all(server: &mut Server) -> Outcome {
    step("build the server", || cargo::build_server(false))?;
    site::build_site(Profile::Quick)?;
    server.restart_if_new()
}

fn report(outcome: Outcome) {
    if let Err(reason) = outcome {
        eprintln!("{reason}\nWaiting for a change.");
    }
}

/// The running server, and the timestamp of the program and site it was started from.
#[derive(Default)]
struct Server {
    child: Option<Child>,
    started_from: Option<SystemTime>,
}

impl Server {
    fn restart_if_new(&mut self) -> Outcome {
        let path = paths::server(false);
        // The list of hashed names changes with every change of the site.
        let names = path.with_file_name("hash.txt");
        let built = [&path, &names].iter().filter_map(|file| fs::metadata(file).ok()?.modified().ok()).max();
        if self.child.is_some() && built == self.started_from {
            return Ok(());
        }
        self.stop()?;
        let child = Command::new(path).arg("serve").env("ACCORD_RELOAD", "1").current_dir(paths::root()).spawn();
        self.child = Some(child.map_err(failed("start the server"))?);
        self.started_from = built;
        Ok(())
    }

    /// Sends SIGTERM first, so that the server finishes its requests and stops its Postgres.
    fn stop(&mut self) -> Outcome {
        self.child.take().map_or(Ok(()), end)
    }

    fn report_exit(&mut self) {
        let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
        if let Some(status) = ended {
            eprintln!("The server ended ({status}). Waiting for a change.");
            self.child = None;
        }
    }
}

/// When each file below these paths was last changed.
fn times(paths: &[&str]) -> Times {
    let mut found = Times::new();
    for path in paths {
        add_times(&paths::root().join(path), &mut found);
    }
    found
}

fn add_times(path: &Path, found: &mut Times) {
    let Ok(metadata) = fs::metadata(path) else { return };
    if metadata.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            add_times(&entry.path(), found);
        }
    } else if let Ok(changed) = metadata.modified() {
        found.insert(path.to_path_buf(), changed);
    }
}
