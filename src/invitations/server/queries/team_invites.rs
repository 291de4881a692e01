//! Invitations to join an account or a partner, and membership in them.

use crate::{
    accounts::server::queries::Contact,
    base::{AccountId, EmailAddress, InvitationId, MailId, PartnerId, UserId},
    flows::server::mail_progress,
    invitations::{
        model::{Kind, OfferedRole, Team, TeamInvite},
        server::invitation::Open,
    },
    server::{Fault, Tx, clock::display_time},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// The columns that identify a team: the kind, and the partner's id if it is a partner.
fn columns(team: Team) -> (Kind, Option<PartnerId>) {
    match team {
        Team::Account(_) => (Kind::Member, None),
        Team::Partner(id) => (Kind::PartnerUser, Some(id)),
    }
}

/// An invitation to join to insert.
#[derive(Debug)]
pub struct NewTeamInvite<'a> {
    pub id: InvitationId,
    pub account_id: AccountId,
    pub team: Team,
    pub email: &'a EmailAddress,
    pub role: OfferedRole,
    pub invited_by: UserId,
    pub mail_id: MailId,
    pub expires_at: OffsetDateTime,
}

pub async fn insert_team_invite(tx: &mut Tx, new: &NewTeamInvite<'_>) -> Result<(), Fault> {
    let (kind, partner_id) = columns(new.team);
    sqlx::query!(
        "insert into invitations
             (id, account_id, kind, email, email_key, state, partner_id, role, invited_by, mail_id, sent_at, expires_at,
              created_at)
         values ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $10, $11, $10)",
        new.id as _,
        new.account_id as _,
        kind as _,
        new.email.shown(),
        new.email.key(),
        partner_id as _,
        new.role as _,
        new.invited_by as _,
        new.mail_id as _,
        tx.now(),
        new.expires_at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The unanswered invitation of an address to a team, and whether it has expired.
pub async fn find_pending_team_invite(
    conn: &mut PgConnection,
    account_id: AccountId,
    team: Team,
    email_key: &str,
    now: OffsetDateTime,
) -> Result<Option<(InvitationId, bool)>, Fault> {
    let (kind, partner_id) = columns(team);
    let found = sqlx::query!(
        r#"select id as "id: InvitationId", invitation_time_is_over(expires_at, $5) as "expired!" from invitations
           where account_id = $1 and kind = $2 and partner_id is not distinct from $3 and email_key = $4
             and invitation_is_unanswered(state, superseded_at)"#,
        account_id as _,
        kind as _,
        partner_id as _,
        email_key,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map(|row| (row.id, row.expired)))
}

/// Marks it as replaced by a new one.
pub async fn supersede(tx: &mut Tx, id: InvitationId) -> Result<(), Fault> {
    sqlx::query!(
        "update invitations set superseded_at = $2 where id = $1 and superseded_at is null",
        id as _,
        tx.now()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Claims the acceptance of an invitation to join. Returns false as `claim_decline` does.
pub async fn claim_join(tx: &mut Tx, open: Open, user_id: UserId, email: &str, email_key: &str) -> Result<bool, Fault> {
    let claimed = sqlx::query!(
        "update invitations
         set state = 'accepted', accepted_at = $2, accepted_by = $3, accepted_email = $4, accepted_email_key = $5
         where id = $1 and invitation_is_open(state, superseded_at, expires_at, $2)",
        open.id() as _,
        tx.now(),
        user_id as _,
        email,
        email_key,
    )
    .execute(&mut **tx)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// True if the user with this address belongs to the team.
pub async fn is_in_team(conn: &mut PgConnection, team: Team, email_key: &str) -> Result<bool, Fault> {
    let belongs = match team {
        Team::Account(id) => {
            sqlx::query_scalar!(
                r#"select exists (select from members m join users u on u.id = m.user_id
                                  where m.account_id = $1 and u.email_key = $2) as "belongs!""#,
                id as _,
                email_key,
            )
            .fetch_one(conn)
            .await?
        }
        Team::Partner(id) => {
            sqlx::query_scalar!(
                r#"select exists (select from partner_users pu join users u on u.id = pu.user_id
                                  where pu.partner_id = $1 and u.email_key = $2) as "belongs!""#,
                id as _,
                email_key,
            )
            .fetch_one(conn)
            .await?
        }
    };
    Ok(belongs)
}

/// The unanswered invitations to a team, newest first, in one query.
pub async fn list_team_invites(
    conn: &mut PgConnection,
    account_id: AccountId,
    team: Team,
    now: OffsetDateTime,
) -> Result<Vec<TeamInvite>, Fault> {
    let (kind, partner_id) = columns(team);
    let rows = sqlx::query!(
        r#"select i.id as "id: InvitationId", i.email, i.role as "role!: OfferedRole", i.sent_at, i.expires_at,
                  case when i.kind = 'member'
                       then exists (select from members m where m.account_id = i.account_id
                                    and m.user_id = i.invited_by and m.role = 'admin')
                       else exists (select from members m where m.account_id = i.account_id
                                    and m.user_id = i.invited_by and m.role in ('admin', 'manager'))
                            or exists (select from partner_users pu where pu.partner_id = i.partner_id
                                       and pu.user_id = i.invited_by and pu.role = 'partner_admin')
                  end as "backed!",
                  m.state as "mail_state?", m.reason as mail_reason, m.sent_at as mail_sent_at,
                  m.next_try_at as "mail_next_try_at?"
           from invitations i left join mails m on m.id = i.mail_id
           where i.account_id = $1 and i.kind = $2 and i.id = any(array(
               select id from invitations
               where $3::bytea is null and account_id = $1 and kind = 'member'
                 and invitation_is_unanswered(state, superseded_at)
               union all
               select id from invitations
               where partner_id = $3 and kind = 'partner_user' and invitation_is_unanswered(state, superseded_at)))
           order by i.id desc
           limit 500"#,
        account_id as _,
        kind as _,
        partner_id as _,
    )
    .fetch_all(conn)
    .await?;
    let invites = rows.into_iter().map(|row| TeamInvite {
        id: row.id,
        email: row.email,
        role: row.role,
        sent: display_time(row.sent_at, now),
        expires: display_time(row.expires_at, now),
        expired: row.expires_at <= now,
        void: !row.backed,
        mail: mail_progress(row.mail_state.as_deref(), row.mail_sent_at, row.mail_reason, row.mail_next_try_at, now),
    });
    Ok(invites.collect())
}

/// Makes whoever resent it the inviter.
pub async fn set_inviter(conn: &mut PgConnection, id: InvitationId, by: UserId) -> Result<(), Fault> {
    sqlx::query!("update invitations set invited_by = $2 where id = $1", id as _, by as _).execute(conn).await?;
    Ok(())
}

/// A partner user's address, while they are one.
pub async fn find_partner_contact(
    conn: &mut PgConnection,
    partner_id: PartnerId,
    user_id: UserId,
) -> Result<Option<Contact>, Fault> {
    let contact = sqlx::query_as!(
        Contact,
        r#"select u.id as "user_id: UserId", u.name, u.email
           from partner_users pu join users u on u.id = pu.user_id
           where pu.partner_id = $1 and pu.user_id = $2"#,
        partner_id as _,
        user_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(contact)
}
