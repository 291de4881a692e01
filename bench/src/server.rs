//! The server program, in a production configuration, listening on loopback.

use crate::{Outcome, postgres::Postgres, scenario::PASSWORD};
use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::LazyLock,
    thread::sleep,
    time::{Duration, Instant},
};

/// Where the measured server listens: a port that is free, so that two runs do not measure each other's server.
pub static ADDRESS: LazyLock<String> = LazyLock::new(|| free_address(3939));
/// Settings that take as many submissions as can be processed.
pub const WITHOUT_LIMITS: &[(&str, &str)] = &[("SUBMIT_PER_SOURCE", "0"), ("SUBMIT_PER_ADDRESS", "0")];
/// Where the mail server listens while sending emails is measured.
pub static SMTP_ADDRESS: LazyLock<String> = LazyLock::new(|| free_address(3940));

/// An address that nobody listens on; with the usual port if the system does not name one.
fn free_address(usual: u16) -> String {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    free.map_or_else(|_| format!("127.0.0.1:{usual}"), |address| address.to_string())
}

pub struct Server {
    child: Child,
    log: PathBuf,
}

/// The program with a production environment.
fn program(postgres: &Postgres) -> Outcome<Command> {
    let path = std::env::var_os("ACCORD_BENCH_SERVER").ok_or("Run it with: make bench")?;
    let mut command = Command::new(path);
    let inherited = std::env::vars_os().map(|(name, _)| name);
    for name in inherited.filter(|name| name.to_string_lossy().contains("ACCORD") || name == "RUST_LOG") {
        command.env_remove(name);
    }
    command
        .env("ACCORD_ENV", "production")
        .env("LISTEN_ADDR", &*ADDRESS)
        .env("BASE_URL", format!("http://{}", *ADDRESS))
        .env("TRUSTED_PROXIES", "1")
        .env("DATABASE_URL", &postgres.app)
        .env("DATABASE_OWNER_URL", &postgres.owner)
        .env("SMTP_URL", format!("smtp://{}", *SMTP_ADDRESS))
        .env("MAIL_FROM", "Accord <accord@bench.example>")
        .env("OPERATOR_EMAIL", "operator@bench.example")
        .env("SECRET_KEY", "only for the bench, only for the bench");
    Ok(command)
}

fn run(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|error| format!("The server program does not start: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

impl Server {
    pub fn migrate(postgres: &Postgres) -> Outcome {
        run(program(postgres)?.arg("migrate")).map(drop)
    }

    /// The hash of the sellers' password, made by the program itself when it creates an account.
    pub fn password_hash(postgres: &Postgres) -> Outcome<String> {
        let words = ["account", "create", "--company", "First", "--name", "First", "--email", "first@bench.example"];
        run(program(postgres)?.args(words).args(["--plan", "base", "--password", PASSWORD]))?;
        postgres.query_value("select password_hash from users")
    }

    /// Starts the server and waits until it accepts connections. Emails stay queued; sending them is measured
    /// separately.
    pub fn start(postgres: &Postgres, settings: &[(&str, &str)]) -> Outcome<Self> {
        let mut server = Self::spawn(postgres, &["serve", "--no-worker"], settings)?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(&*ADDRESS).is_err() {
            let has_ended = !matches!(server.child.try_wait(), Ok(None));
            if has_ended || Instant::now() > deadline {
                return Err(format!("The server does not accept connections.\n{}", server.log_tail()));
            }
            sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Starts the process that sends emails.
    pub fn start_worker(postgres: &Postgres) -> Outcome<Self> {
        Self::spawn(postgres, &["worker"], &[])
    }

    fn spawn(postgres: &Postgres, args: &[&str], settings: &[(&str, &str)]) -> Outcome<Self> {
        let log = postgres.dir.join("server.log");
        let file = File::create(&log).map_err(|error| format!("{} cannot be written: {error}", log.display()))?;
        let mut command = program(postgres)?;
        command.args(args).envs(settings.iter().copied()).stdout(Stdio::null()).stderr(file);
        let child = command.spawn().map_err(|error| format!("The server does not start: {error}"))?;
        Ok(Self { child, log })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The end of its log, for error messages.
    pub fn log_tail(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().filter(|line| !line.contains("\"INFO\"")).collect();
        lines.iter().rev().take(5).rev().copied().collect::<Vec<_>>().join("\n")
    }

    pub fn stop(mut self) -> Outcome {
        let pid = self.pid().to_string();
        Command::new("kill").arg(pid).status().map_err(|error| format!("The server cannot be stopped: {error}"))?;
        self.child.wait().map(drop).map_err(|error| format!("The server does not stop: {error}"))
    }
}

impl Drop for Server {
    /// Stops the server after a failure; errors are ignored because it may have stopped already.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
