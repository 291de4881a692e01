//! Whether what is counted of leads is what is stored of them.

use super::TestApp;

impl TestApp {
    /// Asserts, for one moment, that the counts of every day are those of the stored leads, and that every kept
    /// `Idempotency-Key` leads to a lead.
    pub async fn assert_counts_equal_leads(&self) {
        let differing: Vec<String> = sqlx::query_scalar(
            "with stored as (
                 select source_id, day, test, outcome, coalesce(reason, '') as reason, count(*) as count,
                        max(received_at) as last_at
                 from leads group by 1, 2, 3, 4, 5
             ), counted as (
                 select source_id, day, test, outcome, reason, sum(count)::bigint as count, max(last_at) as last_at
                 from source_days group by 1, 2, 3, 4, 5
             )
             (select 'stored ' || to_jsonb(s)::text from (table stored except table counted) s)
             union all (select 'counted ' || to_jsonb(c)::text from (table counted except table stored) c)
             union all
             (select 'key without lead ' || to_jsonb(k)::text from lead_keys k
              where not exists (select from leads l where l.id = k.lead_id))",
        )
        .fetch_all(&self.state.pool)
        .await
        .unwrap();
        assert_eq!(differing, Vec::<String>::new());
    }
}
