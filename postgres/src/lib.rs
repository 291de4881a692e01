//! A private Postgres in one directory: made, started, shared and stopped without anybody setting anything up.
//!
//! The program uses it in development, and `xtask` for the throwaway clusters of the tests. It needs the standard
//! library only, so that `xtask` stays quick to compile.
//!
//! Nothing ties a Postgres to the life of the process that started it, so the directory itself says who uses it: every
//! [`Cluster`] holds a shared lock on `users`, which the kernel releases however its process ends. A second process
//! attaches to the running server, one that comes after `kill -9` finds the orphan and goes on with it, and whoever
//! leaves last stops the server. `gate` serialises starting and stopping.

mod binaries;
mod error;
mod place;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub use binaries::{Binaries, find_binaries};
pub use error::PostgresError;
use error::{Result, io_error};
use place::{claim, hash, own, private_dir, reachable, remove_if_there, unprivileged_owner};

/// The role that owns the schema and runs migrations.
const OWNER_ROLE: &str = "accord_owner";
/// The role of the running application, which owns nothing.
const APP_ROLE: &str = "accord_app";
const DATABASE: &str = "accord";
/// The kernel allows 107 bytes for the path of a unix socket; some room is left.
const SOCKET_PATH_LIMIT: usize = 100;
const SOCKET_NAME: &str = ".s.PGSQL.5432";
const LIMIT: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(50);

/// Whether what is stored must survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Everything as Postgres does it by default.
    Durable,
    /// For tests: nothing waits for the disk.
    Throwaway,
}

/// The two addresses of the database: schema changes use `owner`, everything else uses `app`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    pub owner: String,
    pub app: String,
}

/// A running private Postgres. Dropping it stops the server, unless another process uses it too.
#[derive(Debug)]
pub struct Cluster {
    dir: PathBuf,
    socket: PathBuf,
    binaries: Binaries,
    /// Who the programs run as when we are root.
    step_down: Option<(u32, u32)>,
    /// The shared lock that says that this process uses the server; none once stopped.
    users: Option<File>,
}

impl Cluster {
    /// Makes the cluster if `dir` is new or empty, starts it if it does not run, and waits until it answers. Blocks
    /// for about a second.
    ///
    /// As root the server runs as the owner of the directory, else as an unprivileged uid. Where that user cannot
    /// reach `dir` (a checkout under `/root`), the cluster lives under `/var/lib`: see [`Cluster::dir`].
    ///
    /// # Errors
    /// When the programs are missing, the directory is not ours, or Postgres does not start.
    pub fn open(dir: &Path, durability: Durability) -> Result<Self> {
        let dir = std::path::absolute(dir).map_err(io_error("resolve the data directory"))?;
        let step_down = unprivileged_owner(&dir)?;
        let dir = match step_down {
            Some((uid, _)) if !reachable(&dir, uid) => PathBuf::from(format!("/var/lib/accord-{:016x}", hash(&dir))),
            _ => dir,
        };
        claim(&dir, step_down)?;
        let data = dir.join("data");
        let binaries = binaries::choose(&data)?;
        let inside = dir.join("socket");
        let socket =
            if usable_for_socket(&inside) { inside } else { PathBuf::from(format!("/tmp/accord-{:016x}", hash(&dir))) };
        private_dir(&socket, step_down)?;

        let mut cluster = Self { dir, socket, binaries, step_down, users: None };
        let _gate = cluster.enter_gate()?;
        if !data.exists() {
            cluster.make_data()?;
        }
        cluster.ensure_ready(durability)?;
        let users = cluster.lock_file("users")?;
        users.lock_shared().map_err(io_error("lock the data directory"))?;
        cluster.users = Some(users);
        cluster.make_database()?;
        Ok(cluster)
    }

    /// The addresses of the database `accord`.
    pub fn urls(&self) -> Urls {
        Urls { owner: self.url(OWNER_ROLE, DATABASE), app: self.url(APP_ROLE, DATABASE) }
    }

    /// The address of any database of the cluster, for any of its roles.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", self.socket.display())
    }

    /// Where the cluster really lives.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stops the server and waits for it; leaves it running when another process uses it too.
    ///
    /// # Errors
    /// When Postgres does not stop within a minute.
    pub fn stop(mut self) -> Result<()> {
        self.leave()
    }

    fn leave(&mut self) -> Result<()> {
        let Some(users) = self.users.take() else { return Ok(()) };
        let _gate = self.enter_gate()?;
        drop(users);
        let last = self.lock_file("users")?;
        match last.try_lock() {
            Ok(()) if self.running() => self.halt("fast"),
            _ => Ok(()),
        }
    }

    fn halt(&self, mode: &str) -> Result<()> {
        self.run("stop Postgres", "pg_ctl", &["stop", "-w", "-m", mode, "-t", "60", "-D", "data"]).map(drop)
    }

    fn lock_file(&self, name: &str) -> Result<File> {
        let path = self.dir.join(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(io_error(format!("open {}", path.display())))?;
        self.own(&path)?;
        Ok(file)
    }

    fn enter_gate(&self) -> Result<File> {
        let gate = self.lock_file("gate")?;
        let deadline = Instant::now() + LIMIT;
        loop {
            match gate.try_lock() {
                Ok(()) => return Ok(gate),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(STEP),
                Err(TryLockError::WouldBlock) => return Err(PostgresError::Busy(self.dir.clone())),
                Err(TryLockError::Error(source)) => return Err(io_error("lock the data directory")(source)),
            }
        }
    }

    /// Initialises beside the final place, so that an interrupted attempt is never taken for a cluster.
    fn make_data(&self) -> Result<()> {
        let unfinished = self.dir.join("data.new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(io_error("remove an unfinished cluster"))?;
        }
        let args =
            ["-D", "data.new", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions"];
        self.run("make a Postgres cluster", "initdb", &args)?;
        fs::rename(&unfinished, self.dir.join("data")).map_err(io_error("put the cluster into place"))
    }

    fn ensure_ready(&self, durability: Durability) -> Result<()> {
        let deadline = Instant::now() + LIMIT;
        let mut attempts = 0;
        loop {
            // After a kill the last processes of the old server may hold its memory for a moment: a few attempts.
            if !self.running() {
                attempts += 1;
                match self.start(durability) {
                    Err(_) if attempts < 4 => sleep(STEP * 10),
                    outcome => outcome?,
                }
            }
            let socket = self.socket.to_string_lossy();
            let ready = self.run("reach Postgres", "pg_isready", &["-t", "5", "-h", &socket]);
            match ready {
                Ok(_) => return Ok(()),
                Err(refused) if Instant::now() >= deadline => {
                    // Without an answer it is of no use to anybody, and the next start would only find it again.
                    self.halt("immediate")?;
                    return Err(self.with_log(refused));
                }
                Err(_) => sleep(STEP),
            }
        }
    }

    fn start(&self, durability: Durability) -> Result<()> {
        // Only ours could be alive here, and it is not: the pid in the file now belongs to nobody or to a stranger.
        remove_if_there(&self.dir.join("data/postmaster.pid"))?;
        remove_if_there(&self.dir.join("log"))?;
        let settings = self.dir.join("data/postgresql.conf");
        fs::write(&settings, self.settings(durability)).map_err(io_error("write the settings of Postgres"))?;
        self.own(&settings)?;
        // pg_ctl detaches the server, so Ctrl-C in a terminal ends our process first and the server after it.
        let args = ["start", "-w", "-s", "-t", "60", "-D", "data", "-l", "log"];
        self.run("start Postgres", "pg_ctl", &args).map(drop).map_err(|refused| self.with_log(refused))
    }

    fn settings(&self, durability: Durability) -> String {
        let quick = match durability {
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
             {quick}"
        )
    }

    /// Adds what the server itself said, which is where the reason is.
    fn with_log(&self, error: PostgresError) -> PostgresError {
        let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        match error {
            PostgresError::Program { what, output } => PostgresError::Program { what, output: output + "\n" + &log },
            other => other,
        }
    }

    /// A pid is reused after a reboot, so the process must also work in our data directory.
    fn running(&self) -> bool {
        let data = self.dir.join("data");
        let Ok(pid_file) = fs::read_to_string(data.join("postmaster.pid")) else { return false };
        let pid = pid_file.lines().next().unwrap_or_default().trim();
        if Path::new("/proc/self/cwd").exists() {
            return fs::read_link(format!("/proc/{pid}/cwd")).ok() == data.canonicalize().ok();
        }
        self.run("ask for Postgres", "pg_ctl", &["status", "-D", "data"]).is_ok()
    }

    fn make_database(&self) -> Result<()> {
        let exists = self.superuser(&[&format!("select 1 from pg_database where datname = '{DATABASE}'")])?;
        if !exists.trim().is_empty() {
            return Ok(());
        }
        let role = |name: &str, may: &str| {
            format!("do $$ begin if to_regrole('{name}') is null then create role {name} login {may}; end if; end $$")
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

    /// Runs one of the programs in the cluster's directory, without what the caller's environment says of Postgres.
    fn run(&self, what: &'static str, program: &str, args: &[&str]) -> Result<String> {
        let mut command = Command::new(self.binaries.program(program));
        command.args(args).current_dir(&self.dir).stdin(Stdio::null());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        if let Some((uid, gid)) = self.step_down {
            command.uid(uid).gid(gid);
        }
        let output = command.output().map_err(io_error(what))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(PostgresError::Program { what, output: String::from_utf8_lossy(&said).into_owned() })
    }

    fn own(&self, path: &Path) -> Result<()> {
        own(path, self.step_down)
    }
}

impl Drop for Cluster {
    /// Nobody is left to tell of a failure; the next start finds the server and goes on with it.
    fn drop(&mut self) {
        drop(self.leave());
    }
}

/// Short enough for the kernel, and of characters that need no quoting in settings, in addresses and for libpq, which
/// takes a comma for the end of a host name.
fn usable_for_socket(dir: &Path) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(byte);
    let path = dir.join(SOCKET_NAME);
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.len() < SOCKET_PATH_LIMIT && bytes.iter().all(plain)
}
