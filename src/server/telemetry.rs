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

/// The path without the token that follows `/i/`, `/stop/`, `/verify/` or `/reset/`.
pub fn loggable(path: &str) -> String {
    for secret in ["/i/", "/stop/", "/verify/", "/reset/"] {
        if path.starts_with(secret) {
            return format!("{secret}…");
        }
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
