//! What can go wrong with the private Postgres, in sentences that say how to mend it.

use std::fmt::{self, Display};
use std::io;
use std::path::PathBuf;

use crate::place::LAYOUT;

/// Why there is no private Postgres; each sentence says how to mend it.
#[derive(Debug)]
pub enum PostgresError {
    ProgramsMissing,
    VersionMissing { major: u32, dir: PathBuf },
    Foreign(PathBuf),
    OtherLayout { dir: PathBuf, found: String },
    OtherUser(PathBuf),
    Busy(PathBuf),
    Program { what: &'static str, output: String },
    Io { what: String, source: io::Error },
}

impl Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProgramsMissing => write!(
                f,
                "Postgres server programs (15 or later) were not found; on Debian: apt-get install postgresql. \
                 Or set DATABASE_URL to a server of your own"
            ),
            Self::VersionMissing { major, dir } => write!(
                f,
                "{} was made by Postgres {major}, which is not installed; install it, or remove the directory to start empty",
                dir.display()
            ),
            Self::Foreign(dir) => {
                write!(f, "{} is not empty and was not made by Accord; name an empty or new directory", dir.display())
            }
            Self::OtherLayout { dir, found } => write!(
                f,
                "{} has layout {found:?}, this version of Accord knows {LAYOUT:?}; use the version that made it",
                dir.display()
            ),
            Self::OtherUser(dir) => write!(
                f,
                "{} belongs to another user; run as that user, or remove the directory to start empty",
                dir.display()
            ),
            Self::Busy(dir) => write!(
                f,
                "Another process has been starting or stopping the Postgres in {} for a minute; end it and try again",
                dir.display()
            ),
            Self::Program { what, output } => write!(f, "Could not {what}: {}", output.trim()),
            Self::Io { what, source } => write!(f, "Could not {what}: {source}"),
        }
    }
}

impl std::error::Error for PostgresError {}

pub(crate) type Result<T> = std::result::Result<T, PostgresError>;

/// Names what was being done when the operating system refused.
pub(crate) fn io_error(what: impl Into<String>) -> impl FnOnce(io::Error) -> PostgresError {
    let what = what.into();
    move |source| PostgresError::Io { what, source }
}
