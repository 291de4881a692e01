//! Paths of the checkout and the build output.

use std::env;
use std::path::{Path, PathBuf};

/// The checkout. Cargo provides its current path, which may differ from where this program was compiled.
pub fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Cargo's build directory.
pub fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The client's build directory, separate so that its flags never invalidate the server's build.
pub fn client_target() -> PathBuf {
    target().join("client")
}

/// The files the server serves; `site-root` of `Leptos.toml`.
pub fn site() -> PathBuf {
    root().join("target/site")
}

/// The server program of a profile.
pub fn server(release: bool) -> PathBuf {
    target().join(if release { "release/accord" } else { "debug/accord" })
}
