//! Derived state is defined twice: in SQL for queries (migration 0016), and as pure rules in the models. People take
//! random steps, and after every few steps both must agree on every row.

use crate::support::{TestApp, history::World};
use accord::{
    base::{AccountId, ConnectionId, EntityId, InvitationId, PartnerId},
    entities::model::EntityKind,
    invitations::model::{Facts, InvitationStatus, StoredState, source_tag},
    partners::model::{PartnerSort, PartnerStatus},
    reports::server::{self as reports, ConnectionQuery, PartnerQuery, SourceEntityQuery},
};
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};

/// Fixed, so a failure can be reproduced.
const SEEDS: [u64; 6] = [1, 7, 42, 1_905, 77_777, 20_260_401];
const STEPS: usize = 80;
/// Number of steps between two comparisons.
const EVERY: usize = 4;

#[derive(Debug, sqlx::FromRow)]
struct InvitationRow {
    id: InvitationId,
    entity_id: Option<EntityId>,
    partner_id: Option<PartnerId>,
    kind: String,
    state: StoredState,
    superseded_at: Option<OffsetDateTime>,
    expires_at: OffsetDateTime,
}

impl InvitationRow {
    fn status(&self, now: OffsetDateTime) -> InvitationStatus {
        Facts { state: self.state, expired: self.expires_at <= now, superseded: self.superseded_at.is_some() }.status()
    }
}

#[derive(Debug, sqlx::FromRow)]
struct ConnectionFacts {
    id: ConnectionId,
    seller_account_id: AccountId,
    buyer_account_id: AccountId,
    disconnected_at: Option<OffsetDateTime>,
}

/// The rows from which all state is derived.
#[derive(Debug)]
struct Rows {
    now: OffsetDateTime,
    invitations: Vec<InvitationRow>,
    connections: Vec<ConnectionFacts>,
}

impl Rows {
    async fn read(app: &TestApp) -> Self {
        let pool = &app.state.pool;
        let columns = "id, entity_id, partner_id, kind, state, superseded_at, expires_at";
        let invitations = format!("select {columns} from invitations order by id");
        Self {
            now: app.state.now().await.unwrap(),
            invitations: sqlx::query_as(sqlx::AssertSqlSafe(invitations)).fetch_all(pool).await.unwrap(),
            connections: sqlx::query_as(
                "select id, seller_account_id, buyer_account_id, disconnected_at from connections",
            )
            .fetch_all(pool)
            .await
            .unwrap(),
        }
    }

    fn is_connected(&self, seller: Option<AccountId>, buyer: AccountId) -> bool {
        self.connections.iter().any(|connection| {
            Some(connection.seller_account_id) == seller
                && connection.buyer_account_id == buyer
                && connection.disconnected_at.is_none()
        })
    }

    fn latest(&self, entity: EntityId) -> Option<&InvitationRow> {
        self.invitations.iter().filter(|row| row.entity_id == Some(entity)).max_by_key(|row| row.id)
    }

    /// Now, and the exact moment at which each invitation expires.
    fn moments(&self) -> BTreeSet<OffsetDateTime> {
        self.invitations.iter().map(|row| row.expires_at).chain([self.now]).collect()
    }
}

/// The invitation statuses, tags and partner statuses seen at least once.
type Seen = BTreeSet<String>;

async fn compare(app: &TestApp, seen: &mut Seen) {
    let rows = Rows::read(app).await;
    compare_invitations(app, &rows, seen).await;
    compare_connections(app, &rows).await;
    compare_links(app).await;
    compare_entities(app, &rows, seen).await;
    compare_partners(app, &rows, seen).await;
}

async fn compare_invitations(app: &TestApp, rows: &Rows, seen: &mut Seen) {
    for moment in rows.moments() {
        let derived: Vec<(InvitationId, String, bool, bool, bool)> = sqlx::query_as(
            "select id, invitation_standing(state, superseded_at, expires_at, $1),
                    invitation_is_open(state, superseded_at, expires_at, $1),
                    invitation_is_unanswered(state, superseded_at), invitation_time_is_over(expires_at, $1)
             from invitations order by id",
        )
        .bind(moment)
        .fetch_all(&app.state.pool)
        .await
        .unwrap();
        let expected = rows.invitations.iter().map(|row| {
            let status = row.status(moment);
            let unanswered = matches!(status, InvitationStatus::Open | InvitationStatus::Expired);
            (row.id, status.key().to_owned(), status.check_answerable().is_ok(), unanswered, row.expires_at <= moment)
        });
        assert_eq!(derived, expected.collect::<Vec<_>>(), "at {moment}");
    }
    seen.extend(rows.invitations.iter().map(|row| format!("{:?}", row.status(rows.now))));
}

async fn compare_connections(app: &TestApp, rows: &Rows) {
    let mut conn = app.state.pool.acquire().await.unwrap();
    let live: BTreeSet<ConnectionId> = sqlx::query_scalar("select id from live_connections")
        .fetch_all(&mut *conn)
        .await
        .unwrap()
        .into_iter()
        .collect();
    let is_live = |row: &&ConnectionFacts| row.disconnected_at.is_none();
    assert_eq!(live, rows.connections.iter().filter(is_live).map(|row| row.id).collect());
    for row in &rows.connections {
        let (one, other) = (row.buyer_account_id, row.seller_account_id);
        let between: BTreeSet<ConnectionId> = sqlx::query_scalar("select id from live_connections_between($1, $2)")
            .bind(one)
            .bind(other)
            .fetch_all(&mut *conn)
            .await
            .unwrap()
            .into_iter()
            .collect();
        let pair = |row: &&ConnectionFacts| {
            [(one, other), (other, one)].contains(&(row.seller_account_id, row.buyer_account_id))
        };
        assert_eq!(between, rows.connections.iter().filter(is_live).filter(pair).map(|row| row.id).collect());
        let query = ConnectionQuery { active: Some(true), limit: 100, ..ConnectionQuery::default() };
        let listed = reports::list_connections(&mut conn, one, query).await.unwrap();
        assert_eq!(listed.iter().any(|listed| listed.id == row.id), row.disconnected_at.is_none());
        for listed in listed {
            let name: String = sqlx::query_scalar("select name from accounts where id = $1")
                .bind(listed.other_id)
                .fetch_one(&mut *conn)
                .await
                .unwrap();
            assert_eq!(listed.other_name, name, "the connected company's current name");
        }
    }
}

async fn compare_links(app: &TestApp) {
    let wrong = "(select token_hash from invitation_tokens where superseded_at is null) as raw
                 full join current_links using (token_hash) where raw is null or invitation_id is null";
    assert_eq!(app.count(wrong).await, 0);
    // Only links from the latest sending are current, however often an invitation was resent.
    let older = "current_links c where exists (select from current_links n
                 where n.invitation_id = c.invitation_id and n.generation > c.generation)";
    assert_eq!(app.count(older).await, 0);
}

/// An entity as SQL derives it: id, account, kind, connected account, whether it is connected, whether it may send, and
/// its latest invitation.
type Entity = (EntityId, AccountId, EntityKind, Option<AccountId>, bool, bool, Option<InvitationId>);

async fn compare_entities(app: &TestApp, rows: &Rows, seen: &mut Seen) {
    let mut conn = app.state.pool.acquire().await.unwrap();
    let derived: Vec<Entity> = sqlx::query_as(
        "select e.id, e.account_id, e.kind, e.connected_account_id, c.id is not null,
                    source_may_send(e.kind, c.id is not null), i.id
             from entities e
             left join live_connections c on c.seller_account_id = e.connected_account_id
                  and c.buyer_account_id = e.account_id
             left join lateral latest_invitation(e.id) i on true",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    let tag = |id: EntityId, kind: EntityKind, connected: bool| {
        let latest = rows.latest(id);
        let expired = latest.is_some_and(|row| row.expires_at <= rows.now);
        source_tag(kind, connected, latest.map(|row| row.state), expired)
    };
    for (id, account, kind, other, connected, may_send, latest) in &derived {
        assert_eq!(*connected, rows.is_connected(*other, *account), "{id}");
        assert_eq!(*may_send, tag(*id, *kind, *connected).may_send(), "{id}");
        assert_eq!(*may_send, kind.may_send(*connected), "{id}");
        assert_eq!(*latest, rows.latest(*id).map(|row| row.id), "{id}");
    }
    let accounts: BTreeSet<AccountId> = derived.iter().map(|entity| entity.1).collect();
    let query = SourceEntityQuery { search: "", offset: 0, limit: 1000, flows: 3 };
    for account in accounts {
        for listed in reports::list_source_entities(&mut conn, account, query, rows.now).await.unwrap() {
            let (id, _, kind, other, ..) = *derived.iter().find(|entity| entity.0 == listed.id).unwrap();
            assert_eq!(listed.tag, tag(id, kind, rows.is_connected(other, account)), "{id}");
            seen.insert(format!("{:?}", listed.tag));
        }
    }
}

async fn compare_partners(app: &TestApp, rows: &Rows, seen: &mut Seen) {
    let mut conn = app.state.pool.acquire().await.unwrap();
    let derived: Vec<(PartnerId, AccountId, Option<AccountId>, bool, PartnerStatus)> = sqlx::query_as(
        "select p.id, p.account_id, p.linked_account_id, p.archived_at is not null, s.status
         from partners p cross join lateral partner_status(p.account_id, p.id, p.linked_account_id, $1) s",
    )
    .bind(rows.now)
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    for (id, account, linked, archived, status) in derived {
        let invited = rows.invitations.iter().any(|row| {
            row.partner_id == Some(id) && row.kind == "source" && row.status(rows.now) == InvitationStatus::Open
        });
        let expected = PartnerStatus::of(linked.is_some(), rows.is_connected(linked, account), invited);
        assert_eq!(status, expected, "{id}");
        let query =
            PartnerQuery { search: "", archived, sort: PartnerSort::Status, descending: false, offset: 0, limit: 1000 };
        let (listed, _) = reports::list_partners(&mut conn, &app.state, account, query, rows.now).await.unwrap();
        assert_eq!(listed.iter().find(|row| row.id == id).map(|row| row.status), Some(expected), "{id}");
        seen.insert(format!("{status:?}"));
    }
}

/// Printed when a comparison fails, so the run can be reproduced.
struct Trace {
    seed: u64,
    steps: Vec<&'static str>,
}

impl Drop for Trace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, after {} steps: {}", self.seed, self.steps.len(), self.steps.join(", "));
        }
    }
}

#[tokio::test]
async fn queries_and_pure_rules_agree_on_random_histories() {
    let mut seen = Seen::new();
    for seed in SEEDS {
        let mut world = World::new(seed).await;
        let mut trace = Trace { seed, steps: Vec::new() };
        for step in 1..=STEPS {
            trace.steps.push(world.step().await);
            if step % EVERY == 0 {
                compare(&world.app, &mut seen).await;
            }
        }
    }
    let all = [
        "Open",
        "Accepted",
        "Declined",
        "Revoked",
        "Expired",
        "Replaced",
        "AccountSource",
        "ConnectionPending",
        "Disconnected",
        "Custom",
        "Invited",
        "Connected",
        "NotConnected",
    ];
    for state in all {
        assert!(seen.contains(state), "the histories never reached {state}: {seen:?}");
    }
}

/// Covers the combinations that no history can reach.
#[tokio::test]
async fn queries_and_pure_rules_agree_on_an_invitations_standing_for_all_column_values() {
    let app = TestApp::start().await;
    let now = app.state.now().await.unwrap();
    let tick = Duration::microseconds(1);
    for state in [StoredState::Pending, StoredState::Accepted, StoredState::Declined, StoredState::Revoked] {
        for superseded_at in [None, Some(now - tick), Some(now + tick)] {
            for expires_at in [now - tick, now, now + tick] {
                let derived: (String, bool) =
                    sqlx::query_as("select invitation_standing($1, $2, $3, $4), invitation_is_open($1, $2, $3, $4)")
                        .bind(state)
                        .bind(superseded_at)
                        .bind(expires_at)
                        .bind(now)
                        .fetch_one(&app.state.pool)
                        .await
                        .unwrap();
                let facts = Facts { state, expired: expires_at <= now, superseded: superseded_at.is_some() };
                let status = facts.status();
                assert_eq!(derived, (status.key().to_owned(), status == InvitationStatus::Open), "{facts:?}");
            }
        }
    }
}

#[tokio::test]
async fn views_give_the_application_no_right_to_write() {
    let app = TestApp::start().await;
    for view in ["live_connections", "current_links"] {
        app.execute(&format!("select * from {view}")).await.unwrap();
        let refused = app.execute(&format!("delete from {view}")).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{refused}");
    }
}
