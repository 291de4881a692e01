//! [ssr] The commands of `accord`: serve, worker, migrate, seed, account.

use accord::server::{commands, config::Config, telemetry};
use clap::{Args, Parser, Subcommand};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Accord: where lead buyers and lead sellers connect.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the web and, unless told otherwise, send the mails
    Serve {
        /// Leave the mails to `accord worker`
        #[arg(long)]
        no_worker: bool,
    },
    /// Send the mails only
    Worker,
    /// Bring the database's schema up to date
    Migrate,
    /// Fill a development database with demo data
    Seed,
    /// Accounts
    Account {
        #[command(subcommand)]
        command: Account,
    },
}

#[derive(Subcommand)]
enum Account {
    /// Make an account with its first Admin, whose address counts as verified
    Create(Create),
}

#[derive(Args)]
struct Create {
    #[arg(long)]
    company: String,
    #[arg(long)]
    name: String,
    #[arg(long)]
    email: String,
    #[arg(long)]
    password: String,
    /// base, pro, partners or none
    #[arg(long)]
    plan: String,
    #[arg(long)]
    trustedform: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(problem) => return fail(&problem),
    };
    telemetry::start(&config);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve { no_worker } => accord::app::serve::serve(config, !no_worker).await,
            Command::Worker => accord::app::serve::worker(config).await,
            Command::Migrate => commands::migrate(config).await,
            Command::Seed => accord::app::seed::run(config).await,
            Command::Account { command: Account::Create(new) } => {
                let new = accord::app::seed::NewActor {
                    company: new.company,
                    name: new.name,
                    email: new.email,
                    password: new.password,
                    plan: new.plan,
                    trustedform: new.trustedform,
                };
                accord::app::seed::create_account(config, new).await
            }
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => fail(&problem),
    }
}

fn fail(problem: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("accord: {problem}");
    ExitCode::FAILURE
}
