//! SQL for accepting an invitation to connect, and for closing any answered invitation. Each statement does as much as
//! the locks before it allow.

use crate::{
    accounts::{model::Plan, server::policy::Actor, server::queries::Contact},
    base::{AccountId, EntityId, FlowId, NoticeId, PartnerId, Problem, UserId},
    entities::model::Direction,
    invitations::{
        model::NoticeKind,
        server::invitation::{ConnectInvitation, Invitation, Open},
    },
    server::{Fault, Tx, fault::OnConstraint, mail::Reason},
};
use sqlx::PgConnection;

/// The result of claiming an acceptance.
#[derive(Debug, Clone, Copy)]
pub struct ClaimedAcceptance {
    /// False if it was answered, revoked or replaced, or has expired in the meantime.
    pub claimed: bool,
    /// True if the accepting account had no LeadConduit and got the plan.
    pub granted: bool,
}

/// Claims the acceptance, and grants a plan to an account that has none. Guarded by the primary key of subscriptions.
pub async fn claim_acceptance(tx: &mut Tx, open: Open, actor: &Actor, plan: Plan) -> Result<ClaimedAcceptance, Fault> {
    let claimed = sqlx::query_as!(
        ClaimedAcceptance,
        r#"with claimed as (
               update invitations
               set state = 'accepted', accepted_at = $2, accepted_account_id = $3, accepted_by = $4,
                   accepted_email = $5, accepted_email_key = $6
               where id = $1 and invitation_is_open(state, superseded_at, expires_at, $2)
               returning id
           ), granted as (
               insert into subscriptions (account_id, product, plan, created_at)
               select $3, 'leadconduit', $7, $2 from claimed
               on conflict (account_id, product) do nothing
               returning account_id
           )
           select exists (select from claimed) as "claimed!", exists (select from granted) as "granted!""#,
        open.id() as _,
        tx.now(),
        actor.account_id as _,
        actor.user_id as _,
        actor.email,
        actor.email_key,
        plan as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(claimed)
}

/// How the invited partner stands, with its sources.
#[derive(Debug, Clone, Copy)]
pub struct PartnerToLink {
    /// It is there and linked to nobody.
    is_free: bool,
    /// Another partner is linked to the accepting account.
    has_other: bool,
    /// A source of the invited entity belongs to no partner, or to another one.
    has_other_source: bool,
}

impl PartnerToLink {
    /// True if the partner only has to be linked: there is nothing to merge or reassign.
    pub fn is_simple(self) -> bool {
        self.is_free && !self.has_other && !self.has_other_source
    }
}

/// Locks the sources of the pending entity, then the invited partner and the one that is already linked to the accepting
/// account. The pair of companies and its entities are already locked.
pub async fn lock_to_link(
    conn: &mut PgConnection,
    invitation: &ConnectInvitation,
    partner_id: PartnerId,
    accepting: AccountId,
) -> Result<PartnerToLink, Fault> {
    let locked = sqlx::query_as!(
        PartnerToLink,
        r#"with source as materialized (
               select partner_id from flow_sources where account_id = $1 and entity_id = $2
               order by id for no key update
           ), partner as materialized (
               select id, linked_account_id from partners
               where account_id = $1 and (id = $3 or linked_account_id = $4)
                 and (select count(*) from source) >= 0
               order by id for update
           )
           select exists (select from partner where id = $3 and linked_account_id is null) as "is_free!",
                  exists (select from partner where id <> $3) as "has_other!",
                  exists (select from source where partner_id is distinct from $3) as "has_other_source!""#,
        invitation.account_id as _,
        invitation.connect.entity_id as _,
        partner_id as _,
        accepting as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(locked)
}

/// What became of the pending entity.
#[derive(Debug)]
pub struct ConvertedEntity {
    /// False if it already has another account, or is deprecated.
    pub converted: bool,
    /// The accepting company's entity for the inviting one.
    pub mirrored: EntityId,
    /// False if no partner was to be linked, or if it is linked already.
    pub linked: bool,
    /// The flows of its sources.
    pub flows: Vec<FlowId>,
}

/// Turns the pending entity into the accepting account's entity, in place: same id, new name. Also finds or creates the
/// accepting company's entity for the inviting one, turns a seller's sources on, except duplicates and those the buyer
/// chose to keep off, and links the partner, restored, if one is given. The caller holds all locks.
pub async fn convert_entity(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    actor: &Actor,
    link: Option<PartnerId>,
) -> Result<ConvertedEntity, Fault> {
    let direction = invitation.connect.direction;
    let (source, recipient) = direction.mirrored().columns();
    let mirrored = tx.make_id::<EntityId>();
    let converted = sqlx::query_as!(
        ConvertedEntity,
        r#"with converted as (
               update entities set connected_account_id = $3, name = $4, updated_at = $5
               where account_id = $1 and id = $2 and kind = 'account' and not deprecated
                 and (connected_account_id is null or connected_account_id = $3)
               returning id
           ), mirrored as (
               insert into entities as e
                   (id, account_id, kind, name, source, recipient, connected_account_id, created_at, updated_at)
               values ($6, $3, 'account', $7, $8, $9, $1, $5, $5)
               on conflict (account_id, connected_account_id) where connected_account_id is not null and not deprecated
               do update set name = excluded.name, source = coalesce(e.source, excluded.source),
                             recipient = coalesce(e.recipient, excluded.recipient), updated_at = excluded.updated_at
               returning e.id
           ), switched as (
               update flow_sources set enabled = turn_on_when_accepted and duplicate_of is null, updated_at = $5
               where account_id = $1 and entity_id = $2 and $10
               returning flow_id
           ), linked as (
               update partners
               set linked_account_id = $3, name = case when named_by_hand then name else $4 end, archived_at = null,
                   version = version + 1, updated_at = $5
               where account_id = $1 and id = $11 and linked_account_id is null
               returning id
           )
           select exists (select from converted) as "converted!", (select id from mirrored) as "mirrored!: EntityId",
                  exists (select from linked) as "linked!", array(select flow_id from switched) as "flows!: Vec<FlowId>""#,
        invitation.account_id as _,
        invitation.connect.entity_id as _,
        actor.account_id as _,
        actor.account_name,
        tx.now(),
        mirrored as _,
        invitation.company,
        source,
        recipient,
        direction == Direction::Seller,
        link as _,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("entities_connected_account_id_key", || Problem::AlreadyConnected.into())?;
    Ok(converted)
}

/// A member of the inviting account who may have to be notified.
#[derive(Debug, Clone)]
pub struct InvitingMember {
    pub contact: Contact,
    /// They sent the invitation. All others are Admins.
    pub is_inviter: bool,
}

struct InvitingRow {
    user_id: UserId,
    name: String,
    email: String,
    is_inviter: bool,
}

impl From<InvitingRow> for InvitingMember {
    fn from(row: InvitingRow) -> Self {
        let InvitingRow { user_id, name, email, is_inviter } = row;
        Self { contact: Contact { user_id, name, email }, is_inviter }
    }
}

/// The inviter, while they are a member, and the account's Admins, the longest-standing first.
pub async fn list_inviting(
    conn: &mut PgConnection,
    account_id: AccountId,
    invited_by: Option<UserId>,
) -> Result<Vec<InvitingMember>, Fault> {
    let members = sqlx::query_as!(
        InvitingRow,
        r#"select u.id as "user_id: UserId", u.name, u.email, u.id is not distinct from $2 as "is_inviter!"
           from members m join users u on u.id = m.user_id
           where m.account_id = $1 and (m.role = 'admin' or m.user_id = $2)
           order by m.created_at, u.id"#,
        account_id as _,
        invited_by as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(members.into_iter().map(Into::into).collect())
}

/// Closes an answered invitation: withdraws emails that were not sent yet, dismisses its notices, and adds one about the
/// answer if given. Returns what `list_inviting` returns.
pub async fn close(
    tx: &mut Tx,
    invitation: &Invitation,
    notice: Option<NoticeKind>,
) -> Result<Vec<InvitingMember>, Fault> {
    // The emails are two ids and no array, for which Postgres would plan the statement again in each transaction. The
    // notices are found by one id only, so that the planner uses the index even before the table has statistics
    // (measured: an acceptance does three times the work otherwise).
    let members = sqlx::query_as!(
        InvitingRow,
        r#"with withdrawn as (
               update mails set state = 'failed', reason = $4, sealed_secret = null
               where id in ($3, $9) and state not in ('sent', 'failed')
           ), dismissed as (
               update notices set dismissed_at = $2 where invitation_id = $1 and dismissed_at is null
           ), noticed as (
               insert into notices (id, account_id, invitation_id, kind, at)
               select $5, $6, $1, $7, $2 where $7::text is not null
           )
           select u.id as "user_id: UserId", u.name, u.email, u.id is not distinct from $8 as "is_inviter!"
           from members m join users u on u.id = m.user_id
           where m.account_id = $6 and (m.role = 'admin' or m.user_id = $8)
           order by m.created_at, u.id"#,
        invitation.id as _,
        tx.now(),
        invitation.mail_id as _,
        Reason::Withdrawn.to_string(),
        tx.make_id::<NoticeId>() as _,
        invitation.account_id as _,
        notice as _,
        invitation.invited_by as _,
        invitation.reminder_mail_id as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(members.into_iter().map(Into::into).collect())
}
