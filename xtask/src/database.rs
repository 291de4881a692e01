//! Throwaway Postgres clusters for tests and measurements, and sqlx's query data.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use accord_postgres::{Cluster, Durability, Urls, find_binaries};

use crate::assets::{content_hash, read};
use crate::cargo::cargo;
use crate::paths;
use crate::shell::{Outcome, capture, execute, failed, step};

/// Room for the largest throwaway cluster, including its write-ahead log.
const MEMORY_KIB: u64 = 3 << 20;

/// A cluster that starts empty and is removed at the end, one per purpose.
pub struct Scratch {
    cluster: Option<Cluster>,
    dir: PathBuf,
    durability: Durability,
    /// Held while the cluster is in use; the kernel releases it however this process ends.
    _lock: File,
}

impl Scratch {
    /// Starts an empty cluster without durable writes. A cluster left by an interrupted run is stopped and removed
    /// first.
    pub fn open(purpose: &str) -> Outcome<Self> {
        Self::with(purpose, Durability::Throwaway)
    }

    /// Starts an empty cluster with durable writes, as in production.
    pub fn open_durable(purpose: &str) -> Outcome<Self> {
        Self::with(purpose, Durability::Durable)
    }

    fn with(purpose: &str, durability: Durability) -> Outcome<Self> {
        let root = content_hash(paths::root().as_os_str().as_encoded_bytes());
        let dir = folder(durability).join(format!("accord-{root}-{purpose}"));
        let lock = lock(purpose)?;
        if dir.join("data/postmaster.pid").exists() {
            open(&dir, durability)?.stop().map_err(|error| error.to_string())?;
        }
        let mut scratch = Self { cluster: None, dir, durability, _lock: lock };
        scratch.remove()?;
        scratch.cluster = Some(open(&scratch.dir, durability)?);
        Ok(scratch)
    }

    /// The URLs of the empty database `accord`.
    pub fn urls(&self) -> Outcome<Urls> {
        Ok(self.cluster()?.urls())
    }

    /// Adds an empty database and returns its URLs.
    pub fn add_database(&self, name: &str) -> Outcome<Urls> {
        self.run(&format!("create database {name}"))?;
        let cluster = self.cluster()?;
        Ok(Urls { owner: cluster.url("accord_owner", name), app: cluster.url("accord_app", name) })
    }

    /// Allows so many connections. Postgres starts again for that.
    pub fn allow_connections(&mut self, count: u32) -> Outcome {
        let setting = format!("alter system set max_connections = {count}");
        capture(query(&self.superuser_url()?)?.args(["-c", &setting]))?;
        if let Some(cluster) = self.cluster.take() {
            cluster.stop().map_err(|error| error.to_string())?;
        }
        self.cluster = Some(open(&self.dir, self.durability)?);
        Ok(())
    }

    /// Runs a statement in the database `accord` as its owner.
    pub fn run(&self, statement: &str) -> Outcome {
        capture(query(&self.urls()?.owner)?.args(["-c", statement])).map(drop)
    }

    /// The URL of the superuser, who can change server settings.
    pub fn superuser_url(&self) -> Outcome<String> {
        Ok(self.cluster()?.url("postgres", "accord"))
    }

    /// The directory of the cluster and its log.
    pub fn dir(&self) -> Outcome<&Path> {
        Ok(self.cluster()?.dir())
    }

    fn cluster(&self) -> Outcome<&Cluster> {
        self.cluster.as_ref().ok_or_else(|| "The throwaway Postgres has been stopped.".to_owned())
    }

    fn remove(&self) -> Outcome {
        if !self.dir.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&self.dir).map_err(failed(format!("remove {}", self.dir.display())))
    }
}

impl Drop for Scratch {
    /// If stopping or removing fails, the next start removes it.
    fn drop(&mut self) {
        drop(self.cluster.take());
        drop(self.remove());
    }
}

/// Throwaway clusters live in memory where there is room. Each test creates and drops a database of 300 files, which
/// costs ext4 more than everything else in the tests together (measured: half of all CPU time).
fn folder(durability: Durability) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let in_memory = durability == Durability::Throwaway && free_kib(memory).is_some_and(|free| free > MEMORY_KIB);
    if in_memory { memory.to_path_buf() } else { std::env::temp_dir() }
}

/// The free space of a mounted memory file system; none for anything else.
fn free_kib(dir: &Path) -> Option<u64> {
    let table = capture(Command::new("df").args(["-P", "-k", "-t", "tmpfs"]).arg(dir)).ok()?;
    table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

fn open(dir: &Path, durability: Durability) -> Outcome<Cluster> {
    Cluster::open(dir, durability).map_err(|error| error.to_string())
}

fn lock(purpose: &str) -> Outcome<File> {
    let path = paths::target().join(format!("{purpose}.lock"));
    let file = File::create(&path).map_err(failed(format!("write {}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(format!("Another run of {purpose} is in progress in this checkout.")),
        Err(TryLockError::Error(error)) => Err(failed(format!("lock {}", path.display()))(error)),
    }
}

/// The path of psql.
pub fn psql_program() -> Outcome<PathBuf> {
    let binaries = find_binaries();
    let newest = binaries.first().ok_or("Postgres programs were not found; run: make setup")?;
    Ok(newest.program("psql"))
}

/// psql without the user's settings, stopping at the first error.
fn query(url: &str) -> Outcome<Command> {
    let mut command = Command::new(psql_program()?);
    command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url]);
    Ok(command)
}

/// Runs psql on the private cluster of development, whether or not `accord serve` is running.
pub fn psql(args: &[String]) -> Outcome {
    let cluster =
        Cluster::open(&paths::root().join(".data/postgres"), Durability::Durable).map_err(|error| error.to_string())?;
    eprintln!("The cluster is in {}.", cluster.dir().display());
    execute(query(&cluster.urls().owner)?.args(args))
}

/// Rewrites `.sqlx`.
pub fn write_queries() -> Outcome {
    let fresh = describe_queries(compile())?;
    let committed = paths::root().join(".sqlx");
    fs::create_dir_all(&committed).map_err(failed(format!("create {}", committed.display())))?;
    let (before, after) = (query_files(&committed)?, query_files(&fresh)?);
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        fs::remove_file(committed.join(name)).map_err(failed(format!("remove {name}")))?;
    }
    for (name, content) in &after {
        fs::write(committed.join(name), content).map_err(failed(format!("write {name}")))?;
    }
    println!("{} queries in .sqlx", after.len());
    Ok(())
}

/// Compiles everything that has queries.
pub fn compile() -> Command {
    let mut check = cargo();
    check.args(["check", "--features", "ssr", "--all-targets"]);
    check
}

/// Fails if `.sqlx` differs from what `write_queries` would write. `compile` is the command that compiles the queries.
pub fn check_queries(compile: Command) -> Outcome {
    let fresh = describe_queries(compile)?;
    let committed = paths::root().join(".sqlx");
    let before = if committed.exists() { query_files(&committed)? } else { BTreeMap::new() };
    if before == query_files(&fresh)? { Ok(()) } else { Err(".sqlx does not match the queries; run: make sqlx".into()) }
}

/// Describes every checked query against a migrated scratch database. Returns the directory of the results.
fn describe_queries(mut compile: Command) -> Outcome<PathBuf> {
    let out = paths::target().join("sqlx");
    let scratch = step("start a throwaway Postgres", || Scratch::open("sqlx"))?;
    let url = scratch.urls()?.owner;
    step("run the migrations", || migrate(&url))?;
    if out.exists() {
        fs::remove_dir_all(&out).map_err(failed(format!("empty {}", out.display())))?;
    }
    fs::create_dir_all(&out).map_err(failed(format!("create {}", out.display())))?;
    // The macros run only if their crate is compiled.
    for source in ["src/lib.rs", "src/main.rs", "tests/it/main.rs"] {
        touch(&paths::root().join(source))?;
    }
    compile.env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", &out).env("DATABASE_URL", &url);
    step("compile the queries", || execute(&mut compile))?;
    Ok(out)
}

/// Runs each file in its own transaction, in the order of the names.
fn migrate(url: &str) -> Outcome {
    let dir = paths::root().join("migrations");
    let entries = fs::read_dir(&dir).map_err(failed(format!("read {}", dir.display())))?.flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    for file in files {
        capture(query(url)?.arg("-1").arg("-f").arg(&file))?;
    }
    Ok(())
}

fn query_files(dir: &Path) -> Outcome<BTreeMap<String, Vec<u8>>> {
    let entries = fs::read_dir(dir).map_err(failed(format!("read {}", dir.display())))?.flatten();
    let queries = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"));
    queries.map(|entry| Ok((entry.file_name().to_string_lossy().into_owned(), read(&entry.path())?))).collect()
}

/// Makes cargo think that a file changed. Does nothing if the file does not exist.
pub fn touch(path: &Path) -> Outcome {
    if !path.exists() {
        return Ok(());
    }
    execute(Command::new("touch").arg(path))
}
