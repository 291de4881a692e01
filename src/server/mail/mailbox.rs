//! The development mailbox: stores emails instead of sending them and shows them at /dev/mailbox. Production has none:
//! it does not start without a mail server, and these routes return 404.

use super::smtp::ReadyMail;
use crate::{
    base::MailId,
    server::{AppState, Fault, form::ErrorResponse},
};
use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use serde_json::{Value, json};
use sqlx::PgConnection;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Maximum number of emails in the JSON.
const LIMIT: i64 = 500;

/// Allows only the email's inline styles. Its links open in new tabs.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups \
                           allow-popups-to-escape-sandbox; frame-ancestors 'self'";

/// A stored email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevMail {
    pub id: MailId,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The whole message as it would have been sent.
    pub source: String,
    pub links: Vec<String>,
    pub at: OffsetDateTime,
}

impl DevMail {
    /// Its entry in `/dev/mailbox.json`.
    pub fn json(&self) -> Value {
        json!({
            "to": self.to,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "links": self.links,
            "at": self.at.format(&Rfc3339).unwrap_or_default(),
        })
    }
}

/// Emails, newest first.
pub async fn list(conn: &mut PgConnection, limit: i64) -> Result<Vec<DevMail>, Fault> {
    let mails = sqlx::query_as!(
        DevMail,
        r#"select id as "id: MailId", recipient as "to", subject, body_text as "text", body_html as "html", source,
                  links, at
           from dev_mails order by at desc, id desc limit $1"#,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(mails)
}

pub async fn find(conn: &mut PgConnection, id: MailId) -> Result<Option<DevMail>, Fault> {
    let mail = sqlx::query_as!(
        DevMail,
        r#"select id as "id: MailId", recipient as "to", subject, body_text as "text", body_html as "html", source,
                  links, at
           from dev_mails where id = $1"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(mail)
}

/// Stores an email instead of sending it. It is stored under its own id, so a retry does not duplicate it.
pub(super) async fn store(state: &AppState, mail: ReadyMail, source: &[u8], now: OffsetDateTime) -> Result<(), Fault> {
    sqlx::query!(
        "insert into dev_mails (id, recipient, subject, body_text, body_html, source, links, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        mail.id as _,
        mail.to,
        mail.content.subject,
        mail.content.text,
        mail.content.html,
        &*String::from_utf8_lossy(source),
        &mail.content.links,
        now,
    )
    .execute(&state.pool)
    .await?;
    Ok(())
}

/// `GET /dev/mailbox.json`
pub async fn json(State(state): State<AppState>) -> Result<Json<Vec<Value>>, ErrorResponse> {
    let mut conn = open(&state).await?;
    let mails = list(&mut conn, LIMIT).await?;
    Ok(Json(mails.iter().map(DevMail::json).collect()))
}

/// `GET /dev/mailbox/{id}/html`: only the HTML of an email, for the iframe on its page. Pages forbid inline styles, and
/// an iframe without its own URL would inherit that policy.
pub async fn html(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, ErrorResponse> {
    let id = id.parse().map_err(|_| Fault::NOT_FOUND)?;
    let mut conn = open(&state).await?;
    let mail = find(&mut conn, id).await?.ok_or(Fault::NOT_FOUND)?;
    let page = mail.html.replacen("<head>", "<head>\n<base target=\"_blank\">", 1);
    Ok(([(header::CONTENT_SECURITY_POLICY, MAIL_POLICY)], Html(page)).into_response())
}

async fn open(state: &AppState) -> Result<sqlx::pool::PoolConnection<sqlx::Postgres>, Fault> {
    if state.config.is_production() {
        return Err(Fault::NOT_FOUND);
    }
    Ok(state.pool.acquire().await?)
}
