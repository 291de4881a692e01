//! Shared by the commands: the database, the secret key, and the application state.

use super::{
    AppState,
    config::{Config, MailDelivery},
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

/// Why a command failed, in a sentence that says how to fix it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The configured database, or a private Postgres under `.data/` that runs as long as this value exists.
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
            return Err("Production needs DATABASE_URL. See .env.example.".into());
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

    /// True if we created it, so the first start may seed it.
    pub fn is_private(&self) -> bool {
        self.private.is_some()
    }
}

/// Where development keeps the private Postgres and the secret key.
pub fn data_folder() -> PathBuf {
    std::env::var_os("ACCORD_DATA").map_or_else(|| PathBuf::from(".data"), PathBuf::from)
}

/// Connects to the database, checks its schema version, and builds the state of this process.
pub async fn state(config: Config, database: &Database) -> Result<AppState, Failure> {
    let connect = |connections| db::connect(&database.app, &config, connections);
    let pool = connect(config.database_connections).await.map_err(|error| {
        format!("Cannot connect to the database ({error}). Check DATABASE_URL and that Postgres is running.")
    })?;
    if !db::schema_is_current(&pool).await.unwrap_or(false) {
        return Err(
            "The database schema does not match this version of Accord. Run `accord migrate` with this version.".into(),
        );
    }
    let submission_pool = connect(config.submission_connections).await?;
    let seal = Seal::new(&secret_key(&config)?);
    let mut state = AppState::new(config, pool, seal, leptos_options()?);
    state.submission_pool = submission_pool;
    Ok(state)
}

/// The configured key. In development, a key that is generated once and kept.
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
    let mut readable_by_owner_only = fs::OpenOptions::new();
    readable_by_owner_only.write(true).create_new(true).mode(0o600).open(&file)?.write_all(key.as_bytes())?;
    Ok(Secret::new(key))
}

/// Where the site's files are, from `Leptos.toml` in the current folder.
pub fn leptos_options() -> Result<LeptosOptions, Failure> {
    let file = Path::new("Leptos.toml");
    let configured = get_configuration(file.exists().then_some("Leptos.toml"))?;
    Ok(configured.leptos_options)
}

/// True if emails are kept and shown at /dev/mailbox instead of sent.
pub fn keeps_mails(config: &Config) -> bool {
    matches!(config.mail_delivery, MailDelivery::Mailbox)
}

/// `accord migrate`
pub async fn migrate(config: Config) -> Result<(), Failure> {
    let database = Database::open(&config).await?;
    db::migrate(&database.owner).await?;
    println!("The schema is up to date.");
    database.close().await
}
