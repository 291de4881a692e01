//! Checks the mail server and the mail queue, and sends a test email.

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
/// An untried email overdue for longer than this means that no worker is running.
const OVERDUE_MINUTES: f64 = 10.0;

/// Connects, greets, encrypts and signs in as configured. Sends no email.
pub async fn mail_server(config: &Config) -> Finding {
    let transport = match Transport::from_config(config) {
        Ok(transport) => transport,
        Err(problem) => return Finding::fault(ABOUT, problem.to_string()),
    };
    if commands::keeps_mails(config) {
        return Finding::ok(ABOUT, "None. Emails are kept and shown at /dev/mailbox.");
    }
    // In its own task, because lettre panics on one malformed greeting.
    let checked = tokio::spawn(async move { transport.check().await });
    match checked.await.unwrap_or(Err(Reason::OurFault)) {
        Ok(()) if is_unencrypted(config) => Finding::warning(
            ABOUT,
            "The connection works, but without TLS: others could read emails and their links in transit. Use smtps://, or smtp://…?tls=required.",
        ),
        Ok(()) => Finding::ok(ABOUT, "The connection works."),
        Err(Reason::AuthenticationFailed(code)) => {
            Finding::fault(ABOUT, format!("Sign-in failed ({code}). Check user and password in SMTP_URL."))
        }
        Err(Reason::Unreachable) => Finding::fault(
            ABOUT,
            "No connection, or no TLS. Check host, port and scheme in SMTP_URL, and that this machine can reach it.",
        ),
        Err(Reason::OurFault) => {
            Finding::fault(ABOUT, "Its greeting is not valid SMTP. Check host and port in SMTP_URL.")
        }
        Err(reason) => Finding::fault(ABOUT, format!("{reason} Check SMTP_URL.")),
    }
}

fn is_unencrypted(config: &Config) -> bool {
    let MailDelivery::Smtp(url) = &config.mail_delivery else { return false };
    let url = url.reveal();
    let host = url.split("://").nth(1).and_then(|rest| rest.rsplit('@').next()).unwrap_or("");
    let is_local = ["localhost", "127.", "[::1]"].iter().any(|name| host.starts_with(name));
    url.starts_with("smtp://") && !url.contains("tls=required") && !is_local
}

/// Checks the emails that are queued and those that failed recently.
pub async fn queue(pool: &PgPool) -> Finding {
    const ABOUT: &str = "mail queue";
    let queue = match queries::queue(pool).await {
        Ok(queue) => queue,
        Err(error) => return Finding::fault(ABOUT, super::database::unreachable(&error)),
    };
    let (queued, failed) = (queue.queued, queue.failed);
    let counts = format!("{queued} queued, {failed} failed in the last week");
    if queue.overdue_minutes >= OVERDUE_MINUTES {
        let minutes = queue.overdue_minutes.round();
        return Finding::warning(
            ABOUT,
            format!(
                "{counts}. The oldest was due {minutes} minutes ago and was never tried. Start `accord worker`, or `accord serve` without --no-worker."
            ),
        );
    }
    match queue.reason {
        // The reason is one of our own sentences, never text from a mail server.
        Some(reason) => Finding::warning(ABOUT, format!("{counts}. The latest attempt: {reason}")),
        None => Finding::ok(ABOUT, format!("{counts}.")),
    }
}

/// Sends one email directly, bypassing the queue.
pub async fn send_test(state: &AppState, address: &str) -> Finding {
    const ABOUT: &str = "test email";
    let Ok(address) = EmailAddress::parse(address) else {
        return Finding::fault(ABOUT, "--mail-to is not a valid email address.");
    };
    let letter = Letter::new("Test email from Accord", "It works")
        .text("Accord can send emails from this installation.")
        .why("You received this email because an operator of Accord ran `accord doctor` with your address.");
    let (state, to) = (state.clone(), address.deliverable());
    let sent = tokio::spawn(async move {
        let id: MailId = state.make_id(state.now().await.map_err(|_| Reason::OurFault)?);
        let content = render(&letter, &state.config.base_url, None)?;
        let mail = ReadyMail { id, to, to_name: String::new(), reply_to: None, content };
        let transport = Transport::from_config(&state.config).map_err(|_| Reason::OurFault)?;
        transport.send(&state, mail).await
    });
    match sent.await.unwrap_or(Err(Reason::OurFault)) {
        Ok(()) => Finding::ok(ABOUT, format!("The mail server accepted an email to {}.", address.shown())),
        Err(reason) => Finding::fault(ABOUT, reason.to_string()),
    }
}
