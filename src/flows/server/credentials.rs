//! [ssr] Verbs on what a source authenticates with: a user name that is the same for all, and a secret that is told once
//! and kept only as its hash. A rotated secret counts for a day longer, unless it is ended.

use super::{
    access::{self, SourceAccess},
    find_source_for,
    queries::credentials::{self as queries, Credential, NewCredential},
};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, CredentialId, FlowId, Hashed, Problem, Secret, SourceId},
    partners::model::PartnerPermission,
    server::{Fault, Tx, ids::random_bytes},
};
use serde_json::json;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// The user name of every source's credential.
pub const USER_NAME: &str = "source";
/// By which people and scanners recognise a secret.
const RECOGNISABLE: &str = "src_";
/// As much of a secret as pages show.
const PREFIX: usize = RECOGNISABLE.len() + 8;
/// How long a rotated secret still counts.
const OVERLAP: Duration = Duration::hours(24);

/// What a rotation makes of the secret before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Former {
    Kept,
    EndedNow,
}

/// A credential just made; its secret is told this once.
#[derive(Debug, Clone)]
pub struct Made {
    pub id: CredentialId,
    pub secret: Secret,
}

/// The credentials of a source that count right now.
#[derive(Debug, Clone, Default)]
pub struct Valid {
    pub current: Option<Credential>,
    /// Rotated, and not over yet.
    pub former: Option<Credential>,
}

/// What counts for a source; who may read its docs may know it.
pub async fn find_valid(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
    now: OffsetDateTime,
) -> Result<Valid, Fault> {
    let listed = queries::list_valid(conn, account_id, source_id, now).await?;
    let (current, former): (Vec<_>, Vec<_>) = listed.into_iter().partition(|credential| credential.ends_at.is_none());
    Ok(Valid { current: current.into_iter().next(), former: former.into_iter().next() })
}

/// Makes the first credential of a source.
pub async fn make(tx: &mut Tx, flow_id: FlowId, source_id: SourceId) -> Result<Made, Fault> {
    let (access, valid) = hold(tx, flow_id, source_id).await?;
    if valid.current.is_some() {
        return Err(Problem::CredentialExists.into());
    }
    let (made, prefix) = insert(tx, &access).await?;
    record(tx, entry(&access, Deed::CredentialMade).after(json!({ "prefix": prefix }))).await?;
    Ok(made)
}

/// Puts a new credential in the place of the current one, which the asker names: of two rotations at once, one is told
/// that the other came first. At most one former secret counts beside the new one.
pub async fn rotate(
    tx: &mut Tx,
    flow_id: FlowId,
    source_id: SourceId,
    current: CredentialId,
    former: Former,
) -> Result<Made, Fault> {
    let now = tx.now();
    let (access, valid) = hold(tx, flow_id, source_id).await?;
    let before = valid.current.filter(|known| known.id == current).ok_or(Problem::CredentialChanged)?;
    let ends_at = if former == Former::Kept { now + OVERLAP } else { now };
    queries::end_former(tx, access.flow.account_id, source_id, None).await?;
    queries::end_current(tx, access.flow.account_id, source_id, ends_at).await?;
    let (made, prefix) = insert(tx, &access).await?;
    let old = json!({ "prefix": before.prefix });
    let new = json!({ "prefix": prefix, "former_ended": former == Former::EndedNow });
    record(tx, entry(&access, Deed::CredentialRotated).before(old).after(new)).await?;
    Ok(made)
}

/// Ends a former secret at once; one that has ended stays so.
pub async fn end_now(tx: &mut Tx, flow_id: FlowId, source_id: SourceId, former: CredentialId) -> Result<(), Fault> {
    let (access, _) = hold(tx, flow_id, source_id).await?;
    for prefix in queries::end_former(tx, access.flow.account_id, source_id, Some(former)).await? {
        record(tx, entry(&access, Deed::CredentialEnded).before(json!({ "prefix": prefix }))).await?;
    }
    Ok(())
}

/// Whether a source must authenticate; the account decides, not its partner.
pub async fn require(tx: &mut Tx, flow_id: FlowId, source_id: SourceId, required: bool) -> Result<(), Fault> {
    let (flow, source, _) = find_source_for(tx, flow_id, source_id, Permission::ChangeFlows).await?;
    if !queries::set_required(tx, flow.account_id, source_id, required).await? {
        return Ok(());
    }
    let entry = Entry::about(flow.account_id, Deed::AuthenticationChanged, source_id, source.name);
    record(tx, entry.before(json!({ "required": !required })).after(json!({ "required": required }))).await
}

/// The source for who may change its credential, with nobody else changing it meanwhile, and what counts now.
async fn hold(tx: &mut Tx, flow_id: FlowId, source_id: SourceId) -> Result<(SourceAccess, Valid), Fault> {
    let now = tx.now();
    let may = PartnerPermission::RotateCredential;
    let seen = access::find(tx, flow_id, source_id).await?.must(&tx.cx, may)?;
    if !queries::lock(tx, seen.flow.account_id, source_id).await? {
        return Err(Fault::NOT_FOUND);
    }
    // The source may have gone to another partner while this waited.
    let access = access::find(tx, flow_id, source_id).await?.must(&tx.cx, may)?;
    let valid = find_valid(tx, access.flow.account_id, source_id, now).await?;
    Ok((access, valid))
}

async fn insert(tx: &mut Tx, access: &SourceAccess) -> Result<(Made, String), Fault> {
    let (id, by) = (tx.make_id::<CredentialId>(), tx.cx.viewer()?.user_id);
    let secret = random_bytes::<24>().iter().fold(RECOGNISABLE.to_owned(), |text, byte| format!("{text}{byte:02x}"));
    let prefix: String = secret.chars().take(PREFIX).collect();
    let new = NewCredential { id, prefix: prefix.clone(), hash: Hashed::of(secret.as_bytes()), by };
    queries::insert(tx, access.flow.account_id, access.source.id, &new).await?;
    Ok((Made { id, secret: Secret::new(secret) }, prefix))
}

fn entry(access: &SourceAccess, deed: Deed) -> Entry {
    Entry::about(access.flow.account_id, deed, access.source.id, access.source.name.clone())
}
