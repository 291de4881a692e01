//! [ssr] Verbs on deliveries, and the work of sending.

pub mod address;
mod client;
pub mod headers;
mod letters;
mod payload;
pub mod queries;
mod secret;
pub mod worker;

use super::model::{DeliveryState, Format};
use crate::{
    accounts::{model::Permission, server::policy::Actor},
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{DeliveryId, FlowId, LeadId, Problem, Secret},
    flows::server::{find_for, queries::FlowRow},
    identity::server::parse::line,
    server::{Db, Fault, FieldChecks, Tx},
};
use address::Allowed;
use headers::StoredHeader;
use queries::{Change, Delivery, NewDelivery, log};
use serde_json::json;
use time::Duration;

/// Maximum deliveries of a flow.
const MAX_DELIVERIES: i64 = 20;
/// How long the previous secret signs too after a rotation.
const OVERLAP: Duration = Duration::hours(24);
/// Maximum failed leads that one request sends again.
pub const MAX_AGAIN: i64 = 10_000;

/// A delivery as a form describes it, as typed.
#[derive(Debug, Clone)]
pub struct Described {
    pub name: String,
    pub url: String,
    pub format: String,
    /// New headers, one a line.
    pub headers: String,
    /// The names of stored headers to remove.
    pub removed: Vec<String>,
}

/// The same when it is read.
struct Checked {
    name: String,
    url: String,
    format: Format,
    headers: Vec<(String, String)>,
}

impl Described {
    fn check(&self, allowed: &Allowed) -> Result<Checked, Fault> {
        let mut checks = FieldChecks::default();
        let name = checks.take("name", line(&self.name, Problem::DeliveryNameMissing));
        let url = checks.take("url", allowed.check(&self.url));
        let format = checks.take("format", Format::parse(&self.format).ok_or(Problem::DeliveryFormatUnknown));
        let headers = checks.take("headers", headers::read(&self.headers));
        checks.finish(|| Some(Checked { name: name?, url: url?.to_string(), format: format?, headers: headers? }))
    }
}

/// The delivery with its flow, if the viewer has the permission. Those of other accounts are not found.
pub async fn find_delivery_for(
    db: &mut impl Db,
    flow_id: FlowId,
    id: DeliveryId,
    permission: Permission,
) -> Result<(FlowRow, Delivery, Actor), Fault> {
    let (flow, actor) = find_for(db, flow_id, permission).await?;
    let delivery = queries::find(db, flow_id, id).await?.ok_or(Fault::NOT_FOUND)?;
    Ok((flow, delivery, actor))
}

/// The delivery, locked, for a change.
async fn lock(tx: &mut Tx, flow_id: FlowId, id: DeliveryId) -> Result<Delivery, Fault> {
    find_for(tx, flow_id, Permission::ChangeFlows).await?;
    if !queries::lock(tx, flow_id, id).await? {
        return Err(Fault::NOT_FOUND);
    }
    queries::find(tx, flow_id, id).await?.ok_or(Fault::NOT_FOUND)
}

/// A delivery just created, or with a new secret. The secret cannot be shown again.
pub struct NewSecret {
    pub id: DeliveryId,
    pub secret: Secret,
}

/// Adds a webhook to a flow. It takes new leads from now on.
pub async fn create(tx: &mut Tx, flow_id: FlowId, described: &Described) -> Result<NewSecret, Fault> {
    let (flow, _) = find_for(tx, flow_id, Permission::ChangeFlows).await?;
    let state = tx.cx.state.clone();
    let checked = described.check(&Allowed::of(&state.config))?;
    let (id, secret, now) = (tx.make_id::<DeliveryId>(), secret::make(), tx.now());
    let headers = headers::merge(&state, id, Vec::new(), &checked.headers).map_err(in_headers)?;
    let new = NewDelivery {
        id,
        account_id: flow.account_id,
        flow_id,
        name: &checked.name,
        url: &checked.url,
        format: checked.format,
        headers: &headers,
        sealed_secret: &secret::seal(&state, id, &secret),
        now,
    };
    if !queries::insert(tx, &new, MAX_DELIVERIES).await? {
        return Err(Problem::DeliveriesTooMany.into());
    }
    let entry = Entry::about(flow.account_id, Deed::DeliveryAdded, id, &checked.name);
    record(tx, entry.after(facts(&checked.url, checked.format, &headers))).await?;
    Ok(NewSecret { id, secret })
}

fn in_headers(problem: Problem) -> Fault {
    Fault::field("headers", problem)
}

/// What the activity says of a delivery. The URL is without its query, which may contain a key.
fn facts(url: &str, format: Format, headers: &[StoredHeader]) -> serde_json::Value {
    let names: Vec<_> = headers.iter().map(|header| header.name.as_str()).collect();
    json!({ "url": url.split('?').next().unwrap_or_default(), "format": format.as_str(), "headers": names })
}

/// Changes what is sent, and where. Leads that wait go to the new address.
pub async fn change(tx: &mut Tx, flow_id: FlowId, id: DeliveryId, described: &Described) -> Result<(), Fault> {
    let before = lock(tx, flow_id, id).await?;
    let state = tx.cx.state.clone();
    let checked = described.check(&Allowed::of(&state.config))?;
    let mut kept = before.headers.0.clone();
    kept.retain(|header| !described.removed.contains(&header.name));
    let headers = headers::merge(&state, id, kept, &checked.headers).map_err(in_headers)?;
    let now = tx.now();
    let change = Change { name: &checked.name, url: &checked.url, format: checked.format, headers: &headers, now };
    queries::change(tx, id, &change).await?;
    let entry = Entry::about(before.account_id, Deed::DeliveryChanged, id, &checked.name);
    let (old, new) =
        (facts(&before.url, before.format, &before.headers), facts(&checked.url, checked.format, &headers));
    record(tx, entry.before(old).after(new)).await
}

/// Turns a delivery on, pauses it, or turns it off.
pub async fn switch(tx: &mut Tx, flow_id: FlowId, id: DeliveryId, to: DeliveryState) -> Result<(), Fault> {
    let before = lock(tx, flow_id, id).await?;
    if before.state == to || to == DeliveryState::Removed {
        return Ok(());
    }
    let now = tx.now();
    queries::set_state(tx, id, to, now).await?;
    let entry = Entry::about(before.account_id, Deed::DeliverySwitched, id, &before.name);
    let state = |state: DeliveryState| json!({ "state": state.as_str() });
    record(tx, entry.before(state(before.state)).after(state(to))).await
}

/// Makes a new secret. The old one signs too for a day.
pub async fn rotate(tx: &mut Tx, flow_id: FlowId, id: DeliveryId) -> Result<NewSecret, Fault> {
    let before = lock(tx, flow_id, id).await?;
    let secret = secret::make();
    let (sealed, ends_at) = (secret::seal(&tx.cx.state, id, &secret), tx.now() + OVERLAP);
    queries::set_secret(tx, id, &sealed, ends_at).await?;
    record(tx, Entry::about(before.account_id, Deed::DeliverySecretRotated, id, &before.name)).await?;
    Ok(NewSecret { id, secret })
}

/// Removes a delivery. Leads that wait are not sent.
pub async fn remove(tx: &mut Tx, flow_id: FlowId, id: DeliveryId) -> Result<(), Fault> {
    let before = lock(tx, flow_id, id).await?;
    let now = tx.now();
    queries::remove(tx, id, now).await?;
    let entry = Entry::about(before.account_id, Deed::DeliveryRemoved, id, &before.name);
    record(tx, entry.before(facts(&before.url, before.format, &before.headers))).await
}

/// Queues a test lead with sample values, also while the delivery is paused or off.
pub async fn send_test(tx: &mut Tx, flow_id: FlowId, id: DeliveryId) -> Result<LeadId, Fault> {
    let delivery = lock(tx, flow_id, id).await?;
    let (lead_id, now) = (tx.make_id::<LeadId>(), tx.now());
    log::queue_test(tx, delivery.account_id, id, lead_id, now).await?;
    tx.wake_deliveries();
    Ok(lead_id)
}

/// Sends a lead again that was delivered or given up.
pub async fn send_again(tx: &mut Tx, flow_id: FlowId, id: DeliveryId, lead_id: LeadId) -> Result<(), Fault> {
    lock(tx, flow_id, id).await?;
    let now = tx.now();
    if !log::has_lead(tx, id, lead_id).await? {
        return Err(Fault::NOT_FOUND);
    }
    if !log::send_again(tx, id, lead_id, now).await? {
        return Err(Problem::DeliveryLeadWaits.into());
    }
    tx.wake_deliveries();
    Ok(())
}

/// Sends the failed leads again, up to a maximum, the oldest first. Returns how many.
pub async fn send_failed_again(tx: &mut Tx, flow_id: FlowId, id: DeliveryId) -> Result<u64, Fault> {
    lock(tx, flow_id, id).await?;
    let now = tx.now();
    let sent = log::send_failed_again(tx, id, now, MAX_AGAIN).await?;
    tx.wake_deliveries();
    Ok(sent)
}
