//! `accord serve` and `accord worker`: starting everything, and stopping it in order.

use super::{router, seed};
use crate::{
    base::paths,
    invitations,
    server::{
        AppState,
        commands::{self, Database, Failure},
        config::Config,
        db, live,
        mail::{self, Transport},
        site::{find_site, program_folder},
    },
};
use std::net::SocketAddr;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

const DUE_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

pub async fn serve(config: Config, with_worker: bool) -> Result<(), Failure> {
    find_site(&commands::leptos_options()?, &program_folder()).map_err(|problems| problems.join("\n"))?;
    let database = Database::open(&config).await?;
    // In production migrating is a step of its own; here a newcomer should not have to know it.
    if !config.is_production() {
        db::migrate(&database.owner).await?;
    }
    let state = commands::state(config, &database).await?;
    if database.is_private() {
        seed::first_start(&state).await?;
    }
    let (stop, stopped) = watch::channel(false);
    let worker = with_worker.then(|| start_worker(&state, stopped.clone())).transpose()?;
    let relay = tokio::spawn(keep_relaying(state.clone()));
    let listener = TcpListener::bind(state.config.listen_addr).await.map_err(|error| {
        format!("Cannot listen on {} ({error}). Set LISTEN_ADDR to a free address.", state.config.listen_addr)
    })?;
    greet(&state, database.is_private());
    let service = router::router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut told = stopped.clone();
    let serving = tokio::spawn(async move {
        axum::serve(listener, service)
            .with_graceful_shutdown(async move {
                let _gone = told.wait_for(|stop| *stop).await;
            })
            .await
    });
    until_told().await?;
    let _nobody_left = stop.send(true);
    // Event streams would keep the server up for ever; requests get a few seconds.
    state.live.close();
    let _unfinished = tokio::time::timeout(std::time::Duration::from_secs(5), serving).await;
    if let Some(worker) = worker {
        worker.await?;
    }
    relay.abort();
    state.pool.close().await;
    database.close().await
}

pub async fn worker(config: Config) -> Result<(), Failure> {
    let database = Database::open(&config).await?;
    let state = commands::state(config, &database).await?;
    let (stop, stopped) = watch::channel(false);
    let worker = start_worker(&state, stopped)?;
    let relay = tokio::spawn(keep_relaying(state.clone()));
    until_told().await?;
    let _nobody_left = stop.send(true);
    worker.await?;
    relay.abort();
    state.pool.close().await;
    database.close().await
}

fn start_worker(state: &AppState, stopped: watch::Receiver<bool>) -> Result<JoinHandle<()>, Failure> {
    let transport = Transport::from_config(&state.config)?;
    let due = tokio::spawn(keep_doing_due(state.clone(), stopped.clone()));
    let mails = mail::run(state.clone(), transport, stopped, Some(invitations::server::after_mail));
    Ok(tokio::spawn(async move {
        mails.await;
        let _ended = due.await;
    }))
}

/// Reminders, expiries, mails that never arrived: looked for every few seconds, done once however many processes look.
async fn keep_doing_due(state: AppState, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let wait = match invitations::server::do_due(&state).await {
            // There may be more than a batch of it.
            Ok(1..) => continue,
            Ok(0) => DUE_EVERY,
            Err(fault) => {
                drop(fault.report());
                DUE_EVERY
            }
        };
        tokio::select! {
            changed = stop.changed() => if changed.is_err() { break },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// The relay ends when its connection does; then it starts again.
async fn keep_relaying(state: AppState) {
    loop {
        if let Err(error) = live::relay(&state).await {
            tracing::warn!(%error, "the relay of live events starts again");
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

async fn until_told() -> Result<(), Failure> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    Ok(())
}

/// What a newcomer needs to know, on standard output.
fn greet(state: &AppState, demo: bool) {
    println!("\nAccord serves at {}", state.config.base_url.origin());
    if demo {
        println!("\nDemo sign-ins, all with the password \"{}\":", seed::PASSWORD);
        for actor in seed::ACTORS {
            println!("  {:28} {:24} {}", actor.email, actor.company, actor.what);
        }
        let (email, _, partner) = seed::PARTNER;
        println!("  {email:28} {partner:24} logs in for this partner of Bright Solar");
    }
    if commands::keeps_mails(&state.config) {
        println!("\nMails are at {}", state.config.base_url.join(paths::MAILBOX));
    }
    println!();
}
