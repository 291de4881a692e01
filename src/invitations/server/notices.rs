//! Notifies inviters, by email and under *Needs attention* on Home until someone acts on the notice or dismisses it.

use super::{
    invitation::{Invitation, Purpose},
    letters,
    queries::{self, InvitingMember},
};
use crate::{
    accounts::{
        model::Permission,
        server::queries::{self as accounts, Contact},
    },
    base::{InvitationId, NoticeId},
    invitations::model::{Kind, NoticeKind, Team},
    server::{
        Fault, Tx,
        mail::{self as mails, Letter, Outgoing},
    },
};

/// Notifies the inviter, or the account's Admins if the inviter has left, by email and on Home.
pub(super) async fn notify_inviter(
    tx: &mut Tx,
    invitation: &Invitation,
    kind: NoticeKind,
    letter: Letter,
) -> Result<(), Fault> {
    let inviters = inviters(tx, invitation).await?;
    if inviters.has_notice() {
        add_notice(tx, invitation, kind).await?;
    }
    mail(tx, invitation, inviters, letter).await
}

/// After an answer: withdraws emails that were not sent yet, replaces the invitation's notices by one about the answer,
/// and emails those whom `notify_inviter` notifies.
pub(super) async fn close_and_notify(
    tx: &mut Tx,
    invitation: &Invitation,
    kind: NoticeKind,
    letter: Letter,
) -> Result<(), Fault> {
    // An account always sees what becomes of its invitations to connect.
    let known = match &invitation.purpose {
        Purpose::Connect(_) => None,
        Purpose::Join(_) => Some(inviters(tx, invitation).await?),
    };
    let has_notice = known.as_ref().is_none_or(InviterContacts::has_notice);
    let members = queries::close(tx, invitation, has_notice.then_some(kind)).await?;
    let inviters = known.unwrap_or_else(|| InviterContacts::of_account(members));
    mail(tx, invitation, inviters, letter).await
}

async fn mail(tx: &mut Tx, invitation: &Invitation, to: InviterContacts, letter: Letter) -> Result<(), Fault> {
    let letter = letter.mentioning(&invitation.email);
    let letter = match &invitation.purpose {
        Purpose::Join(join) => letters::team_invites::to_team(letter, join, to.of_partner),
        Purpose::Connect(_) => letter,
    };
    for contact in to.contacts {
        queue(tx, contact, letter.clone()).await?;
    }
    Ok(())
}

async fn add_notice(tx: &mut Tx, invitation: &Invitation, kind: NoticeKind) -> Result<(), Fault> {
    let id = tx.make_id::<NoticeId>();
    queries::insert_notice(tx, id, invitation.account_id, invitation.id, kind).await
}

/// The people to notify about an invitation.
pub(super) struct InviterContacts {
    pub contacts: Vec<Contact>,
    /// True if a partner user sent it and still is one.
    of_partner: bool,
}

impl InviterContacts {
    /// The inviter, or the Admins if the inviter is no longer a member.
    fn of_account(members: Vec<InvitingMember>) -> Self {
        let inviter = members.iter().find(|member| member.is_inviter).map(|member| member.contact.clone());
        let contacts = match inviter {
            Some(contact) => vec![contact],
            None => members.into_iter().map(|member| member.contact).collect(),
        };
        Self { contacts, of_partner: false }
    }

    /// The account's pages don't show what a partner's people do among themselves.
    fn has_notice(&self) -> bool {
        !self.of_partner
    }
}

pub(super) async fn inviters(tx: &mut Tx, invitation: &Invitation) -> Result<InviterContacts, Fault> {
    let members = queries::list_inviting(tx, invitation.account_id, invitation.invited_by).await?;
    if let Some(Team::Partner(partner_id)) = invitation.team()
        && let Some(user_id) = invitation.invited_by
        && !members.iter().any(|member| member.is_inviter)
        && let Some(contact) = queries::find_partner_contact(tx, partner_id, user_id).await?
    {
        return Ok(InviterContacts { contacts: vec![contact], of_partner: true });
    }
    Ok(InviterContacts::of_account(members))
}

async fn queue(tx: &mut Tx, to: Contact, letter: Letter) -> Result<(), Fault> {
    let mail = Outgoing { to: to.email, to_name: to.name, reply_to: None, letter, secret: None };
    mails::queue(tx, mail).await?;
    Ok(())
}

/// Notifies the inviting account's Admins, once, that someone tried to accept a void invitation.
pub async fn notify_void(tx: &mut Tx, id: InvitationId) -> Result<(), Fault> {
    queries::lock(tx, id).await?;
    let now = tx.now();
    let Some(invitation) = queries::find(tx, id, now).await? else { return Ok(()) };
    if invitation.backed || queries::has_notice(tx, id, NoticeKind::Void).await? {
        return Ok(());
    }
    add_notice(tx, &invitation, NoticeKind::Void).await?;
    for admin in accounts::list_admins(tx, invitation.account_id).await? {
        queue(tx, admin, letters::void(&invitation).mentioning(&invitation.email)).await?;
    }
    Ok(())
}

/// Dismisses a notice.
pub async fn dismiss(tx: &mut Tx, id: NoticeId) -> Result<(), Fault> {
    let (account_id, kind) = queries::find_notice(tx, id).await?.ok_or(Fault::NOT_FOUND)?;
    let permission = if kind == Kind::Member { Permission::ManageAccount } else { Permission::Invite };
    let actor = tx.cx.actor(account_id, permission)?;
    queries::dismiss(tx, id, actor.user_id).await
}
