//! No page, list, search or call reads a table that grows as a whole: not by the plan of any of its statements, and not
//! by the rows that Postgres has read.
//!
//! The database is that of the measurements (`bench/src/large.sql`) in small: large enough that reading a whole table
//! shows.

use crate::{
    api::world::lists as lists_of_api,
    support::{
        Actor, TestApp,
        statements::{generic_plan, statement_texts},
    },
};
use accord::base::{AccountId, FlowId, Id, LeadId, PartnerId, SourceId, UserId, paths};
use sqlx::{AssertSqlSafe, Executor, Row};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

const SEED: &str = include_str!("../../bench/src/large.sql");
/// What the variables of the seed are here.
const SIZES: [(&str, usize); 6] = [
    (":partners", 1_200),
    (":sources", 4_800),
    (":users", 6_000),
    (":invitations", 9_000),
    (":leads", 40_000),
    // Postgres reads a partition of so few leads as a whole, so that most of them stay in the default partition.
    (":weeks", 0),
];
/// The most rows that one request reads from a table that has more than that. The largest pages show 50 partners with four
/// sources each and 30 days of these.
const MOST_ROWS: i64 = 4_000;

/// What may read more rows of a table, with the reason. A path with `$` at its end is a whole one, others are beginnings.
const EXCEPTIONS: [(&str, &str, i64); 13] = [
    // The order by a figure needs the figure of each partner; large accounts keep it for a minute.
    ("/partners?sort", "source_days", 40_000),
    ("/partners?sort", "flow_sources", 20_000),
    ("/partners?sort", "source_totals", 20_000),
    // A filter that matches few looks at a limited number of leads or entries (`leads/server/queries/search.rs`).
    ("/activity?", "activity", 11_000),
    ("/leads", "leads", 15_000),
    ("/portal/", "leads", 15_000),
    ("/flows/", "leads", 15_000),
    // The list of flows counts the sources of each, and the call returns them, up to 2 MiB.
    ("/flows$", "flow_sources", 6_000),
    ("/api/v1/flows?limit=200$", "flow_sources", 20_000),
    // These calls have optional filters: the plan that suits all of them reads what the account has. Postgres uses that of
    // the filter, as the other half of this test does.
    ("/api/v1/partners/", "invitations", 10_000),
    ("/api/v1/partners/", "flow_sources", 6_000),
    // To find the sources of fifty connected buyers, Postgres reads a table of this size at once. Its plan has an index.
    ("/submission-docs$", "flow_sources", 6_000),
    ("/$", "flow_sources", 6_000),
];

fn id<I: Id>(kind: u8, number: u64) -> I {
    let mut bytes = [0; 12];
    bytes[0] = kind;
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    I::from_bytes(bytes)
}

fn flow() -> FlowId {
    id(0x54, 7_000_000)
}

fn source() -> SourceId {
    id(0x57, 7_000_000)
}

fn partner() -> PartnerId {
    id(0x56, 7_000_000)
}

/// Loads the seed as the owner of the tables. Statements of psql are left out.
async fn seed(app: &TestApp) {
    let mut text: String =
        SEED.lines().filter(|line| !line.starts_with('\\')).map(|line| format!("{line}\n")).collect();
    for (variable, size) in SIZES {
        text = text.replace(variable, &size.to_string());
    }
    text = text.replace(":'hash'", "''").replace("vacuum analyze;", "");
    let owner = app.owner().await;
    owner.execute(AssertSqlSafe(text)).await.unwrap();
    owner.execute(DELIVERIES).await.unwrap();
    // As after autovacuum, which is off, so that the plans are the same in every run: with statistics of all rows, and
    // with indexes that need not visit the table.
    owner.execute(WITHOUT_AUTOVACUUM).await.unwrap();
    owner.execute("set default_statistics_target = 1000").await.unwrap();
    owner.execute("vacuum analyze").await.unwrap();
}

const WITHOUT_AUTOVACUUM: &str = "
    do $$ declare tables regclass; begin
        for tables in select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
            execute format('alter table %s set (autovacuum_enabled = off)', tables);
        end loop;
    end $$";

/// A delivery of the flow that has taken all leads of the account, except some that wait or failed.
const DELIVERIES: &str = "
    insert into deliveries (id, account_id, flow_id, name, state, url, format, sealed_secret, resumed_at, created_at, updated_at)
    select decode('58000000', 'hex') || int8send(7000000), account_id, id, 'CRM', 'on', 'https://crm.example.com/', 'json', '',
           now(), now(), now()
    from flows where id = decode('54000000', 'hex') || int8send(7000000);
    insert into lead_deliveries (delivery_id, account_id, lead_id, state, attempts, since, next_at)
    select d.id, d.account_id, l.id,
           case row_number() over (order by l.id) % 3000 when 1 then 'waiting' when 2 then 'failed' else 'delivered' end, 1,
           l.received_at, l.received_at
    from leads l join deliveries d using (account_id);
    insert into delivery_attempts (delivery_id, lead_id, number, at, duration_ms, status)
    select delivery_id, lead_id, 1, since, 10, 200 from lead_deliveries;";

async fn sign_in(app: &TestApp, person: u64, account: Option<u64>) -> Actor {
    let mut actor = Actor::new(app, "", "", "");
    actor.account = account.map(|number| id::<AccountId>(0x51, number));
    app.sign_in(&mut actor, id::<UserId>(0x52, person)).await;
    actor
}

/// The three sides that have lists.
struct People {
    buyer: Actor,
    seller: Actor,
    user: Actor,
}

impl People {
    async fn of(app: &TestApp) -> Self {
        Self {
            buyer: sign_in(app, 7_000_000, Some(7_000_000)).await,
            seller: sign_in(app, 7_100_000, Some(7_100_000)).await,
            user: sign_in(app, 7_200_000, None).await,
        }
    }
}

/// The filters of the list of leads, alone and together.
fn filters() -> Vec<String> {
    let (flow, source, partner) = (flow(), source(), partner());
    let silent = id::<PartnerId>(0x56, 7_000_900);
    vec![
        String::new(),
        format!("flow={flow}"),
        format!("source={source}"),
        format!("partner={partner}"),
        format!("partner={silent}"),
        format!("flow={flow}&source={source}&partner={partner}"),
        "outcome=failure".to_owned(),
        "outcome=error".to_owned(),
        "reason=very+rare".to_owned(),
        format!("flow={flow}&reason=very+rare&test=only"),
        format!("partner={partner}&outcome=error"),
        "test=only".to_owned(),
        "time=today".to_owned(),
        "from=2020-01-01&to=2020-12-31".to_owned(),
        "find=lead777%40people.example".to_owned(),
        "find=nobody%40people.example".to_owned(),
        "find=5125550100".to_owned(),
        format!("find=5125550100&flow={flow}&outcome=error"),
    ]
}

/// Pages of the buyer's whole account. Add new ones here.
const OF_ACCOUNT: [&str; 30] = [
    paths::HOME,
    paths::PARTNERS,
    "/partners?page=12",
    "/partners?archived=1",
    "/partners?order=desc",
    "/partners?search=a1",
    "/partners?sort=leads&order=desc",
    "/partners?sort=status",
    paths::SOURCES,
    "/sources?page=9",
    "/sources?search=11",
    paths::FLOWS,
    paths::ACTIVITY,
    "/activity?who=keys&what=joined",
    "/activity?about=flow&name=nowhere",
    "/activity?from=2026-01-01&to=2026-06-30",
    "/activity?subject=545454545454545454545454",
    paths::CONNECTIONS,
    "/connections?former=1",
    paths::INVITATIONS,
    "/invitations?state=pending",
    "/invitations?state=expired",
    "/invitations?state=declined",
    "/invitations?state=accepted&page=5",
    "/invitations?state=replaced",
    paths::RECIPIENTS,
    paths::MEMBERS,
    paths::API_KEYS,
    paths::SETTINGS,
    paths::INVITE_SOURCE,
];

/// Pages with their readers. Add new ones here.
fn pages(people: &People, lead: LeadId) -> Vec<(&Actor, String)> {
    let People { buyer, seller, user } = people;
    let (flow, source, partner) = (flow(), source(), partner());
    let leads = filters();
    let mut pages: Vec<(&Actor, String)> = Vec::new();
    let with = |path: &str, query: &str| if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    pages.extend(leads.iter().map(|query| (buyer, with(paths::LEADS, query))));
    pages.extend(leads.iter().take(9).map(|query| (user, with(&paths::portal_leads(partner), query))));
    pages.extend(OF_ACCOUNT.map(|path| (buyer, path.to_owned())));
    for path in [
        paths::partner(partner),
        paths::partner_sources(partner),
        paths::partner_users(partner),
        paths::partner_invites(partner),
        paths::assign_sources(partner),
        paths::remove_partner(partner),
        paths::flow_sources(flow),
        format!("{}?search=1&page=2", paths::flow_sources(flow)),
        format!("{}?search=1", paths::partner_sources(partner)),
        format!("{}?search=1", paths::FLOWS),
        paths::flow_leads(flow),
        paths::flow_deliveries(flow),
        paths::delivery(flow, id(0x58, 7_000_000)),
        format!("{}?state=waiting", paths::delivery(flow, id(0x58, 7_000_000))),
        format!("{}?state=failed", paths::delivery(flow, id(0x58, 7_000_000))),
        paths::add_source(flow),
        paths::remove_flow(flow),
        paths::remove_source(flow, source),
        paths::source_performance(flow, source),
        paths::lead(lead),
    ] {
        pages.push((buyer, path));
    }
    for path in [paths::HOME, paths::BUYERS, paths::CONNECTIONS, paths::INVITATIONS, paths::SUBMISSION_DOCS] {
        pages.push((seller, path.to_owned()));
    }
    for path in [paths::portal(partner), format!("{}?days=90", paths::portal(partner)), paths::portal_docs(partner)] {
        pages.push((user, path.clone()));
        pages.push((seller, path));
    }
    pages
}

/// Rows by table.
type Reads = BTreeMap<String, i64>;

/// The tables that have enough rows for their reads to tell something. Of the others, only the plans do. A partition counts
/// for its table.
async fn large_tables(app: &TestApp) -> BTreeSet<String> {
    let rows = app.state.pool.fetch_all(AssertSqlSafe(format!(
        "select case when relname like 'leads%' then 'leads' else relname::text end as name from pg_class
         where relkind = 'r' and relnamespace = 'public'::regnamespace group by name having sum(reltuples) >= {MOST_ROWS}"
    )));
    rows.await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// How many rows have been read so far, by table: found by scans of the table, and by scans of its indexes.
async fn rows_read(app: &TestApp) -> Reads {
    let mut conns = Vec::new();
    for _ in 0..5 {
        conns.push(app.state.pool.acquire().await.unwrap());
    }
    for conn in &mut conns {
        conn.execute("select pg_stat_force_next_flush()").await.unwrap();
    }
    let rows = conns[0]
        .fetch_all(
            "select t.relname::text, t.seq_tup_read + coalesce(sum(i.idx_tup_read), 0)::bigint
             from pg_stat_user_tables t left join pg_stat_user_indexes i on i.relid = t.relid
             group by t.relid, t.relname, t.seq_tup_read",
        )
        .await
        .unwrap();
    // A partition counts for its table.
    let name = |row: &sqlx::postgres::PgRow| {
        let name: String = row.get(0);
        if name.starts_with("leads") { "leads".to_owned() } else { name }
    };
    rows.iter().fold(BTreeMap::new(), |mut read, row| {
        *read.entry(name(row)).or_default() += row.get::<i64, _>(1);
        read
    })
}

/// Changes a setting on all connections.
async fn set(app: &TestApp, setting: &str) {
    let mut conns = Vec::new();
    for _ in 0..5 {
        conns.push(app.state.pool.acquire().await.unwrap());
    }
    for conn in &mut conns {
        conn.execute(AssertSqlSafe(format!("set {setting}"))).await.unwrap();
    }
}

/// What a request has read beyond the limit.
fn excess(path: &str, large: &BTreeSet<String>, before: &Reads, after: &Reads) -> Vec<String> {
    let limit = |table: &str| {
        let is_for = |of: &str| of.strip_suffix('$').map_or(path.starts_with(of), |whole| path == whole);
        let own = EXCEPTIONS.iter().find(|(of, named, _)| is_for(of) && *named == table);
        own.map_or(MOST_ROWS, |(_, _, most)| *most)
    };
    let read = after.iter().map(|(table, count)| (table, count - before.get(table).copied().unwrap_or_default()));
    let above = read.filter(|(table, count)| large.contains(*table) && *count > limit(table));
    above.map(|(table, count)| format!("{path} reads {count} rows of {table}")).collect()
}

/// The places of a plan that read a whole table: scans of the table, and scans of an index without a condition that do
/// not follow its order up to a limit.
fn whole_tables(plan: &str) -> Vec<String> {
    let lines: Vec<&str> = plan.lines().collect();
    let (mut found, has_limit) = (Vec::new(), plan.contains("Limit"));
    for (number, line) in lines.iter().enumerate() {
        let is_scan = line.contains("Seq Scan on ");
        let is_index = line.contains("Index Scan using ") || line.contains("Index Only Scan using ");
        let details = lines[number + 1..].iter().take_while(|line| !line.contains("->") && !line.contains("Plan"));
        let has_condition = details.clone().any(|line| line.contains("Index Cond"));
        if is_scan || (is_index && !has_condition && !has_limit) {
            found.push(line.trim().to_owned());
        }
    }
    found
}

#[tokio::test]
async fn no_page_reads_a_table_that_grows() {
    let app = TestApp::start().await;
    seed(&app).await;
    let people = People::of(&app).await;
    let lead: LeadId = sqlx::query_scalar("select id from leads where account_id = $1 order by id desc limit 1")
        .bind(people.buyer.account())
        .fetch_one(&app.state.pool)
        .await
        .unwrap();
    let key = app.api_key(people.buyer.account(), people.buyer.user()).await;
    let system = Actor::new(&app, "", "", "").with_key(&key);
    let mut pages = pages(&people, lead);
    for list in lists_of_api(&app) {
        let path = list.replace("{partner_id}", &partner().to_string()).replace("{flow_id}", &flow().to_string());
        pages.push((&system, format!("/api/v1{}?limit=200", path.trim_start_matches("/api/v1"))));
    }
    let (mut problems, mut statements, large) = (String::new(), BTreeSet::new(), large_tables(&app).await);
    assert!(
        ["leads", "invitations", "flow_sources", "activity", "lead_deliveries"]
            .iter()
            .all(|table| large.contains(*table)),
        "{large:?}"
    );
    for mode in ["force_custom_plan", "force_generic_plan"] {
        set(&app, &format!("plan_cache_mode = {mode}")).await;
        for (who, path) in &pages {
            who.get(path).await;
            let before = rows_read(&app).await;
            let (page, texts) = statement_texts(who.get(path)).await;
            page.expect(200);
            statements.extend(texts);
            for problem in excess(path, &large, &before, &rows_read(&app).await) {
                writeln!(problems, "{problem} ({mode})").unwrap();
            }
        }
    }
    // Joins that look rows up one by one use an index wherever there is one, even in small tables.
    for other in ["enable_mergejoin = off", "enable_hashjoin = off", "enable_material = off"] {
        set(&app, other).await;
    }
    for statement in statements.iter().filter(|text| text.starts_with("select") || text.starts_with("with")) {
        let plan = generic_plan(&app, statement).await;
        for place in whole_tables(&plan) {
            writeln!(problems, "{place} in:\n{statement}").unwrap();
        }
    }
    assert!(statements.len() > 50 && problems.is_empty(), "{} statements\n{problems}", statements.len());
}
