//! Measures sending emails: `accord worker` sends what the other measurements have queued to a mail server that accepts
//! and discards everything.

use crate::{
    Outcome,
    options::Options,
    postgres::Postgres,
    server::{SMTP_ADDRESS, Server},
    table::Row,
    usage,
};
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::atomic::{AtomicU64, Ordering},
    thread::{self, sleep},
    time::{Duration, Instant},
};

static RECEIVED: AtomicU64 = AtomicU64::new(0);

/// Measures for as long as the other scenarios. None if fewer than 1,000 emails are queued.
pub fn measure(postgres: &Postgres, options: &Options) -> Outcome<Option<Row>> {
    let queued: u64 = postgres.query_value("select count(*) from mails where state = 'queued'")?.parse().unwrap_or(0);
    if queued < 1_000 {
        return Ok(None);
    }
    let listener = TcpListener::bind(SMTP_ADDRESS.as_str());
    let listener = listener.map_err(|error| format!("{} is in use: {error}", *SMTP_ADDRESS))?;
    // Ends with the process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || drop(receive(&stream)));
        }
    });
    let worker = Server::start_worker(postgres)?;
    let deadline = Instant::now() + Duration::from_secs(10);
    while RECEIVED.load(Ordering::Relaxed) < 100 {
        if Instant::now() > deadline {
            return Err(format!("The worker sends no emails.\n{}", worker.log_tail()));
        }
        sleep(Duration::from_millis(5));
    }
    postgres.checkpoint()?;
    usage::reset_peak(worker.pid())?;
    let (app, database) = (usage::process(worker.pid())?, usage::process_tree(postgres.pid()?)?);
    let own = usage::process(std::process::id())?;
    let (started, before) = (Instant::now(), RECEIVED.load(Ordering::Relaxed));
    while started.elapsed() < options.time && RECEIVED.load(Ordering::Relaxed) < queued {
        sleep(Duration::from_millis(10));
    }
    let (elapsed, count) = (started.elapsed().as_secs_f64(), (RECEIVED.load(Ordering::Relaxed) - before) as f64);
    let row = Row {
        scenario: "Send an email (`accord worker`)".to_owned(),
        connections: 8,
        per_second: count / elapsed,
        app: (usage::process(worker.pid())? - app) * 1000.0 / count,
        database: (usage::process_tree(postgres.pid()?)? - database) * 1000.0 / count,
        generator: (usage::process(std::process::id())? - own) * 1000.0 / count,
        peak: usage::peak_mebibytes(worker.pid())?,
        resident: usage::resident_mebibytes(worker.pid())?,
        ..Row::default()
    };
    worker.stop()?;
    Ok(Some(row))
}

/// A minimal SMTP server.
fn receive(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut out = stream;
    out.write_all(b"220 sink\r\n")?;
    let mut reading = false;
    for line in BufReader::new(stream).split(b'\n') {
        let line = line?;
        let response: &[u8] = match line.trim_ascii_end() {
            b"." if reading => {
                reading = false;
                RECEIVED.fetch_add(1, Ordering::Relaxed);
                b"250 taken\r\n"
            }
            _ if reading => continue,
            b"DATA" => {
                reading = true;
                b"354 go on\r\n"
            }
            b"QUIT" => return out.write_all(b"221 bye\r\n"),
            _ => b"250 fine\r\n",
        };
        out.write_all(response)?;
    }
    Ok(())
}
