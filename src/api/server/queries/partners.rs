//! Partners and their users.

use super::Selection;
use crate::{
    base::{AccountId, PartnerId, UserId},
    partners::model::{PartnerRole, PartnerStatus},
    server::Fault,
};
use serde::Serialize;
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// An account's record of a business that supplies it with leads.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Partner {
    pub id: PartnerId,
    pub name: String,
    #[schema(required)]
    pub website: Option<String>,
    /// Visible only within the account.
    pub notes: String,
    pub status: PartnerStatus,
    /// The connected account behind the partner.
    #[schema(required, value_type = Option<AccountId>)]
    pub linked_account_id: Option<AccountId>,
    /// Increases with each change.
    #[schema(minimum = 1)]
    pub version: i32,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Partners of an account that are not archived, newest first.
pub async fn list(
    conn: &mut PgConnection,
    account_id: AccountId,
    which: Selection<PartnerId>,
    now: OffsetDateTime,
) -> Result<Vec<Partner>, Fault> {
    let (one, after, limit) = which.parts();
    let partners = sqlx::query_as!(
        Partner,
        r#"select p.id as "id: PartnerId", p.name, p.website, p.notes,
                  s.status as "status!: PartnerStatus", p.linked_account_id as "linked_account_id: AccountId", p.version, p.created_at, p.updated_at
           from partners p
           cross join lateral partner_status(p.account_id, p.id, p.linked_account_id, $5) s
           where p.account_id = $1 and p.archived_at is null and ($2::bytea is null or p.id = $2)
             and ($3::bytea is null or p.id < $3)
           order by p.id desc
           limit $4"#,
        account_id as _,
        one as _,
        after as _,
        limit,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(partners)
}

/// One partner of an account.
pub async fn find(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: PartnerId,
    now: OffsetDateTime,
) -> Result<Partner, Fault> {
    list(conn, account_id, Selection::One(id), now).await?.into_iter().next().ok_or(Fault::NOT_FOUND)
}

/// A person who logs in for a partner.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartnerUser {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub role: PartnerRole,
    /// When they last opened a page of this partner, accurate to five minutes.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_seen_at: Option<OffsetDateTime>,
}

/// One user of a partner, or a page of them, newest first.
pub async fn list_users(
    conn: &mut PgConnection,
    (account_id, partner_id): (AccountId, PartnerId),
    one: Option<UserId>,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<PartnerUser>, Fault> {
    let users = sqlx::query_as!(
        PartnerUser,
        r#"select u.id as "id: UserId", u.name, u.email, pu.role as "role: PartnerRole", pu.last_seen_at
           from partner_users pu join users u on u.id = pu.user_id
           where pu.account_id = $1 and pu.partner_id = $2 and ($3::bytea is null or u.id = $3)
             and ($4::bytea is null or u.id < $4)
           order by u.id desc
           limit $5"#,
        account_id as _,
        partner_id as _,
        one as _,
        after as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(users)
}
