//! What is in an exported file: the chosen columns, and every value so that spreadsheets and programs read it right.

use crate::support::{Actor, Response, TestApp, crowd::Crowd, sending::open_source};
use accord::{
    accounts::model::Role,
    base::{FlowId, PartnerId, SourceId, paths},
    partners::model::PartnerRole,
};

const FIXED: &str = "lead,received,flow,source,outcome,reason,test,erased";

/// Reads a file as RFC 4180 defines it, after a byte-order mark. Anything else fails.
fn read(file: &str) -> Vec<Vec<String>> {
    let mut rest = file.strip_prefix('\u{FEFF}').expect("a byte-order mark");
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    while !rest.is_empty() {
        let mut cell = String::new();
        rest = rest.strip_prefix('"').unwrap_or_else(|| panic!("a quoted cell: {rest}"));
        loop {
            let (text, after) = rest.split_once('"').expect("the end of a cell");
            cell.push_str(text);
            rest = after;
            let Some(after) = rest.strip_prefix('"') else { break };
            cell.push('"');
            rest = after;
        }
        row.push(cell);
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => {
                rest = rest.strip_prefix("\r\n").unwrap_or_else(|| panic!("the end of a line: {rest}"));
                rows.push(std::mem::take(&mut row));
            }
        }
    }
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "rows of one length");
    rows
}

/// The values below a column's name.
fn column(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let at = rows[0].iter().position(|head| head == name).unwrap_or_else(|| panic!("{name} in {:?}", rows[0]));
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

async fn export(who: &Actor, fields: &[(&str, &str)]) -> Response {
    who.post_as("export", paths::LEADS_CSV, fields).await
}

async fn with_partner() -> (TestApp, Actor, FlowId, SourceId, PartnerId, Actor) {
    let (app, buyer, flow, source) = open_source().await;
    let partner = app.make_partner(&buyer, "Harbor Media").await;
    app.assign(source, Some(partner)).await;
    let user = app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    (app, buyer, flow, source, partner, user)
}

#[tokio::test]
async fn a_file_holds_every_value_unharmed() {
    let (app, buyer, flow, source, partner, user) = with_partner().await;
    let sent = [
        ("postal_code", "01234"),
        ("phone_1", "+44 20 7946 0958"),
        ("home", "+1 (512) 555-0142"),
        ("first_name", "Zoë \"Z\", née\r\nLee"),
        ("last_name", "=1+1"),
        ("loss", "-5"),
        ("sum", "+1+1"),
        ("number", "123456789012345678"),
        ("spaces", " a "),
    ];
    app.submit(flow, source, serde_urlencoded::to_string(sent).unwrap(), &[]).await.expect(201);
    let crowd = Crowd {
        input: "'{\"color\":[\"red\",\"blue, dark\"]}'::jsonb",
        at: "now() - interval '1 day'",
        ..Crowd::default()
    };
    app.add_leads(source, crowd).await;
    let buyers = read(&export(&buyer, &[]).await.expect(200).body);
    let partners = read(&buyer.post(&paths::partner_leads_csv(partner), &[]).await.expect(200).body);
    let users = read(&user.post(&paths::portal_leads_csv(partner), &[]).await.expect(200).body);
    assert_eq!(buyers, partners);
    for (name, expected) in [
        ("postal_code", "01234"),
        ("home", "+1 (512) 555-0142"),
        ("phone_1", "+44 20 7946 0958"),
        ("first_name", "Zoë \"Z\", née\r\nLee"),
        ("last_name", "'=1+1"),
        ("loss", "-5"),
        ("sum", "'+1+1"),
        ("number", "123456789012345678"),
    ] {
        assert_eq!(column(&buyers, &format!("{name} (as sent)"))[0], expected, "{name}");
        assert_eq!(column(&users, name)[0], expected, "{name}");
    }
    assert_eq!(column(&users, "color"), ["", "red, blue, dark"]);
    assert_eq!(
        (column(&buyers, "postal_code")[0].as_str(), column(&buyers, "last_name")[0].as_str()),
        ("01234", "'=1+1")
    );
}

#[tokio::test]
async fn times_are_those_of_the_accounts_zone_and_the_file_name_says_so() {
    let (app, buyer, _, source, partner, user) = with_partner().await;
    app.execute("update accounts set time_zone = 'America/New_York'").await.unwrap();
    app.add_leads(source, Crowd { at: "timestamptz '2026-03-08 06:59:59.9Z'", ..Crowd::default() }).await;
    app.add_leads(source, Crowd { at: "timestamptz '2026-03-08 07:00Z'", ..Crowd::default() }).await;
    for file in [export(&buyer, &[]).await, user.post(&paths::portal_leads_csv(partner), &[]).await] {
        let name = file.header("content-disposition");
        assert!(
            name.starts_with("attachment; filename=\"leads-2") && name.ends_with("-America-New_York.csv\""),
            "{name}"
        );
        assert_eq!(column(&read(&file.expect(200).body), "received"), ["2026-03-08 03:00:00", "2026-03-08 01:59:59"]);
    }
    buyer.get(paths::LEADS).await.expect(200).shows("2 leads, newest first. Times are in America/New_York.");
}

/// The columns that a page's form has ticked.
fn ticked(page: &Response) -> Vec<String> {
    let boxes = page.body.split('<').filter(|tag| tag.contains("name=\"column\"") && tag.contains(" checked"));
    boxes.map(|tag| tag.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_persons_columns_are_remembered_for_each_side() {
    let (app, buyer, flow, source, partner, user) = with_partner().await;
    app.submit(flow, source, "email=a@example.com&state=CA&note=x".to_owned(), &[]).await.expect(201);
    let head = |file: &Response| read(&file.body)[0].join(",");
    let all = head(&export(&buyer, &[]).await.expect(200));
    assert_eq!(
        all,
        format!(
            "{FIXED},first_name,last_name,email,phone_1,state,postal_code,email (as sent),note (as sent),state (as sent)"
        )
    );
    let chosen = [("columns", "chosen"), ("column", "field:state"), ("column", "lead"), ("column", "nonsense")];
    assert_eq!(head(&export(&buyer, &chosen).await.expect(200)), "lead,state");
    for path in [paths::LEADS.to_owned(), paths::flow_leads(flow), paths::partner(partner)] {
        assert_eq!(ticked(&buyer.get(&path).await.expect(200)), ["lead", "field:state"], "{path}");
    }
    assert_eq!(head(&export(&buyer, &[]).await.expect(200)), "lead,state");
    // Other people, and the partner's side, have columns of their own.
    let colleague = app.member(&buyer, Role::Viewer, "Vic", "vic@buyer.example").await;
    assert_eq!(head(&export(&colleague, &[]).await.expect(200)), all);
    let portal = paths::portal_leads_csv(partner);
    assert_eq!(head(&user.post(&portal, &[]).await.expect(200)), format!("{FIXED},email,note,state"));
    let few = user.post(&portal, &[("columns", "chosen"), ("column", "reason")]).await.expect(200);
    assert_eq!(head(&few), "reason");
    assert_eq!(ticked(&user.get(&paths::portal_leads(partner)).await.expect(200)), ["reason"]);
    export(&buyer, &[("columns", "chosen")]).await.expect(422).shows("Choose at least one column.");
    assert_eq!(head(&export(&buyer, &[]).await.expect(200)), "lead,state", "a refused choice is not remembered");
}

#[tokio::test]
async fn the_account_exports_all_leads_or_those_of_a_filter() {
    let (app, buyer, flow, source, partner, user) = with_partner().await;
    let other = buyer.create_flow("Roofing").await;
    let roof = buyer.custom_source(other, "Roof form").await;
    app.submit(flow, source, "email=a@example.com".to_owned(), &[]).await.expect(201);
    app.submit(other, roof, "email=b@example.com".to_owned(), &[]).await.expect(201);
    let (of_flow, of_partner) = (other.to_string(), partner.to_string());
    for (filter, expected) in [
        (&[][..], &["b@example.com", "a@example.com"][..]),
        (&[("flow", of_flow.as_str())], &["b@example.com"]),
        (&[("partner", of_partner.as_str())], &["a@example.com"]),
        (&[("find", "B@Example.com")], &["b@example.com"]),
        (&[("time", "yesterday")], &[]),
    ] {
        let rows = read(&export(&buyer, filter).await.expect(200).body);
        assert_eq!(column(&rows, "email"), expected, "{filter:?}");
    }
    for (name, value) in [("find", "nobody"), ("flow", "x"), ("from", "x"), ("time", "x")] {
        export(&buyer, &[(name, value)]).await.expect(422).shows("The filter could not be read.");
    }
    // The seller's side cannot reach further by a filter.
    let reached =
        user.post(&paths::portal_leads_csv(partner), &[("partner", "0123456789abcdef01234567")]).await.expect(200);
    assert_eq!(column(&read(&reached.body), "email"), ["a@example.com"]);
    let flows_page = buyer.get(&paths::flow_leads(other)).await.expect(200).shows("1 lead, newest first");
    assert!(flows_page.has(&format!("name=\"flow\" value=\"{other}\"")), "the form keeps the flow");
    let stranger = app.stranger().await;
    assert!(!export(&stranger, &[]).await.expect(200).body.contains("example.com"));
    let acting = buyer.account().to_string();
    stranger.post(paths::LEADS_CSV, &[("form", "export"), ("as", &acting)]).await.expect(404);
}

#[tokio::test]
async fn an_export_has_no_maximum_and_finds_leads_behind_many_others() {
    let (app, buyer, flow, source, ..) = with_partner().await;
    app.submit(flow, source, "email=a@example.com".to_owned(), &[]).await.expect(201);
    app.execute(
        "update leads set id = substring(lead_id_at(now() - interval '300 days') for 6) || substring(id from 7), outcome = 'error'",
    )
    .await
    .unwrap();
    app.add_leads(source, Crowd { count: 60_000, ..Crowd::default() }).await;
    let few = [("columns", "chosen"), ("column", "lead")];
    let file = export(&buyer, &few).await.expect(200).body;
    assert_eq!(file.lines().count(), 60_002);
    let rare = [("columns", "chosen"), ("column", "field:email"), ("outcome", "error")];
    assert_eq!(column(&read(&export(&buyer, &rare).await.expect(200).body), "email"), ["a@example.com"]);
    let recorded = app.latest_deed("leads_exported").await.unwrap();
    assert!(recorded.contains("\"or_more\": true"), "{recorded}");
}
