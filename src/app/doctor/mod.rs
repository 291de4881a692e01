//! `accord doctor`: checks everything Accord needs and prints a line for each, with a fix for each problem. It changes
//! no data and reveals no secret. In development it starts the private Postgres, unless that is already running, and
//! leaves it as it was.

mod database;
mod files;
mod mail;
mod queries;

pub use database::{clock, database, partitions};
pub use files::{data, site};
pub use mail::{mail_server, queue, send_test};

use crate::base::Secret;
use crate::server::{
    AppState,
    commands::{self, Database},
    config::{Config, ConfigProblem},
    db,
    seal::Seal,
    site::program_folder,
};
use std::{fmt, process::ExitCode};

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    Ok,
    /// It works, but not as it should.
    Warning,
    /// It does not work.
    Fault,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub health: Health,
    pub about: &'static str,
    pub text: String,
}

impl Finding {
    pub fn ok(about: &'static str, text: impl Into<String>) -> Self {
        Self { health: Health::Ok, about, text: text.into() }
    }

    pub fn warning(about: &'static str, text: impl Into<String>) -> Self {
        Self { health: Health::Warning, about, text: text.into() }
    }

    pub fn fault(about: &'static str, text: impl Into<String>) -> Self {
        Self { health: Health::Fault, about, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let health = match self.health {
            Health::Ok => "ok",
            Health::Warning => "warning",
            Health::Fault => "FAULT",
        };
        write!(f, "{health:8} {:14} {}", self.about, self.text)
    }
}

/// Runs all checks and prints the findings. The exit code is a failure if there is a fault. `mail_to` gets a test
/// email.
pub async fn run(config: Result<Config, ConfigProblem>, mail_to: Option<&str>) -> ExitCode {
    let findings = match config {
        Ok(config) => run_checks(config, mail_to).await,
        Err(problem) => vec![Finding::fault("configuration", problem.to_string())],
    };
    for finding in &findings {
        println!("{finding}");
    }
    let count = |health| findings.iter().filter(|finding| finding.health == health).count();
    let (faults, warnings) = (count(Health::Fault), count(Health::Warning));
    println!("\nFaults: {faults}, warnings: {warnings}.");
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run_checks(config: Config, mail_to: Option<&str>) -> Vec<Finding> {
    let mut findings = vec![configuration(&config), proxies(&config)];
    match commands::leptos_options() {
        Ok(options) => findings.extend(site(&options, &program_folder())),
        Err(error) => findings.push(Finding::fault("site", format!("Leptos.toml cannot be read: {error}."))),
    }
    if !config.is_production() {
        findings.extend(data(&commands::data_folder()));
    }
    findings.push(mail_server(&config).await);
    match Database::open(&config).await {
        Ok(opened) => {
            findings.extend(with_database(config, &opened, mail_to).await);
            if let Err(error) = opened.close().await {
                findings
                    .push(Finding::warning("database", format!("The private Postgres could not be stopped: {error}.")));
            }
        }
        Err(error) => findings.push(Finding::fault("database", error.to_string())),
    }
    findings
}

async fn with_database(config: Config, opened: &Database, mail_to: Option<&str>) -> Vec<Finding> {
    let pool = match db::connect(&opened.app, &config, config.database_connections).await {
        Ok(pool) => pool,
        Err(error) => return vec![Finding::fault("database", database::unreachable(&error))],
    };
    let mut findings = database(&pool, &config).await;
    findings.push(clock(&pool).await);
    if findings.iter().all(|finding| finding.health != Health::Fault) {
        findings.push(queue(&pool).await);
        findings.push(partitions(&pool).await);
        if let Some(address) = mail_to {
            // An empty key will do: the test email contains no secret.
            let seal = Seal::new(&Secret::new(""));
            if let Ok(options) = commands::leptos_options() {
                let state = AppState::new(config, pool.clone(), seal, options);
                findings.push(send_test(&state, address).await);
            }
        }
    }
    pool.close().await;
    findings
}

/// Checks that rate limits see the visitors' addresses: Accord serves plain HTTP, so with https there is a proxy.
pub fn proxies(config: &Config) -> Finding {
    const ABOUT: &str = "proxies";
    if let Err(problem) = config.check_proxies() {
        return Finding::fault(ABOUT, problem.to_string());
    }
    if config.is_production() && config.base_url.is_https() && config.trusted_proxies == 0 {
        let text = "BASE_URL is https, so there is a proxy in front, but TRUSTED_PROXIES is 0: all visitors share one rate \
                    limit. Set it to the number of proxies.";
        return Finding::warning(ABOUT, text);
    }
    Finding::ok(ABOUT, format!("{} in front of Accord.", config.trusted_proxies))
}

/// Checks for settings that are allowed but unsafe.
fn configuration(config: &Config) -> Finding {
    const ABOUT: &str = "configuration";
    let base = &config.base_url;
    let is_local = ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| base.host().starts_with(name));
    if config.is_production() && !base.is_https() && !is_local {
        let origin = base.origin();
        return Finding::warning(
            ABOUT,
            format!(
                "BASE_URL is {origin}: cookies and links are not protected by TLS. Put a TLS proxy in front and use https in BASE_URL."
            ),
        );
    }
    let kind = if config.is_production() { "Production" } else { "Development" };
    Finding::ok(ABOUT, format!("{kind}, at {}, listening on {}.", base.origin(), config.listen_addr))
}
