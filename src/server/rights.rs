//! Time and rights are read at the start of a request. A verb that then waits for a lock could act after an invitation
//! has expired, or for a person who was removed meanwhile. So both are asked again right before the commit. If they no
//! longer hold, nothing is committed, and the verb runs again with the current ones and refuses by itself.

use super::{AppState, AuthMethod, Cx, Fault, Tx, Viewer, db, session};
use crate::{
    accounts::model::{Plan, Role},
    base::{AccountId, ApiKeyId, PartnerId, SessionId},
    partners::model::PartnerRole,
};
use sqlx::{PgPool, types::Json};
use std::sync::Arc;
use time::OffsetDateTime;

/// Each check takes a fraction of a millisecond.
pub const CONNECTIONS: u32 = 4;

/// What a viewer is, as far as permissions depend on it.
#[derive(Debug)]
struct Rights {
    email_key: String,
    memberships: Vec<(AccountId, Role, Option<Plan>)>,
    partners: Vec<(PartnerId, PartnerRole)>,
}

impl Rights {
    fn of(viewer: &Viewer) -> Self {
        let memberships = viewer
            .memberships
            .iter()
            .map(|membership| (membership.account_id, membership.role, membership.plan))
            .collect();
        let partners = viewer.partners.iter().map(|membership| (membership.partner_id, membership.role)).collect();
        Self { email_key: viewer.email_key.clone(), memberships, partners }
    }

    /// True if these rights are still there. A membership, a partner or a plan that is new makes no difference.
    fn are_in(&self, current: &Self) -> bool {
        let membership_holds = |(id, role, plan): &(AccountId, Role, Option<Plan>)| {
            let mut now = current.memberships.iter().filter(|(now, ..)| now == id);
            now.any(|(_, now_role, now_plan)| now_role == role && (plan.is_none() || now_plan == plan))
        };
        self.email_key == current.email_key
            && self.memberships.iter().all(membership_holds)
            && self.partners.iter().all(|partner| current.partners.contains(partner))
    }
}

/// Connections for the checks. They see what others have committed but not what the transaction itself has changed,
/// such as the viewer's own role. A check that took a connection of the main pool could wait for itself, because its
/// transaction holds one.
pub fn check_pool(pool: &PgPool) -> PgPool {
    db::beside(pool, CONNECTIONS)
}

impl Tx {
    /// Requires that the transaction commits before this time, such as the expiry of what it claims.
    pub fn must_commit_before(&mut self, time: OffsetDateTime) {
        self.deadline = Some(self.deadline.map_or(time, |known| known.min(time)));
    }

    /// True if the time and the viewer's rights are still good for a commit.
    pub(super) async fn may_commit(&mut self) -> Result<bool, Fault> {
        let state = self.cx.state.clone();
        let (now, holds) = match self.cx.viewer.clone() {
            Some(viewer) => {
                let (now, rights) = current_rights(&state, &viewer).await?;
                (now, rights.is_some_and(|current| Rights::of(&viewer).are_in(&current)))
            }
            None if self.deadline.is_none() => return Ok(true),
            None => {
                let now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(&mut **self).await?;
                (now, true)
            }
        };
        Ok(holds && self.deadline.is_none_or(|deadline| state.clock.shift(now) < deadline))
    }
}

/// The viewer's rights as others have committed them; `None` if the session or key has ended.
async fn current_rights(state: &AppState, viewer: &Viewer) -> Result<(OffsetDateTime, Option<Rights>), Fault> {
    match viewer.auth {
        AuthMethod::Session(id) => rights_of_session(&state.checks, id).await,
        AuthMethod::Key(id) => {
            let (now, account) = account_of_key(&state.checks, id).await?;
            let rights = account.map(|(account_id, plan)| Rights {
                email_key: viewer.email_key.clone(),
                memberships: vec![(account_id, Role::Manager, plan)],
                partners: Vec::new(),
            });
            Ok((now, rights))
        }
    }
}

async fn rights_of_session(pool: &PgPool, id: SessionId) -> Result<(OffsetDateTime, Option<Rights>), Fault> {
    let row = sqlx::query!(
        r#"select clock_timestamp() as "now!", u.email_key as "email_key?",
                  (select coalesce(jsonb_agg(jsonb_build_array(encode(m.account_id, 'hex'), m.role, sub.plan)), '[]')
                   from members m
                   left join subscriptions sub on sub.account_id = m.account_id and sub.product = 'leadconduit'
                   where m.user_id = s.user_id) as "memberships!: Json<Vec<(AccountId, Role, Option<Plan>)>>",
                  (select coalesce(jsonb_agg(jsonb_build_array(encode(p.id, 'hex'), pu.role)), '[]')
                   from partner_users pu join partners p on p.id = pu.partner_id and p.archived_at is null
                   where pu.user_id = s.user_id) as "partners!: Json<Vec<(PartnerId, PartnerRole)>>"
           from (values (1)) as once left join sessions s on s.id = $1 left join users u on u.id = s.user_id"#,
        id as _,
    )
    .fetch_one(pool)
    .await?;
    let (memberships, partners) = (row.memberships.0, row.partners.0);
    Ok((row.now, row.email_key.map(|email_key| Rights { email_key, memberships, partners })))
}

/// The account of an active key, and its plan.
async fn account_of_key(
    pool: &PgPool,
    id: ApiKeyId,
) -> Result<(OffsetDateTime, Option<(AccountId, Option<Plan>)>), Fault> {
    let row = sqlx::query!(
        r#"select clock_timestamp() as "now!", k.account_id as "account_id?: AccountId", s.plan as "plan?: Plan"
           from (values (1)) as once
           left join api_keys k on k.id = $1 and k.revoked_at is null
           left join subscriptions s on s.account_id = k.account_id and s.product = 'leadconduit'"#,
        id as _,
    )
    .fetch_one(pool)
    .await?;
    Ok((row.now, row.account_id.map(|account_id| (account_id, row.plan))))
}

impl Cx {
    /// The same request with the current time and viewer. Nothing is proved yet: the verb has to check again.
    pub(super) async fn reloaded(&self) -> Result<Self, Fault> {
        let state = self.state.clone();
        let viewer = match self.viewer.as_deref() {
            None => None,
            Some(viewer) => match viewer.auth {
                AuthMethod::Session(id) => session::find_by_id(&state, id).await?,
                AuthMethod::Key(id) => reloaded_key(&state, viewer, id).await?,
            },
        };
        let admission = self.admission.as_ref().map(super::Admission::unproved);
        Ok(Self { now: state.now().await?, viewer: viewer.map(Arc::new), admission, ..self.clone() })
    }
}

async fn reloaded_key(state: &AppState, viewer: &Viewer, id: ApiKeyId) -> Result<Option<Viewer>, Fault> {
    let (_, account) = account_of_key(&state.pool, id).await?;
    let Some((account_id, Some(plan))) = account else { return Ok(None) };
    let mut viewer = viewer.clone();
    for membership in viewer.memberships.iter_mut().filter(|membership| membership.account_id == account_id) {
        membership.plan = Some(plan);
    }
    Ok(Some(viewer))
}
