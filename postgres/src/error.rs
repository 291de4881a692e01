//! Errors of the private Postgres.

use std::fmt::{self, Display};
use std::io;
use std::path::PathBuf;

use crate::directory::LAYOUT;

/// Why the private Postgres is not available. Each message says how to fix it.
#[derive(Debug)]
pub enum PostgresError {
    ProgramsMissing,
    VersionMissing { major: u32, dir: PathBuf },
    Foreign(PathBuf),
    OtherLayout { dir: PathBuf, found: String },
    OtherUser(PathBuf),
    Busy(PathBuf),
    Program { action: &'static str, output: String },
    Io { action: String, source: io::Error },
}

impl Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProgramsMissing => write!(
                f,
                "No Postgres server programs (15 or later) found. Install them (Debian: apt-get install postgresql) \
                 or set DATABASE_URL to use your own server"
            ),
            Self::VersionMissing { major, dir } => write!(
                f,
                "{} was created by Postgres {major}, which is not installed. Install it, or remove the directory to start \
                 with an empty database",
                dir.display()
            ),
            Self::Foreign(dir) => {
                write!(f, "{} is not empty and was not created by Accord. Use a new or empty directory", dir.display())
            }
            Self::OtherLayout { dir, found } => write!(
                f,
                "{} has layout {found:?}, but this version of Accord needs {LAYOUT:?}. Use the version that created it",
                dir.display()
            ),
            Self::OtherUser(dir) => write!(
                f,
                "{} belongs to another user. Run as that user, or remove the directory to start with an empty database",
                dir.display()
            ),
            Self::Busy(dir) => write!(
                f,
                "Another process has been starting or stopping the Postgres in {} for a minute. End it and try again",
                dir.display()
            ),
            Self::Program { action, output } => write!(f, "Could not {action}: {}", output.trim()),
            Self::Io { action, source } => write!(f, "Could not {action}: {source}"),
        }
    }
}

impl std::error::Error for PostgresError {}

pub(crate) type Result<T> = std::result::Result<T, PostgresError>;

/// Wraps an I/O error with the action that failed.
pub(crate) fn io_error(action: impl Into<String>) -> impl FnOnce(io::Error) -> PostgresError {
    let action = action.into();
    move |source| PostgresError::Io { action, source }
}
