//! The server program: in production's configuration, listening on the loopback.

use crate::{Outcome, http::Connection, postgres::Postgres, scenario::PASSWORD};
use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// Where the measured server listens.
pub const ADDRESS: &str = "127.0.0.1:3939";
/// Where the mail server is, while mails are measured.
pub const SMTP_ADDRESS: &str = "127.0.0.1:3940";

pub struct Server {
    child: Child,
    log: PathBuf,
}

/// The program with the variables of production.
fn program(postgres: &Postgres) -> Outcome<Command> {
    let path = std::env::var_os("ACCORD_BENCH_SERVER").ok_or("Start it by: make bench")?;
    let mut command = Command::new(path);
    let inherited = std::env::vars_os().map(|(name, _)| name);
    for name in inherited.filter(|name| name.to_string_lossy().contains("ACCORD") || name == "RUST_LOG") {
        command.env_remove(name);
    }
    command
        .env("ACCORD_ENV", "production")
        .env("LISTEN_ADDR", ADDRESS)
        .env("BASE_URL", format!("http://{ADDRESS}"))
        .env("TRUSTED_PROXIES", "1")
        .env("DATABASE_URL", &postgres.app)
        .env("DATABASE_OWNER_URL", &postgres.owner)
        .env("SMTP_URL", format!("smtp://{SMTP_ADDRESS}"))
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

    /// The hash of the sellers' password, made by the program itself: by making an account.
    pub fn password_hash(postgres: &Postgres) -> Outcome<String> {
        let words = ["account", "create", "--company", "First", "--name", "First", "--email", "first@bench.example"];
        run(program(postgres)?.args(words).args(["--plan", "base", "--password", PASSWORD]))?;
        postgres.ask("select password_hash from users")
    }

    /// Starts it and waits until it answers. Mails stay queued: sending them is measured apart.
    pub fn start(postgres: &Postgres) -> Outcome<Self> {
        let server = Self::spawn(postgres, &["serve", "--no-worker"])?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while Connection::open().is_err() {
            if Instant::now() > deadline {
                return Err(format!("The server does not answer.\n{}", server.said()));
            }
            sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Starts the process that sends the mails.
    pub fn start_worker(postgres: &Postgres) -> Outcome<Self> {
        Self::spawn(postgres, &["worker"])
    }

    fn spawn(postgres: &Postgres, args: &[&str]) -> Outcome<Self> {
        let log = postgres.dir.join("server.log");
        let file = File::create(&log).map_err(|error| format!("{} cannot be written: {error}", log.display()))?;
        let mut command = program(postgres)?;
        command.args(args).stdout(Stdio::null()).stderr(file);
        let child = command.spawn().map_err(|error| format!("The server does not start: {error}"))?;
        Ok(Self { child, log })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The end of its log, for when something went wrong.
    pub fn said(&self) -> String {
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
    /// After a failure; a server that has stopped already cannot be stopped again.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
