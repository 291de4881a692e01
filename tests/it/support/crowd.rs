//! Many leads at once, put into the database directly, with ids of their time as real ones have.

use super::TestApp;
use accord::base::SourceId;

/// Leads to add to a source.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    pub count: i32,
    /// SQL for the time at which lead `n` was received.
    pub at: &'static str,
    pub outcome: &'static str,
    /// SQL for its parsed fields and its input.
    pub fields: &'static str,
    pub input: &'static str,
}

impl Default for Crowd {
    fn default() -> Self {
        Self { count: 1, at: "now()", outcome: "success", fields: "'{}'::jsonb", input: "'{}'::jsonb" }
    }
}

impl TestApp {
    /// Adds leads. Their numbers begin with 1, and a higher one is newer at the same time.
    pub async fn add_leads(&self, source: SourceId, crowd: Crowd) {
        let Crowd { count, at, outcome, fields, input } = crowd;
        let statement = format!(
            "insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, outcome, reason, input, fields,
                                contacts, received_at, day)
             select decode(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || lpad(to_hex(n), 12, '0'), 'hex'),
                    account_id, flow_id, source, 'Flow', 'Source', '{outcome}',
                    case when '{outcome}' = 'failure' then 'Age is missing' end, input, fields,
                    lead_contacts(account_id, fields), at, at::date
             from (select n, {at} as at, {fields} as fields, {input} as input, fs.account_id, fs.flow_id, fs.id as source
                   from flow_sources fs, generate_series(1, {count}) as n where fs.id = $1) made"
        );
        sqlx::query(sqlx::AssertSqlSafe(statement)).bind(source).execute(&self.state.pool).await.unwrap();
    }
}
