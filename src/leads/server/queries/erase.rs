//! Erases a person's data.

use super::super::search::Person;
use crate::{base::AccountId, server::Fault};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Empties the person's leads of personal data, at most `limit` of them, and returns their number. Outcome, reason,
/// day, price and versions stay. What waits to be delivered is not sent, and what destinations answered is forgotten.
/// The leads are locked in the order of their ids, and each is checked again when its
/// lock is there, so two erasures at once neither wait for each other in a circle nor count a lead twice.
pub async fn erase(
    conn: &mut PgConnection,
    account_id: AccountId,
    person: &Person,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, Fault> {
    let done = sqlx::query!(
        "with named as materialized (
             select id from leads where account_id = $1 and contacts @> array[$2::bigint] limit 5000
         ), of_person as materialized (
             select id from leads
             where account_id = $1 and id = any(array(select id from named)) and contacts @> array[$2::bigint]
             order by id limit $3
             for update
         ), stopped as (
             update lead_deliveries l set state = 'canceled', finished_at = $4
             from of_person p where l.account_id = $1 and l.lead_id = p.id and l.state = 'waiting'
         ), forgotten as (
             update delivery_attempts a set answer = null, request = null
             from lead_deliveries l, of_person p
             where l.account_id = $1 and l.lead_id = p.id and a.delivery_id = l.delivery_id and a.lead_id = l.lead_id
         )
         update leads set input = '{}', fields = '{}', input_bytes = 2, fields_bytes = 2, contacts = '{}',
                erased_at = $4,
                received = jsonb_strip_nulls(jsonb_build_object(
                    'method', received -> 'method', 'content_type', received -> 'content_type',
                    'authenticated', received -> 'authenticated'))
         from of_person where leads.account_id = $1 and leads.id = of_person.id",
        account_id as _,
        person.hash,
        limit,
        now,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Removes the kept posts that could not be read and that have the person's address, escaped or not. Phone numbers are
/// hidden in them.
pub async fn remove_unread(conn: &mut PgConnection, account_id: AccountId, person: &Person) -> Result<(), Fault> {
    sqlx::query!(
        "delete from unread_posts where account_id = $1 and strpos(lower(replace(excerpt, '%40', '@')), $2) > 0",
        account_id as _,
        person.normal,
    )
    .execute(conn)
    .await?;
    Ok(())
}
