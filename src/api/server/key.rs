//! Authentication of calls: HTTP Basic with an API key as the password. The username is ignored.

use super::error::ApiError;
use crate::{
    accounts::model::{Permission, Plan, Role},
    base::{AccountId, ApiKeyId, Problem, SecretHash, UserId},
    partners::model::PartnerPermission,
    server::{Admission, AppState, Audience, AuthMethod, Cx, Fault, Membership, Viewer, basic::BasicAuth, peer},
};
use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;
use time::Duration;

/// "Last used" is written at most this often.
const USED_EVERY: Duration = Duration::minutes(1);

/// The audiences of all calls: the key's account, and the partners it can see, its own or as the connected company.
const AUDIENCES: [Audience; 2] = [Audience::Account(Permission::See), Audience::Partner(PartnerPermission::See)];

/// Passes on requests with an active key, with the account it acts for. All others get the same 401. As on every other
/// route, a successful response without a permission check is not sent.
pub async fn authenticate(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let address = peer::address(&request, state.config.trusted_proxies).map(|address| address.to_string());
    let cx = match BasicAuth::read(request.headers()) {
        Some(BasicAuth { secret: key, .. }) => find(&state, key, address).await,
        None => Ok(None),
    };
    match cx {
        Ok(Some(cx)) => {
            request.extensions_mut().insert(cx.clone());
            let response = next.run(request).await;
            match cx.require_proof() {
                Err(fault) if response.status().is_success() => ApiError::from(fault).into_response(),
                _ => response,
            }
        }
        Ok(None) => {
            ApiError::of(StatusCode::UNAUTHORIZED, "authentication_failed", "authentication failed").into_response()
        }
        Err(fault) => ApiError::from(fault).into_response(),
    }
}

/// Finds the account of an active key. The key acts as a Manager in the name of its creator or, if the creator is no
/// longer a member with that permission, of the longest-standing Admin, because emails and invitations need a person's
/// name.
async fn find(state: &AppState, hash: SecretHash, address: Option<String>) -> Result<Option<Cx>, Fault> {
    let row = sqlx::query!(
        r#"select now() as "now!", k.id as "id: ApiKeyId", k.last_used_at, a.id as "account_id: AccountId",
                  a.name as account, s.plan as "plan?: Plan",
                  exists (select from subscriptions where account_id = a.id and product = 'trustedform') as "trustedform!",
                  exists (select from flows where account_id = a.id) as "has_flows!",
                  u.id as "user_id: UserId", u.name, u.email, u.email_key
           from api_keys k
           join accounts a on a.id = k.account_id
           left join subscriptions s on s.account_id = a.id and s.product = 'leadconduit'
           join lateral (select u.id, u.name, u.email, u.email_key
                         from members m join users u on u.id = m.user_id
                         where m.account_id = k.account_id
                         order by (m.user_id is not distinct from k.created_by and m.role <> 'viewer') desc,
                                  m.role = 'admin' desc, m.created_at, m.user_id
                         limit 1) u on true
           where k.key_hash = $1 and k.revoked_at is null"#,
        hash.bytes(),
    )
    .fetch_optional(&state.pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let now = state.clock.shift(row.now);
    if row.last_used_at.is_none_or(|used| now >= used + USED_EVERY) {
        sqlx::query!("update api_keys set last_used_at = $2 where id = $1", row.id as _, now)
            .execute(&state.pool)
            .await?;
    }
    // Without LeadConduit there are no API keys (product.md section 1).
    if row.plan.is_none() {
        return Err(Problem::ApiKeysNeedPlan.into());
    }
    let membership = Membership {
        account_id: row.account_id,
        name: row.account,
        role: Role::Manager,
        plan: row.plan,
        trustedform: row.trustedform,
        has_flows: row.has_flows,
    };
    let viewer = Viewer {
        auth: AuthMethod::Key(row.id),
        user_id: row.user_id,
        name: row.name,
        email: row.email,
        email_key: row.email_key,
        active: Some(row.account_id),
        memberships: vec![membership],
        partners: Vec::new(),
    };
    Ok(Some(Cx {
        state: state.clone(),
        now,
        viewer: Some(Arc::new(viewer)),
        address,
        browser: String::new(),
        admission: Some(Admission::new(AUDIENCES)),
    }))
}
