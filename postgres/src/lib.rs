//! A private Postgres in one directory that is created, started, shared and stopped without any setup.
//!
//! The program uses it in development, `xtask` for the throwaway clusters of tests. It depends only on the standard
//! library, so `xtask` compiles quickly.
//!
//! A Postgres outlives the process that started it, so its users are tracked in the directory: every [`Cluster`] holds
//! a shared lock on the file `users`, which the kernel releases however the process ends. A second process attaches to
//! the running server, a process after `kill -9` takes over the orphaned server, and the last user to leave stops it. A
//! lock on the file `gate` serialises starting and stopping.

mod binaries;
mod directory;
mod error;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub use binaries::{Binaries, find_binaries};
use directory::{claim, hash, is_reachable, make_private_dir, remove_if_present, set_owner, unprivileged_owner};
pub use error::PostgresError;
use error::{Result, io_error};

/// The role that owns the schema and runs migrations.
const OWNER_ROLE: &str = "accord_owner";
/// The application's role, which owns nothing.
const APP_ROLE: &str = "accord_app";
const DATABASE: &str = "accord";
/// Maximum bytes of the socket's path. The kernel allows 107; this leaves a margin.
const SOCKET_PATH_LIMIT: usize = 100;
const SOCKET_NAME: &str = ".s.PGSQL.5432";
const TIMEOUT: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Whether data must survive a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The defaults of Postgres.
    Durable,
    /// For tests: does not wait for the disk.
    Throwaway,
}

/// The two connection URLs: schema changes use `owner`, everything else uses `app`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    pub owner: String,
    pub app: String,
}

/// A running private Postgres. Dropping it stops the server, unless another process still uses it.
#[derive(Debug)]
pub struct Cluster {
    dir: PathBuf,
    socket: PathBuf,
    binaries: Binaries,
    /// The uid and gid to run the programs as, if we are root.
    run_as: Option<(u32, u32)>,
    /// The shared lock that marks this process as a user of the server; `None` once stopped.
    users: Option<File>,
}

impl Cluster {
    /// Creates the cluster if `dir` is new or empty, starts it if it is not running, and waits until it is ready.
    /// Blocks for about a second.
    ///
    /// If we are root, the server runs as the owner of the directory, or as an unprivileged uid if root owns it. If
    /// that user cannot reach `dir` (a checkout under `/root`), the cluster is placed under `/var/lib`: see
    /// [`Cluster::dir`].
    ///
    /// # Errors
    /// If the programs are missing, the directory is not ours, or Postgres does not start.
    pub fn open(dir: &Path, durability: Durability) -> Result<Self> {
        let dir = std::path::absolute(dir).map_err(io_error("resolve the data directory"))?;
        let run_as = unprivileged_owner(&dir)?;
        let dir = match run_as {
            Some((uid, _)) if !is_reachable(&dir, uid) => PathBuf::from(format!("/var/lib/accord-{:016x}", hash(&dir))),
            _ => dir,
        };
        claim(&dir, run_as)?;
        let data = dir.join("data");
        let binaries = binaries::choose(&data)?;
        let inside = dir.join("socket");
        let socket =
            if usable_for_socket(&inside) { inside } else { PathBuf::from(format!("/tmp/accord-{:016x}", hash(&dir))) };
        make_private_dir(&socket, run_as)?;

        let mut cluster = Self { dir, socket, binaries, run_as, users: None };
        let _gate = cluster.lock_gate()?;
        if !data.exists() {
            cluster.init_data()?;
        }
        cluster.ensure_ready(durability)?;
        let users = cluster.lock_file("users")?;
        users.lock_shared().map_err(io_error("lock the data directory"))?;
        cluster.users = Some(users);
        cluster.create_database()?;
        Ok(cluster)
    }

    /// The connection URLs of the database `accord`.
    pub fn urls(&self) -> Urls {
        Urls { owner: self.url(OWNER_ROLE, DATABASE), app: self.url(APP_ROLE, DATABASE) }
    }

    /// The connection URL of any database and role of the cluster.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", self.socket.display())
    }

    /// The actual directory of the cluster.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stops the server and waits for it. Leaves it running if another process still uses it.
    ///
    /// # Errors
    /// If Postgres does not stop within a minute.
    pub fn stop(mut self) -> Result<()> {
        self.release()
    }

    fn release(&mut self) -> Result<()> {
        let Some(users) = self.users.take() else { return Ok(()) };
        let _gate = self.lock_gate()?;
        drop(users);
        let users = self.lock_file("users")?;
        match users.try_lock() {
            Ok(()) if self.is_running() => self.stop_server("fast"),
            _ => Ok(()),
        }
    }

    fn stop_server(&self, mode: &str) -> Result<()> {
        self.run("stop Postgres", "pg_ctl", &["stop", "-w", "-m", mode, "-t", "60", "-D", "data"]).map(drop)
    }

    fn lock_file(&self, name: &str) -> Result<File> {
        let path = self.dir.join(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(io_error(format!("open {}", path.display())))?;
        self.set_owner(&path)?;
        Ok(file)
    }

    fn lock_gate(&self) -> Result<File> {
        let gate = self.lock_file("gate")?;
        let deadline = Instant::now() + TIMEOUT;
        loop {
            match gate.try_lock() {
                Ok(()) => return Ok(gate),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(POLL_INTERVAL),
                Err(TryLockError::WouldBlock) => return Err(PostgresError::Busy(self.dir.clone())),
                Err(TryLockError::Error(source)) => return Err(io_error("lock the data directory")(source)),
            }
        }
    }

    /// Initialises in a temporary directory and renames it, so an interrupted attempt is never mistaken for a cluster.
    fn init_data(&self) -> Result<()> {
        let unfinished = self.dir.join("data.new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(io_error("remove an unfinished cluster"))?;
        }
        let args =
            ["-D", "data.new", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions"];
        self.run("create a Postgres cluster", "initdb", &args)?;
        fs::rename(&unfinished, self.dir.join("data")).map_err(io_error("move the cluster into place"))
    }

    fn ensure_ready(&self, durability: Durability) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        let mut attempts = 0;
        loop {
            // After a kill, processes of the old server may still hold its shared memory, so retry a few times.
            if !self.is_running() {
                attempts += 1;
                match self.start(durability) {
                    Err(_) if attempts < 4 => sleep(POLL_INTERVAL * 10),
                    result => result?,
                }
            }
            let socket = self.socket.to_string_lossy();
            let ready = self.run("reach Postgres", "pg_isready", &["-t", "5", "-h", &socket]);
            match ready {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() >= deadline => {
                    // Stop the unresponsive server, or the next start would find it again.
                    self.stop_server("immediate")?;
                    return Err(self.with_log(error));
                }
                Err(_) => sleep(POLL_INTERVAL),
            }
        }
    }

    fn start(&self, durability: Durability) -> Result<()> {
        // Our server is not running, so the pid in the file is stale: unused, or reused by another process.
        remove_if_present(&self.dir.join("data/postmaster.pid"))?;
        remove_if_present(&self.dir.join("log"))?;
        let settings = self.dir.join("data/postgresql.conf");
        fs::write(&settings, self.settings(durability)).map_err(io_error("write the settings of Postgres"))?;
        self.set_owner(&settings)?;
        // pg_ctl detaches the server, so Ctrl-C in a terminal ends our process first, which then stops the server.
        let args = ["start", "-w", "-s", "-t", "60", "-D", "data", "-l", "log"];
        self.run("start Postgres", "pg_ctl", &args).map(drop).map_err(|error| self.with_log(error))
    }

    fn settings(&self, durability: Durability) -> String {
        let speedups = match durability {
            Durability::Durable => "",
            Durability::Throwaway => {
                "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n\
                 wal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = '512MB'\n"
            }
        };
        let socket = self.socket.display();
        format!(
            "# Written by Accord at every start.\n\
             listen_addresses = ''\n\
             unix_socket_directories = '{socket}'\n\
             unix_socket_permissions = 0700\n\
             log_timezone = 'UTC'\n\
             timezone = 'UTC'\n\
             {speedups}"
        )
    }

    /// Adds the server's log, which contains the reason.
    fn with_log(&self, error: PostgresError) -> PostgresError {
        let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        match error {
            PostgresError::Program { action, output } => {
                PostgresError::Program { action, output: output + "\n" + &log }
            }
            other => other,
        }
    }

    /// Pids are reused after a reboot, so we also check that the process's working directory is our data directory.
    fn is_running(&self) -> bool {
        let data = self.dir.join("data");
        let Ok(pid_file) = fs::read_to_string(data.join("postmaster.pid")) else { return false };
        let pid = pid_file.lines().next().unwrap_or_default().trim();
        if Path::new("/proc/self/cwd").exists() {
            return fs::read_link(format!("/proc/{pid}/cwd")).ok() == data.canonicalize().ok();
        }
        self.run("check Postgres", "pg_ctl", &["status", "-D", "data"]).is_ok()
    }

    fn create_database(&self) -> Result<()> {
        let exists = self.superuser(&[&format!("select 1 from pg_database where datname = '{DATABASE}'")])?;
        if !exists.trim().is_empty() {
            return Ok(());
        }
        let role = |name: &str, options: &str| {
            format!(
                "do $$ begin if to_regrole('{name}') is null then create role {name} login {options}; end if; end $$"
            )
        };
        self.superuser(&[
            &role(OWNER_ROLE, "createdb in role pg_signal_backend"),
            &role(APP_ROLE, ""),
            &format!("create database {DATABASE} owner {OWNER_ROLE}"),
        ])
        .map(drop)
    }

    fn superuser(&self, commands: &[&str]) -> Result<String> {
        let socket = self.socket.to_string_lossy();
        let mut args = vec!["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h", &socket];
        for command in commands {
            args.extend(["-c", command]);
        }
        self.run("prepare the database", "psql", &args)
    }

    /// Runs a program in the cluster's directory, without the `PG…` variables of our environment.
    fn run(&self, action: &'static str, program: &str, args: &[&str]) -> Result<String> {
        let mut command = Command::new(self.binaries.program(program));
        command.args(args).current_dir(&self.dir).stdin(Stdio::null());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        if let Some((uid, gid)) = self.run_as {
            command.uid(uid).gid(gid);
        }
        let output = command.output().map_err(io_error(action))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let text = [output.stdout, output.stderr].concat();
        Err(PostgresError::Program { action, output: String::from_utf8_lossy(&text).into_owned() })
    }

    fn set_owner(&self, path: &Path) -> Result<()> {
        set_owner(path, self.run_as)
    }
}

impl Drop for Cluster {
    /// Errors cannot be reported here; the next start finds the server and reuses it.
    fn drop(&mut self) {
        drop(self.release());
    }
}

/// True if the path is short enough for the kernel and needs no quoting in settings, in URLs and in libpq, where a
/// comma ends a host name.
fn usable_for_socket(dir: &Path) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(byte);
    let path = dir.join(SOCKET_NAME);
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.len() < SOCKET_PATH_LIMIT && bytes.iter().all(plain)
}
