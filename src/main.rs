//! [ssr] The commands of `accord`: serve, worker, migrate, seed, doctor, account.

use accord::{
    app::{
        doctor,
        operator::{self, AccountArgs},
        seed, serve,
    },
    server::{commands, config::Config, telemetry},
};
use clap::{Args, Parser, Subcommand};
use std::process::ExitCode;

/// Pages take a quarter less CPU than with glibc's allocator. glibc also keeps each thread's peak memory: after
/// sign-ins, whose hash takes 12 MiB, it held 476 MiB instead of 71 (`make bench`).
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
    /// Run the web server and, unless disabled, the email worker
    Serve {
        /// Do not send emails here; `accord worker` does
        #[arg(long)]
        no_worker: bool,
    },
    /// Run the email worker only
    Worker,
    /// Apply pending database migrations
    Migrate,
    /// Add demo data to an empty development database
    Seed,
    /// Check everything Accord needs and say how to fix problems
    Doctor {
        /// Also send a test email to this address
        #[arg(long, value_name = "ADDRESS")]
        mail_to: Option<String>,
    },
    /// Print the OpenAPI document of the public API
    Openapi,
    /// Create accounts, set their plans, list them
    Account {
        #[command(subcommand)]
        command: Account,
    },
}

#[derive(Subcommand)]
enum Account {
    /// Create an account with its first Admin, whose email address counts as verified
    Create(Create),
    /// Set or remove an account's LeadConduit plan
    Plan {
        /// The account's id, or the email address of one of its Admins
        #[arg(long, value_name = "ID|ADDRESS")]
        account: String,
        /// base, pro, partners or none
        #[arg(long)]
        plan: String,
        /// Also add TrustedForm
        #[arg(long)]
        trustedform: bool,
    },
    /// List all accounts: id, plan, members, name, Admin
    List,
}

#[derive(Args)]
struct Create {
    #[arg(long)]
    company: String,
    #[arg(long)]
    name: String,
    #[arg(long)]
    email: String,
    /// "-" reads it from standard input. Without this option ACCORD_PASSWORD is used. Others on this machine can see a
    /// password given as an argument
    #[arg(long)]
    password: Option<String>,
    /// base, pro, partners or none
    #[arg(long)]
    plan: String,
    #[arg(long)]
    trustedform: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let config = Config::from_environment();
    if let Command::Doctor { mail_to } = &cli.command {
        return runtime.block_on(doctor::run(config, mail_to.as_deref()));
    }
    let config = match config {
        Ok(config) => config,
        Err(problem) => return fail(&problem),
    };
    if let Command::Openapi = &cli.command {
        return print_document(&config);
    }
    telemetry::start(&config);
    match runtime.block_on(run(cli.command, config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => fail(&problem),
    }
}

async fn run(command: Command, config: Config) -> Result<(), commands::Failure> {
    match command {
        Command::Serve { no_worker } => serve::serve(config, !no_worker).await,
        Command::Worker => serve::worker(config).await,
        Command::Migrate => commands::migrate(config).await,
        Command::Seed => seed::run(config).await,
        // Handled in `main`, before anything is started.
        Command::Doctor { .. } | Command::Openapi => Ok(()),
        Command::Account { command: Account::Create(new) } => {
            let variable = std::env::var("ACCORD_PASSWORD").ok();
            let password = operator::password(new.password, variable, std::io::stdin().lock())?;
            let Create { company, name, email, plan, trustedform, .. } = new;
            operator::create_account(config, AccountArgs { company, name, email, password, plan, trustedform }).await
        }
        Command::Account { command: Account::Plan { account, plan, trustedform } } => {
            operator::set_plan(config, &account, &plan, trustedform).await
        }
        Command::Account { command: Account::List } => operator::list(config).await,
    }
}

fn print_document(config: &Config) -> ExitCode {
    match accord::api::server::document(config).to_pretty_json() {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn fail(problem: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("accord: {problem}");
    ExitCode::FAILURE
}
