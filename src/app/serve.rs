//! `accord serve` and `accord worker`: startup and orderly shutdown.

use super::{router, seed};
use crate::{
    base::paths,
    deliveries::server::worker as deliveries,
    invitations,
    leads::{
        self,
        server::{partitions, retention},
    },
    server::{
        AppState, Fault,
        commands::{self, Database, Failure},
        config::Config,
        db, listener, live,
        mail::{self, Transport},
        site::{find_site, program_folder},
    },
};
use std::{io, net::SocketAddr};
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

const DUE_INTERVAL: std::time::Duration = std::time::Duration::from_secs(10);

pub async fn serve(config: Config, with_worker: bool) -> Result<(), Failure> {
    config.check_proxies()?;
    find_site(&commands::leptos_options()?, &program_folder()).map_err(|problems| problems.join("\n"))?;
    let database = Database::open(&config).await?;
    // In production migrating is a separate step. In development nobody should need to know about it.
    if !config.is_production() {
        db::migrate(&database.owner).await?;
    }
    let state = commands::state(config, &database).await?;
    // Before the first lead comes. If it fails, the default partition takes the leads, and due work tries again.
    if let Err(fault) = partitions::tend(&state).await {
        drop(fault.report());
    }
    if database.is_private() {
        seed::seed_if_empty(&state).await?;
    }
    let (stop, stopped) = watch::channel(false);
    let worker = with_worker.then(|| start_worker(&state, stopped.clone())).transpose()?;
    let relay = tokio::spawn(run_relay(state.clone()));
    let listener = listen(state.config.listen_addr).map_err(|error| {
        format!("Cannot listen on {} ({error}). Set LISTEN_ADDR to a free address.", state.config.listen_addr)
    })?;
    print_welcome(&state, database.is_private());
    let router = router::router(state.clone());
    let serving = tokio::spawn(listener::serve(listener, router, state.config.capacity, stopped.clone()));
    wait_for_shutdown_signal().await?;
    let _no_receivers = stop.send(true);
    // Close event streams, which would keep the server running forever. Requests get a few seconds to finish.
    state.live.close();
    let _unfinished = tokio::time::timeout(std::time::Duration::from_secs(5), serving).await;
    if let Some(worker) = worker {
        worker.await?;
    }
    relay.abort();
    state.close().await;
    database.close().await
}

/// Connections that wait to be accepted. More than a burst of callers that open all connections at once.
const BACKLOG: u32 = 4_096;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

pub async fn worker(config: Config) -> Result<(), Failure> {
    let database = Database::open(&config).await?;
    let state = commands::state(config, &database).await?;
    let (stop, stopped) = watch::channel(false);
    let worker = start_worker(&state, stopped)?;
    let relay = tokio::spawn(run_relay(state.clone()));
    wait_for_shutdown_signal().await?;
    let _no_receivers = stop.send(true);
    worker.await?;
    relay.abort();
    state.close().await;
    database.close().await
}

fn start_worker(state: &AppState, stopped: watch::Receiver<bool>) -> Result<JoinHandle<()>, Failure> {
    let transport = Transport::from_config(&state.config)?;
    let due = tokio::spawn(run_due_work(state.clone(), stopped.clone()));
    let delivering = tokio::spawn(deliveries::run(state.clone(), stopped.clone()));
    let mails = mail::run(state.clone(), transport, stopped, Some(invitations::server::after_mail));
    Ok(tokio::spawn(async move {
        mails.await;
        let _ended = due.await;
        let _ended = delivering.await;
    }))
}

/// Runs what is due, one batch of each kind: reminders, expiries, undeliverable emails, rate limits that are full again,
/// kept posts and leads that are too old, deliveries that fail, and partitions of leads. Returns 0 if nothing is left. Each is handled once,
/// however many processes run this.
pub async fn run_due(state: &AppState) -> Result<usize, Fault> {
    let due = invitations::server::run_due(state).await?
        + state.limits.clean().await?
        + leads::server::forget_unread(state).await?
        + usize::from(retention::remove_old(state).await?.has_more)
        + deliveries::run_due(state).await?;
    Ok(due + partitions::tend(state).await?)
}

/// Runs what is due every few seconds.
async fn run_due_work(state: AppState, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let wait = match run_due(&state).await {
            // There may be more than this batch.
            Ok(1..) => continue,
            Ok(0) => DUE_INTERVAL,
            Err(fault) => {
                drop(fault.report());
                DUE_INTERVAL
            }
        };
        tokio::select! {
            changed = stop.changed() => if changed.is_err() { break },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Runs the relay of live events until it is aborted.
async fn run_relay(state: AppState) {
    live::relay(&state).await;
}

async fn wait_for_shutdown_signal() -> Result<(), Failure> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    Ok(())
}

/// Prints the address, the demo sign-ins and the mailbox.
fn print_welcome(state: &AppState, demo: bool) {
    println!("\nAccord is running at {}", state.config.base_url.origin());
    if demo {
        println!("\nDemo sign-ins, all with the password \"{}\":", seed::PASSWORD);
        for account in seed::DEMO_ACCOUNTS {
            println!("  {:28} {:24} {}", account.email, account.company, account.description);
        }
        let (email, _, partner) = seed::PARTNER;
        println!("  {email:28} {partner:24} partner user at Bright Solar");
    }
    let is_open = !state.config.is_production() && !state.config.listen_addr.ip().is_loopback();
    if is_open {
        println!(
            "\nOther machines can reach {}, sign-ins included. The mailbox and the gallery are shown only on this machine.",
            state.config.listen_addr
        );
    }
    if commands::keeps_mails(&state.config) {
        println!("\nEmails are shown at {}", state.config.base_url.join(paths::MAILBOX));
    }
    println!();
}
