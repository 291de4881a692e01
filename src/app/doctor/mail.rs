//! Mail: whether the server takes us, and what waits.

use super::{Finding, queries};
use crate::{
    base::{EmailAddress, MailId},
    server::{
        AppState, commands,
        config::{Config, MailDelivery},
        mail::{Letter, Reason, Transport, render, smtp::ReadyMail},
    },
};
use sqlx::PgPool;

const ABOUT: &str = "mail server";
/// A mail that waits longer without having been tried has no worker.
const OVERDUE_MINUTES: f64 = 10.0;

/// Connects, says hello, encrypts and signs in as configured. No mail is sent.
pub async fn mail_server(config: &Config) -> Finding {
    let transport = match Transport::from_config(config) {
        Ok(transport) => transport,
        Err(problem) => return Finding::fault(ABOUT, problem.to_string()),
    };
    if commands::keeps_mails(config) {
        return Finding::well(ABOUT, "None: mails are kept and shown at /dev/mailbox.");
    }
    // A task of its own: lettre panics on one malformed greeting.
    let answered = tokio::spawn(async move { transport.check().await });
    match answered.await.unwrap_or(Err(Reason::OurFault)) {
        Ok(()) if goes_in_clear(config) => Finding::warning(
            ABOUT,
            "It takes us, but without TLS: mails with their links can be read on the way. Use smtps://, or smtp://…?tls=required.",
        ),
        Ok(()) => Finding::well(ABOUT, "It takes us."),
        Err(Reason::AuthenticationFailed(code)) => {
            Finding::fault(ABOUT, format!("It does not let us in ({code}). Check user and password in SMTP_URL."))
        }
        Err(Reason::Unreachable) => Finding::fault(
            ABOUT,
            "No connection, or no TLS. Check host, port and scheme in SMTP_URL, and that this machine may reach it.",
        ),
        Err(Reason::OurFault) => {
            Finding::fault(ABOUT, "It greets in a way that cannot be understood. Check host and port in SMTP_URL.")
        }
        Err(reason) => Finding::fault(ABOUT, format!("{reason} Check SMTP_URL.")),
    }
}

fn goes_in_clear(config: &Config) -> bool {
    let MailDelivery::Smtp(url) = &config.mail_delivery else { return false };
    let url = url.reveal();
    let host = url.split("://").nth(1).and_then(|rest| rest.rsplit('@').next()).unwrap_or("");
    let here = ["localhost", "127.", "[::1]"].iter().any(|name| host.starts_with(name));
    url.starts_with("smtp://") && !url.contains("tls=required") && !here
}

/// What waits, and what has failed of late.
pub async fn queue(pool: &PgPool) -> Finding {
    const ABOUT: &str = "mail queue";
    let queue = match queries::queue(pool).await {
        Ok(queue) => queue,
        Err(error) => return Finding::fault(ABOUT, super::database::unreachable(&error)),
    };
    let (queued, failed) = (queue.queued, queue.failed);
    let counts = format!("{queued} waiting, {failed} failed within a week");
    if queue.overdue_minutes >= OVERDUE_MINUTES {
        let minutes = queue.overdue_minutes.round();
        return Finding::warning(
            ABOUT,
            format!(
                "{counts}. The oldest was due {minutes} minutes ago and nobody has tried it: start `accord worker`, or `accord serve` without --no-worker."
            ),
        );
    }
    match queue.reason {
        // A sentence of `Reason`: nothing that a mail server wrote.
        Some(reason) => Finding::warning(ABOUT, format!("{counts}. The latest that was tried: {reason}")),
        None => Finding::well(ABOUT, format!("{counts}.")),
    }
}

/// Sends one mail, past the queue.
pub async fn send_test(state: &AppState, address: &str) -> Finding {
    const ABOUT: &str = "test mail";
    let Ok(address) = EmailAddress::parse(address) else {
        return Finding::fault(ABOUT, "--mail-to is no address.");
    };
    let letter = Letter::new("A test mail of Accord", "It works")
        .text("Accord can send mails from this installation.")
        .why("You get this mail because somebody who operates Accord ran `accord doctor` with your address.");
    let (state, to) = (state.clone(), address.deliverable());
    let sent = tokio::spawn(async move {
        let id: MailId = state.make_id(state.now().await.map_err(|_| Reason::OurFault)?);
        let content = render(&letter, &state.config.base_url, None)?;
        let parcel = ReadyMail { id, to, to_name: String::new(), reply_to: None, content };
        let transport = Transport::from_config(&state.config).map_err(|_| Reason::OurFault)?;
        transport.send(&state, parcel).await
    });
    match sent.await.unwrap_or(Err(Reason::OurFault)) {
        Ok(()) => Finding::well(ABOUT, format!("The mail server took a mail to {}.", address.shown())),
        Err(reason) => Finding::fault(ABOUT, reason.to_string()),
    }
}
