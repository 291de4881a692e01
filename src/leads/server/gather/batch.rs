//! The leads of one statement. If it fails, only the lead at fault fails: the others are stored by further statements.

use crate::{
    base::{AppError, LeadId, SourceId},
    leads::server::queries::{self, NewLead, Stored, Storing},
    server::{Fault, STORING, turns::Turn},
};
use governor::clock::{Clock as _, MonotonicClock};
use sqlx::PgConnection;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Notify, oneshot};

/// How long a batch waits for a lock. After that it uses another share, then the leads of each source are stored by
/// themselves.
const LOCK_TIMEOUT: u32 = 300;

/// How long a lead waits for its statement to begin. Requests end much later, so that no lead is stored after its sender
/// was told to send it again.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// What became of a lead that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    Stored,
    /// This lead has its key.
    Before(LeadId),
    /// Not stored: what judged it has changed, or its source is locked.
    Stale,
    /// Not stored: something that it needs is locked, so it must wait by itself.
    Locked,
}

type Answer = Result<(Became, Option<Turn>), Fault>;

/// A lead that waits to be stored.
pub struct Waiting {
    lead: NewLead,
    turn: Option<Turn>,
    answer: oneshot::Sender<Answer>,
    since: Instant,
}

impl Waiting {
    pub fn new(lead: NewLead, turn: Option<Turn>, answer: oneshot::Sender<Answer>) -> Self {
        Self { lead, turn, answer, since: MonotonicClock.now() }
    }

    /// True if its request may have been answered already: its sender will send it again.
    pub fn is_late(&self) -> bool {
        MonotonicClock.now() - self.since > MAX_WAIT
    }

    pub fn size(&self) -> usize {
        self.lead.content.size()
    }

    /// Answers, if somebody still waits for it.
    fn became(self, became: Became) {
        drop(self.answer.send(Ok((became, self.turn))));
    }

    pub fn fail(self, fault: Fault) {
        drop(self.answer.send(Err(fault)));
    }
}

/// Leads to store by one statement.
pub struct Batch {
    leads: Vec<Waiting>,
    how: Storing,
    /// Notified after leads were stored that are to be delivered.
    deliveries: Arc<Notify>,
}

impl Batch {
    pub const fn new(leads: Vec<Waiting>, share: u8, ahead: f64, deliveries: Arc<Notify>) -> Self {
        Self { leads, how: Storing { share, ahead, lock_timeout: Some(LOCK_TIMEOUT) }, deliveries }
    }

    /// Stores the leads and answers for each. False if the connection is of no more use.
    pub async fn store(self, conn: &mut PgConnection) -> bool {
        let mut how = self.how;
        let mut parts = vec![self.leads];
        while let Some(part) = parts.pop() {
            let leads: Vec<_> = part.iter().map(|waiting| &waiting.lead).collect();
            match queries::store(conn, &leads, how).await {
                Ok(stored) => {
                    if stored.are_queued {
                        self.deliveries.notify_one();
                    }
                    answer(part, stored.became);
                }
                // Another process may use the same share of the counts.
                Err(fault) if fault.is_locked() && how.share == self.how.share => {
                    how.share = how.share.wrapping_add(STORING as u8);
                    parts.push(part);
                }
                Err(fault) if fault.is_locked() => match by_source(part).or_else(by_key) {
                    Ok(further) => parts.extend(further),
                    Err(only) => only.into_iter().for_each(|waiting| waiting.became(Became::Locked)),
                },
                Err(fault) if fault.is_unavailable() => {
                    parts.push(part);
                    let leads = parts.into_iter().flatten().collect();
                    Self { leads, how, deliveries: self.deliveries }.fail(fault);
                    return false;
                }
                Err(fault) => match halves(part) {
                    Ok(halves) => parts.extend(halves),
                    Err(mut only) => drop(only.pop().map(|waiting| waiting.fail(fault))),
                },
            }
        }
        true
    }

    /// Answers all leads: they cannot be stored now.
    pub fn fail(self, fault: Fault) {
        drop(fault.report());
        for waiting in self.leads {
            waiting.fail(AppError::Unavailable.into());
        }
    }
}

fn answer(part: Vec<Waiting>, stored: Vec<Stored>) {
    for (waiting, stored) in part.into_iter().zip(stored) {
        waiting.became(match stored {
            Stored::Now => Became::Stored,
            Stored::Before(holder) => Became::Before(holder),
            Stored::Stale => Became::Stale,
        });
    }
}

/// The leads of each source. Fails with the leads if they have only one.
pub(super) fn by_source(part: Vec<Waiting>) -> Result<Vec<Vec<Waiting>>, Vec<Waiting>> {
    let first = part.first().map(|waiting| waiting.lead.target.source_id);
    if part.iter().all(|waiting| Some(waiting.lead.target.source_id) == first) {
        return Err(part);
    }
    let mut sources = BTreeMap::<SourceId, Vec<_>>::new();
    for waiting in part {
        sources.entry(waiting.lead.target.source_id).or_default().push(waiting);
    }
    Ok(sources.into_values().collect())
}

/// Those with a key, which another process may be claiming, and the others. Fails with the leads if they are alike.
fn by_key(part: Vec<Waiting>) -> Result<Vec<Vec<Waiting>>, Vec<Waiting>> {
    let (with_key, others): (Vec<_>, Vec<_>) = part.into_iter().partition(|waiting| waiting.lead.key.is_some());
    match (with_key.is_empty(), others.is_empty()) {
        (false, false) => Ok(vec![with_key, others]),
        (true, _) => Err(others),
        (false, true) => Err(with_key),
    }
}

/// Two halves, so that a lead at fault is found in few statements. Fails with the lead if there is only one.
pub(super) fn halves(mut part: Vec<Waiting>) -> Result<[Vec<Waiting>; 2], Vec<Waiting>> {
    if part.len() < 2 {
        return Err(part);
    }
    let half = part.split_off(part.len() / 2);
    Ok([half, part])
}
