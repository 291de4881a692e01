//! Leads as a file: who may export them, its contents, and that exports are recorded.

use crate::support::{Actor, Response, TestApp, sending::open_source, stage::Stage};
use accord::{
    accounts::model::Role,
    base::{FlowId, PartnerId, SourceId, paths},
    partners::model::PartnerRole,
};

async fn export(who: &Actor, partner: PartnerId, filter: &[(&str, &str)]) -> Response {
    who.post(&paths::portal_leads_csv(partner), filter).await
}

async fn partner_with_a_source() -> (TestApp, Actor, FlowId, SourceId, PartnerId, Actor) {
    let (app, buyer, flow, source) = open_source().await;
    let partner = app.make_partner(&buyer, "Harbor Media").await;
    app.assign(source, Some(partner)).await;
    let user = app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    (app, buyer, flow, source, partner, user)
}

#[tokio::test]
async fn leads_can_be_exported_by_those_permitted_and_exports_are_recorded() {
    let (stage, seller) = Stage::connected().await;
    let (app, partner) = (&stage.app, stage.partner().await);
    stage.lead(&[("st", "CA"), ("email", "lea@example.com")]).await.expect(201);
    let user = app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    let viewer = app.member(&seller, Role::Viewer, "Val Viewer", "val@seller.example").await;
    for who in [&user, &viewer, &seller] {
        let page = who.get(&paths::portal_leads(partner)).await.expect(200);
        assert!(page.text().contains("Export CSV") && page.has(&paths::portal_leads_csv(partner)), "{}", who.name);
        let file = export(who, partner, &[]).await.expect(200);
        assert!(file.header("content-type").starts_with("text/csv"));
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"leads-2"));
        assert!(file.body.contains("lea@example.com"));
    }
    assert_eq!(app.count("activity where deed = 'leads_exported'").await, 3);
    assert!(app.latest_deed("leads_exported").await.unwrap().contains("\"leads\": 1"));

    let manager = app.member(&stage.buyer, Role::Manager, "Mo Manager", "mo@buyer.example").await;
    let looker = app.member(&stage.buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
    let theirs = paths::partner_leads_csv(partner);
    for who in [&stage.buyer, &manager] {
        assert!(who.post(&theirs, &[]).await.expect(200).body.contains("lea@example.com"));
        export(who, partner, &[]).await.expect(404);
    }
    looker.post(&theirs, &[]).await.expect(403).shows("Your role does not allow this.");
    let stranger = app.stranger().await;
    for who in [&user, &seller, &stranger] {
        who.post(&theirs, &[]).await.expect(404);
    }
    export(&stranger, partner, &[]).await.expect(404);
    let nobody = app.visitor("Nobody", "", "");
    assert!(export(&nobody, partner, &[]).await.location().starts_with("/signin?next="));
    seller.get(&paths::portal_leads_csv(partner)).await.expect(405);
    seller.post_from("cross-site", &paths::portal_leads_csv(partner), &[]).await.expect(403);
    assert_eq!(app.count("activity where deed = 'leads_exported'").await, 5);
}

#[tokio::test]
async fn no_cell_of_an_export_starts_a_formula() {
    let (app, _, flow, source, partner, user) = partner_with_a_source().await;
    let sent = [
        ("first_name", "=HYPERLINK(\"https://evil.example\",\"Lea\")"),
        ("last_name", "+1+1"),
        ("email", "@SUM(A1)"),
        ("phone_1", "-2"),
        ("state", "\t=1"),
        ("city", "\r=1"),
        ("=cmd", "a, \"b\""),
        ("note", "x;=HYPERLINK(1)"),
    ];
    let body = serde_urlencoded::to_string(sent).unwrap();
    app.submit(flow, source, body, &[]).await.expect(201);
    let file = export(&user, partner, &[]).await.expect(200).body;
    for cell in [
        "\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"Lea\"\")\"",
        "\"'+1+1\"",
        "\"'@SUM(A1)\"",
        "\"-2\"",
        "\"x;=HYPERLINK(1)\"",
        "\"a, \"\"b\"\"\"",
        "\"'=cmd\"",
    ] {
        assert!(file.contains(cell), "{cell}: {file}");
    }
    for first in ['=', '+', '@', '\t', '\r'] {
        assert!(!file.contains(&format!(",\"{first}")), "{first:?}: {file}");
    }
    for (_, rest) in file.match_indices(',').map(|(at, _)| file.split_at(at + 1)) {
        assert!(rest.starts_with(['"', ' ']), "a cell without quotes: {rest}");
    }
    let other = export(&user, partner, &[("outcome", "failure")]).await.expect(200).body;
    let head = "\"lead\",\"received\",\"flow\",\"source\",\"outcome\",\"reason\",\"test\",\"erased\"\r\n";
    assert_eq!(other.strip_prefix('\u{FEFF}'), Some(head));
}

#[tokio::test]
async fn an_export_has_all_filtered_leads_newest_first_and_a_column_per_parameter() {
    let (app, _, flow, source, partner, user) = partner_with_a_source().await;
    app.submit(flow, source, "first_name=oldest&utm.source=radio".to_owned(), &[]).await.expect(201);
    // More than one batch.
    sqlx::query(
        "insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, outcome, test, input, fields,
                            received_at, day)
         select decode('f0' || lpad(to_hex(n), 22, '0'), 'hex'), account_id, flow_id, source_id, flow_name, source_name,
                'success', n = 1, jsonb_build_object('first_name', 'number-' || n), '{}', now(), current_date
         from leads, generate_series(1, 2300) as n",
    )
    .execute(&app.state.pool)
    .await
    .unwrap();
    let file = export(&user, partner, &[("test", "without")]).await.expect(200).body.replace('"', "");
    let lines: Vec<_> = file.lines().collect();
    assert_eq!(lines[0], "\u{FEFF}lead,received,flow,source,outcome,reason,test,erased,first_name,utm.source");
    assert_eq!(lines.len(), 2301);
    assert!(lines[1].ends_with(",accepted,,no,no,number-2300,"), "{}", lines[1]);
    assert!(lines[2299].ends_with(",number-2,"), "{}", lines[2299]);
    assert!(lines[2300].ends_with(",oldest,radio"), "{}", lines[2300]);
}

#[tokio::test]
async fn an_export_with_an_unreadable_filter_is_refused() {
    let (app, buyer, flow, source, partner, user) = partner_with_a_source().await;
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    let stranger = app.stranger().await;
    for name in ["source", "outcome", "test"] {
        let filter = [(name, "nonsense")];
        export(&user, partner, &filter).await.expect(422).shows("The filter could not be read.");
        buyer.post(&paths::partner_leads_csv(partner), &filter).await.expect(422);
        export(&stranger, partner, &filter).await.expect(404);
        export(&user, partner, &[(name, "")]).await.expect(200);
    }
    assert_eq!(app.count("activity where deed = 'leads_exported'").await, 3);
}

#[tokio::test]
async fn exporting_performance_is_not_recorded() {
    let (app, _, flow, source, partner, user) = partner_with_a_source().await;
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    app.submit(flow, source, "state=CA&test=true".to_owned(), &[]).await.expect(201);
    let file = user.get(&paths::performance_csv(partner, 7)).await.expect(200);
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"performance-2"));
    let body = file.body.replace('"', "");
    let lines: Vec<_> = body.lines().collect();
    assert_eq!(lines[0], "source,day,submitted,accepted,rejected,errors,refused,test");
    assert!(
        lines[1].starts_with("Solar California · Website form,2") && lines[1].ends_with(",1,1,0,0,0,1"),
        "{}",
        lines[1]
    );
    assert_eq!(lines.len(), 2);
    assert_eq!(app.count("activity where deed = 'leads_exported'").await, 0);
}
