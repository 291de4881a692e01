//! The story of a lead: how it arrived, what mappings and parsing made of it, each check with its result, and the
//! answer. Only the outcome is stored; the rest is worked out again from the input and the versions that judged it.

mod input;
mod replay;

pub use input::Parameter;
pub use replay::{Effect, MappingStep, Owner, Replay, RuleStep};

use super::{
    configuration::Configuration,
    queries::story::{self as queries, Current, StoryRow},
    response::{ResponseFormat, SubmissionResponse},
};
use crate::{
    accounts::model::Permission,
    base::{AccountId, LeadId, PartnerId, SourceId},
    leads::model::{Outcome, Received},
    partners::{
        model::PartnerPermission,
        server::policy::{self, PartnerActor},
    },
    rules::Lead,
    server::{Cx, Db, Fault},
};
use input::StoredInput;
use replay::{Configurations, stored_lead};
use serde_json::{Value, json};
use time::Date;

/// A check of the request before any rule.
#[derive(Debug, Clone)]
pub struct Check {
    pub name: &'static str,
    pub passed: bool,
    pub saw: &'static str,
}

/// Why the checks of a lead can be shown, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The steps lead to the stored outcome.
    Known,
    /// The personal data of the lead was erased, so there is nothing to work out the steps from.
    Erased,
    /// The lead is from before versions were kept.
    Before,
    /// The lead names versions that were not kept.
    Unkept,
    /// The steps do not lead to the stored outcome and reason, or see values that were removed before the lead was stored;
    /// or the program reads its rules differently since.
    Differs,
}

/// A field of the lead: raw beside normal.
#[derive(Debug, Clone)]
pub struct FieldStory {
    pub name: String,
    pub raw: String,
    pub value: String,
    pub valid: bool,
}

#[derive(Debug, Clone)]
pub struct Story {
    pub row: StoryRow,
    pub parameters: Vec<Parameter>,
    pub fields: Vec<FieldStory>,
    pub checks: Vec<Check>,
    /// None unless the versions are known and the data of the lead is not erased.
    pub replay: Option<Replay>,
    pub certainty: Certainty,
}

/// What would happen to the lead now. Nothing of it is stored.
#[derive(Debug, Clone)]
pub struct Today {
    pub flow_version: i32,
    pub source_version: i32,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub fields: Vec<FieldStory>,
    pub checks: Vec<Check>,
    pub replay: Replay,
}

/// A lead of an account of the viewer, for members who may see it.
pub async fn find_for_buyer(db: &mut impl Db, id: LeadId) -> Result<StoryRow, Fault> {
    let now = db.now();
    let memberships = &db.cx().viewer()?.memberships;
    let accounts: Vec<AccountId> = memberships.iter().map(|membership| membership.account_id).collect();
    let row = queries::find_story(db, &accounts, id, None, now).await?.ok_or(Fault::NOT_FOUND)?;
    db.cx().actor(row.account_id, Permission::See)?;
    Ok(row)
}

/// A lead of a source that belongs to the partner now, for people of its portal.
pub async fn find_for_seller(
    db: &mut impl Db,
    partner_id: PartnerId,
    id: LeadId,
) -> Result<(StoryRow, PartnerActor), Fault> {
    let actor = policy::find_in_portal(db, partner_id, PartnerPermission::See).await?;
    let now = db.now();
    let found = queries::find_story(db, &[actor.partner.account_id], id, Some(partner_id), now).await?;
    Ok((found.ok_or(Fault::NOT_FOUND)?, actor))
}

/// A lead of this account, whose permission the caller has checked.
pub async fn find_in_account(db: &mut impl Db, account_id: AccountId, id: LeadId) -> Result<StoryRow, Fault> {
    let now = db.now();
    queries::find_story(db, &[account_id], id, None, now).await?.ok_or(Fault::NOT_FOUND)
}

/// The current configuration of the lead's source; None if the source was removed.
pub async fn find_current(db: &mut impl Db, row: &StoryRow) -> Result<Option<Current>, Fault> {
    let (account_id, source_id): (AccountId, SourceId) = (row.account_id, row.source_id);
    queries::find_current(db, account_id, source_id).await
}

/// Works out the story. Compiling rules takes long, so it is done without a connection, beside the threads that serve
/// requests.
pub async fn tell(cx: &Cx, row: StoryRow) -> Result<Story, Fault> {
    cx.state.work.run(move || told(row)).await
}

fn told(row: StoryRow) -> Story {
    let input = StoredInput::read(&row.input);
    let lead = stored_lead(&row.fields);
    let versions = row.flow.as_ref().zip(row.source.as_ref()).filter(|_| row.erased_at.is_none());
    let configurations =
        versions.map(|(flow, source)| Configurations { flow: flow.0.clone(), source: source.0.clone() });
    let replay = configurations.as_ref().map(|known| Replay::of(known, &known.compile(), &input, &lead));
    let has_numbers = row.flow_version.is_some() && row.source_version.is_some();
    let certainty = match &replay {
        Some(replay) if leads_to_answer(replay, &row) => Certainty::Known,
        Some(_) => Certainty::Differs,
        None if row.erased_at.is_some() => Certainty::Erased,
        None if has_numbers => Certainty::Unkept,
        None => Certainty::Before,
    };
    // A lead is stored only if its request passed them.
    let checks = configurations.as_ref().map(|known| {
        let authentication = authentication(known.source.require_authentication, &row.received);
        vec![authentication, switched("Flow is on", true), switched("Source is on", true)]
    });
    let order = configurations.map(|known| known.flow.fields).unwrap_or_default();
    Story {
        parameters: input.parameters,
        fields: stories_of(&lead, &order),
        checks: checks.unwrap_or_default(),
        replay,
        certainty,
        row,
    }
}

fn leads_to_answer(replay: &Replay, row: &StoryRow) -> bool {
    let is_same = replay.accepted == (row.outcome == Outcome::Accepted) && replay.reason == row.reason;
    is_same && !replay.sees_removed
}

/// Judges the lead again by the current configuration.
pub async fn try_again(cx: &Cx, row: &StoryRow, current: Current) -> Result<Today, Fault> {
    let (input, received) = (StoredInput::read(&row.input), row.received.0.clone());
    let today = cx.now.date();
    cx.state.work.run(move || judged_now(&input, &received, current, today)).await
}

fn judged_now(input: &StoredInput, received: &Received, current: Current, today: Date) -> Today {
    let known = Configurations { flow: current.flow.0, source: current.source.0 };
    let parts = known.compile();
    let [flow, source] = parts.clone();
    let (lead, reason) = input.judge(&Configuration { flow, source }, &known.flow.fields, today);
    let replay = Replay::of(&known, &parts, input, &lead);
    let authentication = authentication(known.source.require_authentication, received);
    let is_authentic = authentication.passed;
    let checks = vec![
        authentication,
        switched("Flow is on", current.flow_is_on),
        switched("Source is on", current.source_is_on),
    ];
    let refusal = match (is_authentic, current.flow_is_on, current.source_is_on) {
        (false, ..) => SubmissionResponse::Unauthorized.reason().map(str::to_owned),
        (true, false, _) => Some("flow is not enabled".to_owned()),
        (true, true, false) => Some("source is not enabled".to_owned()),
        (true, true, true) => None,
    };
    let outcome = match (&refusal, &reason) {
        (Some(_), _) => Outcome::Error,
        (None, Some(_)) => Outcome::Rejected,
        (None, None) => Outcome::Accepted,
    };
    Today {
        flow_version: current.flow_version,
        source_version: current.source_version,
        outcome,
        reason: refusal.or(reason),
        fields: stories_of(&lead, &known.flow.fields),
        checks,
        replay,
    }
}

const fn switched(name: &'static str, on: bool) -> Check {
    Check { name, passed: on, saw: if on { "on" } else { "off" } }
}

/// A signed-in person sends a lead in the docs, which is authenticated without a request of a system.
fn authentication(required: bool, received: &Received) -> Check {
    let saw = match (required, received.authenticated, &received.method) {
        (_, true, None) => "sent by a signed-in person",
        (true, true, Some(_)) => "a valid credential",
        (true, false, Some(_)) => "no valid credential",
        (true, false, None) => "not recorded",
        (false, true, Some(_)) => "a valid credential, not required",
        (false, false, _) => "not required",
    };
    Check { name: "Authentication", passed: received.authenticated || !required, saw }
}

/// The fields of a lead in the order of its flow, then all others by name.
fn stories_of(lead: &Lead, order: &[String]) -> Vec<FieldStory> {
    let place = |name: &str| order.iter().position(|known| known == name).unwrap_or(usize::MAX);
    let mut fields: Vec<_> = lead
        .values()
        .map(|(name, value)| FieldStory {
            name: name.to_owned(),
            raw: value.raw.clone(),
            value: value.normal.clone(),
            valid: value.valid,
        })
        .collect();
    fields.sort_by_key(|field| place(&field.name));
    fields
}

impl Story {
    /// The response to the submission, in its default format.
    pub fn answer(&self) -> Value {
        let response = SubmissionResponse::Handled { id: self.row.id, reason: self.row.reason.clone() };
        serde_json::from_str(&response.body(ResponseFormat::Json)).unwrap_or_else(|_| json!({}))
    }

    /// The parameter or the mapping that a field comes from. None for a field that nothing set.
    pub fn origin(&self, field: &str) -> Option<Origin<'_>> {
        let applied = |step: &&MappingStep| step.property == field && step.effect == Effect::Applied;
        let mut mappings = self.replay.iter().flat_map(|replay| &replay.mappings);
        if let Some(step) = mappings.rfind(applied) {
            return Some(Origin::Mapping(step));
        }
        self.parameters.iter().any(|parameter| parameter.name == field).then_some(Origin::Parameter)
    }

    /// The parameters that no field and no mapping uses; none if the versions are not known.
    pub fn unmapped(&self) -> impl Iterator<Item = &Parameter> {
        let used = self.replay.as_ref().map(|replay| &replay.used);
        self.parameters.iter().filter(move |parameter| used.is_some_and(|used| !is_used(parameter, used)))
    }
}

/// Where the value of a field comes from.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'s> {
    Mapping(&'s MappingStep),
    /// The parameter that has the field's name.
    Parameter,
}

/// `test` marks test leads.
fn is_used(parameter: &Parameter, used: &std::collections::BTreeSet<String>) -> bool {
    parameter.name == "test" || parameter.is_one_of(used)
}
