//! The doctor's queries.

use sqlx::PgPool;

pub struct Server {
    pub version: String,
    pub version_number: i32,
    pub max_connections: i32,
    pub role: String,
}

pub async fn server(pool: &PgPool) -> Result<Server, sqlx::Error> {
    sqlx::query_as!(
        Server,
        r#"select split_part(current_setting('server_version'), ' ', 1) as "version!",
                  current_setting('server_version_num')::int as "version_number!",
                  current_setting('max_connections')::int as "max_connections!",
                  current_user::text as "role!""#
    )
    .fetch_one(pool)
    .await
}

/// The connected role's rights in Accord's schema.
pub struct Rights {
    pub role: String,
    pub superuser: bool,
    pub owns_tables: bool,
    pub changes_activity: bool,
    /// It has the rights the application needs.
    pub works: bool,
}

pub async fn rights(pool: &PgPool) -> Result<Rights, sqlx::Error> {
    sqlx::query_as!(
        Rights,
        r#"select r.rolname::text as "role!", r.rolsuper as "superuser!",
                  exists (select from pg_class c
                          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                            and pg_has_role(c.relowner, 'usage')) as "owns_tables!",
                  has_table_privilege('activity', 'update') or has_table_privilege('activity', 'delete')
                      or has_table_privilege('activity', 'truncate') as "changes_activity!",
                  has_table_privilege('activity', 'insert') and has_table_privilege('accounts', 'update')
                      and has_table_privilege('mails', 'insert') as "works!"
           from pg_roles r where r.rolname = current_user"#
    )
    .fetch_one(pool)
    .await
}

pub struct Queue {
    pub queued: i64,
    /// Within the last week.
    pub failed: i64,
    /// How long the oldest email that was never tried is overdue.
    pub overdue_minutes: f64,
    /// Why the latest email that was tried and is still queued was not sent. Failed ones are shown to their senders.
    pub reason: Option<String>,
}

pub async fn queue(pool: &PgPool) -> Result<Queue, sqlx::Error> {
    sqlx::query_as!(
        Queue,
        r#"select count(*) filter (where state = 'queued') as "queued!",
                  count(*) filter (where state = 'failed' and created_at > now() - interval '7 days') as "failed!",
                  coalesce(extract(epoch from now() - min(next_try_at) filter (where state = 'queued' and attempts = 0)) / 60, 0)::float8
                      as "overdue_minutes!",
                  (select m.reason from mails m
                   where m.state = 'queued' and m.reason is not null order by m.id desc limit 1)
           from mails where state <> 'sent'"#
    )
    .fetch_one(pool)
    .await
}

/// The partitions of leads.
pub struct Partitions {
    pub weeks: i64,
    pub has_next_week: bool,
    pub default_has_rows: bool,
    pub is_moving: bool,
}

pub async fn partitions(pool: &PgPool) -> Result<Partitions, sqlx::Error> {
    sqlx::query_as!(
        Partitions,
        r#"select weeks as "weeks!", has_next_week as "has_next_week!", default_has_rows as "default_has_rows!",
                  is_moving as "is_moving!"
           from lead_partitions()"#
    )
    .fetch_one(pool)
    .await
}
