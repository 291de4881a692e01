//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

/// The checkout. Cargo says where it is now, which may not be where this program was compiled.
pub fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The browser's half has a directory of its own, so that its flags never invalidate the server's build.
pub fn client_target() -> PathBuf {
    target().join("client")
}

/// What the server serves as files; `site-root` of `Leptos.toml`.
pub fn site() -> PathBuf {
    root().join("target/site")
}

/// The server program of a profile.
pub fn server(release: bool) -> PathBuf {
    target().join(if release { "release/accord" } else { "debug/accord" })
}
