//! Time and rights are asked again at the commit: a request that waited for a lock does nothing for someone who was
//! demoted, removed or signed out meanwhile, or after an invitation or link has expired.

use crate::support::{
    Actor, Response, TestApp,
    app::PASSWORD,
    stage::{SELLER, Stage, mapping},
};
use accord::{accounts::model::Role, base::paths, partners::model::PartnerRole};
use serde_json::json;
use time::Duration;

/// What happens while a request waits.
enum Meanwhile<'a> {
    /// A statement of somebody else.
    Sql(&'a str),
    Days(i64),
}

/// Holds these rows, sends the request, lets something happen while it waits, and releases the rows.
async fn while_waiting(
    app: &TestApp,
    rows: &str,
    request: impl Future<Output = Response>,
    meanwhile: Meanwhile<'_>,
) -> Response {
    let mut held = app.state.pool.begin().await.unwrap();
    let query = format!("select 1 from {rows} for update");
    let found = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&mut *held).await.unwrap();
    assert!(!found.is_empty(), "{rows}");
    let other = async {
        let waiting = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        let mut tries = 0;
        while app.count(waiting).await == 0 {
            tries += 1;
            assert!(tries < 20_000, "the request does not wait for {rows}");
        }
        match meanwhile {
            Meanwhile::Sql(statement) => assert!(app.execute(statement).await.unwrap() > 0, "{statement}"),
            Meanwhile::Days(days) => app.advance(Duration::days(days)),
        }
        held.rollback().await.unwrap();
    };
    tokio::join!(request, other).0
}

/// The tables that the statements in these tests change.
const CHANGED: [&str; 6] = ["members", "partner_users", "subscriptions", "users", "sessions", "api_keys"];

async fn fingerprint(app: &TestApp) -> Vec<(String, String)> {
    let query = app.fingerprint_query().await;
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(query)).fetch_all(&app.state.pool).await.unwrap();
    rows.into_iter().filter(|(table, _): &(String, String)| !CHANGED.contains(&table.as_str())).collect()
}

async fn is_refused(
    app: &TestApp,
    what: &str,
    rows: &str,
    request: impl Future<Output = Response>,
    meanwhile: Meanwhile<'_>,
    status: u16,
) {
    app.deliver().await;
    let before = fingerprint(app).await;
    let response = while_waiting(app, rows, request, meanwhile).await;
    assert_eq!(response.status, status, "{what}: {}", response.text());
    assert_eq!(fingerprint(app).await, before, "{what}");
}

/// An invitation has a day left, and the person's session has more.
async fn almost_expired(app: &TestApp, person: &Actor) {
    app.advance(Duration::days(13));
    person.get(paths::ME).await.expect(200);
}

const ANN_IS_VIEWER: &str =
    "update members set role = 'viewer' where user_id = (select id from users where email = 'ann@buyer.example')";
const ANN_IS_GONE: &str =
    "delete from members where user_id = (select id from users where email = 'ann@buyer.example')";
const SELLER_IS_MANAGER: &str =
    "update members set role = 'manager' where user_id = (select id from users where email = 'cy@seller.example')";

#[tokio::test]
async fn an_acceptance_that_waited_is_refused_after_expiry_demotion_removal_or_sign_out() {
    let sellers_account = "accounts where name <> 'Bright Solar'";
    for (rows, meanwhile, status) in [
        ("invitations", Meanwhile::Days(2), 410),
        (sellers_account, Meanwhile::Days(2), 410),
        ("invitations", Meanwhile::Sql(SELLER_IS_MANAGER), 403),
        (sellers_account, Meanwhile::Sql(SELLER_IS_MANAGER), 403),
        (
            "entities",
            Meanwhile::Sql(
                "delete from members where role = 'admin' and account_id in (select id from accounts where name <> 'Bright Solar')",
            ),
            404,
        ),
        (
            "invitations",
            Meanwhile::Sql(
                "delete from sessions where user_id in (select id from users where email = 'cy@seller.example')",
            ),
            303,
        ),
        (
            "invitations",
            Meanwhile::Sql("update users set email_key = 'else@seller.example' where email = 'cy@seller.example'"),
            422,
        ),
    ] {
        let stage = Stage::pending().await;
        let seller = stage.seller().await;
        almost_expired(&stage.app, &seller).await;
        let invitation = seller.open_link(&stage.link).await;
        is_refused(&stage.app, rows, rows, seller.accept(invitation), meanwhile, status).await;
        assert_eq!(stage.app.invitation_row(invitation).await.state, "pending");
    }
}

#[tokio::test]
async fn without_a_change_meanwhile_a_request_that_waited_succeeds() {
    let stage = Stage::pending().await;
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    // A right more is no reason to refuse.
    let more = "insert into members (account_id, user_id, role, created_at)
                select a.id, u.id, 'viewer', now() from accounts a, users u
                where a.name = 'Bright Solar' and u.email = 'cy@seller.example'";
    let accepted =
        while_waiting(&stage.app, "invitations", seller.accept(invitation), Meanwhile::Sql(more)).await.expect(303);
    assert_eq!(accepted.location(), stage.docs());
    assert_eq!(stage.app.invitation_row(invitation).await.state, "accepted");
}

#[tokio::test]
async fn other_answers_that_waited_are_refused_after_expiry() {
    let stage = Stage::pending().await;
    let visitor = stage.newcomer();
    let invitation = visitor.open_link(&stage.link).await;
    let decline = visitor.decline(invitation, "no");
    is_refused(&stage.app, "decline", "invitations", decline, Meanwhile::Days(15), 410).await;
    let stage = Stage::pending().await;
    let admin = stage.app.admin("Max", "max@harbor.example", "Lead Harbor", None, true).await;
    let manager = stage.app.member(&admin, Role::Manager, "Cy", SELLER).await;
    let company = admin.account().to_string();
    almost_expired(&stage.app, &manager).await;
    let page = paths::invitation(manager.open_link(&stage.link).await);
    let fields = [("form", "ask"), ("company", company.as_str())];
    is_refused(&stage.app, "ask", "invitations", manager.post(&page, &fields), Meanwhile::Days(2), 410).await;
}

#[tokio::test]
async fn an_inviter_who_is_demoted_or_removed_while_waiting_changes_nothing() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    stage.app.advance(Duration::minutes(2));
    let buyer = &stage.buyer;
    let partner = buyer.create_partner("Acme").await;
    let (flow, source) = (stage.flow, stage.source);
    let unassigned = buyer.custom_source(flow, "Website form").await;
    for (meanwhile, undo, status) in [
        (ANN_IS_VIEWER, "update members set role = 'admin' where role = 'viewer'", 403),
        (
            ANN_IS_GONE,
            "insert into members (account_id, user_id, role, created_at) select a.id, u.id, 'admin', now() from accounts a, users u where a.name = 'Bright Solar' and u.email = 'ann@buyer.example'",
            404,
        ),
    ] {
        let app = &stage.app;
        let check = async |what: &str, rows: &str, request: futures::future::BoxFuture<'_, Response>| {
            let before = fingerprint(app).await;
            let response = while_waiting(app, rows, request, Meanwhile::Sql(meanwhile)).await;
            let refused = response.status == status || response.status == 409 && status == 404;
            assert!(refused, "{what}: {} {}", response.status, response.text());
            assert_eq!(fingerprint(app).await, before, "{what}");
            app.execute(undo).await.unwrap();
        };
        check("resend", "invitations", Box::pin(buyer.act("resend", invitation))).await;
        check("revoke", "invitations", Box::pin(buyer.revoke(invitation))).await;
        check("readdress", "invitations", Box::pin(buyer.readdress(invitation, "di@seller.example"))).await;
        let (link, tab) = (paths::invitation_link(invitation, "/"), paths::source_authentication(flow, source));
        let link = buyer.post_as("link", &link, &[]);
        check("copy a link", "invitations", Box::pin(link)).await;
        check("invite", "invitations", Box::pin(buyer.invite(flow, SELLER, ""))).await;
        check("mappings", "flow_sources", Box::pin(buyer.save_mappings(flow, source, 3, &[mapping("email", "mail")])))
            .await;
        let rules = json!({ "rule_set": { "op": "and", "rules": [{ "lhv": "lead.email", "op": "is not blank" }] } });
        check("rules of a source", "flow_sources", Box::pin(buyer.save_rules(flow, Some(source), 3, rules))).await;
        let credential = buyer.post_as("create-credential", &tab, &[]);
        check("a credential", "flow_sources", Box::pin(credential)).await;
        check("assign", "flow_sources", Box::pin(buyer.move_sources(partner, &[unassigned], &[]))).await;
        check(
            "remove a partner",
            "partners where name = 'Acme'",
            Box::pin(buyer.post_as("remove", &paths::remove_partner(partner), &[("gone", "delete")])),
        )
        .await;
        check(
            "remove a source",
            "flow_sources",
            Box::pin(buyer.post_as("remove", &paths::remove_source(flow, source), &[])),
        )
        .await;
        check("a key", "accounts", Box::pin(buyer.post_as("create-key", paths::API_KEYS, &[("name", "CRM")]))).await;
    }
}

#[tokio::test]
async fn a_plan_that_is_lost_while_waiting_is_not_used() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    stage.app.advance(Duration::minutes(2));
    let lost = "update subscriptions set plan = 'partners'";
    let resend = stage.buyer.act("resend", invitation);
    is_refused(&stage.app, "resend", "invitations", resend, Meanwhile::Sql(lost), 403).await;
}

#[tokio::test]
async fn people_are_managed_only_by_those_who_still_may() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let member = app.member(&buyer, Role::Manager, "Mo", "mo@buyer.example").await;
    let user = member.user().to_string();
    let fields = [("user", user.as_str()), ("shown", "manager"), ("role", "viewer")];
    let set_role = buyer.post_as("role", paths::MEMBERS, &fields);
    is_refused(&app, "a role", "accounts", set_role, Meanwhile::Sql(ANN_IS_VIEWER), 403).await;
    app.execute("update members set role = 'admin' where role = 'viewer'").await.unwrap();
    let remove = buyer.post_as("remove", paths::MEMBERS, &fields[..1]);
    is_refused(&app, "a removal", "accounts", remove, Meanwhile::Sql(ANN_IS_VIEWER), 403).await;
    assert_eq!(app.role_of(member.user()).await, "manager");
    app.execute("update members set role = 'admin' where role = 'viewer'").await.unwrap();
    let partner = buyer.create_partner("Acme").await;
    let pia = app.partner_user(partner, PartnerRole::PartnerAdmin, "Pia", "pia@acme.example").await;
    let ulf = app.partner_user(partner, PartnerRole::PartnerUser, "Ulf", "ulf@acme.example").await;
    let demoted = "update partner_users set role = 'partner_user'";
    let page = paths::portal_users(partner);
    let set_role = pia.set_role(&page, ulf.user(), "partner_admin");
    is_refused(&app, "a partner role", "partners", set_role, Meanwhile::Sql(demoted), 403).await;
    app.execute("update partner_users set role = 'partner_admin' where user_id = (select id from users where email = 'pia@acme.example')").await.unwrap();
    let remove = pia.remove(&page, ulf.user());
    is_refused(&app, "a partner removal", "partners", remove, Meanwhile::Sql(demoted), 403).await;
    assert_eq!(app.users_of(partner).await.len(), 2);
}

#[tokio::test]
async fn nobody_joins_after_expiry_or_with_an_address_they_no_longer_have() {
    for (meanwhile, status) in [
        (Meanwhile::Days(2), 410),
        (Meanwhile::Sql("update users set email_key = 'else@buyer.example' where email = 'jo@buyer.example'"), 403),
    ] {
        let app = TestApp::start().await;
        let buyer = app.buyer().await;
        buyer.invite_member("jo@buyer.example", "admin").await.expect(303);
        let jo = app.signed_in_user("Jo", "jo@buyer.example").await;
        almost_expired(&app, &jo).await;
        let invitation = jo.open_link(&app.link_to("jo@buyer.example").await).await;
        is_refused(&app, "join", "invitations", jo.join(invitation), meanwhile, status).await;
        assert_eq!(app.count("members").await, 1);
    }
}

#[tokio::test]
async fn an_api_key_that_is_revoked_while_its_call_waits_changes_nothing() {
    let stage = Stage::pending().await;
    let api = stage.app.api(&stage.buyer).await;
    let path = format!("/api/v1/flows/{}/sources/{}", stage.flow, stage.source);
    let call = api.put(&path, json!({ "turn_on_when_accepted": false }));
    let revoked = Meanwhile::Sql("update api_keys set revoked_at = now()");
    is_refused(&stage.app, "a call", "flow_sources", call, revoked, 401).await;
}

#[tokio::test]
async fn links_of_sign_ups_and_resets_expire_even_while_they_wait() {
    let app = TestApp::start().await;
    let ann = app.visitor("Ann", "ann@lee.example", "Lee Leads");
    ann.sign_up(PASSWORD).await.expect(303);
    let link = app.link_to("ann@lee.example").await;
    is_refused(&app, "verify", "signups", ann.post(&link, &[("form", "verify")]), Meanwhile::Days(4), 410).await;
    assert_eq!(app.count("users").await, 0);
    let buyer = app.buyer().await;
    let visitor: Actor = app.visitor("", "", "");
    visitor.forgot("ann@buyer.example").await.expect(303);
    let link = app.link_to("ann@buyer.example").await;
    let set = visitor.post(&link, &[("form", "reset"), ("password", "another long one")]);
    is_refused(&app, "reset", "users", set, Meanwhile::Days(1), 410).await;
    assert!(buyer.is_signed_in().await);
}
