//! Stores leads, any number by one statement. It checks that what judged them still holds, so a configuration in memory
//! is as good as one that was just read.

use super::{SHARES, Target};
use crate::{
    base::{Id, LeadId, SecretHash, SourceId},
    leads::server::{
        authentication::{Proof, ProofKind},
        content::Content,
    },
    server::Fault,
};
use sqlx::PgConnection;
use std::{collections::HashMap, hash::Hash, sync::Arc};
use time::{Date, OffsetDateTime};

/// A lead to be stored. Without a reason it is accepted.
#[derive(Debug)]
pub struct NewLead {
    pub id: LeadId,
    /// What judged it.
    pub target: Arc<Target>,
    /// What its sender was let in by, if that has to be checked again.
    pub proof: Option<Proof>,
    /// The hash of its `Idempotency-Key`.
    pub key: Option<SecretHash>,
    pub reason: Option<String>,
    pub test: bool,
    pub content: Content,
    pub received_at: OffsetDateTime,
    /// The day in the account's time zone.
    pub day: Date,
}

/// What became of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    Now,
    /// This lead of the last 24 hours has its key, so it was not stored.
    Before(LeadId),
    /// Not stored: what judged it or let its sender in has changed, or its source is locked.
    Stale,
}

/// How leads are stored.
#[derive(Debug, Clone, Copy)]
pub struct Storing {
    /// The share of each day's count; see [`SHARES`].
    pub share: u8,
    /// How far this process's clock is ahead of the database, in seconds.
    pub ahead: f64,
    /// Maximum milliseconds to wait for a lock; None for the usual time.
    pub lock_timeout: Option<u32>,
}

/// Numbers things in the order in which they first appear, from 1.
struct Numbers<K>(HashMap<K, i64>);

impl<K: Hash + Eq> Numbers<K> {
    fn of(&mut self, thing: K, first: impl FnOnce()) -> i64 {
        let next = self.0.len() as i64 + 1;
        *self.0.entry(thing).or_insert_with(|| {
            first();
            next
        })
    }
}

/// The arrays of the statement's parameters.
#[derive(Default)]
struct Columns<'l> {
    sources: Vec<SourceId>,
    stamps: Vec<&'l str>,
    owners: Vec<Vec<u8>>,
    are_keys: Vec<bool>,
    secrets: Vec<&'l [u8]>,
    ids: Vec<LeadId>,
    targets: Vec<i64>,
    proofs: Vec<Option<i64>>,
    keys: Vec<Option<&'l [u8]>>,
    reasons: Vec<Option<&'l str>>,
    tests: Vec<bool>,
    inputs: Vec<&'l str>,
    fields: Vec<&'l str>,
    received: Vec<&'l str>,
    contacts: Vec<&'l str>,
    times: Vec<OffsetDateTime>,
    days: Vec<Date>,
}

impl<'l> Columns<'l> {
    fn of(leads: impl Iterator<Item = &'l NewLead>) -> Self {
        let mut columns = Self::default();
        let (mut targets, mut proofs) = (Numbers(HashMap::new()), Numbers(HashMap::new()));
        for lead in leads {
            columns.targets.push(targets.of(Arc::as_ptr(&lead.target), || {
                columns.sources.push(lead.target.source_id);
                columns.stamps.push(&lead.target.stamp);
            }));
            let proof = lead.proof.as_ref().map(|proof| {
                let target = &lead.target;
                let owner = match proof.kind {
                    ProofKind::Source => target.source_id.bytes().to_vec(),
                    ProofKind::ApiKey => target.seller.map(|seller| seller.bytes().to_vec()).unwrap_or_default(),
                };
                proofs.of((owner.clone(), proof.hash.bytes()), || {
                    columns.owners.push(owner);
                    columns.are_keys.push(proof.kind == ProofKind::ApiKey);
                    columns.secrets.push(proof.hash.bytes());
                })
            });
            columns.proofs.push(proof);
            columns.ids.push(lead.id);
            columns.keys.push(lead.key.as_ref().map(SecretHash::bytes));
            columns.reasons.push(lead.reason.as_deref());
            columns.tests.push(lead.test);
            columns.inputs.push(&lead.content.input);
            columns.fields.push(&lead.content.fields);
            columns.received.push(&lead.content.received);
            columns.contacts.push(&lead.content.contacts);
            columns.times.push(lead.received_at);
            columns.days.push(lead.day);
        }
        columns
    }
}

/// A row that the statement returns: a lead that was stored, or the lead that has a key.
struct Returned {
    id: LeadId,
    source_id: Option<SourceId>,
    key_hash: Option<Vec<u8>>,
    /// It is to be delivered.
    is_queued: bool,
}

/// What became of leads, in their order.
#[derive(Debug)]
pub struct StoredLeads {
    pub became: Vec<Stored>,
    /// True if some of them are to be delivered.
    pub are_queued: bool,
}

/// Stores those of these leads whose target and proof are still what they were, and counts them in the same statement,
/// so that the counts always match the stored leads. Returns what became of each. No two of them have the same key.
///
/// The sources are locked against removal until the leads are stored, so that no lead is left without its flow; those
/// of locked sources are not stored. Keys are claimed, days counted and totals raised, each in one order, so that
/// statements that run at the same time wait for each other without a deadlock.
pub async fn store(conn: &mut PgConnection, leads: &[&NewLead], how: Storing) -> Result<StoredLeads, Fault> {
    let columns = Columns::of(leads.iter().copied());
    let returned = run(conn, &columns, how).await?;
    let are_queued = returned.iter().any(|row| row.is_queued);
    let (mut stored, mut holders) = (HashMap::with_capacity(returned.len()), HashMap::new());
    for row in returned {
        match row.source_id.zip(row.key_hash) {
            Some(key) => drop(holders.insert(key, row.id)),
            None => drop(stored.insert(row.id, ())),
        }
    }
    let became = |lead: &&NewLead| {
        if stored.contains_key(&lead.id) {
            return Stored::Now;
        }
        let holder = lead.key.filter(|_| !holders.is_empty());
        let holder = holder.and_then(|key| holders.get(&(lead.target.source_id, key.bytes().to_vec())));
        holder.map_or(Stored::Stale, |holder| Stored::Before(*holder))
    };
    Ok(StoredLeads { became: leads.iter().map(became).collect(), are_queued })
}

async fn run(conn: &mut PgConnection, columns: &Columns<'_>, how: Storing) -> Result<Vec<Returned>, Fault> {
    let rows = sqlx::query_file_as!(
        Returned,
        "src/leads/server/queries/store.sql",
        &columns.sources as _,
        &columns.stamps as _,
        &columns.owners as _,
        &columns.are_keys as _,
        &columns.secrets as _,
        &columns.ids as _,
        &columns.targets as _,
        &columns.proofs as _,
        &columns.keys as _,
        &columns.reasons as _,
        &columns.tests as _,
        &columns.inputs as _,
        &columns.fields as _,
        &columns.received as _,
        &columns.contacts as _,
        &columns.times as _,
        &columns.days as _,
        i16::from(how.share % SHARES),
        how.ahead,
        how.lock_timeout.map(|limit| limit.to_string()),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
