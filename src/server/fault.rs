//! How a verb fails: a refusal the caller may be told, or trouble of ours that is reported once and told without detail.

use crate::base::{AppError, FieldError, Problem};
use axum::http::HeaderValue;
use std::fmt;

/// The error of everything between an edge (form, server function, API handler, task) and the database.
#[derive(Debug)]
pub enum Fault {
    /// Expected; goes to the caller as it is.
    Told(AppError),
    /// 429: a limit is used up; the next try may come after so many seconds.
    TooOften { seconds: u64 },
    /// The database refused, was away or answered strangely.
    Database(sqlx::Error),
    /// A row that cannot be: table and what is wrong with it.
    ImpossibleRow(&'static str, String),
    /// Anything else of ours.
    Broken(String),
}

impl Fault {
    pub const NOT_FOUND: Self = Self::Told(AppError::NotFound);

    pub fn field(field: &str, problem: Problem) -> Self {
        Self::Told(AppError::invalid(field, problem))
    }

    /// Many wrong fields at once, or none: then nothing is refused.
    pub fn unless_empty(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self::Told(AppError::Invalid(errors))) }
    }

    /// Serialisation failures and deadlocks: the transaction may be tried again.
    pub fn may_retry(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        matches!(error.code().as_deref(), Some("40001" | "40P01"))
    }

    /// The name of the constraint that refused the statement.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.constraint(),
            _ => None,
        }
    }

    /// For the `Retry-After` of the answer.
    pub fn retry_after(&self) -> Option<HeaderValue> {
        match self {
            Self::TooOften { seconds } => Some(HeaderValue::from(*seconds)),
            _ => None,
        }
    }

    /// What the caller is told; what is ours is logged here and nowhere else.
    pub fn report(self) -> AppError {
        match self {
            Self::Told(error) => error,
            Self::Database(
                error
                @ (sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_)),
            ) => {
                tracing::error!(%error, "the database is away");
                AppError::Unavailable
            }
            Self::TooOften { .. } => Problem::TooOften.into(),
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
            Self::Told(error) => write!(f, "{error}"),
            Self::TooOften { seconds } => write!(f, "too often; again in {seconds} seconds"),
            Self::Database(error) => write!(f, "database: {error}"),
            Self::ImpossibleRow(table, what) => write!(f, "impossible row in {table}: {what}"),
            Self::Broken(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Fault {}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        Self::Told(error)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Told(AppError::Refused(problem))
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Reads the fields of a form or body, so that every wrong one is named at once.
#[derive(Debug, Default)]
pub struct Checked(Vec<FieldError>);

impl Checked {
    /// The value of a field, unless it is wrong.
    pub fn take<T, P: Into<Problem>>(&mut self, field: &str, read: Result<T, P>) -> Option<T> {
        read.map_err(|problem| self.0.push(FieldError { field: field.to_owned(), problem: problem.into() })).ok()
    }

    /// What `value` makes of the fields, unless one was wrong. It gives none only where it lacks such a field.
    pub fn finish<T>(self, value: impl FnOnce() -> Option<T>) -> Result<T, Fault> {
        Fault::unless_empty(self.0)?;
        value().ok_or_else(|| Fault::Broken("a refused field without its error".to_owned()))
    }
}

/// Turns the violation of a named constraint into the refusal it means.
pub trait OnConstraint<T> {
    fn on_constraint(self, name: &str, refusal: impl FnOnce() -> Fault) -> Result<T, Fault>;
}

impl<T, E: Into<Fault>> OnConstraint<T> for Result<T, E> {
    fn on_constraint(self, name: &str, refusal: impl FnOnce() -> Fault) -> Result<T, Fault> {
        self.map_err(|error| {
            let fault = error.into();
            if fault.constraint() == Some(name) { refusal() } else { fault }
        })
    }
}
