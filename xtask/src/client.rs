//! The client: compiled to WASM and bound to JavaScript by wasm-bindgen.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::assets::{Effort, content_hash, read, write};
use crate::cargo::cargo;
use crate::setup::{Compiler, DEBIAN_LINKER, DEBIAN_RUSTC, WASM, compiler};
use crate::shell::{Outcome, execute, failed, step};
use crate::{parts, paths, shorten};

/// How the client is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For production and `make size`: as small as possible.
    Small,
    /// For `dev`: rebuilds in a few seconds; larger, with names in panics.
    Quick,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Small => "client",
            Self::Quick => "client-dev",
        }
    }

    /// How much its files are compressed.
    pub fn effort(self) -> Effort {
        match self {
            Self::Small => Effort::Full,
            Self::Quick => Effort::Quick,
        }
    }
}

/// The directory wasm-bindgen writes to.
pub fn output() -> PathBuf {
    paths::client_target().join("bindgen")
}

/// Compiles, and runs wasm-bindgen if the result is new.
pub fn build(profile: Profile) -> Outcome {
    let wasm = step("build the client", || compile(profile))?;
    let stamp = paths::client_target().join("bindgen.stamp");
    // This program decides too what becomes of the WASM.
    let program = env::current_exe().map_err(failed("find this program"))?;
    let input = format!("{} {} {}", profile.name(), content_hash(&read(&wasm)?), content_hash(&read(&program)?));
    let current = fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == input);
    if !current {
        step("split the client and bind it to JavaScript", || bind(&wasm, &output(), profile))?;
        write(&stamp, input.as_bytes())?;
    }
    Ok(())
}

fn compile(profile: Profile) -> Outcome<PathBuf> {
    let target = paths::client_target();
    let mut command = cargo();
    command.args(["rustc", "--lib", "--crate-type", "cdylib", "--target", WASM, "--features", "hydrate"]);
    if profile == Profile::Quick {
        command.args(["--config", "profile.client-dev.inherits='dev'", "--config", "profile.client-dev.opt-level='s'"]);
    }
    command.args(["--profile", profile.name()]).arg("--target-dir").arg(&target);
    // The splitter follows them from function to function.
    let relocations = ["--", "-C", "link-args=--emit-relocs"];
    match compiler() {
        Some(Compiler::Rustup) => {}
        Some(Compiler::Debian) => {
            command.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
            command.args(["-Z", "build-std=std,panic_abort"]);
        }
        None => return Err(format!("Rust has no {WASM} target; run: make setup")),
    }
    execute(command.args(relocations))?;
    Ok(target.join(WASM).join(profile.name()).join("accord.wasm"))
}

fn bind(wasm: &Path, out: &Path, profile: Profile) -> Outcome {
    if out.exists() {
        fs::remove_dir_all(out).map_err(failed(format!("empty {}", out.display())))?;
    }
    let main = out.join("main.wasm");
    parts::split(&read(wasm)?, &main, out)?;
    let action = "run wasm-bindgen (is xtask's version that of wasm-bindgen in Cargo.lock?)";
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&main).out_name("accord").typescript(false);
    bindgen.remove_name_section(profile == Profile::Small).remove_producers_section(true);
    // The parts import the table of functions.
    bindgen.keep_lld_exports(true);
    bindgen.web(true).map_err(failed(action))?.generate(out).map_err(failed(action))?;
    fs::remove_file(&main).map_err(failed("remove the unbound client"))?;
    if profile == Profile::Small { shorten::shorten(out) } else { Ok(()) }
}
