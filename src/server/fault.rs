//! How a verb fails: with an expected error, which goes to the caller, or with a failure on our side, which is logged
//! once and reported without details.

use super::{db, throttle::Exceeded};
use crate::base::{AppError, FieldError, Problem};
use axum::http::{HeaderName, HeaderValue, header};
use std::fmt;

/// The error type of everything between the entry points (forms, server functions, API handlers, tasks) and the
/// database.
#[derive(Debug)]
pub enum Fault {
    /// An expected error, returned to the caller as it is.
    Expected(AppError),
    /// 429: rate limited, for how long, and by which limit.
    RateLimited(Exceeded),
    /// A failed statement, or an unreachable database.
    Database(sqlx::Error),
    /// A row that breaks an invariant: its table, and what is wrong with it.
    ImpossibleRow(&'static str, String),
    /// A handler or verb did not check who may use its route.
    Unproved(String),
    /// Any other failure on our side.
    Broken(String),
}

impl Fault {
    pub const NOT_FOUND: Self = Self::Expected(AppError::NotFound);

    pub fn field(field: &str, problem: Problem) -> Self {
        Self::Expected(AppError::invalid(field, problem))
    }

    /// Fails with all field errors, or succeeds if there are none.
    pub fn reject_if_any(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self::Expected(AppError::Invalid(errors))) }
    }

    /// True for serialization failures and deadlocks.
    pub fn is_retryable(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        matches!(error.code().as_deref(), Some("40001" | "40P01"))
    }

    /// True if a lock could not be had in time, or only by a deadlock.
    pub fn is_locked(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        self.is_retryable() || error.code().as_deref() == Some("55P03")
    }

    /// True if the database cannot do it now: it is unreachable, changes over, has no room, or a time limit was over.
    /// Nothing was changed, except perhaps if the connection broke during a commit.
    pub fn is_unavailable(&self) -> bool {
        let Self::Database(error) = self else { return false };
        match error {
            sqlx::Error::Database(error) => error.code().is_some_and(|code| is_temporary(&code)),
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_) => true,
            _ => false,
        }
    }

    /// True if the connection can no longer be used.
    fn is_loss(&self) -> bool {
        let Self::Database(error) = self else { return false };
        match error {
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
            }
            sqlx::Error::WorkerCrashed | sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
            _ => false,
        }
    }

    /// The name of the violated constraint.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.constraint(),
            _ => None,
        }
    }

    /// The headers of the response: `Retry-After` and those of the rate limit.
    pub fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        match self {
            Self::RateLimited(exceeded) => exceeded.headers().to_vec(),
            fault if fault.is_unavailable() => vec![(header::RETRY_AFTER, HeaderValue::from_static("2"))],
            _ => Vec::new(),
        }
    }

    /// The error for the caller. Failures on our side are logged here, and only here.
    pub fn report(self) -> AppError {
        match self {
            Self::Expected(error) => error,
            fault if fault.is_unavailable() => {
                tracing::error!(%fault, "the database is unavailable");
                AppError::Unavailable
            }
            Self::RateLimited(exceeded) => exceeded.problem.into(),
            other => {
                tracing::error!(fault = %other, "a request failed");
                AppError::Internal
            }
        }
    }
}

/// SQLSTATE codes that a later attempt does not meet (Postgres, appendix A): connection exceptions (08), no resources
/// (53), and those in the list.
fn is_temporary(code: &str) -> bool {
    const CODES: [&str; 12] = [
        "25006", // read-only transaction: this is a standby
        "25P03", // idle in transaction for too long
        "25P04", // transaction timeout
        "40001", // serialization failure, after the last attempt
        "40P01", // deadlock, after the last attempt
        "55P03", // lock timeout
        "57014", // statement timeout
        "57P01", // shut down by an administrator
        "57P02", // shut down after a crash
        "57P03", // starting up or shutting down
        "57P05", // idle session timeout
        "58030", // I/O error
    ];
    code.starts_with("08") || code.starts_with("53") || CODES.contains(&code)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(error) => write!(f, "{error}"),
            Self::RateLimited(exceeded) => write!(f, "rate limited; retry in {} seconds", exceeded.seconds),
            Self::Database(error) => write!(f, "database: {error}"),
            Self::ImpossibleRow(table, what) => write!(f, "impossible row in {table}: {what}"),
            Self::Unproved(what) | Self::Broken(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Exceeded> for Fault {
    fn from(exceeded: Exceeded) -> Self {
        Self::RateLimited(exceeded)
    }
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        Self::Expected(error)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Expected(AppError::Refused(problem))
    }
}

impl From<sqlx::Error> for Fault {
    /// Every failed statement comes through here, so this is where a lost connection is noticed.
    fn from(error: sqlx::Error) -> Self {
        let fault = Self::Database(error);
        if fault.is_loss() {
            db::note_loss();
        }
        fault
    }
}

/// Collects the errors of a form's or body's fields, so that all of them are reported together.
#[derive(Debug, Default)]
pub struct FieldChecks(Vec<FieldError>);

impl FieldChecks {
    /// The parsed value of a field; records the error if parsing failed.
    pub fn take<T, P: Into<Problem>>(&mut self, field: &str, read: Result<T, P>) -> Option<T> {
        read.map_err(|problem| self.0.push(FieldError { field: field.to_owned(), problem: problem.into() })).ok()
    }

    /// Fails if a field was wrong, otherwise returns `value()`, which is `None` only if a field was wrong.
    pub fn finish<T>(self, value: impl FnOnce() -> Option<T>) -> Result<T, Fault> {
        Fault::reject_if_any(self.0)?;
        value().ok_or_else(|| Fault::Broken("a field was rejected without an error".to_owned()))
    }
}

/// Turns the violation of a named constraint into the given error.
pub trait OnConstraint<T> {
    fn on_constraint(self, name: &str, error: impl FnOnce() -> Fault) -> Result<T, Fault>;
}

impl<T, E: Into<Fault>> OnConstraint<T> for Result<T, E> {
    fn on_constraint(self, name: &str, error: impl FnOnce() -> Fault) -> Result<T, Fault> {
        self.map_err(|original| {
            let fault = original.into();
            if fault.constraint() == Some(name) { error() } else { fault }
        })
    }
}
