//! What falls due on invitations: reminders, expiries, and emails that can't be delivered. Each invitation has its own
//! transaction, so one that fails is tried again later, less and less often, while all others go on.

use super::{
    invitation::Invitation,
    letters,
    links::MailLinks,
    notices::{inviters, notify_inviter},
    queries::{self, DueAfter, DueWork, TokenKind},
    send,
};
use crate::{
    base::{EmailAddress, InvitationId, MailId},
    flows::server as flows,
    invitations::model::NoticeKind,
    server::{AppState, Cx, Fault, Tx},
};

/// Runs what is due, and returns how many invitations there were. Each is claimed when its turn comes, so it is handled
/// once even if several processes run this.
pub async fn run_due(state: &AppState) -> Result<usize, Fault> {
    let cx = state.system().await?;
    let mut count = 0;
    for work in [DueWork::Expiry, DueWork::Reminder, DueWork::Undeliverable] {
        let mut after = None;
        while let Some(last) = run_batch(&cx, work, after, &mut count).await? {
            after = Some(last);
        }
    }
    Ok(count)
}

/// Runs the next batch. Returns its last invitation if there may be more.
async fn run_batch(
    cx: &Cx,
    work: DueWork,
    after: Option<DueAfter>,
    count: &mut usize,
) -> Result<Option<DueAfter>, Fault> {
    let due = {
        let mut conn = cx.read().await?;
        queries::list_due(&mut conn, work, cx.now, after).await?
    };
    for invitation in &due {
        *count += usize::from(run_one(cx, work, invitation.id).await);
    }
    Ok(due.last().copied())
}

/// Notifies the inviters of this email's invitation that it can't be delivered.
pub(super) async fn notify_undeliverable(cx: &Cx, mail_id: MailId) -> Result<(), Fault> {
    let due = {
        let mut conn = cx.read().await?;
        queries::list_undeliverable(&mut conn, mail_id, cx.now).await?
    };
    for id in due {
        run_one(cx, DueWork::Undeliverable, id).await;
    }
    Ok(())
}

/// True if this changed anything: the work is done, or was postponed because it failed.
async fn run_one(cx: &Cx, work: DueWork, id: InvitationId) -> bool {
    let fault = match cx.write((work, id), |tx, (work, id)| Box::pin(handle(tx, work, id))).await {
        Ok(done) => return done,
        Err(fault) => fault,
    };
    tracing::error!(invitation = %id, ?work, %fault, "due work on an invitation failed and will be tried again");
    let postponed = cx.write(id, |tx, id| Box::pin(queries::postpone_due(tx, id))).await;
    postponed.map_err(|fault| tracing::error!(invitation = %id, %fault, "due work was not postponed")).is_ok()
}

/// False if it is no longer due, or another process is at it.
async fn handle(tx: &mut Tx, work: DueWork, id: InvitationId) -> Result<bool, Fault> {
    let now = tx.now();
    if !queries::claim_due(tx, work, id).await? {
        return Ok(false);
    }
    let invitation = queries::find(tx, id, now).await?.ok_or(Fault::NOT_FOUND)?;
    match work {
        DueWork::Expiry => notify_expired(tx, &invitation).await?,
        DueWork::Reminder => remind(tx, &invitation).await?,
        DueWork::Undeliverable => {
            let letter = letters::undeliverable(&invitation);
            notify_inviter(tx, &invitation, NoticeKind::Undeliverable, letter).await?;
        }
    }
    Ok(true)
}

async fn notify_expired(tx: &mut Tx, invitation: &Invitation) -> Result<(), Fault> {
    notify_inviter(tx, invitation, NoticeKind::Expired, letters::expired(invitation)).await?;
    match invitation.entity_id() {
        Some(entity_id) => flows::announce_entity(tx, invitation.account_id, entity_id).await,
        None => Ok(()),
    }
}

/// Sends a reminder, unless the invitation is void. The link in the first email still works, as does the one in the
/// reminder.
async fn remind(tx: &mut Tx, invitation: &Invitation) -> Result<(), Fault> {
    let Ok(email) = EmailAddress::parse(&invitation.email) else { return Ok(()) };
    if !invitation.backed {
        return Ok(());
    }
    let links = MailLinks::new();
    let reply_to = inviters(tx, invitation).await?.contacts.into_iter().next().map(|contact| contact.email);
    let (mail_id, _) = send::mail_to_invitee(tx, &email, reply_to, letters::reminder(invitation), &links).await?;
    queries::set_reminder_mail(tx, invitation.id, mail_id).await?;
    queries::insert_links(tx, invitation.id, &links, TokenKind::Reminder).await
}
