//! Partners in their account: created, changed, archived, deleted, restored.

use crate::support::{
    Actor, Response, TestApp,
    sending::open_source,
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::{Plan, Role},
    base::{PartnerId, paths},
};
use time::Duration;

async fn save(actor: &Actor, partner: PartnerId, version: &str, name: &str, website: &str, notes: &str) -> Response {
    let fields = [("version", version), ("name", name), ("website", website), ("notes", notes)];
    actor.post_as("details", &paths::partner(partner), &fields).await
}

/// Adds a user to a partner, and an open invitation for another one.
async fn add_people(app: &TestApp, of: &Actor, partner: PartnerId) {
    let account = of.account();
    app.execute(&format!(
        "insert into partner_users (account_id, partner_id, user_id, role, created_at)
         select decode('{account}', 'hex'), decode('{partner}', 'hex'), id, 'partner_user', now()
         from users where email_key = '{}'",
        of.email
    ))
    .await
    .unwrap();
    app.execute(&format!(
        "insert into invitations (id, account_id, kind, email, email_key, state, role, partner_id, sent_at, expires_at, created_at)
         values (decode('0123456789abcdef01234567', 'hex'), decode('{account}', 'hex'), 'partner_user', 'eve@acme.example',
                 'eve@acme.example', 'pending', 'partner_user', decode('{partner}', 'hex'), now(), now() + interval '9 days', now())"
    ))
    .await
    .unwrap();
}

#[tokio::test]
async fn a_partner_is_created_and_shown_in_the_list_and_on_its_page() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.get(paths::PARTNERS).await.expect(200).shows("No partners yet").shows("Create partner");
    let page = buyer.get(paths::NEW_PARTNER).await.expect(200);
    for label in ["Partner name", "Website", "Notes", "Create partner"] {
        assert!(page.text().contains(label), "{label}");
    }
    let fields = [("name", " Acme Leads "), ("website", "acme.example"), ("notes", "Pays\r\nlate")];
    let response = buyer.post_as("partner", paths::NEW_PARTNER, &fields).await;
    let page = buyer.get(response.location()).await.expect(200);
    page.clone().shows("Partner created.").shows("Not connected").shows("Invite to Connect");
    assert!(page.has("value=\"https://acme.example\""));
    let [partner] = app.partners().await.try_into().unwrap();
    assert_eq!((partner.name.as_str(), partner.notes.as_str()), ("Acme Leads", "Pays\nlate"));
    assert!(partner.named_by_hand);
    buyer.get(paths::PARTNERS).await.shows("Acme Leads").shows("Not connected");
    assert!(app.deeds(buyer.account()).await.contains(&"partner_created".to_owned()));
}

#[tokio::test]
async fn errors_are_shown_beside_each_field_and_the_input_is_kept() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let notes = "n".repeat(5_001);
    let fields = [("name", " "), ("website", "ftp://acme.example"), ("notes", notes.as_str())];
    let page = buyer.post_as("partner", paths::NEW_PARTNER, &fields).await.expect(422);
    let page = page
        .shows("Enter a name for the partner.")
        .shows("Enter an address like https://example.com.")
        .shows("Use at most 5,000 characters for the notes.");
    assert!(page.has("value=\"ftp://acme.example\"") && page.has(&notes));
    assert!(page.tag_with("id=\"name\"").contains("aria-invalid=\"true\""));
    assert_eq!(app.count("partners").await, 0);
}

#[tokio::test]
async fn partners_can_be_created_with_base_or_pro_and_seen_with_any_plan() {
    let app = TestApp::start().await;
    for plan in [None, Some(Plan::Partners)] {
        let email = format!("{}@free.example", plan.map_or("none", Plan::as_str));
        let admin = app.admin("Fay Free", &email, &email, plan, false).await;
        let list = admin.get(paths::PARTNERS).await.expect(200);
        assert!(!list.text().contains("Create partner"));
        admin.get(paths::NEW_PARTNER).await.expect(403).shows("need LeadConduit Base or Pro");
        let refused = admin.post_as("partner", paths::NEW_PARTNER, &[("name", "Acme")]).await;
        refused.expect(403).shows("need LeadConduit Base or Pro");
    }
    assert_eq!(app.count("partners").await, 0);
}

#[tokio::test]
async fn details_are_saved_and_a_changed_name_stays_when_the_company_is_renamed() {
    let (stage, seller) = Stage::connected().await;
    let partner = stage.app.partners().await[0].id;
    // The acceptance has increased its version.
    let version = version(&stage.buyer, partner).await;
    save(&stage.buyer, partner, &version, "Lead Harbor", "", "Good").await.expect(303);
    assert!(!stage.app.partner(partner).await.named_by_hand, "the name did not change");
    let version = self::version(&stage.buyer, partner).await;
    save(&stage.buyer, partner, &version, "The Harbor", "https://harbor.example", "Good").await.expect(303);
    let after = stage.app.partner(partner).await;
    assert!(after.named_by_hand);
    assert_eq!(after.website.as_deref(), Some("https://harbor.example"));
    let changes = stage.app.changes("partner_changed").await;
    let (before, now) = changes.last().cloned().unwrap();
    assert_eq!(before.unwrap(), serde_json::json!({ "name": "Lead Harbor", "website": null }));
    assert_eq!(now.unwrap(), serde_json::json!({ "name": "The Harbor", "website": "https://harbor.example" }));
    let settings = [("name", "Lead Port"), ("website", ""), ("time_zone", "UTC"), ("invitation_days", "14")];
    seller.post_as("settings", paths::SETTINGS, &settings).await.expect(303);
    assert_eq!(stage.app.partner(partner).await.name, "The Harbor");
}

#[tokio::test]
async fn saving_unchanged_details_records_nothing() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    save(&buyer, partner, "1", " Acme ", "", "").await.expect(303);
    assert_eq!(app.count("partners where version = 1").await, 1);
    assert_eq!(app.changes("partner_changed").await.len(), 0);
}

/// The version in the form with a partner's details.
async fn version(actor: &Actor, partner: PartnerId) -> String {
    let page = actor.get(&paths::partner(partner)).await.expect(200);
    page.tag_with("name=\"version\"").split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_stale_form_is_refused_and_shows_the_current_values_and_the_input() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    let manager = app.member(&buyer, Role::Manager, "Moe Manager", "moe@buyer.example").await;
    save(&manager, partner, "1", "Acme Leads", "", "By Moe").await.expect(303);
    let page = save(&buyer, partner, "1", "Acme Inc.", "", "By Ann").await.expect(409);
    let page = page.shows("Someone saved a newer version.").shows("What you entered").shows("By Ann");
    assert!(page.tag_with("id=\"name\"").contains("value=\"Acme Leads\""));
    assert!(page.tag_with("name=\"version\"").contains("value=\"2\""));
    assert_eq!(app.partner(partner).await.notes, "By Moe");
    save(&buyer, partner, "2", "Acme Inc.", "", "By Ann").await.expect(303);
    assert_eq!(app.partner(partner).await.name, "Acme Inc.");
}

#[tokio::test]
async fn a_viewer_sees_everything_and_is_offered_no_actions() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    let viewer = app.member(&buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
    for path in [paths::PARTNERS.to_owned(), paths::partner(partner), paths::partner_sources(partner)] {
        let page = viewer.get(&path).await.expect(200).shows("Acme");
        for offer in ["Create partner", "Invite to Connect", "Assign sources", "Archive or delete", ">Save<"] {
            assert!(!page.has(offer), "{offer} on {path}");
        }
    }
    let refused = "Your role does not allow this.";
    save(&viewer, partner, "1", "Mine", "", "").await.expect(403).shows(refused);
    viewer.post_as("partner", paths::NEW_PARTNER, &[("name", "Mine")]).await.expect(403).shows(refused);
    viewer.remove_partner(partner).await.expect(403).shows(refused);
    viewer.restore_partner(partner).await.expect(403).shows(refused);
    viewer.connect(partner, SELLER).await.expect(403).shows(refused);
    assert_eq!(app.partner(partner).await.name, "Acme");
}

#[tokio::test]
async fn for_strangers_a_partner_does_not_exist() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let partner = buyer.create_partner("Acme").await;
    let stranger = app.stranger().await;
    for path in [
        paths::partner(partner),
        paths::partner_sources(partner),
        paths::assign_sources(partner),
        paths::connect_partner(partner),
        paths::remove_partner(partner),
    ] {
        stranger.get(&path).await.expect(404);
    }
    save(&stranger, partner, "1", "Mine", "", "").await.expect(404);
    stranger.remove_partner(partner).await.expect(404);
    stranger.connect(partner, SELLER).await.expect(404);
    assert!(!stranger.get(paths::PARTNERS).await.text().contains("Acme"));
    assert_eq!(app.count("partners where version = 1 and archived_at is null").await, 1);
    assert_eq!(app.count("invitations").await, 0);
}

#[tokio::test]
async fn a_partner_without_history_is_deleted_with_its_users_and_its_sources_still_accept_leads() {
    let (app, buyer, flow, source) = open_source().await;
    let partner = buyer.create_partner("Acme").await;
    buyer.assign(partner, &[source]).await.expect(303);
    app.execute(&format!(
        "insert into partner_users (account_id, partner_id, user_id, role, created_at)
         select account_id, decode('{partner}', 'hex'), user_id, 'partner_admin', now() from members"
    ))
    .await
    .unwrap();
    buyer
        .get(&paths::remove_partner(partner))
        .await
        .expect(200)
        .shows("Delete Acme?")
        .shows("1 person loses access immediately.")
        .shows("Its source no longer belongs to a partner but still accepts leads.");
    assert_eq!(buyer.remove_partner(partner).await.location(), paths::PARTNERS);
    buyer.get(paths::PARTNERS).await.shows("Partner deleted.").shows("No partners yet");
    assert_eq!((app.count("partners").await, app.count("partner_users").await), (0, 0));
    assert_eq!(app.partner_of(source).await, None);
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    buyer.get(&paths::partner(partner)).await.expect(404);
    buyer.remove_partner(partner).await.expect(404);
    assert!(app.deeds(buyer.account()).await.contains(&"partner_deleted".to_owned()));
}

#[tokio::test]
async fn a_partner_with_leads_is_archived_its_users_lose_access_and_leads_are_still_accepted() {
    let (app, buyer, flow, source) = open_source().await;
    let partner = buyer.create_partner("Acme").await;
    buyer.assign(partner, &[source]).await.expect(303);
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    add_people(&app, &buyer, partner).await;
    buyer
        .get(&paths::remove_partner(partner))
        .await
        .expect(200)
        .shows("Archive Acme?")
        .shows("1 person loses access immediately.")
        .shows("1 person with an invitation can no longer join.")
        .shows("Its source stays assigned and still accepts leads.");
    let page = buyer.remove_partner(partner).await;
    let page = buyer.get(page.location()).await.shows("Partner archived.").shows("Archived").shows("Restore");
    assert!(!page.text().contains("Invite to Connect"));
    assert_eq!(app.count("invitations where state = 'revoked' and revoked_at is not null").await, 1);
    assert_eq!(app.partner_of(source).await, Some(partner));
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    assert!(!buyer.get(paths::PARTNERS).await.text().contains("Acme"));
    buyer.get("/partners?archived=1").await.expect(200).shows("Acme");
    buyer.get(&paths::assign_sources(partner)).await.expect(409);
    save(&buyer, partner, "2", "Other", "", "").await.expect(409).shows("This partner is archived.");
    let deeds = app.deeds(buyer.account()).await;
    for deed in ["partner_archived", "revoked"] {
        assert!(deeds.contains(&deed.to_owned()), "{deed}");
    }
}

#[tokio::test]
async fn a_restored_partner_has_its_users_and_sources_again() {
    let (app, buyer, flow, source) = open_source().await;
    let partner = buyer.create_partner("Acme").await;
    buyer.assign(partner, &[source]).await.expect(303);
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    add_people(&app, &buyer, partner).await;
    buyer.remove_partner(partner).await.expect(303);
    let response = buyer.restore_partner(partner).await;
    buyer.get(response.location()).await.shows("Partner restored.");
    buyer.restore_partner(partner).await.expect(303);
    let list = buyer.get(paths::PARTNERS).await.expect(200).shows("Acme");
    assert!(!list.text().contains("No partners"));
    buyer.get(&paths::partner_sources(partner)).await.shows("Solar California · Website form");
    assert_eq!(app.count("partner_users").await, 1);
    assert_eq!(app.deeds(buyer.account()).await.iter().filter(|deed| *deed == "partner_restored").count(), 1);
}

#[tokio::test]
async fn a_partner_is_archived_or_deleted_only_as_confirmed() {
    let (app, buyer, flow, source) = open_source().await;
    let partner = buyer.create_partner("Acme").await;
    let path = paths::remove_partner(partner);
    assert!(buyer.get(&path).await.shows("Delete Acme?").tag_with("name=\"gone\"").contains("value=\"delete\""));
    let changed = "Removing this partner now has a different effect.";
    buyer.post_as("remove", &path, &[("gone", "archive")]).await.expect(409).shows(changed).shows("Delete Acme?");
    buyer.assign(partner, &[source]).await.expect(303);
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    for confirmed in [&[("gone", "delete")][..], &[("gone", "nonsense")], &[]] {
        let page = buyer.post_as("remove", &path, confirmed).await.expect(409);
        let page = page.shows(changed).shows("Archive Acme?");
        assert!(page.tag_with("name=\"gone\"").contains("value=\"archive\""));
    }
    assert_eq!(app.count("partners where archived_at is null").await, 1);
    buyer.post_as("remove", &path, &[("gone", "archive")]).await.expect(303);
    assert!(app.partner(partner).await.archived);
}

#[tokio::test]
async fn a_partner_is_archived_if_a_source_that_left_it_has_leads() {
    let (app, buyer, flow, _) = open_source().await;
    let other = buyer.create_partner("Other").await;
    for (way, has_leads) in [("removed", true), ("unassigned", true), ("moved", true), ("silent", false)] {
        let partner = buyer.create_partner(way).await;
        let source = buyer.custom_source(flow, way).await;
        buyer.assign(partner, &[source]).await.expect(303);
        if has_leads {
            app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
        }
        let left = match way {
            "unassigned" => buyer.unassign(partner, &[source]).await,
            "moved" => buyer.move_sources(other, &[source], &[(source, partner)]).await,
            _ => buyer.post_as("remove", &paths::remove_source(flow, source), &[]).await,
        };
        left.expect(303);
        let word = if has_leads { "Archive" } else { "Delete" };
        buyer.get(&paths::remove_partner(partner)).await.expect(200).shows(&format!("{word} {way}?"));
        buyer.remove_partner(partner).await.expect(303);
        let kept = app.partners().await.into_iter().find(|one| one.id == partner);
        assert_eq!(kept.map(|one| one.archived), has_leads.then_some(true), "{way}");
    }
}

#[tokio::test]
async fn a_partner_whose_leads_are_no_longer_kept_is_archived() {
    let (app, buyer, flow, _) = open_source().await;
    for leaves in [false, true] {
        let name = if leaves { "Former" } else { "Acme" };
        let partner = buyer.create_partner(name).await;
        let source = buyer.custom_source(flow, name).await;
        buyer.assign(partner, &[source]).await.expect(303);
        app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
        app.execute("delete from leads").await.unwrap();
        if leaves {
            buyer.unassign(partner, &[source]).await.expect(303);
        }
        buyer.get(&paths::remove_partner(partner)).await.expect(200).shows(&format!("Archive {name}?"));
        buyer.remove_partner(partner).await.expect(303);
        assert!(app.partner(partner).await.archived, "{name}");
    }
}

#[tokio::test]
async fn a_partner_that_was_ever_invited_or_linked_is_archived() {
    let stage = Stage::pending().await;
    let invited = stage.app.partners().await[0].id;
    stage.buyer.revoke(stage.invitation().await).await.expect(303);
    stage.buyer.get(&paths::remove_partner(invited)).await.expect(200).shows(&format!("Archive {SELLER}?"));
    stage.buyer.remove_partner(invited).await.expect(303);
    assert!(stage.app.partner(invited).await.archived);
    let (stage, _seller) = Stage::connected().await;
    let linked = stage.app.partners().await[0].id;
    stage.buyer.remove_partner(linked).await.expect(303);
    assert!(stage.app.partner(linked).await.archived);
}

#[tokio::test]
async fn an_open_connection_invitation_survives_archiving_and_its_acceptance_restores_the_partner() {
    let stage = Stage::pending().await;
    let partner = stage.app.partners().await[0].id;
    stage.buyer.remove_partner(partner).await.expect(303);
    assert_eq!(stage.app.count("invitations where state = 'pending'").await, 1);
    stage.app.advance(Duration::hours(1));
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    let after = stage.app.partner(partner).await;
    assert!(!after.archived);
    assert_eq!((after.name.as_str(), after.linked_account_id), ("Lead Harbor", seller.account));
    stage.buyer.get(&paths::partner(partner)).await.expect(200).shows("Connected").shows("Lead Harbor");
}

#[tokio::test]
async fn concurrent_removal_and_assignment_leave_no_source_with_a_deleted_partner() {
    let (app, buyer, _, source) = open_source().await;
    let wanted = [source];
    for round in 0..8 {
        let partner = buyer.create_partner(&format!("Acme {round}")).await;
        let (removed, assigned) = tokio::join!(buyer.remove_partner(partner), buyer.assign(partner, &wanted));
        removed.expect(303);
        assert!([303, 404].contains(&assigned.status.as_u16()), "{}", assigned.status);
        assert_eq!(app.partner_of(source).await, None);
    }
    assert_eq!(app.count("partners").await, 0);
}
