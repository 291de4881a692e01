//! What the commands share: finding the database, the secret, and the state.

use super::{
    AppState,
    config::{Config, Post},
    db,
    ids::random_bytes,
    seal::Seal,
};
use crate::base::Secret;
use accord_postgres::{Cluster, Durability};
use leptos::config::{LeptosOptions, get_configuration};
use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// A command that cannot go on, in a sentence that says how to mend it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The database: the configured one, or a private Postgres under `.data/`, which lives as long as this value.
#[derive(Debug)]
pub struct Database {
    pub app: Secret,
    pub owner: Secret,
    private: Option<Cluster>,
}

impl Database {
    pub async fn open(config: &Config) -> Result<Self, Failure> {
        if let (Some(app), Some(owner)) = (&config.database_url, &config.database_owner_url) {
            return Ok(Self { app: app.clone(), owner: owner.clone(), private: None });
        }
        if config.is_production() {
            return Err("Production needs DATABASE_URL; .env.example tells what it is.".into());
        }
        let cluster =
            tokio::task::spawn_blocking(|| Cluster::open(&data_folder().join("postgres"), Durability::Durable))
                .await??;
        tracing::info!(folder = %cluster.dir().display(), "private Postgres");
        let urls = cluster.urls();
        Ok(Self { app: Secret::new(urls.app), owner: Secret::new(urls.owner), private: Some(cluster) })
    }

    /// Stops a private Postgres, unless another process still uses it.
    pub async fn close(self) -> Result<(), Failure> {
        if let Some(cluster) = self.private {
            tokio::task::spawn_blocking(|| cluster.stop()).await??;
        }
        Ok(())
    }

    /// Whether it is ours, so that a first start may fill it.
    pub fn is_private(&self) -> bool {
        self.private.is_some()
    }
}

/// Where development keeps the private Postgres and the secret key.
pub fn data_folder() -> PathBuf {
    std::env::var_os("ACCORD_DATA").map_or_else(|| PathBuf::from(".data"), PathBuf::from)
}

/// The state of this process, over a database whose schema this program knows.
pub async fn state(config: Config, database: &Database) -> Result<AppState, Failure> {
    let pool = db::connect(&database.app, &config).await.map_err(|error| {
        format!("The database does not answer ({error}). Check DATABASE_URL and that Postgres is running.")
    })?;
    if !db::knows_schema(&pool).await.unwrap_or(false) {
        return Err(
            "The database's schema is not this program's. Run `accord migrate` with the program you serve.".into()
        );
    }
    let seal = Seal::new(&secret_key(&config)?);
    Ok(AppState::new(config, pool, seal, leptos_options()?))
}

/// The configured key; in development one that is made once and kept.
fn secret_key(config: &Config) -> Result<Secret, Failure> {
    if let Some(key) = &config.secret_key {
        return Ok(key.clone());
    }
    let file = data_folder().join("secret-key");
    if let Ok(key) = fs::read_to_string(&file) {
        return Ok(Secret::new(key));
    }
    let key = random_bytes::<32>().map(|byte| format!("{byte:02x}")).concat();
    fs::create_dir_all(data_folder())?;
    let mut readable_by_us_only = fs::OpenOptions::new();
    readable_by_us_only.write(true).create_new(true).mode(0o600).open(&file)?.write_all(key.as_bytes())?;
    Ok(Secret::new(key))
}

/// Where the site is, from `Leptos.toml` below the current folder.
pub fn leptos_options() -> Result<LeptosOptions, Failure> {
    let file = Path::new("Leptos.toml");
    let configured = get_configuration(file.exists().then_some("Leptos.toml"))?;
    Ok(configured.leptos_options)
}

/// Whether mails stay here and are shown at /dev/mailbox.
pub fn keeps_mails(config: &Config) -> bool {
    matches!(config.post, Post::Mailbox)
}

/// `accord migrate`
pub async fn migrate(config: Config) -> Result<(), Failure> {
    let database = Database::open(&config).await?;
    db::migrate(&database.owner).await?;
    println!("The schema is up to date.");
    database.close().await
}
