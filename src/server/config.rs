//! Configuration from environment variables, all of them listed in `.env.example`.

use super::capacity::CapacityLimits;
use crate::base::Secret;
use ipnet::IpNet;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Development,
    Production,
}

/// Where emails go.
#[derive(Debug, Clone)]
pub enum MailDelivery {
    Smtp(Secret),
    /// Kept in the database and shown at /dev/mailbox; development only.
    Mailbox,
}

/// The public URL of Accord. Links in emails use it, never the URL of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    host: String,
}

impl BaseUrl {
    /// Parses scheme and host with an optional port. A path is not allowed.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        (!host.is_empty() && host.chars().all(plain))
            .then(|| Self { origin: text.to_lowercase(), host: host.to_lowercase() })
    }

    /// `https://accord.example`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The Host header that requests must have.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// The full URL for a path.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

#[derive(Debug, Clone)]
pub struct Config {
    pub environment: Environment,
    /// Connects as the application's role. If `None`, a private Postgres under `.data/` is used.
    pub database_url: Option<Secret>,
    /// Connects as the role that owns the tables and runs migrations.
    pub database_owner_url: Option<Secret>,
    pub database_connections: u32,
    /// Connections for submissions only, so that pages and submissions never wait for each other's.
    pub submission_connections: u32,
    /// Maximum duration of a statement.
    pub statement_timeout: Duration,
    /// Maximum wait for a lock of the database.
    pub lock_timeout: Duration,
    pub capacity: CapacityLimits,
    pub listen_addr: SocketAddr,
    pub base_url: BaseUrl,
    pub mail_delivery: MailDelivery,
    pub mail_from: String,
    pub operator_email: String,
    pub secret_key: Option<Secret>,
    /// The plan of accounts created at /signup.
    pub signup_plan: String,
    /// Number of our own proxies in front of Accord; each adds an entry to X-Forwarded-For.
    pub trusted_proxies: usize,
    /// True if rate limits apply.
    pub limits: bool,
    /// Maximum submissions per second to one source, and from one network address; 0 for no limit.
    pub submit_per_source: u32,
    pub submit_per_address: u32,
    /// Networks that leads may be delivered to although they are not public.
    pub delivery_allow: Vec<IpNet>,
    /// Certificates, in PEM, of a further authority that destinations of deliveries may have theirs from.
    pub delivery_ca: Option<Vec<u8>>,
    /// True if pages reload when the server has restarted; development only.
    pub reload: bool,
}

/// An error in an environment variable, and how to fix it.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigProblem(String);

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigProblem {}

impl ConfigProblem {
    /// Reads a whole number from 1 to `max`.
    pub fn number(variable: Variable, name: &str, default: usize, max: usize) -> Result<usize, Self> {
        let Some(text) = variable(name) else { return Ok(default) };
        let number = text.trim().parse().ok().filter(|number| (1..=max).contains(number));
        number.ok_or_else(|| Self(format!("{name} is \"{text}\". Use a number from 1 to {max}.")))
    }
}

impl Config {
    pub fn from_environment() -> Result<Self, ConfigProblem> {
        Self::read(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
    }

    /// Reads the configuration from the given variables.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigProblem> {
        let environment = read_environment(&variable)?;
        let is_development = environment == Environment::Development;
        let listen_addr = read_listen_addr(&variable)?;
        let number = |name, default, max| ConfigProblem::number(&variable, name, default, max);
        if !is_development {
            check_production(&variable)?;
        }
        Ok(Self {
            environment,
            listen_addr,
            base_url: read_base_url(&variable, listen_addr)?,
            signup_plan: read_signup_plan(&variable)?,
            database_url: variable("DATABASE_URL").map(Secret::new),
            database_owner_url: variable("DATABASE_OWNER_URL").or_else(|| variable("DATABASE_URL")).map(Secret::new),
            database_connections: number("DATABASE_CONNECTIONS", 16, 1_000)? as u32,
            submission_connections: number("SUBMISSION_CONNECTIONS", 16, 1_000)? as u32,
            statement_timeout: Duration::from_secs(number("STATEMENT_TIMEOUT", 10, 600)? as u64),
            lock_timeout: Duration::from_secs(number("LOCK_TIMEOUT", 3, 600)? as u64),
            capacity: CapacityLimits::read(&variable)?,
            trusted_proxies: read_proxies(&variable)?,
            limits: read_limits(&variable, is_development)?,
            submit_per_source: read_rate(&variable, "SUBMIT_PER_SOURCE", 1000)?,
            submit_per_address: read_rate(&variable, "SUBMIT_PER_ADDRESS", 200)?,
            mail_delivery: variable("SMTP_URL")
                .map_or(MailDelivery::Mailbox, |url| MailDelivery::Smtp(Secret::new(url))),
            mail_from: variable("MAIL_FROM").unwrap_or_else(|| "Accord <accord@localhost.localdomain>".to_owned()),
            operator_email: variable("OPERATOR_EMAIL").unwrap_or_else(|| "operator@localhost.localdomain".to_owned()),
            secret_key: variable("SECRET_KEY").map(Secret::new),
            delivery_allow: read_networks(&variable)?,
            delivery_ca: read_authority(&variable)?,
            reload: is_development && variable("ACCORD_RELOAD").is_some(),
        })
    }

    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }

    /// Fails if a proxy must be in front but is not configured: all visitors would then share one address, and one limit.
    pub fn check_proxies(&self) -> Result<(), ConfigProblem> {
        if self.is_production() && self.listen_addr.ip().is_loopback() && self.trusted_proxies == 0 {
            return problem(format!(
                "LISTEN_ADDR is {}, which only a proxy on this machine can reach, but TRUSTED_PROXIES is 0. Set it to the \
                 number of proxies in front of Accord, so that rate limits see the visitors' addresses.",
                self.listen_addr
            ));
        }
        Ok(())
    }
}

/// Looks up a variable; `None` if it is not set.
type Variable<'v> = &'v dyn Fn(&str) -> Option<String>;

fn problem<T>(text: String) -> Result<T, ConfigProblem> {
    Err(ConfigProblem(text))
}

fn read_environment(variable: Variable) -> Result<Environment, ConfigProblem> {
    match variable("ACCORD_ENV").as_deref() {
        None | Some("development") => Ok(Environment::Development),
        Some("production") => Ok(Environment::Production),
        Some(other) => problem(format!("ACCORD_ENV is \"{other}\". Set it to development or production.")),
    }
}

fn read_listen_addr(variable: Variable) -> Result<SocketAddr, ConfigProblem> {
    let listen = variable("LISTEN_ADDR").unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let Ok(address) = listen.parse() else {
        return problem(format!("LISTEN_ADDR is \"{listen}\". Use an address and a port, such as 127.0.0.1:3000."));
    };
    Ok(address)
}

/// Production has no defaults for settings that links, emails and secrets depend on.
fn check_production(variable: Variable) -> Result<(), ConfigProblem> {
    let mut needed = vec!["DATABASE_URL", "BASE_URL", "SMTP_URL", "MAIL_FROM", "SECRET_KEY", "OPERATOR_EMAIL"];
    needed.retain(|name| variable(name).is_none());
    if !needed.is_empty() {
        return problem(format!("Production needs {}. Set them as described in .env.example.", needed.join(", ")));
    }
    if variable("SECRET_KEY").is_some_and(|key| key.len() < 32) {
        let text = "SECRET_KEY is too short. Use at least 32 random characters (openssl rand -hex 32).";
        return problem(text.to_owned());
    }
    Ok(())
}

fn read_base_url(variable: Variable, listen_addr: SocketAddr) -> Result<BaseUrl, ConfigProblem> {
    let base = variable("BASE_URL").unwrap_or_else(|| format!("http://localhost:{}", listen_addr.port()));
    let Some(base_url) = BaseUrl::parse(&base) else {
        return problem(format!("BASE_URL is \"{base}\". Use a scheme and a host, such as https://accord.example."));
    };
    Ok(base_url)
}

fn read_signup_plan(variable: Variable) -> Result<String, ConfigProblem> {
    let plan = variable("SIGNUP_PLAN").unwrap_or_else(|| "base".to_owned());
    if !["base", "pro", "partners", "none"].contains(&plan.as_str()) {
        return problem(format!("SIGNUP_PLAN is \"{plan}\". Set it to base, pro, partners or none."));
    }
    Ok(plan)
}

fn read_proxies(variable: Variable) -> Result<usize, ConfigProblem> {
    let text = variable("TRUSTED_PROXIES").unwrap_or_else(|| "0".to_owned());
    let Some(count) = text.parse().ok().filter(|count| *count <= 10) else {
        return problem(format!(
            "TRUSTED_PROXIES is \"{text}\". Use the number of proxies in front of Accord, from 0 to 10."
        ));
    };
    Ok(count)
}

/// A number per second.
fn read_rate(variable: Variable, name: &str, usual: u32) -> Result<u32, ConfigProblem> {
    let Some(text) = variable(name) else { return Ok(usual) };
    let Some(rate) = text.parse().ok().filter(|rate| *rate <= 1_000_000) else {
        return problem(format!("{name} is \"{text}\". Use a number per second, or 0 for no limit."));
    };
    Ok(rate)
}

fn read_networks(variable: Variable) -> Result<Vec<IpNet>, ConfigProblem> {
    let text = variable("DELIVERY_ALLOW").unwrap_or_default();
    let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty());
    let read = |network: &str| network.parse().ok().or_else(|| network.parse::<IpAddr>().ok().map(IpNet::from));
    networks
        .map(|network| {
            read(network).ok_or_else(|| {
                ConfigProblem(format!(
                    "DELIVERY_ALLOW has \"{network}\". Use networks such as 10.1.0.0/16, separated by commas."
                ))
            })
        })
        .collect()
}

fn read_authority(variable: Variable) -> Result<Option<Vec<u8>>, ConfigProblem> {
    let Some(path) = variable("DELIVERY_CA") else { return Ok(None) };
    let text = std::fs::read(&path).map_err(|error| {
        ConfigProblem(format!("DELIVERY_CA is \"{path}\", which cannot be read ({error}). Use the path of a PEM file."))
    })?;
    Ok(Some(text))
}

fn read_limits(variable: Variable, is_development: bool) -> Result<bool, ConfigProblem> {
    match variable("LIMITS").as_deref() {
        None | Some("on") => Ok(true),
        Some("off") if is_development => Ok(false),
        Some("off") => problem("LIMITS is off. That is only for benchmarks; production needs rate limits.".to_owned()),
        Some(other) => problem(format!("LIMITS is \"{other}\". Set it to on or off.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigProblem> {
        Config::read(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn development_needs_no_configuration() {
        let config = read(&[]).unwrap();
        assert_eq!(config.base_url.origin(), "http://localhost:3000");
        assert!(matches!(config.mail_delivery, MailDelivery::Mailbox));
    }

    #[test]
    fn production_names_the_missing_variables() {
        let problem = read(&[("ACCORD_ENV", "production"), ("DATABASE_URL", "postgres://x")]).unwrap_err();
        assert_eq!(
            problem.to_string(),
            "Production needs BASE_URL, SMTP_URL, MAIL_FROM, SECRET_KEY, OPERATOR_EMAIL. Set them as described in .env.example."
        );
    }

    #[test]
    fn production_behind_a_proxy_on_this_machine_needs_the_number_of_proxies() {
        let check = |listen: &str, proxies: &str| {
            let production = [
                ("ACCORD_ENV", "production"),
                ("DATABASE_URL", "postgres://x"),
                ("BASE_URL", "https://accord.example"),
                ("SMTP_URL", "smtp://x"),
                ("MAIL_FROM", "a@b.example"),
                ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
                ("OPERATOR_EMAIL", "a@b.example"),
            ];
            let more = [("LISTEN_ADDR", listen), ("TRUSTED_PROXIES", proxies)];
            let more = more.into_iter().filter(|(_, value)| !value.is_empty());
            read(&production.into_iter().chain(more).collect::<Vec<_>>()).unwrap().check_proxies()
        };
        for (listen, proxies) in [("", ""), ("", "0"), ("127.0.0.1:80", "0"), ("[::1]:80", "")] {
            let problem = check(listen, proxies).unwrap_err().to_string();
            assert!(problem.contains("TRUSTED_PROXIES is 0"), "{problem}");
        }
        for (listen, proxies) in [("", "1"), ("0.0.0.0:80", ""), ("[::]:80", "0"), ("192.0.2.1:80", "2")] {
            assert_eq!(check(listen, proxies), Ok(()), "{listen} {proxies}");
        }
        assert_eq!(read(&[]).unwrap().check_proxies(), Ok(()), "development");
    }

    #[test]
    fn a_base_url_has_neither_a_path_nor_a_user() {
        assert!(BaseUrl::parse("https://accord.example/").is_some());
        for bad in ["accord.example", "https://", "https://a/b", "https://a@b", "javascript:alert(1)"] {
            assert_eq!(BaseUrl::parse(bad), None, "{bad}");
        }
    }
}
