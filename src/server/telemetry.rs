//! Logging: readable lines in development, JSON in production. Tokens in paths are never logged.

use super::config::Config;
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

pub fn start(config: &Config) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let registry = tracing_subscriber::registry().with(filter);
    if config.is_production() {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).init();
    } else {
        registry.with(fmt::layer().compact().with_target(false).with_writer(std::io::stderr)).init();
    }
}

/// The beginning of the paths that end with a token.
const TOKEN_PATHS: [&str; 4] = ["/i/", "/stop/", "/verify/", "/reset/"];

/// True if the path has a token, which must not be logged.
pub fn has_token(path: &str) -> bool {
    TOKEN_PATHS.iter().any(|start| path.starts_with(start))
}

/// The path without its token.
pub fn loggable(path: &str) -> String {
    if let Some(start) = TOKEN_PATHS.iter().find(|start| path.starts_with(**start)) {
        return format!("{start}…");
    }
    path.chars().map(|c| if c.is_control() { '?' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::loggable;

    #[test]
    fn tokens_are_not_logged() {
        assert_eq!(loggable("/i/0123abcd"), "/i/…");
        assert_eq!(loggable("/verify/0123abcd"), "/verify/…");
        assert_eq!(loggable("/reset/0123abcd"), "/reset/…");
        assert_eq!(loggable("/flows/1/sources"), "/flows/1/sources");
    }
}
