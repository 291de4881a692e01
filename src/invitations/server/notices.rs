//! Notifies inviters, by email and under *Needs attention* on Home until someone acts on the notice or dismisses it.

use super::{
    invitation::{Invitation, Purpose},
    letters, queries,
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
        mail::{self, Letter, Outgoing},
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
    let letter = letter.mentioning(&invitation.email);
    // The account's pages don't show what a partner's people do among themselves.
    if !inviters.of_partner {
        add_notice(tx, invitation, kind).await?;
    }
    let letter = match &invitation.purpose {
        Purpose::Join(join) => letters::team_invites::to_team(letter, join, inviters.of_partner),
        Purpose::Connect(_) => letter,
    };
    for contact in inviters.contacts {
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

pub(super) async fn inviters(tx: &mut Tx, invitation: &Invitation) -> Result<InviterContacts, Fault> {
    let one = |contact, of_partner| InviterContacts { contacts: vec![contact], of_partner };
    if let Some(user_id) = invitation.invited_by {
        if let Some(contact) = queries::find_member_contact(tx, invitation.account_id, user_id).await? {
            return Ok(one(contact, false));
        }
        if let Some(Team::Partner(partner_id)) = invitation.team()
            && let Some(contact) = queries::find_partner_contact(tx, partner_id, user_id).await?
        {
            return Ok(one(contact, true));
        }
    }
    Ok(InviterContacts { contacts: accounts::list_admins(tx, invitation.account_id).await?, of_partner: false })
}

async fn queue(tx: &mut Tx, to: Contact, letter: Letter) -> Result<(), Fault> {
    let mail = Outgoing { to: to.email, to_name: to.name, reply_to: None, letter, secret: None };
    mail::queue(tx, mail).await?;
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
