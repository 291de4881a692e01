//! Exports of leads run in small batches, once per person, and only as long as the person reads and may export.

use crate::support::{Actor, TestApp, sending::open_source};
use accord::{
    accounts::model::Role,
    base::{PartnerId, SourceId, paths},
    partners::model::PartnerRole,
};
use axum::body::BodyDataStream;
use futures::StreamExt;
use std::time::Duration;

const WAIT: Duration = Duration::from_secs(20);

struct Exported {
    app: TestApp,
    buyer: Actor,
    source: SourceId,
    partner: PartnerId,
    user: Actor,
}

impl Exported {
    /// A partner whose only source has so many leads of this size.
    async fn with_leads(count: i32, bytes: i32) -> Self {
        let (app, buyer, _, source) = open_source().await;
        let partner = app.make_partner(&buyer, "Harbor Media").await;
        app.assign(source, Some(partner)).await;
        let user = app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
        sqlx::query(
            "insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, outcome, input, fields,
                                received_at, day)
             select decode('f0' || lpad(to_hex(n), 22, '0'), 'hex'), account_id, flow_id, id, 'Flow', 'Source',
                    'success', jsonb_build_object('note', repeat('x', $3), 'first_name', 'number-' || n), '{}',
                    now(), current_date
             from flow_sources, generate_series(1, $2) as n where id = $1",
        )
        .bind(source)
        .bind(count)
        .bind(bytes)
        .execute(&app.state.pool)
        .await
        .unwrap();
        Self { app, buyer, source, partner, user }
    }

    fn path(&self) -> String {
        paths::portal_leads_csv(self.partner)
    }

    /// The user, signed in to another process.
    async fn elsewhere(&self) -> Actor {
        let app = self.app.restart().await;
        let mut user = app.visitor("Uma User", "uma@harbor.example", "");
        app.sign_in(&mut user, self.user.user()).await;
        user
    }

    /// Begins a download and reads up to its first line.
    async fn begin(&self, who: &Actor) -> BodyDataStream {
        let mut body = who.begin_download(&self.path()).await;
        let head = body.next().await.unwrap().unwrap();
        assert!(head.starts_with("\u{FEFF}\"lead\"".as_bytes()), "{head:?}");
        body
    }

    /// Exports as soon as the person's previous export has ended.
    async fn export_when_free(&self, who: &Actor) -> String {
        let free = async {
            loop {
                let response = who.post(&self.path(), &[]).await;
                if response.status == 200 {
                    return response.body;
                }
                response.expect(429);
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(WAIT, free).await.unwrap()
    }
}

/// Reads the rest: the sizes of the parts, and whether the download failed.
async fn rest(mut body: BodyDataStream) -> (Vec<usize>, bool) {
    let mut sizes = Vec::new();
    while let Some(part) = body.next().await {
        match part {
            Ok(bytes) => sizes.push(bytes.len()),
            Err(_) => return (sizes, true),
        }
    }
    (sizes, false)
}

#[tokio::test]
async fn an_export_is_read_in_parts_of_few_bytes() {
    let exported = Exported::with_leads(12, 200_000).await;
    let (sizes, failed) = rest(exported.begin(&exported.user).await).await;
    assert!(!failed && sizes.iter().all(|size| *size < 600_000), "{sizes:?}");
    assert!(sizes.iter().sum::<usize>() > 12 * 200_000);
    let large = Exported::with_leads(3, 2_000_000).await;
    let (sizes, failed) = rest(large.begin(&large.user).await).await;
    assert!(!failed && sizes.len() == 3, "one lead at a time: {sizes:?}");
}

#[tokio::test]
async fn a_person_has_one_export_at_a_time_in_all_processes() {
    let exported = Exported::with_leads(6, 400_000).await;
    let running = exported.begin(&exported.user).await;
    let refused = exported.user.post(&exported.path(), &[]).await.expect(429);
    assert!(refused.body.contains("You already have an export running."), "{}", refused.body);
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));

    let elsewhere = exported.elsewhere().await;
    elsewhere.post(&exported.path(), &[]).await.expect(429);
    assert_eq!(exported.app.count("activity where deed = 'leads_exported'").await, 1);

    // Other people are not affected, and nobody learns of the partner by trying.
    let other =
        exported.app.partner_user(exported.partner, PartnerRole::PartnerUser, "Ugo User", "ugo@harbor.example").await;
    other.post(&exported.path(), &[]).await.expect(200);
    exported.app.stranger().await.post(&exported.path(), &[]).await.expect(404);

    // A finished export makes room at once.
    let (_, failed) = rest(running).await;
    assert!(!failed);
    elsewhere.post(&exported.path(), &[]).await.expect(200);
    exported.user.post(&exported.path(), &[]).await.expect(200);
}

#[tokio::test]
async fn an_export_that_is_left_makes_room_and_leaves_no_statement() {
    let exported = Exported::with_leads(6, 400_000).await;
    let mut running = exported.begin(&exported.user).await;
    assert!(running.next().await.unwrap().is_ok());
    drop(running);
    assert_eq!(exported.export_when_free(&exported.user).await.lines().count(), 7);

    // Left while a statement waits for a lock: the statement ends too.
    let mut lock = exported.app.state.pool.begin().await.unwrap();
    let mut running = exported.begin(&exported.user).await;
    sqlx::query("lock table partners in access exclusive mode").execute(&mut *lock).await.unwrap();
    let waiting = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let observed = async { while exported.app.count(waiting).await == 0 {} };
    tokio::select! {
        part = running.next() => panic!("{part:?} although the table is locked"),
        done = tokio::time::timeout(WAIT, observed) => done.unwrap(),
    }
    drop(running);
    let ended = async { while exported.app.count(waiting).await > 0 {} };
    tokio::time::timeout(WAIT, ended).await.unwrap();
    lock.rollback().await.unwrap();
    exported.export_when_free(&exported.user).await;
}

#[tokio::test]
async fn an_export_of_a_killed_process_makes_room() {
    let exported = Exported::with_leads(6, 400_000).await;
    let elsewhere = exported.elsewhere().await;
    let running = exported.begin(&elsewhere).await;
    exported.user.post(&exported.path(), &[]).await.expect(429);
    // What Postgres sees of a killed process: its connection ends.
    let locks = "select count(pg_terminate_backend(pid)) from pg_locks
                 where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())";
    let ended: i64 = sqlx::query_scalar(locks).fetch_one(&exported.app.state.pool).await.unwrap();
    assert_eq!(ended, 1);
    exported.export_when_free(&exported.user).await;
    drop(running);
}

#[tokio::test]
async fn an_export_asks_for_the_permission_again() {
    for end in ["removed", "archived", "signed out", "moved"] {
        let exported = Exported::with_leads(8, 400_000).await;
        let mut running = exported.begin(&exported.user).await;
        assert!(running.next().await.unwrap().is_ok());
        let statement = match end {
            "removed" => "delete from partner_users",
            "archived" => "update partners set archived_at = now()",
            "signed out" => "delete from sessions",
            _ => "update flow_sources set partner_id = null",
        };
        exported.app.execute(statement).await.unwrap();
        let (parts, failed) = rest(running).await;
        assert!(parts.is_empty(), "{end}: {parts:?}");
        // A source that has moved is not an error: the partner has no further leads.
        assert_eq!(failed, end != "moved", "{end}");
    }
    let exported = Exported::with_leads(8, 400_000).await;
    let manager = exported.app.member(&exported.buyer, Role::Manager, "Mo", "mo@buyer.example").await;
    let mut body = manager.begin_download(&paths::partner_leads_csv(exported.partner)).await;
    assert!(body.next().await.unwrap().is_ok() && body.next().await.unwrap().is_ok());
    exported.app.execute("update members set role = 'viewer' where role = 'manager'").await.unwrap();
    assert_eq!(rest(body).await, (vec![], true), "demoted");
}

#[tokio::test]
async fn a_slow_reader_holds_no_connection() {
    let exported = Exported::with_leads(6, 400_000).await;
    let mut running = Vec::new();
    for n in 0..8 {
        let email = format!("{n}@harbor.example");
        let user = exported.app.partner_user(exported.partner, PartnerRole::PartnerUser, "User", &email).await;
        running.push((exported.begin(&user).await, user));
    }
    // More downloads wait for their readers than the pool has connections, and pages still open.
    exported.user.get(&paths::portal_leads(exported.partner)).await.expect(200);
    let in_transaction = "pg_stat_activity where datname = current_database() and state = 'idle in transaction'";
    assert_eq!(exported.app.count(in_transaction).await, 0);
    for (body, _) in running {
        assert!(!rest(body).await.1);
    }
}

#[tokio::test]
async fn parameters_of_all_leads_get_columns_up_to_two_hundred() {
    let exported = Exported::with_leads(2_500, 10).await;
    exported.app.execute("update leads set input = input || '{\"oldest\":\"yes\"}' where get_byte(id, 11) = 1 and get_byte(id, 10) = 0").await.unwrap();
    let file = exported.user.post(&exported.path(), &[]).await.expect(200).body;
    assert!(file.lines().next().unwrap().ends_with("\"test\",\"erased\",\"first_name\",\"note\",\"oldest\""));
    assert_eq!(file.lines().count(), 2_501);
    assert!(file.lines().last().unwrap().ends_with("\"number-1\",\"xxxxxxxxxx\",\"yes\""));
    exported
        .app
        .execute("update leads set input = (select jsonb_object_agg('n' || lpad(k::text, 3, '0'), 'v') from generate_series(1, 300) k)")
        .await
        .unwrap();
    let file = exported.user.post(&exported.path(), &[]).await.expect(200).body;
    let head: Vec<_> = file.lines().next().unwrap().split(',').collect();
    assert_eq!((head.len(), *head.last().unwrap()), (8 + 200 + 1, "\"other values\""));
    assert!(file.lines().last().unwrap().ends_with("\"\"n300\"\":\"\"v\"\"}\""), "the last column has the others");
    assert_eq!(exported.app.count("flow_sources").await, 1, "{:?}", exported.source);
}
