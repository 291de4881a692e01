//! [ssr] Processing a submission: authenticate, read, map, parse, judge, store, respond.

mod authentication;
pub mod columns;
mod configuration;
mod contacts;
mod content;
pub mod erase;
pub mod export;
mod export_lines;
mod gather;
pub mod http;
mod judging;
mod limits;
pub mod partitions;
pub mod queries;
pub mod response;
pub mod retention;
pub mod search;
mod sensitive;
pub mod story;
mod taking;

pub use taking::take;

use crate::{
    accounts::server::zone,
    base::{AppError, FlowId, Id as _, SecretHash, SourceId},
    flows::server::access,
    leads::model::Received,
    partners::model::PartnerPermission,
    server::{AppState, Cx, Fault, Tx, ids::random_bytes, turns::Turn},
};
use authentication::PresentedCredential;
use configuration::{Configuration, Configurations, Part, StoredPart};
use content::Content;
use futures::future::BoxFuture;
use judging::{Judged, Judgement, Sent, judge};
use queries::{NewLead, Stored, Storing, Target, posts};
use response::SubmissionResponse;
use std::sync::Arc;
use time::OffsetDateTime;

/// The effort of a submission that is judged at once. A greater one, of more than about a millisecond, is judged beside
/// the threads that serve requests, between two transactions.
const SMALL_EFFORT: usize = 64 * 1024;
/// Times that a submission is judged again because its source changed meanwhile.
const MAX_ATTEMPTS: u32 = 6;

#[derive(Debug, Clone, Copy)]
enum Sender {
    /// A seller's system, with the credential it presents.
    System(Option<PresentedCredential>),
    /// A signed-in person who sends a test lead.
    Person,
}

/// A submission to a source. It is read only after its sender is authenticated.
#[derive(Debug, Clone)]
pub struct Submission {
    flow_id: FlowId,
    source_id: SourceId,
    sender: Sender,
    sent: Arc<Sent>,
    received: Arc<Received>,
    /// Posts with the same key within 24 hours are one lead.
    idempotency_key: Option<String>,
    /// What was worked out between two transactions.
    configuration: Option<Configuration>,
    judged: Option<Arc<Judged>>,
    /// Maximum milliseconds to wait for a lock; None for the usual time.
    lock_timeout: Option<u32>,
}

impl Submission {
    fn new(flow_id: FlowId, source_id: SourceId, sender: Sender, sent: Sent) -> Self {
        let (sent, received, idempotency_key) = (Arc::new(sent), Arc::default(), None);
        let (configuration, judged, lock_timeout) = (None, None, None);
        Self { flow_id, source_id, sender, sent, received, idempotency_key, configuration, judged, lock_timeout }
    }

    /// A lead from a seller's system without a credential; `body` is form-encoded.
    pub fn form(flow_id: FlowId, source_id: SourceId, body: &str) -> Self {
        Self::new(flow_id, source_id, Sender::System(None), Sent::form(body))
    }

    /// A test lead from the form in the Submission Docs; `body` is form-encoded.
    pub fn test(flow_id: FlowId, source_id: SourceId, body: &str, idempotency_key: Option<String>) -> Self {
        Self { idempotency_key, ..Self::new(flow_id, source_id, Sender::Person, Sent::form(body)) }
    }

    /// The key of its turn among posts with the same `Idempotency-Key`.
    fn turn_key(&self) -> Option<Vec<u8>> {
        let key = self.idempotency_key.as_ref()?;
        Some([b"key", &self.source_id.bytes()[..], key.as_bytes()].concat())
    }
}

/// The response, and where to redirect the consumer's browser.
#[derive(Debug)]
pub struct Answer {
    pub response: SubmissionResponse,
    pub redirect: Option<String>,
}

/// What a transaction ends with: an answer, or work to do before the next one.
enum Step {
    Done(Answer),
    /// The rules of the flow, and the rules and mappings of the source.
    Compile(Arc<Target>, Box<[Half; 2]>),
    Judge(Configuration, Arc<[String]>),
    /// What judged the lead changed before it was stored.
    Again,
}

/// A part of a configuration that is in memory, or must be compiled.
enum Half {
    Compiled(Arc<Part>),
    Stored(StoredPart),
}

impl Half {
    /// What is in memory of a flow and a source, and what is stored of the rest.
    fn of(parts: [Option<Arc<Part>>; 2], stored: [StoredPart; 2]) -> [Self; 2] {
        let ([flow, source], [stored_flow, stored_source]) = (parts, stored);
        [(flow, stored_flow), (source, stored_source)]
            .map(|(part, stored)| part.map_or(Self::Stored(stored), Self::Compiled))
    }

    fn compile(self) -> Arc<Part> {
        match self {
            Self::Compiled(part) => part,
            Self::Stored(stored) => stored.compile(),
        }
    }
}

/// Processes a submission of a seller's system in a transaction of its own, at the time of the context.
pub async fn submit(cx: &Cx, submission: Submission) -> Result<Answer, Fault> {
    let _turn = wait_for_turn(&cx.state, &submission).await?;
    submit_alone(cx, submission).await
}

/// The same, after the turn of its `Idempotency-Key` has come.
async fn submit_alone(cx: &Cx, submission: Submission) -> Result<Answer, Fault> {
    run(cx, submission, |tx, submission| Box::pin(attempt(tx, submission))).await
}

/// Removes a batch of kept posts that are too old. Returns how many there were.
pub async fn forget_unread(state: &AppState) -> Result<usize, Fault> {
    let cx = state.system().await?;
    let now = cx.now;
    cx.write((), move |tx, ()| Box::pin(posts::remove_old(tx, now))).await
}

/// Processes a test lead, if the signed-in sender may send one. It needs no credential.
pub async fn submit_test(cx: &Cx, submission: Submission) -> Result<Answer, Fault> {
    let _turn = wait_for_turn(&cx.state, &submission).await?;
    run(cx, submission, |tx, submission| {
        Box::pin(async move {
            let access = access::find(tx, submission.flow_id, submission.source_id).await?;
            access.require(&tx.cx, PartnerPermission::SendTestLeads)?;
            attempt(tx, submission).await
        })
    })
    .await
}

async fn wait_for_turn(state: &AppState, submission: &Submission) -> Result<Option<Turn>, Fault> {
    match submission.turn_key() {
        Some(key) => state.turns.wait(key, submission.sent.size()).await.map(Some),
        None => Ok(None),
    }
}

async fn run<F>(cx: &Cx, mut submission: Submission, verb: F) -> Result<Answer, Fault>
where
    F: for<'a> Fn(&'a mut Tx, Submission) -> BoxFuture<'a, Result<Step, Fault>>,
{
    for _ in 0..MAX_ATTEMPTS {
        match cx.write(submission.clone(), &verb).await? {
            Step::Done(answer) => return Ok(answer),
            Step::Compile(target, halves) => {
                submission.configuration = Some(compile(&cx.state, &target, *halves).await?);
            }
            Step::Judge(configuration, fields) => {
                let sent = submission.sent.clone();
                let today = cx.now.date();
                let judged = cx.state.work.run(move || judge(&sent, &configuration, &fields, today)).await?;
                submission.judged = Some(Arc::new(judged));
            }
            Step::Again => {}
        }
    }
    Err(AppError::Unavailable.into())
}

/// Compiles what is not in memory, and keeps it.
async fn compile(state: &AppState, target: &Target, halves: [Half; 2]) -> Result<Configuration, Fault> {
    let [flow, source] = state.work.run(move || halves.map(Half::compile)).await?;
    let compiled = Configuration { flow, source };
    Configurations::of(state).keep(target, &compiled);
    Ok(compiled)
}

/// Processes a submission as far as a transaction should. The one that stores the lead also checks whether its source
/// may send. The sender is authenticated first, so that strangers learn nothing about the state of the source.
async fn attempt(tx: &mut Tx, submission: Submission) -> Result<Step, Fault> {
    let now = tx.now();
    let (flow_id, source_id) = (submission.flow_id, submission.source_id);
    queries::lock_source(tx, source_id, submission.lock_timeout).await?;
    let target = Arc::new(queries::find_target(tx, flow_id, source_id).await?.ok_or(Fault::NOT_FOUND)?);
    Configurations::of(&tx.cx.state).forget_other(&target);
    let (authenticated, refused) = admission(tx, &target, submission.sender).await?;
    let today = zone::day(&target.time_zone, now);
    if let Some(refused) = refused {
        let [random] = random_bytes();
        queries::count_refusal(tx, &target, today, random).await?;
        return Ok(Step::Done(Answer { response: refused, redirect: None }));
    }
    let judged = match find_judged(tx, &submission, &target).await? {
        Ok(judged) => judged,
        Err(step) => return Ok(step),
    };
    let judgement = match &judged.result {
        Ok(judgement) => judgement,
        Err(unread) => {
            // What people try out in the docs is no error of the seller's system.
            if matches!(submission.sender, Sender::System(_)) {
                posts::keep_unread(tx, &target, unread, today).await?;
            }
            return Ok(Step::Done(Answer { response: (&unread.problem).into(), redirect: None }));
        }
    };
    let (mut submission, state) = (submission, tx.cx.state.clone());
    let lead = new_lead(&state, &mut submission, &target, judgement, authenticated, now)?;
    let [.., random] = lead.id.bytes();
    let how =
        Storing { share: random, ahead: state.clock.offset().as_secs_f64(), lock_timeout: submission.lock_timeout };
    let stored = queries::store(tx, &[&lead], how).await?;
    if stored.are_queued {
        tx.wake_deliveries();
    }
    let holder = match stored.became[..] {
        [Stored::Now] => None,
        [Stored::Before(holder)] => Some(holder),
        _ => return Ok(Step::Again),
    };
    let response = match holder {
        Some(holder) => queries::find_response(tx, &target, holder).await?,
        None => SubmissionResponse::Handled { id: lead.id, reason: lead.reason },
    };
    Ok(Step::Done(Answer { response, redirect: judgement.redirect.clone() }))
}

/// The lead of a submission that was judged.
fn new_lead(
    state: &AppState,
    submission: &mut Submission,
    target: &Arc<Target>,
    judgement: &Judgement,
    authenticated: bool,
    at: OffsetDateTime,
) -> Result<NewLead, Fault> {
    let received = Arc::make_mut(&mut submission.received);
    received.authenticated = authenticated;
    received.marks = judgement.input.marks().map(|mark| mark.to_string()).collect();
    Ok(NewLead {
        id: state.make_id(at),
        target: target.clone(),
        proof: None,
        key: submission.idempotency_key.as_ref().map(|key| SecretHash::of(key.as_bytes())),
        reason: judgement.reason.clone(),
        test: judgement.is_test || matches!(submission.sender, Sender::Person),
        content: Content::of(target.account_id, judgement, received)?,
        received_at: at,
        day: zone::day(&target.time_zone, at),
    })
}

/// The submission as judged by the present configuration, or the work that is left to judge it.
async fn find_judged(
    tx: &mut Tx,
    submission: &Submission,
    target: &Arc<Target>,
) -> Result<Result<Arc<Judged>, Step>, Fault> {
    if let Some(judged) = &submission.judged
        && judged.configuration.is_current(target)
        && judged.fields == target.fields
    {
        return Ok(Ok(judged.clone()));
    }
    let carried = submission.configuration.clone().filter(|carried| carried.is_current(target));
    let configuration = match (carried, Configurations::of(&tx.cx.state).find(target)) {
        (Some(carried), _) => carried,
        (None, [Some(flow), Some(source)]) => Configuration { flow, source },
        (None, parts) => {
            let halves = Half::of(parts, queries::find_configuration(tx, target).await?);
            return Ok(Err(Step::Compile(target.clone(), Box::new(halves))));
        }
    };
    if configuration.effort(submission.sent.size()) > SMALL_EFFORT {
        return Ok(Err(Step::Judge(configuration, target.fields.clone())));
    }
    Ok(Ok(Arc::new(judge(&submission.sent, &configuration, &target.fields, tx.now().date()))))
}

/// Whether the sender is authenticated, and why the flow currently refuses all submissions of this sender, if it does.
async fn admission(tx: &mut Tx, target: &Target, sender: Sender) -> Result<(bool, Option<SubmissionResponse>), Fault> {
    let authenticated = match sender {
        Sender::Person => true,
        // The use of a valid credential is recorded even if none is required, to show which senders already
        // authenticate.
        Sender::System(Some(presented)) => match authentication::find_proof(tx, target, presented).await? {
            Some(proof) => {
                Configurations::of(&tx.cx.state).keep_proof(target, proof, tx.now());
                true
            }
            None => false,
        },
        Sender::System(None) => false,
    };
    let authentic = authenticated || !target.require_authentication;
    let refused = match (authentic, target.flow_enabled, target.may_send()) {
        (false, ..) => Some(SubmissionResponse::Unauthorized),
        (true, false, _) => Some(SubmissionResponse::Refused("flow is not enabled")),
        (true, true, false) => Some(SubmissionResponse::Refused("source is not enabled")),
        (true, true, true) => None,
    };
    Ok((authenticated, refused))
}
