//! Database contents that no page shows.

use super::TestApp;
use accord::base::{AccountId, EntityId, InvitationId, SourceId};
use serde_json::Value;

/// A flow source and its entity.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct SourceFacts {
    pub source_id: SourceId,
    pub entity_id: EntityId,
    pub entity_name: String,
    pub connected_account_id: Option<AccountId>,
    pub enabled: bool,
    pub mappings: Value,
    pub criteria: Option<Value>,
}

/// An invitation's state and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct InvitationRow {
    pub state: String,
    pub accepted_account_id: Option<AccountId>,
    pub accepted_email: Option<String>,
    pub decline_reason: Option<String>,
}

impl TestApp {
    pub async fn source(&self, id: SourceId) -> SourceFacts {
        sqlx::query_as(
            "select fs.id as source_id, e.id as entity_id, e.name as entity_name, e.connected_account_id, fs.enabled,
                    fs.mappings, fs.acceptance_criteria as criteria
             from flow_sources fs join entities e on e.id = fs.entity_id where fs.id = $1",
        )
        .bind(id)
        .fetch_one(&self.state.pool)
        .await
        .unwrap()
    }

    pub async fn invitation_row(&self, id: InvitationId) -> InvitationRow {
        sqlx::query_as(
            "select state, accepted_account_id, accepted_email, decline_reason from invitations where id = $1",
        )
        .bind(id)
        .fetch_one(&self.state.pool)
        .await
        .unwrap()
    }

    /// The id that a statement without parameters returns.
    pub async fn query_id(&self, statement: &str) -> String {
        let query = format!("with found (id) as ({statement}) select encode(id, 'hex') from found");
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&self.state.pool).await.unwrap()
    }

    /// Builds a query for a hash of all rows of each table, ignoring columns that only note when a user was seen or a
    /// key used.
    pub async fn fingerprint_query(&self) -> String {
        let tables: Vec<String> = sqlx::query_scalar(
            // Every attempt counts towards its rate limits, whatever happens afterwards.
            "select tablename::text from pg_tables
             where schemaname = 'public' and tablename not in ('_sqlx_migrations', 'rate_limits')",
        )
        .fetch_all(&self.state.pool)
        .await
        .unwrap();
        assert!(tables.len() > 20, "the whole schema is looked at");
        let hash = |table: String| {
            let row = "(to_jsonb(t) - '{last_seen_at,last_used_at}'::text[])::text";
            format!("select '{table}', md5(coalesce(string_agg({row}, ',' order by {row}), '')) from {table} t")
        };
        tables.into_iter().map(hash).collect::<Vec<_>>().join(" union all ")
    }

    /// The plan of an account.
    pub async fn plan(&self, account: AccountId) -> Option<String> {
        sqlx::query_scalar("select plan from subscriptions where account_id = $1 and product = 'leadconduit'")
            .bind(account)
            .fetch_optional(&self.state.pool)
            .await
            .unwrap()
    }

    /// Removes an account's LeadConduit plan.
    pub async fn end_plan(&self, account: AccountId) {
        sqlx::query("delete from subscriptions where account_id = $1 and product = 'leadconduit'")
            .bind(account)
            .execute(&self.state.pool)
            .await
            .unwrap();
    }

    /// The activity of an account, oldest first.
    pub async fn deeds(&self, account: AccountId) -> Vec<String> {
        sqlx::query_scalar("select deed from activity where account_id = $1 order by id")
            .bind(account)
            .fetch_all(&self.state.pool)
            .await
            .unwrap()
    }

    /// Every column of every table that contains this text, whatever its type.
    pub async fn columns_holding(&self, text: &str) -> Vec<String> {
        let columns: Vec<(String, String)> = sqlx::query_as(
            "select table_name::text, column_name::text from information_schema.columns where table_schema = 'public'",
        )
        .fetch_all(&self.state.pool)
        .await
        .unwrap();
        assert!(columns.len() > 100, "the whole schema is searched");
        let mut found = Vec::new();
        for (table, column) in columns {
            if table == "_sqlx_migrations" {
                continue;
            }
            let query = format!(
                "select exists (select from {table}
                 where position($1 in coalesce({column}::text, '')) > 0
                    or position(encode($1::text::bytea, 'hex') in coalesce({column}::text, '')) > 0)"
            );
            let holds: bool =
                sqlx::query_scalar(sqlx::AssertSqlSafe(query)).bind(text).fetch_one(&self.state.pool).await.unwrap();
            if holds {
                found.push(format!("{table}.{column}"));
            }
        }
        found
    }
}
