//! The emails and activity entries of a transaction. They are gathered and stored by one statement right before the
//! commit, because nothing in the transaction reads them. Whoever stores the id of an email stores them first.

use super::{Fault, Tx, mail::Letter};
use crate::base::{AccountId, ActivityId, ApiKeyId, MailId, UserId};
use serde_json::Value;
use sqlx::types::Json;

/// A verb about thousands of rows does not keep all its entries in memory.
const MAX_GATHERED: usize = 500;

#[derive(Debug, Default)]
pub(super) struct Gathered {
    mails: Vec<MailRow>,
    activity: Vec<ActivityRow>,
}

/// A row of `mails`.
pub(super) struct MailRow {
    pub id: MailId,
    pub recipient: String,
    pub recipient_name: String,
    pub reply_to: Option<String>,
    pub letter: Letter,
    pub sealed_secret: Option<Vec<u8>>,
    /// Why it must not be sent. It is then stored as failed.
    pub failure: Option<String>,
}

/// Without the letter, which can contain names and notes.
impl std::fmt::Debug for MailRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Without what was changed, which can contain names and addresses.
impl std::fmt::Debug for ActivityRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ActivityRow").field("id", &self.id).field("deed", &self.deed).finish_non_exhaustive()
    }
}

/// A row of `activity`.
pub struct ActivityRow {
    pub id: ActivityId,
    pub account_id: Option<AccountId>,
    pub user_id: Option<UserId>,
    pub deed: &'static str,
    pub subject_kind: &'static str,
    pub subject_id: Option<[u8; 12]>,
    pub subject_name: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub address: Option<String>,
    pub api_key_id: Option<ApiKeyId>,
}

impl Tx {
    /// Adds an email, and wakes the mail worker after the commit.
    pub(super) async fn gather_mail(&mut self, mail: MailRow) -> Result<(), Fault> {
        self.gathered.mails.push(mail);
        self.wake_mail_worker();
        self.store_if_many().await
    }

    pub async fn gather_activity(&mut self, entry: ActivityRow) -> Result<(), Fault> {
        self.gathered.activity.push(entry);
        self.store_if_many().await
    }

    async fn store_if_many(&mut self) -> Result<(), Fault> {
        let count = self.gathered.mails.len() + self.gathered.activity.len();
        if count < MAX_GATHERED { Ok(()) } else { self.store_gathered().await }
    }

    /// Stores what was gathered so far.
    pub async fn store_gathered(&mut self) -> Result<(), Fault> {
        let Gathered { mails, activity } = std::mem::take(&mut self.gathered);
        if mails.is_empty() && activity.is_empty() {
            return Ok(());
        }
        let now = self.now();
        sqlx::query!(
            "with mail as (
                 insert into mails (id, recipient, recipient_name, reply_to, letter, sealed_secret, state, reason,
                                    next_try_at, created_at)
                 select id, recipient, recipient_name, reply_to, letter, sealed_secret,
                        case when failure is null then 'queued' else 'failed' end, failure, $19, $19
                 from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::bytea[], $7::text[])
                      as m (id, recipient, recipient_name, reply_to, letter, sealed_secret, failure)
             )
             insert into activity (id, account_id, user_id, deed, subject_kind, subject_id, subject_name, before, after,
                                   address, api_key_id, at)
             select id, account_id, user_id, deed, subject_kind, subject_id, subject_name, before, after, address,
                    api_key_id, $19
             from unnest($8::bytea[], $9::bytea[], $10::bytea[], $11::text[], $12::text[], $13::bytea[], $14::text[],
                         $15::jsonb[], $16::jsonb[], $17::text[], $18::bytea[])
                  as a (id, account_id, user_id, deed, subject_kind, subject_id, subject_name, before, after, address,
                        api_key_id)",
            column(&mails, |mail| mail.id) as _,
            column(&mails, |mail| mail.recipient.as_str()) as _,
            column(&mails, |mail| mail.recipient_name.as_str()) as _,
            column(&mails, |mail| mail.reply_to.as_deref()) as _,
            column(&mails, |mail| Json(&mail.letter)) as _,
            column(&mails, |mail| mail.sealed_secret.as_deref()) as _,
            column(&mails, |mail| mail.failure.as_deref()) as _,
            column(&activity, |entry| entry.id) as _,
            column(&activity, |entry| entry.account_id) as _,
            column(&activity, |entry| entry.user_id) as _,
            column(&activity, |entry| entry.deed) as _,
            column(&activity, |entry| entry.subject_kind) as _,
            column(&activity, |entry| entry.subject_id.as_ref().map(|id| &id[..])) as _,
            column(&activity, |entry| entry.subject_name.as_str()) as _,
            column(&activity, |entry| entry.before.as_ref()) as _,
            column(&activity, |entry| entry.after.as_ref()) as _,
            column(&activity, |entry| entry.address.as_deref()) as _,
            column(&activity, |entry| entry.api_key_id) as _,
            now,
        )
        .execute(&mut **self)
        .await?;
        Ok(())
    }
}

/// One column of these rows, for `unnest`.
fn column<'a, R, V>(rows: &'a [R], value: impl Fn(&'a R) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}
