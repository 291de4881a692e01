//! Systems that send without pause. What they may see follows from the order of events: a submission that began after
//! a change was acknowledged, and ended before the next one began, has one right answer.

use super::{
    kinds::{Expected, Kind},
    scene::Scene,
};
use crate::support::{Response, process::Process};
use accord::base::{FlowId, Id as _, LeadId, SourceId};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use tokio::sync::Notify;

/// Submissions of each sender that begin and end in one state before the next change.
const SERVED: usize = 3;

/// A submission with the states it can have seen, from the one that was acknowledged when it began to the one that had
/// begun when it ended.
struct Answered {
    first: usize,
    last: usize,
    answer: String,
    lead: Option<LeadId>,
}

pub struct Load {
    kind: Kind,
    acknowledged: Cell<usize>,
    begun: Cell<usize>,
    finished: Cell<bool>,
    authorization: RefCell<Option<String>>,
    answered: RefCell<Vec<Answered>>,
    served: RefCell<[usize; 2]>,
    progress: Notify,
}

impl Load {
    pub fn new(kind: Kind, authorization: Option<String>) -> Self {
        Self {
            kind,
            acknowledged: Cell::new(0),
            begun: Cell::new(0),
            finished: Cell::new(false),
            authorization: RefCell::new(authorization),
            answered: RefCell::default(),
            served: RefCell::default(),
            progress: Notify::new(),
        }
    }

    /// Makes the change that leads to a state. It returns what senders present from then on, if that changes.
    pub async fn change(&self, state: usize, change: impl Future<Output = Option<String>>) {
        self.begun.set(state);
        let authorization = change.await;
        if authorization.is_some() {
            self.authorization.replace(authorization);
        }
        self.served.replace([0; 2]);
        self.acknowledged.set(state);
    }

    pub async fn every_sender_is_served(&self) {
        while self.served.borrow().iter().any(|count| *count < SERVED) {
            self.progress.notified().await;
        }
    }

    pub fn finish(&self) {
        self.finished.set(true);
    }

    /// Sends one lead after the other until everything is done.
    pub async fn send(&self, sender: usize, to: (FlowId, SourceId), process: &Process) {
        let mut wire = process.connect().await;
        while !self.finished.get() {
            let (first, authorization) = (self.acknowledged.get(), self.authorization.borrow().clone());
            let headers: Vec<_> = authorization.iter().map(|value| ("authorization", value.as_str())).collect();
            let response = wire.submit(to, &headers, self.kind.body()).await.unwrap();
            self.note(sender, first, &response);
        }
    }

    #[track_caller]
    fn note(&self, sender: usize, first: usize, response: &Response) {
        let last = self.begun.get();
        let body: Value = response.json();
        let reason = body["reason"].as_str();
        let (answer, lead) = match (response.status.as_u16(), reason) {
            (201, None) => (body["outcome"].as_str().unwrap().to_owned(), Some(&body["lead"]["id"])),
            (201, Some(reason)) => {
                (format!("{}: {reason}", body["outcome"].as_str().unwrap()), Some(&body["lead"]["id"]))
            }
            (status, reason) => (format!("{status} {}", reason.unwrap_or_default()), None),
        };
        let lead = lead.map(|id| id.as_str().unwrap().parse().unwrap());
        let allowed = self.allowed(first, last);
        let is_allowed = allowed.iter().any(|expected| expected.answer == answer);
        assert!(is_allowed, "{:?}: {answer:?} in the states {first} to {last}, not one of {allowed:?}", self.kind);
        self.answered.borrow_mut().push(Answered { first, last, answer, lead });
        if (first, last) == (self.acknowledged.get(), self.acknowledged.get()) {
            self.served.borrow_mut()[sender] += 1;
        }
        self.progress.notify_one();
    }

    fn allowed(&self, first: usize, last: usize) -> Vec<Expected> {
        (first..=last).map(|state| self.kind.expected(state % 2 == 1)).collect()
    }

    /// Each stored lead keeps what belongs to its answer, and no other lead is stored.
    pub async fn stored_leads_are_as_answered(&self, scene: &Scene) {
        let query = format!("select id, {} from leads where source_id = $1 order by id", self.kind.kept());
        let stored: Vec<(LeadId, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(scene.place.1)
            .fetch_all(&scene.app.state.pool)
            .await
            .unwrap();
        let mut answered: Vec<_> = self.answered.take();
        answered.retain(|answered| answered.lead.is_some());
        answered.sort_by_key(|answered| answered.lead.map(|id| id.bytes()));
        assert_eq!(stored.len(), answered.len(), "{:?}", self.kind);
        for ((id, kept), Answered { first, last, answer, lead }) in stored.iter().zip(answered) {
            assert_eq!(Some(*id), lead, "{:?}", self.kind);
            let allowed = self.allowed(first, last);
            let is_allowed =
                allowed.iter().any(|expected| (expected.answer, expected.kept) == (&*answer, kept.as_str()));
            assert!(is_allowed, "{:?}: {answer:?}, {kept:?} in the states {first} to {last}", self.kind);
        }
    }
}
