//! Installs what is missing for building and running.

use std::path::Path;
use std::process::Command;

use accord_postgres::find_binaries;

use crate::shell::{Outcome, capture, execute, failed, step};
use crate::{debian, paths};

/// Rust's target for the browser.
pub const WASM: &str = "wasm32-unknown-unknown";
/// Debian's compiler for the browser, used if rustup's server cannot be reached.
pub const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
pub const DEBIAN_LINKER: &str = "wasm-ld-19";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "libstd-rust-web-dev", "rust-web-src", "lld-19"];

/// Installs everything `run` and `build` need.
pub fn setup() -> Outcome {
    browser_target()?;
    postgres()
}

/// The compiler for the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    /// The checkout's toolchain, with the target added.
    Rustup,
    /// Debian's rustc, which builds the standard library from its sources.
    Debian,
}

/// The installed compiler for the browser, if any.
pub fn compiler() -> Option<Compiler> {
    let libraries = capture(rustc().args(["--print", "target-libdir", "--target", WASM]));
    if libraries.is_ok_and(|dir| Path::new(dir.trim()).is_dir()) {
        return Some(Compiler::Rustup);
    }
    let linker = Path::new("/usr/bin").join(DEBIAN_LINKER);
    (Path::new(DEBIAN_RUSTC).exists() && linker.exists()).then_some(Compiler::Debian)
}

fn rustc() -> Command {
    let mut command = Command::new("rustc");
    command.current_dir(paths::root());
    command
}

/// The platform the compiler runs on, such as `x86_64-unknown-linux-gnu`.
pub fn host() -> Option<String> {
    let version = capture(rustc().arg("-vV")).ok()?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

/// Adds the browser's target with rustup, or else with Debian's packages.
pub fn browser_target() -> Outcome {
    if compiler().is_some() {
        return Ok(());
    }
    let by_rustup = step("add the WASM target to Rust", || {
        execute(Command::new("rustup").args(["target", "add", WASM]).current_dir(paths::root()))
    });
    match by_rustup {
        Ok(()) => Ok(()),
        Err(reason) => debian::install(&DEBIAN_PACKAGES).map_err(failed(format!("compile for the browser ({reason})"))),
    }
}

/// Installs the server programs of Postgres, for the private cluster of development and the throwaway ones of the
/// tests.
pub fn postgres() -> Outcome {
    if find_binaries().is_empty() { debian::install_postgres() } else { Ok(()) }
}
