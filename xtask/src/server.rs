//! A development server with demo data on a throwaway cluster, for tools that call it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use accord_postgres::Urls;
use serde_json::Value;

use crate::paths;
use crate::shell::{Outcome, capture, end, failed};

const READY_TIMEOUT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);
const PASSWORD: &str = "only for this run";

/// The program with its own configuration, independent of the environment.
pub struct Accord {
    address: SocketAddr,
    urls: Urls,
    site: PathBuf,
}

impl Accord {
    /// Picks a free port to listen on; `site` has the files to serve.
    pub fn new(urls: Urls, site: PathBuf) -> Outcome<Self> {
        let probe = TcpListener::bind("127.0.0.1:0").map_err(failed("find a free port"))?;
        Ok(Self { address: probe.local_addr().map_err(failed("find a free port"))?, urls, site })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(paths::server(false));
        let kept = std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME");
        command.current_dir(paths::root()).env_clear().envs(kept);
        command.env("ACCORD_ENV", "development").env("LIMITS", "off").env("RUST_LOG", "info,sqlx=warn");
        command.env("LEPTOS_SITE_ROOT", &self.site);
        command.env("LISTEN_ADDR", self.address.to_string()).env("BASE_URL", self.url());
        command.env("DATABASE_URL", &self.urls.app).env("DATABASE_OWNER_URL", &self.urls.owner);
        command.env("SECRET_KEY", "only for this run, only for this run").env("ACCORD_PASSWORD", PASSWORD);
        command
    }

    /// Creates the schema and the demo data.
    pub fn seed(&self) -> Outcome {
        capture(self.command().arg("seed")).map(drop)
    }

    /// Creates an account and returns its API key.
    pub fn create_account(&self, company: &str, email: &str) -> Outcome<String> {
        let words = ["account", "create", "--company", company, "--name", company, "--email", email, "--plan", "pro"];
        let printed = capture(self.command().args(words))?;
        let last: Value = serde_json::from_str(printed.lines().last().unwrap_or_default())
            .map_err(failed("read what accord account create printed"))?;
        last["api_key"].as_str().map(ToOwned::to_owned).ok_or_else(|| "accord account create printed no key.".into())
    }

    /// Starts the server, logging to `log`, and waits until it is ready.
    pub fn serve(&self, log: PathBuf) -> Outcome<Server> {
        let file = File::create(&log).map_err(failed(format!("write {}", log.display())))?;
        let both = file.try_clone().map_err(failed(format!("write {}", log.display())))?;
        let mut command = self.command();
        command.arg("serve").stdin(Stdio::null()).stdout(file).stderr(both);
        let mut server = Server { child: Some(command.spawn().map_err(failed("start the server"))?), log };
        let start = Instant::now();
        while !is_ready(self.address) {
            if start.elapsed() > READY_TIMEOUT || server.has_ended() {
                return Err(format!("The server did not become ready:\n{}", server.logged()));
            }
            sleep(POLL);
        }
        Ok(server)
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut connection) = TcpStream::connect(address) else { return false };
    let request = format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut response = String::new();
    let received = connection.write_all(request.as_bytes()).and_then(|()| connection.read_to_string(&mut response));
    received.is_ok() && response.starts_with("HTTP/1.1 200")
}

/// A running server, killed when dropped.
pub struct Server {
    child: Option<Child>,
    log: PathBuf,
}

impl Server {
    /// Stops the server. Fails if it panicked or returned a 5xx response, which no test may miss.
    pub fn stop(mut self) -> Outcome {
        if let Some(child) = self.child.take() {
            end(child)?;
        }
        let faults = faults(&self.logged());
        if faults.is_empty() {
            return Ok(());
        }
        Err(format!("The server panicked or returned a 5xx response ({}):\n{}", self.log.display(), faults.join("\n")))
    }

    fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }

    fn logged(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill().and_then(|()| child.wait()));
        }
    }
}

/// Log lines that no request may cause, without terminal colours.
fn faults(log: &str) -> Vec<String> {
    let plain = log.lines().map(without_colours);
    plain.filter(|line| line.contains("panicked at") || line.contains("status=5")).collect()
}

fn without_colours(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_found_in_a_coloured_log() {
        let log = "\u{1b}[32m INFO\u{1b}[0m request \u{1b}[3mstatus\u{1b}[0m\u{1b}[2m=\u{1b}[0m500\n\
            INFO request status=404 latency=5\nthread 'worker' panicked at src/main.rs:1:1:";
        assert_eq!(faults(log), [" INFO request status=500", "thread 'worker' panicked at src/main.rs:1:1:"]);
    }
}
