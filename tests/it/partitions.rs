//! Leads have a partition a week: who may change them, and that nobody sees leads being moved.

use crate::support::{TestApp, crowd::Crowd, sending::open_source, stage::Stage};
use accord::{
    app::doctor::{self, Health},
    base::paths,
    leads::server::partitions,
};
use sqlx::{Connection, Executor, PgConnection};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use time::Duration;

const WEEKS: &str = "pg_inherits where inhparent = 'leads'::regclass";
/// More than fits into a default partition that is moved in one step.
const LARGE: Crowd = Crowd {
    count: 3_000,
    at: "now() - n * interval '40 minutes'",
    outcome: "success",
    fields: "jsonb_build_object('email', jsonb_build_object('value', n || '@example.com', 'raw', 'x', 'valid', true))",
    input: "jsonb_build_object('note', (select string_agg(md5(n * 50 + part || ''), '') from generate_series(1, 45) part))",
};

/// One step. False if nothing is to do.
async fn step(app: &TestApp) -> bool {
    let steps: i64 = sqlx::query_scalar("select tend_lead_partitions()").fetch_one(&app.state.pool).await.unwrap();
    steps > 0
}

async fn tend(app: &TestApp) -> usize {
    let mut steps = 0;
    loop {
        match partitions::tend(&app.state).await.unwrap() {
            0 => return steps,
            more => steps += more,
        }
    }
}

async fn text(app: &TestApp, query: &str) -> String {
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&app.state.pool).await.unwrap()
}

/// A hash of everything that is stored of all leads.
async fn content(app: &TestApp) -> String {
    text(app, "select coalesce(md5(string_agg(md5(l::text), '' order by id)), '') from leads l").await
}

#[tokio::test]
async fn the_application_can_ask_for_the_next_step_and_for_nothing_else() {
    let app = TestApp::start().await;
    assert_eq!(tend(&app).await, 9, "this week and eight ahead");
    let week = text(&app, "select 'leads_' || to_char(date_trunc('week', now() at time zone 'UTC'), 'YYYYMMDD')").await;
    for statement in [
        format!("drop table {week}"),
        format!("truncate {week}"),
        format!("delete from {week}"),
        format!("alter table leads detach partition {week}"),
        "drop table leads".to_owned(),
        "delete from leads_all".to_owned(),
        "create table leads_19700105 partition of leads default".to_owned(),
        "insert into lead_move values (0, 0)".to_owned(),
        "delete from lead_move".to_owned(),
        "select create_lead_week(0)".to_owned(),
        "select attach_lead_week('leads', 0)".to_owned(),
        "select add_lead_week(0)".to_owned(),
        "select add_moving_week(0)".to_owned(),
        "select begin_lead_move(0)".to_owned(),
        "select copy_leads(0, 1)".to_owned(),
        "select swap_leads()".to_owned(),
        "select stop_lead_move()".to_owned(),
        "select promote_lead_week()".to_owned(),
        "select hold_lead_tables('{leads}')".to_owned(),
        "alter function tend_lead_partitions() set search_path = pg_temp".to_owned(),
    ] {
        let error = app.execute(&statement).await.expect_err(&statement);
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
    for pretended in [
        // What a caller sets or makes in its session changes nothing.
        "set search_path = pg_temp; set bytea_output = 'escape'; create temp table leads_all (id bytea);
         create temp table lead_move (next_page bigint, pages bigint, swapped boolean);
         create temp table accounts (lead_days int)",
        "set time zone 'Pacific/Kiritimati'",
    ] {
        let mut conn = app.state.pool.acquire().await.unwrap().detach();
        conn.execute(pretended).await.unwrap();
        let steps: i64 = sqlx::query_scalar("select public.tend_lead_partitions()").fetch_one(&mut conn).await.unwrap();
        let dropped: Option<String> =
            sqlx::query_scalar("select public.drop_lead_partition()").fetch_one(&mut conn).await.unwrap();
        assert_eq!((steps, dropped), (0, None));
    }
    assert_eq!(app.count(WEEKS).await, 10);
}

#[tokio::test]
async fn two_processes_make_each_week_once() {
    let app = TestApp::start().await;
    let other = app.restart().await;
    let (one, two) = tokio::join!(tend(&app), tend(&other));
    assert_eq!((one + two, app.count(WEEKS).await), (9, 10));
    assert_eq!(tend(&other).await, 0);
}

#[tokio::test]
async fn a_lead_goes_to_its_week_and_one_of_another_time_to_the_default_partition() {
    let (stage, _) = Stage::connected().await;
    tend(&stage.app).await;
    stage.lead(&[("st", "CA"), ("first_name", "Nina")]).await.expect(201);
    assert_eq!(stage.app.count("leads_all").await, 0);
    stage.app.advance(Duration::days(100));
    stage.lead(&[("st", "CA"), ("first_name", "Fumiko")]).await.expect(201);
    assert_eq!((stage.app.count("leads_all").await, stage.leads().await), (1, 2));
    // Its week is made when it is there.
    assert_eq!(tend(&stage.app).await, 1);
    assert_eq!((stage.app.count("leads_all").await, stage.leads().await), (0, 2));
    // No clock makes such ids. They stay where they are, and nothing fails.
    for id in ["ffffffffffffffffffffffff", "000000000000000000000001"] {
        let odd =
            format!("update leads set id = decode('{id}', 'hex') where fields -> 'first_name' ->> 'value' = 'Nina'");
        stage.app.execute(&odd).await.unwrap();
        assert_eq!((tend(&stage.app).await, stage.app.count("leads_all").await, stage.leads().await), (0, 1, 2));
    }
}

#[tokio::test]
async fn few_leads_are_moved_at_once_and_lists_stay_the_same() {
    let (app, buyer, flow, source) = open_source().await;
    app.add_leads(source, Crowd { count: 60, at: "now() - n * interval '20 hours'", ..LARGE }).await;
    app.submit(flow, source, "email=nina@example.com".to_owned(), &[]).await.expect(201);
    buyer.get(paths::LEADS).await.shows("nina@example.com");
    let all = || async { (content(&app).await, buyer.get(paths::LEADS).await.expect(200).text()) };
    let before = all().await;
    assert_eq!(app.count("leads_all").await, 61);
    let mut steps = 0;
    while step(&app).await {
        steps += 1;
        assert_eq!(all().await, before);
    }
    assert_eq!(app.count("leads_all").await, 0);
    assert!(steps >= 9 + 6, "{steps} weeks");
    assert_eq!(doctor::partitions(&app.state.pool).await.health, Health::Ok);
}

#[tokio::test]
async fn the_doctor_sees_what_is_missing() {
    let (app, _, flow, source) = open_source().await;
    let finding = doctor::partitions(&app.state.pool).await;
    assert_eq!(finding.health, Health::Warning);
    assert!(finding.text.contains("next week"), "{finding}");
    tend(&app).await;
    app.advance(Duration::days(200));
    app.submit(flow, source, "email=nina@example.com".to_owned(), &[]).await.expect(201);
    let finding = doctor::partitions(&app.state.pool).await;
    assert!(finding.health == Health::Warning && finding.text.contains("holds rows"), "{finding}");
    app.add_leads(source, Crowd { at: "now() - interval '9 years' - n * interval '40 minutes'", ..LARGE }).await;
    assert!(step(&app).await);
    assert!(doctor::partitions(&app.state.pool).await.text.contains("being moved"));
}

/// A step that loses its connection before it commits.
async fn killed_step(app: &TestApp) {
    let options = app.state.pool.connect_options();
    let mut conn = PgConnection::connect_with(&options).await.unwrap();
    conn.execute("begin").await.unwrap();
    let _steps: i64 = sqlx::query_scalar("select tend_lead_partitions()").fetch_one(&mut conn).await.unwrap();
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut conn).await.unwrap();
    sqlx::query("select pg_terminate_backend($1, 5000)").bind(pid).execute(&app.state.pool).await.unwrap();
    conn.execute("commit").await.unwrap_err();
}

#[tokio::test]
async fn many_leads_are_moved_while_leads_come_and_go_and_nobody_notices() {
    let (app, buyer, flow, source) = open_source().await;
    app.add_leads(source, LARGE).await;
    let (stored, is_over) = (AtomicI64::new(3_000), AtomicBool::new(false));
    let reader = app.restart().await;
    let read = async {
        let mut reads = 0;
        while !is_over.load(Ordering::SeqCst) {
            let at_least = stored.load(Ordering::SeqCst);
            let (all, different): (i64, i64) = sqlx::query_as("select count(*), count(distinct id) from leads")
                .fetch_one(&reader.state.pool)
                .await
                .unwrap();
            assert!(all >= at_least && all == different, "{all} leads, {different} ids, {at_least} stored before");
            reads += 1;
        }
        reads
    };
    let work = async {
        let mut steps = 0;
        loop {
            killed_step(&app).await;
            let is_later = !step(&app).await;
            if is_later && app.count("lead_move").await == 0 && app.count("leads_all").await == 0 {
                break;
            }
            steps += 1;
            let email = format!("email=new{steps}@example.com");
            app.submit(flow, source, email, &[]).await.expect(201);
            stored.fetch_add(1, Ordering::SeqCst);
            if steps % 6 == 1 {
                let page = buyer.get(paths::LEADS).await.expect(200);
                assert!(page.text().contains(&format!("new{steps}@example.com")), "the newest lead is listed");
            }
        }
        is_over.store(true, Ordering::SeqCst);
        steps
    };
    let (steps, reads) = tokio::join!(work, read);
    assert!(steps > 30 && reads > 0, "{steps} steps, {reads} reads");
    assert_eq!(app.count("leads_all").await, 0);
    assert_eq!(app.count("leads").await, stored.load(Ordering::SeqCst));
    assert_eq!(app.count("pg_class where relname like 'leads_moving%'").await, 0);
    assert!(app.count(WEEKS).await >= 9 + 12);
    let misplaced = "leads where tableoid <> to_regclass('leads_' || to_char(
        date_trunc('week', to_timestamp(('x' || encode(substring(id for 6), 'hex'))::bit(48)::bigint / 1000.0) at time zone 'UTC'),
        'YYYYMMDD'))";
    assert_eq!(app.count(misplaced).await, 0);
}

#[tokio::test]
async fn what_changes_while_leads_are_moved_stays_changed() {
    let (app, buyer, _, source) = open_source().await;
    app.add_leads(source, LARGE).await;
    // The expected content, as a table that is changed alongside.
    app.owner()
        .await
        .execute("create table expected as select * from leads; grant all on expected to accord_app")
        .await
        .unwrap();
    let mut steps = 0;
    while step(&app).await {
        steps += 1;
        if steps == 2 {
            buyer.post_as("erase", paths::ERASE_PERSON, &[("person", "7@example.com")]).await.expect(303);
        }
        if steps == 8 {
            for person in ["2999@example.com", "8@example.com"] {
                buyer.post_as("erase", paths::ERASE_PERSON, &[("person", person)]).await.expect(303);
            }
        }
        if steps % 9 == 3 {
            let number = "split_part(fields -> 'email' ->> 'value', '@', 1)::int";
            let gone = format!("where {number} between {} and {}", steps * 50, steps * 50 + 4);
            app.execute(&format!("delete from leads {gone}")).await.unwrap();
            app.execute(&format!("delete from expected {gone}")).await.unwrap();
        }
    }
    let erased = "fields = '{}' and erased_at is not null";
    assert_eq!(app.count(&format!("leads where {erased}")).await, 3);
    assert!(app.count("leads").await < 3_000, "some are gone");
    let differing = "(select id, account_id, reason, received_at from leads except select id, account_id, reason, received_at from expected) d";
    assert_eq!((app.count(differing).await, app.count("leads").await), (0, app.count("expected").await));
    let changed = "leads l join expected e using (id) where l.input <> e.input or l.fields <> e.fields or l.contacts <> e.contacts";
    assert_eq!(app.count(changed).await, 3, "only what was erased");
}

#[tokio::test]
async fn a_migration_that_changes_leads_stops_the_move_and_it_begins_again() {
    let (app, _, flow, source) = open_source().await;
    app.add_leads(source, LARGE).await;
    for _ in 0..4 {
        assert!(step(&app).await);
    }
    let change =
        "select stop_lead_move(); alter table leads add column extra int not null default 1; select stop_lead_move()";
    app.owner().await.execute(change).await.unwrap();
    assert_eq!(app.count("pg_class where relname like 'leads_moving%'").await, 0);
    app.submit(flow, source, "email=nina@example.com".to_owned(), &[]).await.expect(201);
    assert!(tend(&app).await > 30);
    assert_eq!((app.count("leads_all").await, app.count("leads where extra = 1").await), (0, 3_001));
    // Another time, beside weeks that have partitions.
    app.add_leads(source, Crowd { at: "now() - interval '300 days' - n * interval '40 minutes'", ..LARGE }).await;
    assert!(tend(&app).await > 30);
    assert_eq!((app.count("leads_all").await, app.count("leads").await), (0, 6_001));
}

#[tokio::test]
async fn a_step_gives_way_to_a_long_read() {
    let (app, _, _, source) = open_source().await;
    app.add_leads(source, Crowd { count: 5, ..LARGE }).await;
    let mut reader = app.state.pool.begin().await.unwrap();
    reader.execute("select count(*) from leads").await.unwrap();
    assert!(!step(&app).await, "later");
    app.add_leads(source, Crowd::default()).await;
    assert_eq!(app.count("leads").await, 6, "nobody waits");
    reader.rollback().await.unwrap();
    assert!(tend(&app).await > 0);
    assert_eq!(app.count("leads_all").await, 0);
}

#[tokio::test]
async fn a_week_is_dropped_when_no_account_keeps_it_and_its_figures_stay() {
    let (app, _, _, source) = open_source().await;
    let other = app.stranger().await;
    let add = async |at| app.add_leads(source, Crowd { count: 3, at, ..Crowd::default() }).await;
    add("now() - interval '420 days'").await;
    add("now() - interval '395 days'").await;
    app.execute(
        "insert into source_days (account_id, source_id, day, test, outcome, reason, share, count, last_at)
         select account_id, source_id, day, false, outcome, '', 0, count(*), max(received_at) from leads
         group by account_id, source_id, day, outcome",
    )
    .await
    .unwrap();
    let days = async |days: i32| {
        let account = other.account();
        let update = sqlx::query("update accounts set lead_days = $2 where id = $1").bind(account).bind(days);
        update.execute(&app.state.pool).await.unwrap();
    };
    days(500).await;
    tend(&app).await;
    assert_eq!((app.count(WEEKS).await, app.count("leads").await), (12, 6), "one account keeps more");
    days(7).await;
    assert_eq!(tend(&app).await, 1);
    assert_eq!((app.count(WEEKS).await, app.count("leads").await), (11, 3));
    assert_eq!(text(&app, "select sum(count)::text from source_days").await, "6");
    assert_eq!(tend(&app).await, 0);
}
