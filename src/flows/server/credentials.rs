//! [ssr] Verbs on a source's credential: a username that all sources share, and a secret that is shown once and stored
//! only as its hash. A rotated secret stays valid for a day unless it is ended.

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
    base::{AccountId, CredentialId, FlowId, PartnerId, Problem, Secret, SecretHash, SourceId},
    partners::model::PartnerPermission,
    server::{Fault, Tx, ids::random_bytes},
};
use serde_json::json;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// The username of every source's credential.
pub const USER_NAME: &str = "source";
/// Lets people and secret scanners recognise a secret.
const MARKER: &str = "src_";
/// Characters of a secret that pages show.
const PREFIX_LENGTH: usize = MARKER.len() + 8;
/// How long a rotated secret stays valid.
const OVERLAP: Duration = Duration::hours(24);

/// What a rotation does with the previous secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Previous {
    Keep,
    EndNow,
}

/// A credential just created. Its secret cannot be shown again.
#[derive(Debug, Clone)]
pub struct NewSecret {
    pub id: CredentialId,
    pub secret: Secret,
}

/// The credentials of a source that are valid now.
#[derive(Debug, Clone, Default)]
pub struct ActiveCredentials {
    pub current: Option<Credential>,
    /// Rotated, but not expired yet.
    pub previous: Option<Credential>,
}

/// The active credentials of a source, for anyone who may read its docs.
pub async fn find_active(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
    now: OffsetDateTime,
) -> Result<ActiveCredentials, Fault> {
    let listed = queries::list_active(conn, account_id, source_id, now).await?;
    let (current, previous): (Vec<_>, Vec<_>) = listed.into_iter().partition(|credential| credential.ends_at.is_none());
    Ok(ActiveCredentials { current: current.into_iter().next(), previous: previous.into_iter().next() })
}

/// Creates the first credential of a source.
pub async fn create(tx: &mut Tx, flow_id: FlowId, source_id: SourceId) -> Result<NewSecret, Fault> {
    let (access, active) = lock(tx, flow_id, source_id).await?;
    if active.current.is_some() {
        return Err(Problem::CredentialExists.into());
    }
    let (new, prefix) = insert(tx, &access).await?;
    record(tx, entry(&access, Deed::CredentialMade).after(json!({ "prefix": prefix }))).await?;
    Ok(new)
}

/// Replaces the current credential, which the caller names, so the later of two concurrent rotations fails. At most one
/// previous secret stays valid next to the new one.
pub async fn rotate(
    tx: &mut Tx,
    flow_id: FlowId,
    source_id: SourceId,
    current: CredentialId,
    previous: Previous,
) -> Result<NewSecret, Fault> {
    let now = tx.now();
    let (access, active) = lock(tx, flow_id, source_id).await?;
    let before = active.current.filter(|known| known.id == current).ok_or(Problem::CredentialChanged)?;
    let ends_at = if previous == Previous::Keep { now + OVERLAP } else { now };
    queries::end_previous(tx, access.flow.account_id, source_id, None).await?;
    queries::end_current(tx, access.flow.account_id, source_id, ends_at).await?;
    let (new, prefix) = insert(tx, &access).await?;
    let old = json!({ "prefix": before.prefix });
    let after = json!({ "prefix": prefix, "former_ended": previous == Previous::EndNow });
    record(tx, entry(&access, Deed::CredentialRotated).before(old).after(after)).await?;
    Ok(new)
}

/// Ends a previous secret immediately. Does nothing if it has ended.
pub async fn end_now(tx: &mut Tx, flow_id: FlowId, source_id: SourceId, previous: CredentialId) -> Result<(), Fault> {
    let (access, _) = lock(tx, flow_id, source_id).await?;
    for prefix in queries::end_previous(tx, access.flow.account_id, source_id, Some(previous)).await? {
        record(tx, entry(&access, Deed::CredentialEnded).before(json!({ "prefix": prefix }))).await?;
    }
    Ok(())
}

/// Ends the credentials of sources that are about to get this partner, if another partner knows them. The new partner's
/// people, or the account's, create new ones.
pub(super) async fn end_for_new_partner(
    tx: &mut Tx,
    account_id: AccountId,
    sources: &[SourceId],
    partner_id: PartnerId,
    only_of_people: bool,
) -> Result<(), Fault> {
    for ended in queries::end_known_to_others(tx, account_id, sources, partner_id, only_of_people).await? {
        let entry = Entry::about(account_id, Deed::CredentialEnded, ended.source_id, ended.source_name);
        record(tx, entry.before(json!({ "prefix": ended.prefix }))).await?;
    }
    Ok(())
}

/// Turns required authentication on or off for a source. The account decides this, not its partner.
pub async fn require(tx: &mut Tx, flow_id: FlowId, source_id: SourceId, required: bool) -> Result<(), Fault> {
    let (flow, source, _) = find_source_for(tx, flow_id, source_id, Permission::ChangeFlows).await?;
    if !queries::set_required(tx, flow.account_id, source_id, required).await? {
        return Ok(());
    }
    let entry = Entry::about(flow.account_id, Deed::AuthenticationChanged, source_id, source.name);
    record(tx, entry.before(json!({ "required": !required })).after(json!({ "required": required }))).await
}

/// Checks the permission to change the credential, locks the source against concurrent changes, and returns it with its
/// active credentials.
async fn lock(tx: &mut Tx, flow_id: FlowId, source_id: SourceId) -> Result<(SourceAccess, ActiveCredentials), Fault> {
    let now = tx.now();
    let may = PartnerPermission::RotateCredential;
    let unlocked = access::find(tx, flow_id, source_id).await?.require(&tx.cx, may)?;
    if !queries::lock(tx, unlocked.flow.account_id, source_id).await? {
        return Err(Fault::NOT_FOUND);
    }
    // The source may have moved to another partner while this waited for the lock.
    let access = access::find(tx, flow_id, source_id).await?.require(&tx.cx, may)?;
    let active = find_active(tx, access.flow.account_id, source_id, now).await?;
    Ok((access, active))
}

async fn insert(tx: &mut Tx, access: &SourceAccess) -> Result<(NewSecret, String), Fault> {
    let (id, by) = (tx.make_id::<CredentialId>(), tx.cx.viewer()?.user_id);
    let secret = random_bytes::<24>().iter().fold(MARKER.to_owned(), |text, byte| format!("{text}{byte:02x}"));
    let prefix: String = secret.chars().take(PREFIX_LENGTH).collect();
    let new = NewCredential { id, prefix: prefix.clone(), hash: SecretHash::of(secret.as_bytes()), by };
    queries::insert(tx, access.flow.account_id, access.source.id, &new).await?;
    Ok((NewSecret { id, secret: Secret::new(secret) }, prefix))
}

fn entry(access: &SourceAccess, deed: Deed) -> Entry {
    Entry::about(access.flow.account_id, deed, access.source.id, access.source.name.clone())
}
