//! `accord doctor`: looks at everything Accord needs, says in a line each how it is, and how to mend what is not well. It
//! changes no data and tells no secret. In development it starts the private Postgres, unless that runs already, and
//! leaves it as it was.

mod database;
mod files;
mod mail;
mod queries;

pub use database::{clock, database};
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

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    Well,
    /// It runs, but not as it should.
    Warning,
    /// It does not run.
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
    pub fn well(about: &'static str, text: impl Into<String>) -> Self {
        Self { health: Health::Well, about, text: text.into() }
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
            Health::Well => "ok",
            Health::Warning => "warning",
            Health::Fault => "FAULT",
        };
        write!(f, "{health:8} {:14} {}", self.about, self.text)
    }
}

/// Examines, prints, and tells by the exit code whether there is a fault. A test mail goes to `mail_to`, if given.
pub async fn run(config: Result<Config, ConfigProblem>, mail_to: Option<&str>) -> ExitCode {
    let findings = match config {
        Ok(config) => examine(config, mail_to).await,
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

async fn examine(config: Config, mail_to: Option<&str>) -> Vec<Finding> {
    let mut findings = vec![configuration(&config)];
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
                findings.push(Finding::warning("database", format!("The private Postgres does not stop: {error}.")));
            }
        }
        Err(error) => findings.push(Finding::fault("database", error.to_string())),
    }
    findings
}

async fn with_database(config: Config, opened: &Database, mail_to: Option<&str>) -> Vec<Finding> {
    let pool = match db::connect(&opened.app, &config).await {
        Ok(pool) => pool,
        Err(error) => return vec![Finding::fault("database", database::unreachable(&error))],
    };
    let mut findings = database(&pool, &config).await;
    findings.push(clock(&pool).await);
    if findings.iter().all(|finding| finding.health != Health::Fault) {
        findings.push(queue(&pool).await);
        if let Some(address) = mail_to {
            // A key of this moment: the test mail has no secret to open.
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

/// What the variables say, where that is allowed but unwise.
fn configuration(config: &Config) -> Finding {
    const ABOUT: &str = "configuration";
    let base = &config.base_url;
    let here = ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| base.host().starts_with(name));
    if config.is_production() && !base.is_https() && !here {
        let origin = base.origin();
        return Finding::warning(
            ABOUT,
            format!(
                "BASE_URL is {origin}: cookies and links are not protected by TLS. Put a proxy with TLS in front and write https."
            ),
        );
    }
    let kind = if config.is_production() { "Production" } else { "Development" };
    Finding::well(ABOUT, format!("{kind}, at {}, listening on {}.", base.origin(), config.listen_addr))
}
