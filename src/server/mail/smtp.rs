//! Sends emails by SMTP, or stores them in the development mailbox.
//!
//! lettre 0.11.23 allows SMTP command smuggling by a bare line ending in an unencoded body, and panics on one malformed
//! EHLO response. So every part is quoted-printable, header values with line endings are rejected, and the worker sends
//! each email in a separate task (docs/security.md).

use super::{Reason, Rendered, mailbox, unlink};
use crate::{
    base::MailId,
    server::{
        AppState,
        config::{BaseUrl, Config, MailDelivery},
    },
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{self, extension::ClientId},
};
use std::{fmt, time::Duration};
use time::OffsetDateTime;

/// Timeout of a single SMTP command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);

/// Maximum bytes of text in one encoded word.
const MAX_ENCODED_BYTES: usize = 36;

/// Where emails go.
#[derive(Clone)]
pub enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// Stored in the database and shown at /dev/mailbox.
    Mailbox,
}

/// An error in the email configuration, and how to fix it.
#[derive(Debug, PartialEq, Eq)]
pub struct TransportProblem(&'static str);

impl fmt::Display for TransportProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for TransportProblem {}

/// An email that is ready to send.
#[derive(Debug, Clone)]
pub struct ReadyMail {
    pub id: MailId,
    pub to: String,
    pub to_name: String,
    pub reply_to: Option<String>,
    pub content: Rendered,
}

impl Transport {
    /// Creates the configured transport without connecting. Errors never reveal the content of the URL.
    pub fn from_config(config: &Config) -> Result<Self, TransportProblem> {
        if config.mail_from.parse::<Mailbox>().is_err() {
            return Err(TransportProblem("MAIL_FROM is not an address. Use one like Accord <accord@accord.example>."));
        }
        let MailDelivery::Smtp(url) = &config.mail_delivery else { return Ok(Self::Mailbox) };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal()).map_err(|_| {
            TransportProblem("SMTP_URL is not valid. Use smtps://user:password@host or smtp://host:25.")
        })?;
        let hello = ClientId::Domain(domain(&config.base_url).to_owned());
        Ok(Self::Smtp(builder.hello_name(hello).timeout(Some(COMMAND_TIMEOUT)).build()))
    }

    /// Checks that the mail server responds; for `accord doctor`.
    pub async fn check(&self) -> Result<(), Reason> {
        match self {
            Self::Mailbox => Ok(()),
            Self::Smtp(smtp) => match smtp.test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err(Reason::Unreachable),
                Err(error) => Err(reason_of(&error)),
            },
        }
    }

    /// Sends an email. `Ok` means that the mail server has taken responsibility for it.
    pub async fn send(&self, state: &AppState, mail: ReadyMail) -> Result<(), Reason> {
        let now = state.now().await.map_err(|_| Reason::OurFault)?;
        let message = compose(&mail, &state.config, now)?;
        match self {
            Self::Smtp(smtp) => match smtp.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => {
                    log(mail.id, &error);
                    Err(reason_of(&error))
                }
            },
            Self::Mailbox => mailbox::store(state, mail, &message.formatted(), now).await.map_err(|fault| {
                tracing::error!(%fault, "an email could not be stored");
                Reason::OurFault
            }),
        }
    }
}

/// Builds the message to send.
pub fn compose(mail: &ReadyMail, config: &Config, now: OffsetDateTime) -> Result<Message, Reason> {
    let from: Mailbox = config.mail_from.parse().map_err(|_| Reason::OurFault)?;
    let to_name = unlink::plain(&mail.to_name, &[]);
    let to = mailbox_of(&mail.to, &to_name)?;
    let message_id = format!("<{}@{}>", mail.id, domain(&config.base_url));
    let mut builder = Message::builder()
        .from(from)
        .to(to)
        .subject(one_line(&mail.content.subject)?)
        .date(now.into())
        .message_id(Some(message_id))
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    // lettre sends ASCII as it is, and mail programs would decode what looks like an encoded word.
    if looks_encoded(&mail.content.subject) {
        builder = builder.raw_header(encoded("Subject", &mail.content.subject, ""));
    }
    if looks_encoded(&to_name) {
        builder = builder.raw_header(encoded("To", &to_name, &format!("<{}>", mail.to)));
    }
    if let Some(stop) = &mail.content.stop {
        builder = builder
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("List-Unsubscribe"), format!("<{stop}>")))
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("List-Unsubscribe-Post"),
                "List-Unsubscribe=One-Click".to_owned(),
            ));
    }
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox_of(reply_to, "")?);
    }
    let parts = MultiPart::alternative()
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.content.text)?)
        .singlepart(part(ContentType::TEXT_HTML, &mail.content.html)?);
    builder.multipart(parts).map_err(|_| Reason::Unaddressable)
}

fn part(kind: ContentType, text: &str) -> Result<SinglePart, Reason> {
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| Reason::OurFault)?;
    Ok(SinglePart::builder().content_type(kind).body(body))
}

fn mailbox_of(address: &str, name: &str) -> Result<Mailbox, Reason> {
    let address: Address = one_line(address)?.parse().map_err(|_| Reason::Unaddressable)?;
    let name = one_line(name)?;
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address))
}

/// True if mail programs would decode a part of this text (RFC 2047), so that it would read differently.
fn looks_encoded(text: &str) -> bool {
    text.contains("=?")
}

/// A header whose text is shown literally, because all of it is encoded; `address` follows the text. lettre takes the
/// recipient from the raw value.
fn encoded(name: &'static str, text: &str, address: &str) -> HeaderValue {
    let mut words = vec![String::new()];
    for c in text.chars() {
        // An encoded word has at most 75 characters and whole characters only.
        match words.last_mut() {
            Some(word) if word.len() + c.len_utf8() <= MAX_ENCODED_BYTES => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let words = words.iter().map(|word| format!("=?utf-8?b?{}?=", BASE64_STANDARD.encode(word)));
    let lines: Vec<_> = words.chain((!address.is_empty()).then(|| address.to_owned())).collect();
    let raw = if address.is_empty() { text } else { address };
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), raw.to_owned(), lines.join("\r\n "))
}

/// Rejects header values that could start another header.
fn one_line(value: &str) -> Result<&str, Reason> {
    if value.contains(['\r', '\n', '\0']) { Err(Reason::Unaddressable) } else { Ok(value) }
}

/// The host without its port, used in the Message-ID and in EHLO.
fn domain(base: &BaseUrl) -> &str {
    let host = base.host();
    match host.split_once(']') {
        Some((literal, _port)) => host.get(..=literal.len()).unwrap_or(host),
        None => host.split_once(':').map_or(host, |(name, _port)| name),
    }
}

fn reason_of(error: &smtp::Error) -> Reason {
    match error.status().map(u16::from) {
        // Authentication failures have 5xx codes, but nothing is wrong with the email.
        Some(code @ (530 | 534 | 535 | 538)) => Reason::AuthenticationFailed(code),
        Some(code) if error.is_permanent() => Reason::Rejected(code),
        Some(code) => Reason::Deferred(code),
        None if error.is_timeout() => Reason::TimedOut,
        None => Reason::Unreachable,
    }
}

/// Logs only the reply code, because the server's text may contain the address.
fn log(id: MailId, error: &smtp::Error) {
    match error.status().map(u16::from) {
        Some(code) => tracing::warn!(mail = %id, code, "the mail server rejected an email"),
        None => tracing::warn!(mail = %id, %error, "the mail server connection failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Id;

    fn config(pairs: &[(&str, &str)]) -> Config {
        Config::read(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
            .unwrap()
    }

    fn mail() -> ReadyMail {
        ReadyMail {
            id: MailId::from_bytes([0xab; 12]),
            to: "bo@seller.example".to_owned(),
            to_name: "Bo Übel".to_owned(),
            reply_to: Some("ann@buyer.example".to_owned()),
            content: Rendered {
                subject: "Grüße".to_owned(),
                text: "one\r.\rtwo = three\n.\n".to_owned(),
                html: "<p>ü</p>".to_owned(),
                links: Vec::new(),
                stop: None,
            },
        }
    }

    fn composed(mail: &ReadyMail) -> Result<String, Reason> {
        let config = config(&[("BASE_URL", "http://localhost:4000"), ("MAIL_FROM", "Accord <post@accord.example>")]);
        let message = compose(mail, &config, OffsetDateTime::UNIX_EPOCH)?;
        Ok(String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn a_message_has_its_headers_and_encoded_parts() {
        let source = composed(&mail()).unwrap();
        for header in [
            "From: Accord <post@accord.example>\r\n",
            "Reply-To: ann@buyer.example\r\n",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
            "Message-ID: <abababababababababababab@localhost>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "MIME-Version: 1.0\r\n",
            "Content-Type: multipart/alternative;",
        ] {
            assert!(source.contains(header), "{header} in {source}");
        }
        assert_eq!(source.matches("Content-Transfer-Encoding: quoted-printable\r\n").count(), 2);
        assert!(source.is_ascii());
        assert!(source.contains("one=0D.=0Dtwo =3D three"), "{source}");
    }

    #[test]
    fn a_header_value_cannot_start_another_header() {
        let evil = "x\r\nBcc: all@evil.example";
        let bad: [fn(&mut ReadyMail, &str); 4] = [
            |mail, evil| mail.to = evil.to_owned(),
            |mail, evil| mail.to_name = evil.to_owned(),
            |mail, evil| mail.reply_to = Some(evil.to_owned()),
            |mail, evil| mail.content.subject = evil.to_owned(),
        ];
        for spoil in bad {
            let mut mail = mail();
            spoil(&mut mail, evil);
            assert_eq!(composed(&mail), Err(Reason::Unaddressable));
        }
    }

    // The connection pool spawns a task.
    #[tokio::test]
    async fn a_configuration_error_does_not_reveal_the_password() {
        let problem =
            |pairs: &[(&str, &str)]| Transport::from_config(&config(pairs)).err().map(|problem| problem.to_string());
        assert_eq!(problem(&[]), None);
        assert_eq!(problem(&[("SMTP_URL", "smtp://user:hunter2@mail.example:25")]), None);
        assert!(
            problem(&[("SMTP_URL", "http://user:hunter2@mail.example")]).is_some_and(|text| !text.contains("hunter2"))
        );
        assert!(problem(&[("MAIL_FROM", "nobody")]).is_some_and(|text| text.starts_with("MAIL_FROM")));
    }

    #[test]
    fn the_domain_is_the_host_without_its_port() {
        for (url, name) in [
            ("https://accord.example", "accord.example"),
            ("http://localhost:3000", "localhost"),
            ("http://[::1]:3000", "[::1]"),
        ] {
            assert_eq!(domain(&BaseUrl::parse(url).unwrap()), name);
        }
    }
}
