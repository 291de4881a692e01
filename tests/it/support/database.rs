//! A database for each test: a copy of a template that is migrated once.

use accord::{base::Secret, server::db};
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    str::FromStr,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};
use tokio::sync::OnceCell;

/// Few connections per test, so waiting for one is tested too.
pub const CONNECTIONS: u32 = 5;

/// A migrated database that is dropped when the test ends.
#[derive(Debug)]
pub struct Database {
    name: String,
}

impl Database {
    pub async fn create() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(make_template).await;
        let name = fresh_name("test");
        run(&format!("create database {name} template {template}")).await;
        Self { name }
    }

    /// A pool with the application's role, which has the same rights as in production.
    pub async fn connect(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(60))
            .connect_with(self.as_application())
            .await
            .unwrap()
    }

    fn as_application(&self) -> PgConnectOptions {
        let role = std::env::var("ACCORD_TEST_APP_ROLE").unwrap_or_else(|_| "accord_app".to_owned());
        owner().username(&role).database(&self.name)
    }

    /// The URLs of the owner and of the application's role.
    pub fn urls(&self) -> [String; 2] {
        [owner().database(&self.name), self.as_application()].map(|options| options.to_url_lossy().to_string())
    }

    /// A connection as the owner of the tables, for changes that the application itself may not make.
    pub async fn connect_as_owner(&self) -> PgPool {
        PgPoolOptions::new().max_connections(1).connect_with(owner().database(&self.name)).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        static REMOVER: LazyLock<mpsc::Sender<String>> = LazyLock::new(start_remover);
        // Databases left at the end of the run are removed with their cluster.
        REMOVER.send(self.name.clone()).ok();
    }
}

fn owner_url() -> String {
    std::env::var("ACCORD_TEST_DATABASE_URL").expect("ACCORD_TEST_DATABASE_URL is set by: make it")
}

fn owner() -> PgConnectOptions {
    PgConnectOptions::from_str(&owner_url()).unwrap()
}

async fn run(statement: &str) {
    let mut conn = PgConnection::connect_with(&owner()).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

async fn make_template() -> String {
    let name = fresh_name("template");
    run(&format!("create database {name}")).await;
    let url = url_of(&name);
    db::migrate(&Secret::new(url)).await.unwrap();
    name
}

/// The owner's URL of another database of the cluster.
fn url_of(name: &str) -> String {
    let url = owner_url();
    let (server, parameters) = url.split_once('?').unwrap_or((&url, ""));
    let (host, _) = server.rsplit_once('/').expect("the address names a database");
    format!("{host}/{name}?{parameters}")
}

fn fresh_name(kind: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("{kind}_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Drops databases on a separate thread, so no test waits for it.
fn start_remover() -> mpsc::Sender<String> {
    let (sender, names) = mpsc::channel::<String>();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for name in names {
            runtime.block_on(run(&format!("drop database if exists {name} with (force)")));
        }
    });
    sender
}
