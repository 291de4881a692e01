//! Locks and look-ups by email address, within one account.

use crate::{
    base::{AccountId, EntityId, InvitationId},
    entities::model::Direction,
    invitations::model::Kind,
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Serializes invitations per account and address, so that of many concurrent ones the first is created and the others
/// find it.
pub async fn lock_address(conn: &mut PgConnection, account_id: AccountId, email_key: &str) -> Result<(), Fault> {
    let name = format!("{account_id} {email_key}");
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).execute(conn).await?;
    Ok(())
}

/// Locks an invitation and those pending for its next address, ordered by id.
pub async fn lock_with_pending(
    conn: &mut PgConnection,
    id: InvitationId,
    account_id: AccountId,
    direction: Direction,
    email_key: &str,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"select id as "id: InvitationId" from invitations
           where id = $1
              or (account_id = $2 and kind = $3 and email_key = $4 and invitation_is_unanswered(state, superseded_at))
           order by id for update"#,
        id as _,
        account_id as _,
        Kind::from(direction) as _,
        email_key,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Locks what is pending for an address, so that a concurrent acceptance is seen or waits.
pub async fn lock_pending(
    conn: &mut PgConnection,
    account_id: AccountId,
    direction: Direction,
    email_key: &str,
) -> Result<(), Fault> {
    sqlx::query!(
        "select id from invitations
         where account_id = $1 and kind = $2 and email_key = $3 and invitation_is_unanswered(state, superseded_at)
         for update",
        account_id as _,
        Kind::from(direction) as _,
        email_key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(())
}

/// True if the address belongs to a user who is a member of this account and of no other.
pub async fn is_own_address(conn: &mut PgConnection, account_id: AccountId, email_key: &str) -> Result<bool, Fault> {
    let own = sqlx::query_scalar!(
        r#"select coalesce(bool_and(m.account_id = $1), false) as "own!"
           from users u join members m on m.user_id = u.id
           where u.email_key = $2"#,
        account_id as _,
        email_key,
    )
    .fetch_one(conn)
    .await?;
    Ok(own)
}

/// The entity of a connected account that this address belongs to, in this direction: the address was invited or used
/// to accept, or it belongs to a user all of whose accounts are connected to the inviter. Anything less strict would
/// reveal other people's memberships.
pub async fn find_connected(
    conn: &mut PgConnection,
    account_id: AccountId,
    direction: Direction,
    email_key: &str,
) -> Result<Option<EntityId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"with connected as (
               select seller_account_id as other from live_connections
               where $2 = 'source' and buyer_account_id = $1
               union all
               select buyer_account_id from live_connections
               where $2 = 'recipient' and seller_account_id = $1
           )
           select e.id as "id!: EntityId"
           from entities e
           join connected on connected.other = e.connected_account_id
           where e.account_id = $1 and not e.deprecated
             and (exists (select from invitations i
                          where i.account_id = $1 and i.kind in ('source', 'recipient') and i.state = 'accepted'
                            and i.accepted_account_id = e.connected_account_id
                            and $3 in (i.email_key, i.accepted_email_key))
                  or (e.connected_account_id in (select m.account_id from users u join members m on m.user_id = u.id
                                                 where u.email_key = $3)
                      and not exists (select from users u join members m on m.user_id = u.id
                                      where u.email_key = $3
                                        and m.account_id not in (select other from connected))))
           order by e.id limit 1"#,
        account_id as _,
        Kind::from(direction) as _,
        email_key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// The entity of the open invitation to this address.
pub async fn find_open(
    conn: &mut PgConnection,
    account_id: AccountId,
    direction: Direction,
    email_key: &str,
    now: OffsetDateTime,
) -> Result<Option<EntityId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select entity_id as "id!: EntityId" from invitations
           where account_id = $1 and kind = $2 and email_key = $3
             and invitation_is_open(state, superseded_at, expires_at, $4)"#,
        account_id as _,
        Kind::from(direction) as _,
        email_key,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// The unconnected entity that was last invited at this address, in this direction.
pub async fn find_entity_of_address(
    conn: &mut PgConnection,
    account_id: AccountId,
    direction: Direction,
    email_key: &str,
) -> Result<Option<EntityId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select id as "id: EntityId" from entities
           where account_id = $1 and kind = 'account' and invited_email_key = $3
             and case $2 when 'source' then source = 'seller' else recipient = 'buyer' end
             and connected_account_id is null and not deprecated
           order by id desc limit 1"#,
        account_id as _,
        Kind::from(direction) as _,
        email_key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}
