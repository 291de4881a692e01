//! The usual way of a lead: judged by what is in memory, and stored with the leads that arrive at the same time. The
//! statement that stores it checks that all of it still holds, so a change that is acknowledged counts for every
//! submission that begins afterwards, on every process.
//!
//! Memory never refuses anything. What cannot be stored this way is processed by itself, from the database.

use super::{
    Answer, Half, SMALL_EFFORT, Sender, Submission,
    authentication::Proof,
    compile,
    configuration::{Configuration, Configurations, Known},
    gather::{Became, Gatherer, Moments},
    judging::{Judged, judge},
    new_lead,
    queries::{self, NewLead},
    response::SubmissionResponse,
    submit_alone, wait_for_turn,
};
use crate::{
    base::{AppError, Id as _, LeadId},
    server::{AppState, Fault, turns::Turn},
};
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;
use tokio::time::timeout;

/// Times that a lead is judged by what is in memory. After a change, the second time is by what was just read.
const ATTEMPTS: u32 = 2;

/// How long a submission that is processed by itself waits for a lock before it waits for its turn, in milliseconds.
const BRIEF_LOCK_TIMEOUT: u32 = 100;
/// How long a submission waits for others that do the same for it.
const MAX_TURN_WAIT: Duration = Duration::from_secs(5);

/// What came of an attempt.
enum Attempt {
    Done(Answer),
    /// Something has changed that what is in memory did not know.
    Stale(Option<Turn>),
    /// It must be processed by itself.
    Alone(Option<Turn>),
}

/// Processes a submission of a seller's system.
pub async fn take(state: &AppState, mut submission: Submission) -> Result<Answer, Fault> {
    let mut turn = wait_for_turn(state, &submission).await?;
    for _ in 0..ATTEMPTS {
        let Some(known) = find_known(state, &submission).await? else { return Err(Fault::NOT_FOUND) };
        match attempt(state, &mut submission, &known, turn).await? {
            Attempt::Done(answer) => return Ok(answer),
            Attempt::Stale(back) => {
                Configurations::of(state).forget(&known.source);
                turn = back;
            }
            Attempt::Alone(back) => return take_alone(state, submission, back).await,
        }
    }
    take_alone(state, submission, turn).await
}

/// Processes a submission from the database. If it has to wait for a lock, it waits for the turn of its source: of all
/// submissions of a source one waits with a connection, and leaves the other connections to other sources.
async fn take_alone(state: &AppState, submission: Submission, turn: Option<Turn>) -> Result<Answer, Fault> {
    let _turn = turn;
    let cx = state.for_submissions().system().await?;
    let brief = Submission { lock_timeout: Some(BRIEF_LOCK_TIMEOUT), ..submission.clone() };
    match submit_alone(&cx, brief).await {
        Err(fault) if fault.is_locked() => {}
        done => return done,
    }
    let _at_lock = wait_at(state, b"lock", &[&submission.source_id.bytes()]).await?;
    submit_alone(&cx, submission).await
}

/// Waits for a turn, but not longer than for a connection.
async fn wait_at(state: &AppState, kind: &[u8], ids: &[&[u8]]) -> Result<Turn, Fault> {
    let key = [&[kind], ids].concat().concat();
    timeout(MAX_TURN_WAIT, state.turns.wait(key, 0)).await.map_err(|_| AppError::Unavailable)?
}

/// Judges and stores a lead.
async fn attempt(
    state: &AppState,
    submission: &mut Submission,
    known: &Known,
    turn: Option<Turn>,
) -> Result<Attempt, Fault> {
    let now = Moments::of(state).now(state).await?;
    let Some(proof) = admission(submission, known, now) else { return Ok(Attempt::Alone(turn)) };
    let judged = judged(state, submission, known, now).await?;
    let Ok(judgement) = &judged.result else {
        submission.judged = Some(judged);
        return Ok(Attempt::Alone(turn));
    };
    let target = &known.source.target;
    let lead = new_lead(state, submission, target, judgement, proof.is_some(), now)?;
    let lead = NewLead { proof, ..lead };
    let id = lead.id;
    let (became, turn) = Gatherer::of(state).store(lead, turn).await?;
    let response = match became {
        Became::Stored => SubmissionResponse::Handled { id, reason: judgement.reason.clone() },
        Became::Before(holder) => find_response(state, known, holder).await?,
        Became::Stale => return Ok(Attempt::Stale(turn)),
        Became::Locked => return Ok(Attempt::Alone(turn)),
    };
    Ok(Attempt::Done(Answer { response, redirect: judgement.redirect.clone() }))
}

/// Whether the sender may send, as far as memory knows, and the proof of who it is, if it presents one. None is not a
/// refusal: it must be looked up.
fn admission(submission: &Submission, known: &Known, now: OffsetDateTime) -> Option<Option<Proof>> {
    let target = &known.source.target;
    let proof = match submission.sender {
        Sender::System(Some(presented)) => Some(known.source.proofs.find(presented, now)?),
        Sender::System(None) => None,
        Sender::Person => return None,
    };
    let is_authentic = proof.is_some() || !target.require_authentication;
    (is_authentic && target.flow_enabled && target.may_send()).then_some(proof)
}

async fn judged(
    state: &AppState,
    submission: &Submission,
    known: &Known,
    now: OffsetDateTime,
) -> Result<Arc<Judged>, Fault> {
    let (configuration, fields) = (&known.configuration, &known.source.target.fields);
    if configuration.effort(submission.sent.size()) <= SMALL_EFFORT {
        return Ok(Arc::new(judge(&submission.sent, configuration, fields, now.date())));
    }
    let (sent, configuration, fields) = (submission.sent.clone(), configuration.clone(), fields.clone());
    let judged = state.work.run(move || judge(&sent, &configuration, &fields, now.date())).await?;
    Ok(Arc::new(judged))
}

async fn find_response(state: &AppState, known: &Known, holder: LeadId) -> Result<SubmissionResponse, Fault> {
    let mut conn = state.submission_pool.acquire().await?;
    queries::find_response(&mut conn, &known.source.target, holder).await
}

/// What judges the leads of the source: from memory, or read once for all that wait for it. None if there is no such
/// source, which is always read.
async fn find_known(state: &AppState, submission: &Submission) -> Result<Option<Known>, Fault> {
    let (flow, source) = (submission.flow_id, submission.source_id);
    let configurations = Configurations::of(state);
    if let Some(known) = configurations.find_known(flow, source) {
        return Ok(Some(known));
    }
    let _turn = wait_at(state, b"target", &[&flow.bytes(), &source.bytes()]).await?;
    if let Some(known) = configurations.find_known(flow, source) {
        return Ok(Some(known));
    }
    let mut conn = state.submission_pool.acquire().await?;
    let Some(target) = queries::find_target(&mut conn, flow, source).await? else { return Ok(None) };
    let configuration = match configurations.find(&target) {
        [Some(flow), Some(source)] => Configuration { flow, source },
        parts => {
            let stored = queries::find_configuration(&mut conn, &target).await?;
            drop(conn);
            compile(state, &target, Half::of(parts, stored)).await?
        }
    };
    let source = configurations.keep_target(Arc::new(target));
    Ok(Some(Known { source, configuration }))
}
