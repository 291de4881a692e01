//! The portal: what a partner's users and the connected account see of one partner, and nobody else.

use crate::support::{Actor, Response, TestApp, sending::open_source, stage::Stage};
use accord::{
    accounts::model::Role,
    base::{FlowId, PartnerId, SourceId, paths},
    partners::model::PartnerRole,
};
use time::Duration;

fn pages(partner: PartnerId) -> [String; 5] {
    [
        paths::portal(partner),
        format!("{}?days=7", paths::portal(partner)),
        paths::portal_leads(partner),
        paths::portal_docs(partner),
        paths::portal_profile(partner),
    ]
}

async fn assert_all(who: &Actor, partner: PartnerId, status: u16) {
    for path in pages(partner).into_iter().chain([paths::performance_csv(partner, 30)]) {
        assert_eq!(who.get(&path).await.status.as_u16(), status, "{} at {path}", who.name);
    }
}

/// A custom source of an unconnected partner, and one of the partner's Admins.
struct UnconnectedPartner {
    app: TestApp,
    buyer: Actor,
    flow: FlowId,
    source: SourceId,
    partner: PartnerId,
    admin: Actor,
}

impl UnconnectedPartner {
    async fn new() -> Self {
        let (app, buyer, flow, source) = open_source().await;
        let partner = app.make_partner(&buyer, "Harbor Media").await;
        app.assign(source, Some(partner)).await;
        let admin = app.partner_user(partner, PartnerRole::PartnerAdmin, "Pat Admin", "pat@harbor.example").await;
        Self { app, buyer, flow, source, partner, admin }
    }

    async fn user(&self) -> Actor {
        self.app.partner_user(self.partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await
    }

    /// Another source of the same flow, for another partner.
    async fn rival(&self) -> (SourceId, PartnerId) {
        self.buyer.post_as("custom", &paths::custom_source(self.flow), &[("name", "Rival form")]).await.expect(303);
        let rows = self.buyer.sources(self.flow).await;
        let source = rows.iter().find(|row| row.name == "Rival form").unwrap().id;
        let partner = self.app.make_partner(&self.buyer, "Rival Media").await;
        self.app.assign(source, Some(partner)).await;
        (source, partner)
    }
}

#[tokio::test]
async fn only_the_partners_users_and_the_connected_account_see_the_portal() {
    let (stage, seller) = Stage::connected().await;
    let (app, partner) = (&stage.app, stage.partner().await);
    let viewer = app.member(&seller, Role::Viewer, "Val Viewer", "val@seller.example").await;
    let admin = app.partner_user(partner, PartnerRole::PartnerAdmin, "Pat Admin", "pat@harbor.example").await;
    let user = app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    for who in [&seller, &viewer, &admin, &user] {
        assert_all(who, partner, 200).await;
    }
    let other = app.make_partner(&stage.buyer, "Rival Media").await;
    let rival = app.partner_user(other, PartnerRole::PartnerAdmin, "Ria Rival", "ria@rival.example").await;
    for who in [&stage.buyer, &app.stranger().await, &rival] {
        assert_all(who, partner, 404).await;
    }
    assert_all(&rival, other, 200).await;
    for who in [&seller, &admin, &user] {
        assert_all(who, other, 404).await;
    }
    let nobody = app.visitor("Nobody", "", "");
    let sent = nobody.get(&paths::portal_leads(partner)).await;
    assert!(sent.header("location").starts_with("/signin?next="), "{}", sent.header("location"));
    assert!(nobody.get(&paths::performance_csv(partner, 30)).await.location().starts_with("/signin?next="));
}

#[tokio::test]
async fn only_partner_admins_see_the_tabs_for_managing_users() {
    let (stage, seller) = Stage::connected().await;
    let (app, partner) = (&stage.app, stage.partner().await);
    let admin = app.partner_user(partner, PartnerRole::PartnerAdmin, "Pat Admin", "pat@harbor.example").await;
    let user = app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    let has_users = |page: &Response| page.has(&format!("href=\"{}\"", paths::portal_users(partner)));
    assert!(has_users(&admin.get(&paths::portal(partner)).await.expect(200)));
    for who in [&user, &seller] {
        assert!(!has_users(&who.get(&paths::portal(partner)).await.expect(200)), "{}", who.name);
    }
}

#[tokio::test]
async fn a_removed_user_loses_access_with_the_next_request() {
    let stage = UnconnectedPartner::new().await;
    assert_all(&stage.admin, stage.partner, 200).await;
    stage.app.execute("delete from partner_users").await.unwrap();
    assert_all(&stage.admin, stage.partner, 404).await;
    stage.admin.get(&paths::source_docs(stage.flow, stage.source)).await.expect(404);
}

#[tokio::test]
async fn an_archived_partner_has_no_portal() {
    let (stage, seller) = Stage::connected().await;
    let partner = stage.partner().await;
    let user = stage.app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    stage.app.execute("update partners set archived_at = now()").await.unwrap();
    assert_all(&user, partner, 404).await;
    assert_all(&seller, partner, 404).await;
    let buyers = seller.get(paths::BUYERS).await.expect(200).shows("Bright Solar");
    assert!(!buyers.has("/portal/"));
}

#[tokio::test]
async fn the_connected_account_loses_the_portal_when_the_connection_ends() {
    let (stage, seller) = Stage::connected().await;
    let partner = stage.partner().await;
    let user = stage.app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    assert_all(&seller, partner, 404).await;
    assert_all(&user, partner, 200).await;
    assert!(!seller.get(paths::BUYERS).await.expect(200).text().contains("Bright Solar"));
}

#[tokio::test]
async fn each_buyer_in_the_list_links_to_its_portal() {
    let (stage, seller) = Stage::connected().await;
    let portal = paths::portal(stage.partner().await);
    let link = format!("href=\"{portal}\"");
    assert!(seller.get(paths::BUYERS).await.expect(200).shows("Bright Solar").has(&link));
    assert!(seller.get("/").await.expect(200).has(&link));
    let page = seller.get(&portal).await.expect(200).shows("Partner of Bright Solar.");
    assert!(page.tag_with("href=\"/buyers\"").contains("aria-current"), "{}", page.tag_with("href=\"/buyers\""));
    stage.buyer.get(paths::BUYERS).await.expect(200).shows("No buyers yet");
}

#[tokio::test]
async fn the_portal_shows_nothing_of_other_partners_or_of_the_buyers_private_data() {
    let stage = UnconnectedPartner::new().await;
    let (rival_source, rival) = stage.rival().await;
    let send = |source, email: &'static str| {
        stage.app.submit(stage.flow, source, format!("first_name=Lea&email={email}"), &[])
    };
    send(stage.source, "mine@example.com").await.expect(201);
    send(rival_source, "theirs@example.com").await.expect(201);
    for path in pages(stage.partner) {
        let page = stage.admin.get(&path).await.expect(200);
        for secret in ["Rival", "theirs@example.com", "Pays late.", &rival.to_string(), &rival_source.to_string()] {
            assert!(!page.body.contains(secret), "{secret} at {path}");
        }
    }
    let mine = stage.admin.get(&paths::portal_leads(stage.partner)).await.expect(200);
    assert!(mine.text().contains("mine@example.com"));
    let asked = format!("{}?source={rival_source}", paths::portal_leads(stage.partner));
    let asked = stage.admin.get(&asked).await.expect(200);
    assert!(!asked.text().contains("theirs@example.com") && !asked.text().contains("mine@example.com"));
    stage.admin.get(&paths::source_docs(stage.flow, rival_source)).await.expect(404);
    stage.admin.get(&paths::flow_sources(stage.flow)).await.expect(404);
    stage.admin.get(&paths::source_performance(stage.flow, stage.source)).await.expect(404);
}

#[tokio::test]
async fn a_moved_source_takes_its_leads_and_docs_along() {
    let stage = UnconnectedPartner::new().await;
    stage.app.submit(stage.flow, stage.source, "email=mine@example.com".to_owned(), &[]).await.expect(201);
    let (_, rival) = stage.rival().await;
    let ria = stage.app.partner_user(rival, PartnerRole::PartnerUser, "Ria Rival", "ria@rival.example").await;
    stage.app.assign(stage.source, Some(rival)).await;
    ria.get(&paths::portal_leads(rival)).await.expect(200).shows("mine@example.com");
    ria.get(&paths::source_docs(stage.flow, stage.source)).await.expect(200);
    let left = stage.admin.get(&paths::portal_leads(stage.partner)).await.expect(200);
    assert!(!left.text().contains("mine@example.com"));
    stage.admin.get(&paths::source_docs(stage.flow, stage.source)).await.expect(404);
}

#[tokio::test]
async fn leads_are_shown_as_submitted_and_filtered_by_query_parameters() {
    let (stage, seller) = Stage::connected().await;
    let partner = stage.partner().await;
    stage.lead(&[("st", "CA"), ("email", "first@example.com"), ("campaign", "spring")]).await.expect(201);
    stage.lead(&[("st", "NV"), ("email", "second@example.com")]).await.expect(201);
    stage.lead(&[("st", "CA"), ("email", "third@example.com"), ("test", "true")]).await.expect(201);
    let all = seller.get(&paths::portal_leads(partner)).await.expect(200);
    for part in ["campaignspring", "stNV", "State is not equal to CA", "Accepted Test", "Solar California"] {
        assert!(all.text().contains(part), "{part}: {}", all.text());
    }
    let source = stage.source.to_string();
    for (query, expected) in [
        ("", [true, true, true]),
        ("?outcome=success", [true, false, true]),
        ("?outcome=failure", [false, true, false]),
        ("?outcome=error", [false, false, false]),
        ("?test=only", [false, false, true]),
        ("?test=without", [true, true, false]),
        (&format!("?source={source}&outcome=success&test=without"), [true, false, false]),
        ("?source=0123456789abcdef01234567", [false, false, false]),
        ("?outcome=nonsense&test=x&source=y&before=z", [true, true, true]),
    ] {
        let page = seller.get(&format!("{}{query}", paths::portal_leads(partner))).await.expect(200);
        let shown = ["first", "second", "third"].map(|name| page.text().contains(&format!("{name}@example.com")));
        assert_eq!(shown, expected, "{query}");
    }
}

#[tokio::test]
async fn a_filter_is_kept_across_pages() {
    let stage = UnconnectedPartner::new().await;
    for number in 0..52 {
        let test = number == 51;
        let body = format!("first_name=number-{number:02}&test={test}");
        stage.app.submit(stage.flow, stage.source, body, &[]).await.expect(201);
    }
    let path = format!("{}?test=without", paths::portal_leads(stage.partner));
    let first = stage.admin.get(&path).await.expect(200);
    assert!(!first.text().contains("number-51") && first.text().contains("number-50"));
    let next = first.body.split("href=\"").find(|link| link.contains("before=")).unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let second = stage.admin.get(&next).await.expect(200);
    assert!(second.text().contains("number-00") && !second.text().contains("number-01"), "{next}");
}

#[tokio::test]
async fn docs_are_listed_with_their_credentials_and_can_be_read_from_the_portal() {
    let stage = UnconnectedPartner::new().await;
    let list = stage.admin.get(&paths::portal_docs(stage.partner)).await.expect(200).shows("Solar California");
    assert!(list.text().contains("On") && !list.text().contains("acs_"));
    sqlx::query(
        "insert into source_credentials (id, account_id, source_id, prefix, secret_hash, created_at)
         select id, account_id, id, 'acs_1a2b', sha256('secret'), now() from flow_sources",
    )
    .execute(&stage.app.state.pool)
    .await
    .unwrap();
    let list = stage.admin.get(&paths::portal_docs(stage.partner)).await.expect(200);
    assert!(list.text().contains("acs_1a2b…just nownever"), "{}", list.text());
    let docs = paths::source_docs(stage.flow, stage.source);
    assert!(list.has(&docs));
    let page = stage.user().await.get(&docs).await.expect(200);
    for part in [paths::portal(stage.partner), paths::portal_docs(stage.partner)] {
        assert!(page.has(&format!("href=\"{part}\"")), "{part}");
    }
    assert!(!page.has("href=\"/flows"), "no links to the buyer's flow");
    let buyers = stage.buyer.get(&docs).await.expect(200);
    assert!(buyers.has(&paths::flow_sources(stage.flow)) && !buyers.has("/portal/"));
    stage.app.execute("update flows set archived_at = now()").await.unwrap();
    stage.admin.get(&docs).await.expect(404);
    assert!(!stage.admin.get(&paths::portal_docs(stage.partner)).await.expect(200).has(&docs));
}

#[tokio::test]
async fn a_name_set_in_the_profile_survives_renaming_the_company() {
    let (stage, seller) = Stage::connected().await;
    let partner = stage.partner().await;
    let path = paths::portal_profile(partner);
    let form = |version: &'static str, name: &'static str| {
        [("form", "profile"), ("version", version), ("name", name), ("website", "harbor.example")]
    };
    let version = |page: &Response| page.tag_with("name=\"version\"").to_owned();
    let page = seller.get(&path).await.expect(200).shows("Bright Solar").shows("Partner since");
    assert!(version(&page).contains("value=\"2\""), "{}", version(&page));
    seller.post(&path, &form("2", "Harbor Leads")).await.expect(303);
    let page = seller.get(&path).await.expect(200);
    assert!(page.has("value=\"Harbor Leads\"") && page.has("value=\"https://harbor.example\""));
    assert_eq!(stage.app.count("partners where named_by_hand and version = 3").await, 1);
    assert!(stage.app.latest_deed("partner_changed").await.unwrap().contains("Harbor Leads"));
    let (before, after) = stage.app.changes("partner_changed").await.remove(0);
    assert!(
        before.unwrap().get("notes").is_none() && after.unwrap().get("notes").is_none(),
        "the buyer's notes are not included"
    );
    let stale = seller.post(&path, &form("2", "Too late")).await.expect(409).shows("Someone saved a newer version.");
    assert!(stale.has("value=\"Harbor Leads\"") && version(&stale).contains("value=\"3\""));
    let same = seller.post(&path, &form("3", "Harbor Leads")).await;
    assert_eq!(same.location(), path);
    assert_eq!(stage.app.count("activity where deed = 'partner_changed'").await, 1);
    let refused = [("form", "profile"), ("version", "3"), ("name", " "), ("website", "javascript:alert(1)")];
    let refused = seller.post(&path, &refused).await.expect(422).shows("Enter a name for the partner.");
    assert!(refused.text().contains("Enter an address like https://example.com."), "{}", refused.text());
    assert!(refused.has("value=\"javascript:alert(1)\""));
    seller
        .post_as(
            "settings",
            paths::SETTINGS,
            &[("name", "Harbor Group"), ("time_zone", "UTC"), ("invitation_days", "14")],
        )
        .await
        .expect(303);
    assert_eq!(stage.app.count("partners where name = 'Harbor Leads'").await, 1);
}

#[tokio::test]
async fn a_corrected_profile_form_keeps_its_original_version() {
    let (stage, seller) = Stage::connected().await;
    let path = paths::portal_profile(stage.partner().await);
    let form = |name| [("form", "profile"), ("version", "2"), ("name", name), ("website", "")];
    seller.post(&path, &form("Harbor Leads")).await.expect(303);
    let refused = seller.post(&path, &form(" ")).await.expect(422);
    assert!(refused.tag_with("name=\"version\"").contains("value=\"2\""));
    let stale = seller.post(&path, &form("Mine")).await.expect(409).shows("Someone saved a newer version.");
    assert!(stale.has("value=\"Harbor Leads\"") && stale.tag_with("name=\"version\"").contains("value=\"3\""));
}

#[tokio::test]
async fn everyone_can_read_the_profile_and_only_those_permitted_can_change_it() {
    let (stage, seller) = Stage::connected().await;
    let (app, partner) = (&stage.app, stage.partner().await);
    let path = paths::portal_profile(partner);
    let admin = app.partner_user(partner, PartnerRole::PartnerAdmin, "Pat Admin", "pat@harbor.example").await;
    let user = app.partner_user(partner, PartnerRole::PartnerUser, "Uma User", "uma@harbor.example").await;
    let viewer = app.member(&seller, Role::Viewer, "Val Viewer", "val@seller.example").await;
    let manager = app.member(&seller, Role::Manager, "Mo Manager", "mo@seller.example").await;
    let form = [("form", "profile"), ("version", "2"), ("name", "Lead Harbor"), ("website", "")];
    for who in [&admin, &manager, &seller] {
        assert!(who.get(&path).await.expect(200).text().contains("Save profile"), "{}", who.name);
        who.post(&path, &form).await.expect(303);
    }
    for who in [&user, &viewer] {
        let page = who.get(&path).await.expect(200).shows("Lead Harbor");
        assert!(!page.text().contains("Save profile"), "{}", who.name);
        who.post(&path, &form).await.expect(403).shows("Your role does not allow this.");
    }
    for who in [&stage.buyer, &app.stranger().await] {
        who.post(&path, &form).await.expect(404);
    }
    assert_eq!(app.count("partners where version = 2").await, 1);
}

#[tokio::test]
async fn a_users_visit_is_recorded_at_most_every_five_minutes() {
    let stage = UnconnectedPartner::new().await;
    let seen = async || -> Option<time::OffsetDateTime> {
        let seen = sqlx::query_scalar("select last_seen_at from partner_users");
        seen.fetch_one(&stage.app.state.pool).await.unwrap()
    };
    assert_eq!(seen().await, None);
    stage.admin.get(&paths::portal_docs(stage.partner)).await.expect(200);
    let first = seen().await.unwrap();
    stage.app.advance(Duration::minutes(4));
    stage.admin.get(&paths::portal(stage.partner)).await.expect(200);
    assert_eq!(seen().await, Some(first));
    stage.app.advance(Duration::minutes(2));
    stage.admin.get(&paths::source_docs(stage.flow, stage.source)).await.expect(200);
    assert!(seen().await.unwrap() > first + Duration::minutes(5));
}
