//! All SQL of the room.

mod list;

pub use list::{Listed, list_received, list_sent};

use crate::{
    accounts::{
        model::Plan,
        server::{policy::Actor, queries::Contact},
    },
    base::{AccountId, EmailAddress, EntityId, FlowId, Hashed, InvitationId, MailId, PartnerId, Token, UserId},
    entities::model::Ending,
    invitations::model::{Facts, Standing},
    server::Fault,
};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// One at a time per account and address, so that of many equal invitations one is made and the others find it.
pub async fn lock_address(conn: &mut PgConnection, account_id: AccountId, email_key: &str) -> Result<(), Fault> {
    let name = format!("{account_id} {email_key}");
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).execute(conn).await?;
    Ok(())
}

/// The verified address of somebody who is a member of this account and of no other.
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

/// The entity of a connected seller that this address stands for: it was invited or used in accepting, or it belongs to
/// a member all of whose accounts are connected to the inviter. Nothing else about other people's accounts is told.
pub async fn find_connected(
    conn: &mut PgConnection,
    account_id: AccountId,
    email_key: &str,
) -> Result<Option<EntityId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select e.id as "id!: EntityId"
           from entities e
           join connections c on c.buyer_account_id = e.account_id and c.seller_account_id = e.connected_account_id
                and c.disconnected_at is null
           where e.account_id = $1 and not e.deprecated
             and (exists (select from invitations i
                          where i.account_id = $1 and i.kind = 'source' and i.state = 'accepted'
                            and i.accepted_account_id = e.connected_account_id
                            and (i.email_key = $2
                                 or $2 = (select email_key from users where id = i.accepted_by)))
                  or (e.connected_account_id in (select m.account_id from users u join members m on m.user_id = u.id
                                                 where u.email_key = $2)
                      and not exists (select from users u join members m on m.user_id = u.id
                                      where u.email_key = $2
                                        and not exists (select from connections c2
                                                        where c2.buyer_account_id = $1
                                                          and c2.seller_account_id = m.account_id
                                                          and c2.disconnected_at is null))))
           order by e.id limit 1"#,
        account_id as _,
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
    email_key: &str,
    now: OffsetDateTime,
) -> Result<Option<EntityId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select entity_id as "id!: EntityId" from invitations
           where account_id = $1 and kind = 'source' and email_key = $2 and state = 'pending'
             and superseded_at is null and expires_at > $3"#,
        account_id as _,
        email_key,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// The entity that an ended invitation to this address has left.
pub async fn find_entity_of_address(
    conn: &mut PgConnection,
    account_id: AccountId,
    email_key: &str,
) -> Result<Option<EntityId>, Fault> {
    let id = sqlx::query_scalar!(
        r#"select id as "id: EntityId" from entities
           where account_id = $1 and kind = 'account' and source = 'seller' and invited_email_key = $2
             and connected_account_id is null and not deprecated
           order by id desc limit 1"#,
        account_id as _,
        email_key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

pub async fn invitation_days(conn: &mut PgConnection, account_id: AccountId) -> Result<i32, Fault> {
    let days = sqlx::query_scalar!("select invitation_days from accounts where id = $1", account_id as _)
        .fetch_one(conn)
        .await?;
    Ok(days)
}

/// Makes room for a new invitation where the old one's time is over.
pub async fn supersede_expired(
    conn: &mut PgConnection,
    account_id: AccountId,
    email_key: &str,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update invitations set superseded_at = $3
         where account_id = $1 and kind = 'source' and email_key = $2 and state = 'pending'
           and superseded_at is null and expires_at <= $3",
        account_id as _,
        email_key,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A source invitation to be made.
#[derive(Debug)]
pub struct NewInvitation<'a> {
    pub id: InvitationId,
    pub account_id: AccountId,
    pub email: &'a EmailAddress,
    pub note: &'a str,
    pub entity_id: EntityId,
    pub partner_id: PartnerId,
    pub invited_by: UserId,
    pub mail_id: MailId,
    pub expires_at: OffsetDateTime,
}

pub async fn insert_invitation(
    conn: &mut PgConnection,
    new: &NewInvitation<'_>,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into invitations
             (id, account_id, kind, email, email_key, note, state, entity_id, partner_id, invited_by, mail_id, sent_at,
              expires_at, created_at)
         values ($1, $2, 'source', $3, $4, $5, 'pending', $6, $7, $8, $9, $10, $11, $10)",
        new.id as _,
        new.account_id as _,
        new.email.shown(),
        new.email.key(),
        new.note,
        new.entity_id as _,
        new.partner_id as _,
        new.invited_by as _,
        new.mail_id as _,
        now,
        new.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn insert_token(
    conn: &mut PgConnection,
    id: InvitationId,
    token: &Token,
    verifies_address: bool,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let hash = token.hashed();
    sqlx::query!(
        "insert into invitation_tokens (token_hash, invitation_id, generation, verifies_address, created_at)
         values ($1, $2, (select count(*) + 1 from invitation_tokens where invitation_id = $2), $3, $4)",
        hash.bytes(),
        id as _,
        verifies_address,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An invitation with the names around it.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: InvitationId,
    pub account_id: AccountId,
    /// The inviting company.
    pub company: String,
    pub inviter_plan: Option<Plan>,
    pub invited_by: Option<UserId>,
    pub inviter: Option<String>,
    pub email: String,
    pub email_key: String,
    pub note: String,
    pub entity_id: Option<EntityId>,
    pub partner_id: Option<PartnerId>,
    pub sent_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub accepted_by: Option<UserId>,
    pub state: Ending,
    pub expired: bool,
    pub superseded: bool,
}

impl Invitation {
    pub fn standing(&self) -> Standing {
        Facts { state: self.state, expired: self.expired, superseded: self.superseded }.standing()
    }

    /// As seen through a link that a newer one has followed.
    pub fn replaced(mut self) -> Self {
        self.superseded = true;
        self
    }
}

pub async fn find(conn: &mut PgConnection, id: InvitationId, now: OffsetDateTime) -> Result<Option<Invitation>, Fault> {
    let invitation = sqlx::query_as!(
        Invitation,
        r#"select i.id as "id: InvitationId", i.account_id as "account_id: AccountId", a.name as company,
                  s.plan as "inviter_plan?: Plan", i.invited_by as "invited_by: UserId", u.name as "inviter?",
                  i.email, i.email_key, i.note, i.entity_id as "entity_id: EntityId",
                  i.partner_id as "partner_id: PartnerId", i.sent_at, i.expires_at, i.accepted_by as "accepted_by: UserId",
                  i.state as "state: Ending", i.expires_at <= $2 as "expired!",
                  i.superseded_at is not null as "superseded!"
           from invitations i
           join accounts a on a.id = i.account_id
           left join subscriptions s on s.account_id = i.account_id and s.product = 'leadconduit'
           left join users u on u.id = i.invited_by
           where i.id = $1"#,
        id as _,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(invitation)
}

/// What is known of the link itself.
#[derive(Debug, Clone, Copy)]
pub struct LinkFacts {
    pub verifies_address: bool,
    pub superseded: bool,
}

pub async fn find_by_token(
    conn: &mut PgConnection,
    token: Hashed,
    now: OffsetDateTime,
) -> Result<Option<(Invitation, LinkFacts)>, Fault> {
    let link = sqlx::query!(
        r#"select invitation_id as "invitation_id: InvitationId", verifies_address, superseded_at is not null as "superseded!"
           from invitation_tokens where token_hash = $1"#,
        token.bytes(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(link) = link else { return Ok(None) };
    let facts = LinkFacts { verifies_address: link.verifies_address, superseded: link.superseded };
    Ok(find(conn, link.invitation_id, now).await?.map(|invitation| (invitation, facts)))
}

/// Claims the acceptance. False: it was answered, revoked, replaced, or its time ran out in the meantime.
pub async fn claim_acceptance(
    conn: &mut PgConnection,
    id: InvitationId,
    actor: &Actor,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let claimed = sqlx::query!(
        "update invitations
         set state = 'accepted', accepted_at = $2, accepted_account_id = $3, accepted_by = $4, accepted_email = $5
         where id = $1 and state = 'pending' and superseded_at is null and expires_at > $2",
        id as _,
        now,
        actor.account_id as _,
        actor.user_id as _,
        actor.email,
    )
    .execute(conn)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// Claims the refusal. False: as above.
pub async fn claim_decline(
    conn: &mut PgConnection,
    id: InvitationId,
    reason: &str,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let claimed = sqlx::query!(
        "update invitations set state = 'declined', declined_at = $2, decline_reason = $3
         where id = $1 and state = 'pending' and superseded_at is null and expires_at > $2",
        id as _,
        now,
        reason,
    )
    .execute(conn)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// A member's address, while they are one.
pub async fn find_member_contact(
    conn: &mut PgConnection,
    account_id: AccountId,
    user_id: UserId,
) -> Result<Option<Contact>, Fault> {
    let contact = sqlx::query_as!(
        Contact,
        r#"select u.id as "user_id: UserId", u.name, u.email
           from members m join users u on u.id = m.user_id
           where m.account_id = $1 and m.user_id = $2"#,
        account_id as _,
        user_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(contact)
}

/// The flows whose pages show the state of this mail.
pub async fn flows_of_mail(pool: &PgPool, mail_id: MailId) -> Result<Vec<(AccountId, FlowId)>, Fault> {
    let rows = sqlx::query!(
        r#"select fs.account_id as "account_id: AccountId", fs.flow_id as "flow_id: FlowId"
           from invitations i join flow_sources fs on fs.entity_id = i.entity_id
           where i.mail_id = $1"#,
        mail_id as _,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.flow_id)).collect())
}
