//! The delivery state of an invitation's email, as rows show it.

use crate::{flows::model::MailProgress, server::clock::display_time};
use time::OffsetDateTime;

/// The state by the columns of `mails`. Without a row there, it is queued.
pub fn mail_progress(
    state: Option<&str>,
    sent_at: Option<OffsetDateTime>,
    reason: Option<String>,
    next_try_at: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> MailProgress {
    match (state, sent_at, reason, next_try_at) {
        (Some("sent"), Some(at), ..) => MailProgress::Sent(display_time(at, now)),
        (Some("failed"), _, reason, _) => MailProgress::Failed { reason: reason.unwrap_or_default() },
        (_, _, Some(reason), Some(next)) => MailProgress::Retrying { reason, next: display_time(next, now) },
        _ => MailProgress::Queued,
    }
}
