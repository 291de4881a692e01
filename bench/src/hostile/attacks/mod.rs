//! The attacks, by where they arrive.

mod connections;
mod customers;
mod submissions;
mod visitors;

use super::wire::{self, Outcome, Raw};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

/// Something one caller can send.
pub struct Attack {
    pub name: &'static str,
    pub count: u32,
    /// How many are sent at the same time.
    pub at_once: u32,
    pub request: fn(u32) -> Raw,
    pub manner: Manner,
    pub expected: &'static [u16],
    /// How often the aim for CPU applies: more for what a signed-in person saves.
    pub allowance: f64,
    /// True for exports: the aim is for each megabyte.
    pub grows: bool,
}

/// How it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Completely, and the response is read.
    Complete,
    /// Only so many bytes of it, and then nothing: the connection is held until the server closes it.
    Partly(usize),
    /// Completely, but the response is not read for this many seconds.
    Unread(u64),
}

/// How often an attack is run.
#[derive(Clone, Copy)]
pub struct Plan {
    pub count: u32,
    pub at_once: u32,
    pub request: fn(u32) -> Raw,
    pub manner: Manner,
}

impl Attack {
    /// Ten one after the other.
    const fn new(name: &'static str, request: fn(u32) -> Raw, expected: &'static [u16]) -> Self {
        Self { name, count: 10, at_once: 1, request, manner: Manner::Complete, expected, allowance: 1.0, grows: false }
    }

    const fn at_once(self, count: u32, at_once: u32) -> Self {
        Self { count, at_once, ..self }
    }

    const fn manner(self, manner: Manner) -> Self {
        Self { manner, ..self }
    }

    const fn allowance(self, allowance: f64) -> Self {
        Self { allowance, ..self }
    }

    const fn grows(self) -> Self {
        Self { grows: true, ..self }
    }

    /// The short form sends a third, and of floods less.
    pub fn plan(&self, short: bool) -> Plan {
        let count = if short { (self.count / 3).min(600).max(self.at_once.min(50)) } else { self.count };
        Plan { count, at_once: self.at_once.min(count), request: self.request, manner: self.manner }
    }
}

pub fn all() -> Vec<Attack> {
    let places = [submissions::attacks(), visitors::attacks(), customers::attacks(), connections::attacks()];
    places.into_iter().flatten().collect()
}

/// Sends everything of a plan.
pub fn send(plan: &Plan) -> Vec<Outcome> {
    let next = AtomicU32::new(0);
    let one = || {
        let mut outcomes = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= plan.count {
                return outcomes;
            }
            outcomes.push(send_one(&(plan.request)(number), plan.manner));
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.at_once).map(|_| scope.spawn(one)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}

fn send_one(raw: &Raw, manner: Manner) -> Outcome {
    match manner {
        Manner::Complete => wire::exchange(raw),
        Manner::Partly(length) => wire::send_partly(raw, length),
        Manner::Unread(seconds) => {
            let Some(mut stream) = wire::open() else { return Outcome { status: 0, bytes: 0 } };
            let _refused_early = wire::send(&mut stream, raw);
            thread::sleep(Duration::from_secs(seconds));
            wire::read(&mut stream)
        }
    }
}

/// A submission URL.
pub struct Target {
    flow: &'static str,
    source: &'static str,
}

impl Target {
    pub fn path(&self) -> String {
        format!("/flows/{}{TAIL}/sources/{}{TAIL}/submit", self.flow, self.source)
    }
}

/// Ids are their kind and zeros: see `seed.sql`.
const TAIL: &str = "0000000000000000000000";
/// A source that accepts leads from anyone.
pub const SUBMIT: Target = Target { flow: "55", source: "58" };
/// A source that is off.
const OFF: Target = Target { flow: "56", source: "5a" };
/// No such source.
const UNKNOWN: Target = Target { flow: "ee", source: "ee" };
/// The cookie of the Admin.
fn cookie() -> String {
    format!("accord=51{}", "0".repeat(62))
}

const MEGABYTE: usize = 1 << 20;

/// Repeats a text up to a length just under 1 MiB, with a beginning and an end.
fn filled(begin: &str, part: &str, end: &str) -> Vec<u8> {
    let times = (MEGABYTE - 1 - begin.len() - end.len()) / part.len();
    [begin, &part.repeat(times), end].concat().into_bytes()
}
