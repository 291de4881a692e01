//! The limits of sending invitations, so that nobody can flood one or many addresses through us. Removing or revoking an
//! invitation doesn't free up any of a rate limit (abuse-cases.md 38).

use super::{invitation::Invitation, queries, send::Sender};
use crate::{
    accounts::server::queries as accounts,
    base::{EmailAddress, Id, InvitationId, Problem},
    invitations::model::{InvitationStatus, MAX_OPEN, RESENDS_A_DAY},
    server::{
        Fault, Tx,
        throttle::{Bucket, Exceeded, Limit},
    },
};
use time::{Duration, OffsetDateTime};

const MINUTE: u32 = 60;
const DAY: u32 = 24 * 60 * 60;

/// Checks that the sender's company can have one more open invitation. Locks the account, so that concurrent sends can't
/// exceed the maximum together.
pub(super) async fn check_open(tx: &mut Tx, sender: &Sender) -> Result<(), Fault> {
    accounts::lock_account(tx, sender.account_id).await?;
    let now = tx.now();
    let is_full = queries::has_open_invitations(tx, sender.account_id, sender.of_partner, MAX_OPEN, now).await?;
    if is_full { Err(Problem::TooManyPending.into()) } else { Ok(()) }
}

/// Resending an expired invitation opens it again, so it counts as one more. Takes its locks in lock order.
pub(super) async fn check_reopening(tx: &mut Tx, invitation: &Invitation, sender: &Sender) -> Result<(), Fault> {
    if invitation.status() != InvitationStatus::Expired {
        return Ok(());
    }
    queries::lock_address(tx, invitation.account_id, &invitation.email_key).await?;
    queries::lock(tx, invitation.id).await?;
    check_open(tx, sender).await
}

/// Counts a new invitation. A single company gets less than half of what an address may be sent in a day, so whatever
/// one company does, another can still invite.
pub(super) async fn count_new(tx: &Tx, sender: &Sender, email: &EmailAddress) -> Result<(), Fault> {
    let share = Limit::InviteRecipientByAccount.of([&sender.company()[..], email.key().as_bytes()].concat());
    let [person, account, network] = of_sender(tx, sender);
    tx.cx.take([share, Limit::InviteRecipient.of(email.key()), person, account, network]).await
}

fn of_sender(tx: &Tx, sender: &Sender) -> [Bucket; 3] {
    [
        Limit::InvitePerson.of(sender.user_id.bytes()),
        Limit::InviteAccount.of(sender.company()),
        tx.cx.by_network(Limit::InviteAddress),
    ]
}

/// Checks that a locked invitation is unanswered and wasn't resent too often, and counts the resend.
pub(super) async fn check_resend(tx: &mut Tx, invitation: &Invitation, sender: &Sender) -> Result<(), Fault> {
    invitation.status().check_resendable()?;
    let now = tx.now();
    let a_day_ago = now - Duration::days(1);
    if let Some(at) = queries::find_resend_before_last(tx, invitation.id, RESENDS_A_DAY - 1, a_day_ago).await? {
        let per_day = (u32::try_from(RESENDS_A_DAY).unwrap_or(1), DAY);
        let wait = seconds_until(at + Duration::days(1), now);
        return Err(Exceeded::new(Problem::ResendTooOften, "resend-day", per_day, wait).into());
    }
    let allowed_at = invitation.sent_at + Duration::minutes(1);
    if now < allowed_at {
        return Err(resent_just_now(seconds_until(allowed_at, now)));
    }
    tx.cx.take(of_sender(tx, sender)).await
}

pub(super) fn resent_just_now(seconds: u64) -> Fault {
    Exceeded::new(Problem::ResendTooSoon, "resend", (1, MINUTE), seconds).into()
}

/// The error of an invitee who requested a new invitation within the last day.
pub(super) async fn already_requested(tx: &mut Tx, id: InvitationId) -> Result<Fault, Fault> {
    let now = tx.now();
    let allowed_at = queries::find_requested_at(tx, id).await?.map_or(now, |at| at + Duration::days(1));
    let wait = seconds_until(allowed_at, now);
    Ok(Exceeded::new(Problem::AlreadyRequested, "request-invitation", (1, DAY), wait).into())
}

/// Whole seconds, rounded up.
fn seconds_until(at: OffsetDateTime, now: OffsetDateTime) -> u64 {
    let left = at - now;
    let more = i64::from(left.subsec_nanoseconds() > 0);
    u64::try_from(left.whole_seconds() + more).unwrap_or(0)
}

impl Sender {
    /// Whose limits apply: the account's, or those of the partner whose own people send.
    fn company(&self) -> [u8; 12] {
        self.of_partner.map_or_else(|| self.account_id.bytes(), |partner_id| partner_id.bytes())
    }
}
