//! [ssr] Processing a submission: authenticate, read, map, parse, judge, store, respond.

mod authentication;
pub mod columns;
mod configuration;
mod contacts;
pub mod erase;
pub mod export;
mod export_lines;
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

use crate::{
    accounts::server::zone,
    base::{AppError, FlowId, Id as _, LeadId, SourceId},
    flows::server::access,
    leads::model::Received,
    partners::model::PartnerPermission,
    server::{AppState, Cx, Fault, Tx, ids::random_bytes},
};
use authentication::PresentedCredential;
use configuration::{Configuration, Configurations, Part, StoredPart};
use futures::future::BoxFuture;
use judging::{Judged, Sent, judge};
use queries::{Target, posts};
use response::SubmissionResponse;
use std::sync::Arc;

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
}

impl Submission {
    fn new(flow_id: FlowId, source_id: SourceId, sender: Sender, sent: Sent) -> Self {
        let (sent, received, idempotency_key) = (Arc::new(sent), Arc::default(), None);
        Self { flow_id, source_id, sender, sent, received, idempotency_key, configuration: None, judged: None }
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
        Some([&self.source_id.bytes(), key.as_bytes()].concat())
    }
}

/// The response, and where to redirect the consumer's browser.
#[derive(Debug)]
pub struct Answer {
    pub response: SubmissionResponse,
    pub redirect: Option<String>,
}

/// What a transaction ends with: an answer, or long work to do before the next one.
enum Step {
    Done(Answer),
    /// The rules of the flow, and the rules and mappings of the source.
    Compile(Box<[Half; 2]>),
    Judge(Configuration, Vec<String>),
}

/// A part of a configuration that is in memory, or must be compiled.
enum Half {
    Compiled(Arc<Part>),
    Stored(StoredPart),
}

impl Half {
    fn compile(self) -> Arc<Part> {
        match self {
            Self::Compiled(part) => part,
            Self::Stored(stored) => stored.compile(),
        }
    }
}

/// Processes a submission of a seller's system.
pub async fn submit(cx: &Cx, submission: Submission) -> Result<Answer, Fault> {
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
    run(cx, submission, |tx, submission| {
        Box::pin(async move {
            let access = access::find(tx, submission.flow_id, submission.source_id).await?;
            access.require(&tx.cx, PartnerPermission::SendTestLeads)?;
            attempt(tx, submission).await
        })
    })
    .await
}

async fn run<F>(cx: &Cx, mut submission: Submission, verb: F) -> Result<Answer, Fault>
where
    F: for<'a> Fn(&'a mut Tx, Submission) -> BoxFuture<'a, Result<Step, Fault>>,
{
    let _turn = match submission.turn_key() {
        Some(key) => Some(cx.state.turns.wait(key, submission.sent.size()).await?),
        None => None,
    };
    for _ in 0..MAX_ATTEMPTS {
        match cx.write(submission.clone(), &verb).await? {
            Step::Done(answer) => return Ok(answer),
            Step::Compile(halves) => {
                let [flow, source] = cx.state.work.run(move || halves.map(Half::compile)).await?;
                let compiled = Configuration { flow, source };
                Configurations::of(&cx.state).keep(submission.flow_id, submission.source_id, &compiled);
                submission.configuration = Some(compiled);
            }
            Step::Judge(configuration, fields) => {
                let sent = submission.sent.clone();
                let today = cx.now.date();
                let judged = cx.state.work.run(move || judge(&sent, &configuration, &fields, today)).await?;
                submission.judged = Some(Arc::new(judged));
            }
        }
    }
    Err(AppError::Unavailable.into())
}

/// Processes a submission as far as a transaction should. The one that stores the lead also checks whether its source
/// may send. The sender is authenticated first, so that strangers learn nothing about the state of the source.
async fn attempt(tx: &mut Tx, submission: Submission) -> Result<Step, Fault> {
    let now = tx.now();
    let target = queries::find_target(tx, submission.flow_id, submission.source_id).await?.ok_or(Fault::NOT_FOUND)?;
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
    let redirect = judgement.redirect.clone();
    let id = tx.make_id::<LeadId>();
    if let Some(key) = &submission.idempotency_key
        && let Some(first) = queries::claim_key(tx, &target, key, id).await?
    {
        let response = queries::find_response(tx, &target, first).await?;
        return Ok(Step::Done(Answer { response, redirect }));
    }
    let stored = queries::NewLead {
        id,
        reason: judgement.reason.as_deref(),
        test: judgement.is_test || matches!(submission.sender, Sender::Person),
        input: judgement.input.values(),
        fields: &judgement.lead,
        received: &Received {
            authenticated,
            marks: judgement.input.marks().map(|mark| mark.to_string()).collect(),
            ..(*submission.received).clone()
        },
        contacts: contacts::of_lead(target.account_id, &judgement.lead, &judgement.input),
    };
    queries::insert_lead(tx, &target, &stored).await?;
    let response = SubmissionResponse::Handled { id, reason: judgement.reason.clone() };
    Ok(Step::Done(Answer { response, redirect }))
}

/// The submission as judged by the present configuration, or the work that is left to judge it.
async fn find_judged(
    tx: &mut Tx,
    submission: &Submission,
    target: &Target,
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
        (None, (Some(flow), Some(source))) => Configuration { flow, source },
        (None, (flow, source)) => {
            let stored = queries::find_configuration(tx, target).await?;
            let half = |(part, stored): (Option<Arc<Part>>, _)| part.map_or(Half::Stored(stored), Half::Compiled);
            let [stored_flow, stored_source] = stored;
            return Ok(Err(Step::Compile(Box::new([(flow, stored_flow), (source, stored_source)].map(half)))));
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
        Sender::System(Some(presented)) => authentication::is_valid(tx, target, presented).await?,
        Sender::System(None) => false,
    };
    let authentic = authenticated || !target.require_authentication;
    let may_send = target.source_enabled && target.kind.may_send(target.connected);
    let refused = match (authentic, target.flow_enabled, may_send) {
        (false, ..) => Some(SubmissionResponse::Unauthorized),
        (true, false, _) => Some(SubmissionResponse::Refused("flow is not enabled")),
        (true, true, false) => Some(SubmissionResponse::Refused("source is not enabled")),
        (true, true, true) => None,
    };
    Ok((authenticated, refused))
}
