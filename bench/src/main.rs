//! Measures the cost of Accord's main jobs, compared with pgbench on the same durable Postgres.
//!
//! `make bench` starts Postgres, builds the server and runs this program. All data is seeded by SQL, and the requests
//! are those of a browser without script, or of a seller's system. Nothing measured runs in this process: CPU and memory
//! of the server and of Postgres are read from `/proc`. The statements for pgbench are those the server sent for one
//! request, taken from Postgres' log (`script.rs`), or the insert of one row.

mod aims;
mod hostile;
mod load;
mod mails;
mod measure;
mod options;
mod pgbench;
mod postgres;
mod scenario;
mod script;
mod server;
mod table;
mod usage;

use load::Load;
use measure::Bench;
use options::Options;
use postgres::Postgres;
use scenario::{Places, Seed};
use server::Server;
use std::{process::ExitCode, rc::Rc, time::Duration};

/// An error is a sentence for the person at the terminal.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).peekable();
    let done = if args.next_if_eq("hostile").is_some() {
        hostile::run(&hostile::Options::read(args))
    } else {
        Options::read(args).and_then(|options| run(&options))
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome {
    let postgres = Postgres::from_environment()?;
    Server::migrate(&postgres)?;
    let hash = Server::password_hash(&postgres)?;
    for seed in options.seeds() {
        eprintln!("==> seed {}", seed.words());
        postgres.seed(seed, &hash)?;
    }
    let start = || Server::start(&postgres, server::WITHOUT_LIMITS);
    let places = Rc::new(find_places(&postgres, options, start()?)?);
    let mut rows = Vec::new();
    // Each scenario has a server of its own, so that its memory is not that of the one before.
    for (scenario, connections) in options.plan() {
        eprintln!("==> {}", scenario.title);
        let server = start()?;
        let load = Load { server: &server, places: places.clone() };
        rows.extend(Bench { options, postgres: &postgres, load }.scenario(scenario, &connections)?);
        server.stop()?;
    }
    if options.memory {
        eprintln!("==> memory after many leads");
        let server = start()?;
        let load = Load { server: &server, places };
        rows.extend(Bench { options, postgres: &postgres, load }.memory()?);
        server.stop()?;
    }
    rows.extend(if options.short { None } else { mails::measure(&postgres, options)? });
    let notes = format!("{}\n{}", options.notes(), baseline(&postgres)?);
    print!("{}", table::markdown(&rows, &notes));
    Ok(())
}

/// Looks up the pages of the plan, with a server that is stopped again.
fn find_places(postgres: &Postgres, options: &Options, server: Server) -> Outcome<Places> {
    let pages = options.plan().iter().filter_map(|(scenario, _)| scenario.page()).collect::<Vec<_>>();
    let places = Places::find(postgres, &pages)?;
    server.stop()?;
    Ok(places)
}

/// The minimum costs on this machine at 16 connections, so that tables of different machines can be compared: an empty
/// statement, and a durable commit of one row.
fn baseline(postgres: &Postgres) -> Outcome<String> {
    let empty = pgbench::statement(postgres, "select 1;\n", 16)?;
    let insert = pgbench::insert(postgres, 16, Duration::from_secs(1))?;
    Ok(format!(
        "On this machine, at 16 connections, an empty prepared statement costs Postgres {:.3} s of CPU per 1000\n\
         ({:.0} per second), and one that inserts and commits a row {:.3} ({:.0} per second).",
        empty.cpu, empty.per_second, insert.cpu, insert.per_second
    ))
}

impl Seed {
    fn words(self) -> String {
        match self {
            Self::Main => {
                let (sellers, buyers) = (scenario::SELLERS, scenario::BUYERS);
                format!("{sellers} sellers with open invitations of {buyers} buyers, and what pgbench inserts into")
            }
            Self::Leads => format!("{} sources with 50 rules and 6 mappings", scenario::LEAD_SOURCES),
            Self::Partners => format!("{} partners of one account with half a million leads", scenario::PARTNERS),
            Self::Large => "a large buyer with five million leads, which takes minutes".to_owned(),
        }
    }
}
