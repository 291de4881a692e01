//! How a verb fails: with an expected error, which goes to the caller, or with a failure on our side, which is logged
//! once and reported without details.

use crate::base::{AppError, FieldError, Problem};
use axum::http::HeaderValue;
use std::fmt;

/// The error type of everything between the entry points (forms, server functions, API handlers, tasks) and the
/// database.
#[derive(Debug)]
pub enum Fault {
    /// An expected error, returned to the caller as it is.
    Expected(AppError),
    /// 429: rate limited; retry after this many seconds.
    RateLimited { seconds: u64 },
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

    /// The name of the violated constraint.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.constraint(),
            _ => None,
        }
    }

    /// The `Retry-After` header of the response.
    pub fn retry_after(&self) -> Option<HeaderValue> {
        match self {
            Self::RateLimited { seconds } => Some(HeaderValue::from(*seconds)),
            _ => None,
        }
    }

    /// The error for the caller. Failures on our side are logged here, and only here.
    pub fn report(self) -> AppError {
        match self {
            Self::Expected(error) => error,
            Self::Database(
                error
                @ (sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_)),
            ) => {
                tracing::error!(%error, "the database is unreachable");
                AppError::Unavailable
            }
            Self::RateLimited { .. } => Problem::TooOften.into(),
            other => {
                tracing::error!(fault = %other, "a request failed");
                AppError::Internal
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(error) => write!(f, "{error}"),
            Self::RateLimited { seconds } => write!(f, "rate limited; retry in {seconds} seconds"),
            Self::Database(error) => write!(f, "database: {error}"),
            Self::ImpossibleRow(table, what) => write!(f, "impossible row in {table}: {what}"),
            Self::Unproved(what) | Self::Broken(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Fault {}

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
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
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
