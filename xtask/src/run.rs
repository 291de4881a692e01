//! `make run`: from a fresh checkout to a page in the browser.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::shell::{Outcome, failed};
use crate::{paths, setup, site};

/// Sets up, builds, and replaces this process with the server. Arguments after `--` go to `accord serve`.
pub fn run(args: &[String]) -> Outcome {
    let release = args.iter().any(|arg| arg == "--release");
    let for_server = args.iter().skip_while(|arg| *arg != "--").skip(1);
    setup::setup()?;
    site::build(release)?;
    let error = Command::new(paths::server(release)).arg("serve").args(for_server).current_dir(paths::root()).exec();
    Err(failed("start the server")(error))
}
