//! The pages for connections and sources.

use crate::support::{TestApp, stage::Stage};
use accord::base::paths;

#[tokio::test]
async fn both_sides_see_the_connection_with_its_direction_and_flows() {
    let (stage, seller) = Stage::connected().await;
    let listed = stage.buyer.get(paths::CONNECTIONS).await.expect(200);
    let row = listed.row_with("Lead Harbor");
    assert!(row.contains("sells to you") && row.contains("Connected") && row.contains("Solar California"), "{row}");
    assert!(listed.has(&paths::flow_sources(stage.flow)));
    assert!(listed.has(&paths::partner(stage.partner().await)));
    let listed = seller.get(paths::CONNECTIONS).await.expect(200);
    let row = listed.row_with("Bright Solar");
    assert!(row.contains("buys from you") && row.contains("Solar California"), "{row}");
    assert!(listed.has(&stage.docs()), "the seller gets a link to the docs");
}

#[tokio::test]
async fn the_disconnect_page_says_what_will_happen_or_that_it_already_did() {
    let (stage, seller) = Stage::connected().await;
    let page = paths::disconnect(stage.app.connection().await);
    let asked = stage.buyer.get(&page).await.expect(200);
    asked.clone().shows("Lead Harbor loses access to 1 flow.").shows("We'll email the Admins of Lead Harbor.");
    asked.shows("either of you can invite the other. After acceptance, the sources turned off now are turned back on.");
    seller.get(&page).await.expect(200).shows("You lose access to 1 flow of Bright Solar.");
    assert!(stage.buyer.get(&paths::partner(stage.partner().await)).await.expect(200).has(&page));
    assert_eq!(
        stage.app.count("connections where disconnected_at is null").await,
        1,
        "opening the page changes nothing"
    );
    seller.disconnect(stage.app.connection().await).await.expect(303);
    stage.buyer.get(&page).await.expect(200).shows("This connection already ended on");
}

#[tokio::test]
async fn former_connections_stay_listed_and_offer_to_invite_again() {
    let (stage, seller) = Stage::connected().await;
    seller.disconnect(stage.app.connection().await).await.expect(303);
    stage.buyer.get(paths::CONNECTIONS).await.expect(200).shows("No connections yet");
    let former = format!("{}?former=1", paths::CONNECTIONS);
    let listed = stage.buyer.get(&former).await.expect(200);
    let row = listed.row_with("Lead Harbor");
    assert!(row.contains("Disconnected since") && row.contains("Invite to Connect"), "{row}");
    assert!(listed.has(&paths::connect_partner(stage.partner().await)));
    let row = seller.get(&former).await.expect(200).row_with("Bright Solar");
    assert!(row.contains("Invite again") && !row.contains("Solar California"), "{row}");
}

#[tokio::test]
async fn after_a_disconnect_the_other_company_keeps_the_name_it_had_then() {
    let (stage, seller) = Stage::connected().await;
    seller.disconnect(stage.app.connection().await).await.expect(303);
    stage.app.execute("update accounts set name = 'Secret Harbor' where name = 'Lead Harbor'").await.unwrap();
    let former = stage.buyer.get(&format!("{}?former=1", paths::CONNECTIONS)).await.expect(200);
    former.row_with("Lead Harbor");
    assert!(!former.body.contains("Secret Harbor"));
}

#[tokio::test]
async fn all_sources_of_the_account_are_listed_with_tag_flows_and_invitation() {
    let (stage, _seller) = Stage::connected().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    buyer.custom_source(stage.flow, "Website form").await;
    buyer.invite(stage.flow, "later@seller.example", "").await.expect(303);
    let listed = buyer.get(paths::SOURCES).await.expect(200);
    let row = listed.row_with("Lead Harbor");
    assert!(row.contains("Account Source") && row.contains("Solar California"), "{row}");
    let row = listed.row_with("Website form");
    assert!(row.contains("Custom Source") && row.contains(" 1 "), "{row}");
    let row = listed.row_with("later@seller.example");
    assert!(row.contains("Account Source (Connection Pending)") && row.contains("See the invitation"), "{row}");
    assert!(listed.row_with("Facebook").contains("Standard Source"));
    assert!(listed.has(">Invite Partner<") || listed.text().contains("Invite Partner"));
    let found = buyer.get(&format!("{}?search=WEBSITE", paths::SOURCES)).await.expect(200);
    assert!(found.text().contains("Website form") && !found.text().contains("Facebook"));
    buyer.get(&format!("{}?search=nothing", paths::SOURCES)).await.expect(200).shows("No sources match “nothing”");
    buyer.disconnect(app.connection().await).await.expect(303);
    let row = buyer.get(paths::SOURCES).await.expect(200).row_with("Lead Harbor");
    assert!(row.contains("Account Source (Disconnected)"), "{row}");
}

#[tokio::test]
async fn sources_are_listed_fifty_per_page() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let many = format!(
        "insert into entities (id, account_id, kind, name, source, created_at, updated_at)
         select decode('e9' || lpad(to_hex(n), 22, '0'), 'hex'), '\\x{}', 'custom', 'Form ' || lpad(n::text, 3, '0'), 'form', now(), now()
         from generate_series(1, 60) n",
        buyer.account()
    );
    app.execute(&many).await.unwrap();
    let first = buyer.get(&format!("{}?search=form", paths::SOURCES)).await.expect(200);
    assert!(first.text().contains("Form 050") && !first.text().contains("Form 051"));
    assert!(first.has("/sources?search=form&amp;page=2"));
    let second = buyer.get(&format!("{}?search=form&page=2", paths::SOURCES)).await.expect(200);
    assert!(second.text().contains("Form 060") && !second.text().contains("Form 050"));
}
