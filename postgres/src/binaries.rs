//! Finds the installed server programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{PostgresError, Result};

const PROGRAMS: [&str; 5] = ["initdb", "pg_ctl", "pg_isready", "postgres", "psql"];

/// One installed version of the server programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// The path of a program, such as `psql`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn in_dir(dir: PathBuf) -> Option<Self> {
        if !PROGRAMS.iter().all(|name| dir.join(name).is_file()) {
            return None;
        }
        let output = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
        let version = String::from_utf8(output.stdout).ok()?;
        let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let major = number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        (major >= 15).then_some(Self { dir, major })
    }
}

/// All usable versions on `PATH` and in Debian's directories, newest first.
pub fn find_binaries() -> Vec<Binaries> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A symlink on PATH leads to the directory with all programs.
    let on_path = std::env::split_paths(&path).filter_map(|dir| {
        let initdb = dir.join("initdb").canonicalize().ok()?;
        initdb.parent().map(Path::to_path_buf)
    });
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut dirs: Vec<PathBuf> = on_path.chain(debian.map(|version| version.path().join("bin"))).collect();
    dirs.sort();
    dirs.dedup();
    let mut found: Vec<Binaries> = dirs.into_iter().filter_map(Binaries::in_dir).collect();
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    found
}

/// Returns the major version that created the cluster, because no other can open it. New clusters get the newest.
pub(crate) fn choose(data: &Path) -> Result<Binaries> {
    let mut found = find_binaries().into_iter().peekable();
    if found.peek().is_none() {
        return Err(PostgresError::ProgramsMissing);
    }
    let created_by = fs::read_to_string(data.join("PG_VERSION")).ok().and_then(|version| version.trim().parse().ok());
    match created_by {
        None => found.next().ok_or(PostgresError::ProgramsMissing),
        Some(major) => found
            .find(|binaries| binaries.major == major)
            .ok_or_else(|| PostgresError::VersionMissing { major, dir: data.to_path_buf() }),
    }
}
