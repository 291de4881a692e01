//! `make hostile`: sends what strangers and careless customers might send, and prints what each costs the server.
//!
//! The aims are those of spec/leads.md section 1: at most 16 MiB and 50 ms of CPU per request, whatever is in it, and
//! everyone else served meanwhile.

pub mod attacks;
mod others;
mod wire;

use crate::{Outcome, postgres::Postgres, server::Server, usage};
use attacks::{Attack, Plan};
use others::Others;
use std::{collections::BTreeMap, fmt::Write, time::Instant};

/// Most memory one request may cost, in MiB.
const MEMORY: f64 = 16.0;
/// The memory allowed to a build that is not optimised. The same export took from 1 to 32 MiB in it, and 4 in the release
/// build, depending on what the process had done before.
const MEMORY_UNOPTIMISED: f64 = 48.0;
/// Most CPU time one request may cost, in milliseconds.
const CPU: f64 = 50.0;
/// The CPU time allowed to a build that is not optimised: the dearest kind takes 0.7 to 1.4 s of it, as the machine is
/// busy or not (measured), and 30 ms of the release build.
const CPU_UNOPTIMISED: f64 = 2_500.0;
/// How much slower everyone else may be served meanwhile.
const SLOWER: f64 = 2.0;

/// The arguments of `make hostile ARGS=…`.
#[derive(Debug, Default)]
pub struct Options {
    /// Fewer requests each, on the unoptimised program of the tests: statuses and memory only.
    short: bool,
    /// One request each, for a server that takes seconds for some of them.
    once: bool,
    /// Only attacks whose name contains one of these; without any, all.
    only: Vec<String>,
}

impl Options {
    pub fn read(args: impl Iterator<Item = String>) -> Self {
        let mut options = Self::default();
        for arg in args {
            match arg.as_str() {
                "--short" => options.short = true,
                "--once" => options.once = true,
                _ => options.only.push(arg),
            }
        }
        options
    }

    fn includes(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part))
    }
}

/// What one attack cost.
struct Measured {
    requests: u64,
    seconds: f64,
    cost: Cost,
    /// MiB per request that was running at the same time.
    memory: f64,
    /// The peak of the process, in MiB.
    peak: f64,
    statuses: BTreeMap<u16, u64>,
    bytes: usize,
    others: Others,
}

pub fn run(options: &Options) -> Outcome {
    let postgres = Postgres::from_environment()?;
    Server::migrate(&postgres)?;
    let hash = Server::password_hash(&postgres)?;
    postgres.seed_hostile(&hash)?;
    let server = Server::start(&postgres, &[])?;
    let quiet = quiet(&postgres, &server)?;
    eprintln!(
        "    everyone else, alone: median {:.1} ms, 95 % {:.1} ms, CPU {:.2} + {:.2} ms a request",
        quiet.others.median(),
        quiet.others.at_95(),
        quiet.cost.app,
        quiet.cost.database
    );
    let mut table = String::from(
        "| attack | requests | status | s | CPU ms a request: app + database | MiB a request | peak MiB | others' median / 95 %, times | missed |\n\
         |---|--:|---|--:|--:|--:|--:|--:|---|\n",
    );
    let (mut count, mut missed) = (0, Vec::new());
    for attack in attacks::all().iter().filter(|attack| options.includes(attack.name)) {
        count += 1;
        let mut measured = measure(&postgres, &server, attack, quiet.cost, options)?;
        if measured.memory > memory_limit(options.short) {
            // What the allocator needs once, for another thread, is not what a request costs.
            measured = measure(&postgres, &server, attack, quiet.cost, options)?;
        }
        let wrong = judge(attack, &measured, &quiet.others, options.short);
        let line = row(attack, &measured, &quiet.others, &wrong);
        eprint!("    {line}");
        table.push_str(&line);
        if !wrong.is_empty() {
            missed.push(format!("{}: {}", attack.name, wrong.join(", ")));
        }
    }
    server.stop()?;
    println!("{table}");
    missed.iter().for_each(|line| println!("missed: {line}"));
    println!("{} attacks, {} missed", count, missed.len());
    if missed.is_empty() { Ok(()) } else { Err(String::new()) }
}

/// CPU milliseconds per request: the program, and Postgres.
#[derive(Clone, Copy)]
struct Cost {
    app: f64,
    database: f64,
}

impl Cost {
    /// What both have used so far, in milliseconds.
    fn so_far(postgres: &Postgres, server: &Server) -> Outcome<Self> {
        let database = usage::process_tree(postgres.pid()?)? * 1000.0;
        Ok(Self { app: usage::process(server.pid())? * 1000.0, database })
    }

    fn map(self, other: Self, of: impl Fn(f64, f64) -> f64) -> Self {
        Self { app: of(self.app, other.app), database: of(self.database, other.database) }
    }
}

/// Everyone else without an attack: how they are served, and what one of their requests costs.
struct Quiet {
    others: Others,
    cost: Cost,
}

fn quiet(postgres: &Postgres, server: &Server) -> Outcome<Quiet> {
    let pause = || std::thread::sleep(std::time::Duration::from_secs(2));
    others::beside(pause)?;
    let before = Cost::so_far(postgres, server)?;
    let ((), others) = others::beside(pause)?;
    let requests = others.requests().max(1) as f64;
    let cost = Cost::so_far(postgres, server)?.map(before, |after, before| (after - before) / requests);
    Ok(Quiet { others, cost })
}

/// What the other caller costs meanwhile is subtracted: beside an attack that takes long, it is more than that.
fn measure(
    postgres: &Postgres,
    server: &Server,
    attack: &Attack,
    cost_of_others: Cost,
    options: &Options,
) -> Outcome<Measured> {
    let plan = attack.plan(options.short);
    let first = Plan { count: 1, at_once: 1, ..plan };
    // Some requests first, so that nothing is measured that happens once for each thread.
    let warm =
        if plan.manner == attacks::Manner::Complete { Plan { count: plan.count.min(10), ..first } } else { first };
    drop((!options.once).then(|| attacks::send(&warm)));
    let plan = if options.once && plan.at_once == 1 { first } else { plan };
    usage::reset_peak(server.pid())?;
    let resident = usage::resident_mebibytes(server.pid())?;
    let before = Cost::so_far(postgres, server)?;
    let start = Instant::now();
    let (sent, others) = others::beside(|| attacks::send(&plan))?;
    let seconds = start.elapsed().as_secs_f64();
    let requests = sent.len().max(1) as u64;
    let peak = usage::peak_mebibytes(server.pid())
        .map_err(|reason| format!("{}: {reason}\n{}", attack.name, server.log_tail()))?;
    let mut statuses = BTreeMap::new();
    for outcome in &sent {
        *statuses.entry(outcome.status).or_default() += 1;
    }
    let spent = Cost::so_far(postgres, server)?.map(before, |after, before| after - before);
    let of_others = |spent: f64, each: f64| (spent - each * others.requests() as f64).max(0.0) / requests as f64;
    Ok(Measured {
        requests,
        seconds,
        cost: spent.map(cost_of_others, of_others),
        memory: (peak - resident).max(0.0) / plan.at_once as f64,
        peak,
        statuses,
        bytes: sent.iter().map(|outcome| outcome.bytes).max().unwrap_or(0),
        others,
    })
}

const fn memory_limit(short: bool) -> f64 {
    if short { MEMORY_UNOPTIMISED } else { MEMORY }
}

fn judge(attack: &Attack, measured: &Measured, quiet: &Others, short: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for status in measured.statuses.keys().filter(|status| !attack.expected.contains(status)) {
        wrong.push(format!("status {status}"));
    }
    if measured.memory > memory_limit(short) {
        wrong.push("memory".to_owned());
    }
    // An export may cost as much for each megabyte that it sends.
    let megabytes = if attack.grows { measured.bytes as f64 / 1e6 } else { 0.0 };
    let allowed = attack.allowance.max(megabytes) * if short { CPU_UNOPTIMISED } else { CPU };
    if measured.cost.app + measured.cost.database > allowed {
        wrong.push("CPU".to_owned());
    }
    if measured.others.failed > 0 {
        wrong.push(format!("{} requests of others failed", measured.others.failed));
    }
    if !short && measured.others.is_many() && measured.others.median() > SLOWER * quiet.median() {
        wrong.push("others slower".to_owned());
    }
    wrong
}

fn row(attack: &Attack, measured: &Measured, quiet: &Others, wrong: &[String]) -> String {
    let mut statuses = String::new();
    for (status, count) in &measured.statuses {
        let _written = write!(statuses, "{}{status} ×{count}", if statuses.is_empty() { "" } else { ", " });
    }
    format!(
        "| {} | {} | {statuses} ({} kB) | {:.1} | {:.1} + {:.1} | {:.1} | {:.0} | {:.1} / {:.1} | {} |\n",
        attack.name,
        measured.requests,
        measured.bytes / 1024,
        measured.seconds,
        measured.cost.app,
        measured.cost.database,
        measured.memory,
        measured.peak,
        measured.others.median() / quiet.median(),
        measured.others.at_95() / quiet.at_95(),
        wrong.join(", ")
    )
}
