//! The program itself, serving a test's database: what only a process of its own can show, such as its sudden end.

use super::{Response, TestApp, wire::Wire};
use accord::base::{FlowId, SourceId, paths};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, header},
    response::IntoResponse,
};
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU16, Ordering},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A server of the program. It is killed when it is dropped.
#[derive(Debug)]
pub struct Process {
    pub address: SocketAddr,
    folder: PathBuf,
    variables: Vec<(String, String)>,
    child: Child,
}

impl Process {
    /// Starts a server on the test's database and waits until it accepts connections.
    pub async fn start(app: &TestApp) -> Self {
        Self::start_with(app, &[]).await
    }

    /// With extra environment variables.
    pub async fn start_with(app: &TestApp, variables: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU16 = AtomicU16::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // An address of the loopback network for each program of tests, and a port for each server, so that none can be
        // taken by somebody else while a server is down.
        let [_, a, b, c] = std::process::id().to_be_bytes();
        let address = SocketAddrV4::new(Ipv4Addr::new(127, a, b, c), 10_000 + count).into();
        // On the same disk as the program, so that the program is linked and not copied.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("process-{}-{count}", std::process::id()));
        lay_out(&folder);
        let mut all = environment(app, address, &folder);
        all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let child = launch(&folder, &all).await;
        Self { address, folder, variables: all, child }
    }

    /// Ends the server at once, as the kernel does when memory is short, and waits until it is gone.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Starts a killed server on the same address.
    pub async fn start_again(&mut self) {
        self.child = launch(&self.folder, &self.variables).await;
    }

    /// A new connection to the server.
    pub async fn connect(&self) -> Wire {
        Wire::open(self.address).await.unwrap()
    }

    /// Asserts that the server met no fault of its own since it was first started.
    #[track_caller]
    pub fn assert_healthy(&self) {
        let log = fs::read_to_string(self.folder.join("log")).unwrap();
        let mut lines = log.lines().filter(|line| line.contains("panicked at") || line.contains("ERROR"));
        assert_eq!(lines.next(), None, "{log}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

impl Wire {
    /// Posts a lead, as a form unless another content type is given.
    pub async fn submit(
        &mut self,
        (flow, source): (FlowId, SourceId),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Response> {
        let mut all = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == FORM.0) {
            all.push(FORM);
        }
        self.send(&Method::POST, &paths::submit(flow, source), &all, body).await
    }
}

/// The program and a site of empty files: a server looks for them before it starts.
fn lay_out(folder: &Path) {
    let package = folder.join("site/pkg");
    fs::create_dir_all(&package).unwrap();
    let program = folder.join("accord");
    fs::hard_link(env!("CARGO_BIN_EXE_accord"), &program).unwrap();
    fs::write(folder.join("hash.txt"), "js: a\nwasm: a\ncss: a\n").unwrap();
    ["js", "wasm", "css"].iter().for_each(|kind| fs::write(package.join(format!("accord.a.{kind}")), "").unwrap());
}

/// The configuration of the tests, so that the server takes the sessions and links that the test made.
fn environment(app: &TestApp, address: SocketAddr, folder: &Path) -> Vec<(String, String)> {
    let [owner, role] = app.database_urls();
    let given = [
        ("LISTEN_ADDR", address.to_string()),
        ("DATABASE_URL", role),
        ("DATABASE_OWNER_URL", owner),
        ("LEPTOS_SITE_ROOT", folder.join("site").display().to_string()),
        ("ACCORD_DATA", folder.join("data").display().to_string()),
        ("SECRET_KEY", "a key of the tests".to_owned()),
        ("BASE_URL", "https://accord.example".to_owned()),
        ("MAIL_FROM", "Accord <post@accord.example>".to_owned()),
        ("OPERATOR_EMAIL", "operator@accord.example".to_owned()),
        ("LIMITS", "off".to_owned()),
        ("RUST_LOG", "warn".to_owned()),
        // A busy machine must not turn a slow answer into a refused one.
        ("LOCK_TIMEOUT", "60".to_owned()),
        ("STATEMENT_TIMEOUT", "60".to_owned()),
        ("DATABASE_CONNECTIONS", "4".to_owned()),
        ("SUBMISSION_CONNECTIONS", "6".to_owned()),
    ];
    given.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Starts the program and waits for its welcome, which it prints once it listens.
async fn launch(folder: &Path, variables: &[(String, String)]) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    let mut command = Command::new(folder.join("accord"));
    command.arg("serve").arg("--no-worker").env_clear().envs(variables.iter().cloned());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = printed.next_line().await.unwrap() {
        if line.starts_with("Accord is running") {
            // Read to the end, so that the program never waits for a reader.
            tokio::spawn(async move { while let Ok(Some(_)) = printed.next_line().await {} });
            return child;
        }
    }
    panic!("the server did not start: {}", fs::read_to_string(folder.join("log")).unwrap());
}

/// Passes all requests on to a server.
pub fn forward_to(address: SocketAddr) -> Router {
    Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let headers: Vec<_> =
            parts.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let path = parts.uri.path_and_query().unwrap().as_str();
        let mut wire = Wire::open(address).await.unwrap();
        let mut response = wire.send(&parts.method, path, &headers, &body).await.unwrap();
        response.headers.remove(header::TRANSFER_ENCODING);
        response.headers.remove(header::CONTENT_LENGTH);
        (response.status, response.headers, Body::from(response.body)).into_response()
    })
}
