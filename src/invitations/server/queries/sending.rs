//! SQL for inviting a company: the locks, what is known about the address, and the new rows.

use crate::{
    base::{AccountId, EmailAddress, EntityId, FlowId, InvitationId, MailId, PartnerId, UserId},
    entities::model::Direction,
    flows::server::queries::{NewSource, versions::Maker},
    invitations::{
        model::{Kind, MAX_OPEN},
        server::{invitation::Connect, links::MailLinks},
    },
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Takes the locks of inviting, in lock order: what is pending for the address, so that a concurrent acceptance is seen
/// or waits; the account, so that concurrent sends can't exceed the maximum together; the flow, so that it isn't removed
/// while a source is added. Returns false if the flow was archived or deleted. The address is already locked.
pub async fn lock_to_invite(
    conn: &mut PgConnection,
    account_id: AccountId,
    direction: Direction,
    email_key: &str,
    flow_id: Option<FlowId>,
) -> Result<bool, Fault> {
    // Each part waits for the count of the one before.
    let locked = sqlx::query!(
        r#"with pending as materialized (
               select from invitations
               where account_id = $1 and kind = $2 and email_key = $3
                 and invitation_is_unanswered(state, superseded_at)
               for update
           ), account as materialized (
               select from accounts where id = $1 and (select count(*) from pending) >= 0 for no key update
           ), flow as materialized (
               select from flows
               where id = $4 and archived_at is null and (select count(*) from account) >= 0
               for key share
           )
           select (select count(*) from account) as "accounts!", exists (select from flow) as "flow!""#,
        account_id as _,
        Kind::from(direction) as _,
        email_key,
        flow_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(locked.flow || flow_id.is_none())
}

/// What an account knows about an address, in one direction.
#[derive(Debug)]
pub struct KnownAddress {
    /// It belongs to a user who is a member of this account and of no other.
    pub is_own: bool,
    /// The entity of the connected account that the address belongs to.
    pub connected: Option<EntityId>,
    /// The entity of the open invitation.
    pub invited: Option<EntityId>,
    /// The unconnected entity that was last invited, whatever became of the invitation.
    pub unconnected: Option<EntityId>,
    /// An unanswered invitation has expired.
    pub has_expired: bool,
    /// The partner invited at the address, unlinked ones first. A linked one was disconnected, because a connected
    /// partner cannot be invited.
    pub partner_id: Option<PartnerId>,
    /// The address has stopped invitations.
    pub is_suppressed: bool,
    /// The account has as many open invitations as it may have.
    pub is_full: bool,
    /// Days until an invitation expires, by the account's setting.
    pub invitation_days: i32,
}

/// Reads what is known about an address. The address belongs to a connected account if it was invited or used to accept,
/// or if it belongs to a user all of whose accounts are connected to the inviter. Anything less strict would reveal
/// other people's memberships.
pub async fn find_known_address(
    conn: &mut PgConnection,
    account_id: AccountId,
    direction: Direction,
    email_key: &str,
    now: OffsetDateTime,
) -> Result<KnownAddress, Fault> {
    let known = sqlx::query_as!(
        KnownAddress,
        r#"with connected as (
               select seller_account_id as other from live_connections
               where $2 = 'source' and buyer_account_id = $1
               union all
               select buyer_account_id from live_connections
               where $2 = 'recipient' and seller_account_id = $1
           ), owner as materialized (
               select m.account_id from users u join members m on m.user_id = u.id where u.email_key = $3
           ), unanswered as materialized (
               select entity_id, invitation_time_is_over(expires_at, $4) as is_over from invitations
               where account_id = $1 and kind = $2 and email_key = $3
                 and invitation_is_unanswered(state, superseded_at)
           )
           select coalesce((select bool_and(account_id = $1) from owner), false) as "is_own!",
                  (select e.id
                   from entities e
                   join connected on connected.other = e.connected_account_id
                   where e.account_id = $1 and not e.deprecated
                     and (exists (select from invitations i
                                  where i.account_id = $1 and i.kind in ('source', 'recipient')
                                    and i.state = 'accepted' and i.accepted_account_id = e.connected_account_id
                                    and $3 in (i.email_key, i.accepted_email_key))
                          or (e.connected_account_id in (select account_id from owner)
                              and not exists (select from owner where account_id not in (select other from connected))))
                   order by e.id limit 1) as "connected: EntityId",
                  (select entity_id from unanswered where not is_over) as "invited: EntityId",
                  (select id from entities
                   where account_id = $1 and kind = 'account' and invited_email_key = $3
                     and case $2 when 'source' then source = 'seller' else recipient = 'buyer' end
                     and connected_account_id is null and not deprecated
                   order by id desc limit 1) as "unconnected: EntityId",
                  exists (select from unanswered where is_over) as "has_expired!",
                  (select id from partners
                   where account_id = $1 and invited_email_key = $3 and archived_at is null
                   order by linked_account_id is not null, id limit 1) as "partner_id: PartnerId",
                  exists (select from suppressed_addresses where email_key = $3) as "is_suppressed!",
                  (select count(*) >= $5 from (select from open_invitations($1, null, $4) limit $5) as open) as "is_full!",
                  invitation_days
           from accounts where id = $1"#,
        account_id as _,
        Kind::from(direction) as _,
        email_key,
        now,
        MAX_OPEN,
    )
    .fetch_one(conn)
    .await?;
    Ok(known)
}

/// A connection invitation to insert, with what else is new.
#[derive(Debug)]
pub struct NewInvitation<'a> {
    pub id: InvitationId,
    pub account_id: AccountId,
    pub connect: Connect,
    pub email: &'a EmailAddress,
    pub note: &'a str,
    pub invited_by: UserId,
    /// Already stored.
    pub mail_id: MailId,
    pub links: &'a MailLinks,
    pub expires_at: OffsetDateTime,
    pub new: &'a NewCompany,
}

/// The rows that an invited company doesn't have yet.
#[derive(Debug, Default)]
pub struct NewCompany {
    /// The entity, named by the invited address.
    pub entity: bool,
    /// The partner, named by the invited address.
    pub partner: bool,
    pub source: Option<NewSource>,
}

/// Inserts an invitation with its links, and the pending entity, the partner and the source that are new with it.
pub async fn insert_invitation(tx: &mut Tx, new: &NewInvitation<'_>) -> Result<(), Fault> {
    let Connect { direction, entity_id, partner_id } = new.connect;
    let (source, recipient) = direction.columns();
    let (maker, company, new_source) = (Maker::of(tx), new.new, new.new.source.as_ref());
    let (token, stop) = (new.links.invitation.hashed(), new.links.stop.hashed());
    sqlx::query!(
        "with entity as (
             insert into entities (id, account_id, kind, name, invited_email_key, source, recipient, created_at,
                                   updated_at)
             select $7, $2, 'account', $4, $5, $16, $17, $11, $11 where $15
         ), partner as (
             insert into partners (id, account_id, name, named_by_hand, invited_email_key, created_at, updated_at)
             select $8, $2, $4, false, $5, $11, $11 where $18
         ), source as (
             insert into flow_sources as fs
                 (id, account_id, flow_id, entity_id, partner_id, enabled, created_at, updated_at)
             select $19, $2, $20, $7, $8, $21, $11, $11 where $19::bytea is not null
             returning fs.id, fs.version, fs.flow_id, source_configuration(fs) as configuration
         ), version as (
             insert into source_versions (account_id, source_id, version, flow_id, at, by_user_id, by_name, configuration)
             select $2, id, version, flow_id, $11, $22,
                    coalesce($23, (select 'API key ' || name from api_keys where id = $24)), configuration from source
         ), invitation as (
             insert into invitations (id, account_id, kind, email, email_key, note, state, entity_id, partner_id,
                                      invited_by, mail_id, sent_at, expires_at, created_at)
             values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9, $10, $11, $12, $11)
         ), link as (
             insert into invitation_tokens (token_hash, invitation_id, generation, verifies_address, created_at)
             values ($13, $1, 1, true, $11)
         )
         insert into stop_links (token_hash, invitation_id, created_at) values ($14, $1, $11)",
        new.id as _,
        new.account_id as _,
        Kind::from(direction) as _,
        new.email.shown(),
        new.email.key(),
        new.note,
        entity_id as _,
        partner_id as _,
        new.invited_by as _,
        new.mail_id as _,
        tx.now(),
        new.expires_at,
        token.bytes(),
        stop.bytes(),
        company.entity,
        source,
        recipient,
        company.partner,
        new_source.map(|source| source.id) as _,
        new_source.map(|source| source.flow_id) as _,
        new_source.is_some_and(|source| source.enabled),
        maker.user_id as _,
        maker.user_name,
        maker.key as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
