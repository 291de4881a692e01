//! Source credentials: who may create and rotate them, shown once, never stored in clear.

use crate::support::{Actor, credentials::shown_secret, log::logged, sending::open_source, stage::Stage};
use accord::{accounts::model::Role, base::SecretHash, partners::model::PartnerRole};
use futures::future::{join, join_all};
use time::Duration;

const FORMER_IS_VALID: &str = "The old secret still works.";

#[tokio::test]
async fn a_secret_is_shown_once_in_an_uncacheable_response_and_stored_as_its_hash() {
    let (stage, _) = Stage::connected().await;
    stage.buyer.get(&stage.tab()).await.expect(200).shows("No credential yet.");
    let response = stage.buyer.post_as("create-credential", &stage.tab(), &[]).await.expect(200);
    assert_eq!(response.header("cache-control"), "no-store");
    let secret = shown_secret(&response);
    assert!(secret.len() == 4 + 48 && secret[4..].chars().all(|c| c.is_ascii_hexdigit()), "192 random bits");
    response.shows("Copy the secret now. You won't see it again.").shows("Credential created.");
    let stored: (Vec<u8>, String) = sqlx::query_as("select secret_hash, prefix from source_credentials")
        .fetch_one(&stage.app.state.pool)
        .await
        .unwrap();
    assert_eq!(stored, (SecretHash::of(secret.as_bytes()).bytes().to_vec(), secret[..12].to_owned()));
    assert_eq!(stage.app.columns_holding(&secret).await, [""; 0]);
    assert_eq!(stage.app.columns_holding(&secret[12..]).await, [""; 0]);
    for page in [stage.tab(), stage.docs()] {
        let later = stage.buyer.get(&page).await.expect(200).shows(&format!("{}…", &secret[..12])).shows("never");
        assert!(!later.has(&secret), "{page}");
    }
    assert!(stage.app.deeds(stage.buyer.account()).await.contains(&"credential_made".to_owned()));
}

#[tokio::test]
async fn a_second_credential_is_refused_and_a_reload_replays_nothing() {
    let (stage, _) = Stage::connected().await;
    stage.make_credential().await;
    let again = stage.buyer.post_as("create-credential", &stage.tab(), &[]).await.expect(409);
    assert!(!again.has("data-copy=\"src_"));
    again.shows("This source already has a credential.");
    let first = stage.current_credential().await;
    let secret = stage.rotate("keep").await;
    let fields = [("credential", first.as_str()), ("former", "keep"), ("secret", "src_made_up"), ("made", &first)];
    let reloaded = stage.buyer.post_as("rotate-credential", &stage.tab(), &fields).await.expect(409);
    assert!(!reloaded.has(&secret) && !reloaded.has("src_made_up"));
    reloaded.shows("The credential was rotated in the meantime.");
    assert_eq!(stage.app.count("source_credentials").await, 2);
}

#[tokio::test]
async fn a_rotated_secret_stays_valid_for_24_hours() {
    let (stage, _) = Stage::connected().await;
    stage.require("on").await;
    let old = stage.make_credential().await;
    stage.lead_as("source", &old).await.expect(201);
    let new = stage.rotate("keep").await;
    stage.buyer.get(&stage.tab()).await.expect(200).shows(FORMER_IS_VALID).shows(&old[..12]).shows(&new[..12]);
    stage.app.advance(Duration::hours(24) - Duration::minutes(1));
    for secret in [&old, &new] {
        stage.lead_as("source", secret).await.expect(201);
    }
    stage.app.advance(Duration::minutes(1));
    stage.lead_as("source", &old).await.expect(401);
    stage.lead_as("source", &new).await.expect(201);
    assert!(!stage.buyer.get(&stage.tab()).await.text().contains(FORMER_IS_VALID));
}

#[tokio::test]
async fn the_old_secret_can_be_ended_immediately_on_rotation_or_later() {
    let (stage, _) = Stage::connected().await;
    stage.require("on").await;
    let first = stage.make_credential().await;
    let second = stage.rotate("end").await;
    stage.lead_as("source", &first).await.expect(401);
    stage.lead_as("source", &second).await.expect(201);
    let third = stage.rotate("keep").await;
    stage.lead_as("source", &second).await.expect(201);
    let former = stage.app.credential(stage.source, "ends_at > now()").await;
    for _ in 0..2 {
        stage.buyer.post_as("end-credential", &stage.tab(), &[("credential", &former)]).await.expect(303);
    }
    stage.lead_as("source", &second).await.expect(401);
    stage.lead_as("source", &third).await.expect(201);
    let current = stage.current_credential().await;
    stage.buyer.post_as("end-credential", &stage.tab(), &[("credential", &current)]).await.expect(303);
    stage.lead_as("source", &third).await.expect(201);
    let ended = stage.app.deeds(stage.buyer.account()).await;
    assert_eq!(
        ended.iter().filter(|deed| *deed == "credential_ended").count(),
        1,
        "ending it a second time is not recorded"
    );
}

#[tokio::test]
async fn at_most_one_former_secret_is_valid() {
    let (stage, _) = Stage::connected().await;
    stage.require("on").await;
    let first = stage.make_credential().await;
    let second = stage.rotate("keep").await;
    let third = stage.rotate("keep").await;
    stage.lead_as("source", &first).await.expect(401);
    for secret in [&second, &third] {
        stage.lead_as("source", secret).await.expect(201);
    }
}

#[tokio::test]
async fn one_of_two_concurrent_rotations_wins_and_the_other_sees_what_happened() {
    let (stage, _) = Stage::connected().await;
    stage.require("on").await;
    let first = stage.make_credential().await;
    let current = stage.current_credential().await;
    let rotate = async |former: &str| {
        let fields = [("credential", current.as_str()), ("former", former)];
        stage.buyer.post_as("rotate-credential", &stage.tab(), &fields).await
    };
    let (a, b) = join(rotate("keep"), rotate("keep")).await;
    let (won, lost) = if a.status == 200 { (a, b) } else { (b, a) };
    let secret = shown_secret(&won);
    assert!(!lost.has("data-copy=\"src_"));
    lost.expect(409).shows(&secret[..12]);
    for secret in [&first, &secret] {
        stage.lead_as("source", secret).await.expect(201);
    }
    assert_eq!(stage.app.count("source_credentials where ends_at is null").await, 1);
}

#[tokio::test]
async fn only_one_of_eight_concurrent_first_credentials_is_created() {
    let (stage, _) = Stage::connected().await;
    let tab = stage.tab();
    let made = join_all((0..8).map(|_| stage.buyer.post_as("create-credential", &tab, &[]))).await;
    let mut statuses: Vec<_> = made.iter().map(|response| response.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(stage.app.count("source_credentials").await, 1);
}

#[tokio::test]
async fn requiring_authentication_without_a_credential_says_who_can_send() {
    let (app, buyer, flow, source) = open_source().await;
    let tab = accord::base::paths::source_authentication(flow, source);
    let post = async |on: &str| buyer.post_as("authentication", &tab, &[("require", on)]).await.expect(303);
    for _ in 0..2 {
        post("on").await;
    }
    buyer.get(&tab).await.expect(200).shows("No one can send leads until you create a credential.");
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(401);
    post("off").await;
    app.submit(flow, source, "state=CA".to_owned(), &[]).await.expect(201);
    let deeds = app.deeds(buyer.account()).await;
    assert_eq!(deeds.iter().filter(|deed| *deed == "authentication_changed").count(), 2);
    let (stage, _) = Stage::connected().await;
    stage.require("on").await;
    let sentence = "Until you create a credential, only API keys of Lead Harbor can send leads.";
    stage.buyer.get(&stage.tab()).await.expect(200).shows(sentence);
}

/// Posts one of the credential forms on the docs page.
async fn act(who: &Actor, stage: &Stage, form: &str) -> crate::support::Response {
    let current = stage.app.credential(stage.source, "ends_at is null").await;
    who.post(&stage.docs(), &[("form", form), ("credential", &current), ("former", "keep")]).await
}

#[tokio::test]
async fn those_who_may_rotate_do_so_on_the_docs_and_the_others_see_prefix_and_last_use() {
    let (stage, seller) = Stage::connected().await;
    let secret = stage.make_credential().await;
    let boss = stage.partner_user(PartnerRole::PartnerAdmin, "Pia", "pia@partner.example").await;
    let user = stage.partner_user(PartnerRole::PartnerUser, "Uli", "uli@partner.example").await;
    let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Vic", "vic@buyer.example").await;
    let reader = stage.app.member(&seller, Role::Viewer, "Rae", "rae@seller.example").await;
    for who in [&user, &viewer, &reader] {
        let page = who.get(&stage.docs()).await.expect(200).shows(&format!("{}…", &secret[..12]));
        assert!(!page.text().contains("Rotate credential") && !page.text().contains("End now"), "{}", who.name);
        for form in ["create-credential", "rotate-credential", "end-credential"] {
            let refused = act(who, &stage, form).await.expect(403);
            assert!(!refused.has("data-copy=\"src_"));
            refused.shows("Your role does not allow this.");
        }
    }
    assert_eq!(stage.app.count("source_credentials").await, 1);
    let mut secrets = vec![secret];
    for who in [&boss, &seller, &stage.buyer] {
        who.get(&stage.docs()).await.expect(200).shows("Rotate credential");
        let response = act(who, &stage, "rotate-credential").await.expect(200);
        assert_eq!(response.header("cache-control"), "no-store");
        secrets.push(shown_secret(&response));
    }
    act(&boss, &stage, "end-credential").await.expect(303);
    let who: Vec<Option<String>> = sqlx::query_scalar(
        "select u.name from activity a join users u on u.id = a.user_id where deed = 'credential_rotated' order by a.id",
    )
    .fetch_all(&stage.app.state.pool)
    .await
    .unwrap();
    assert_eq!(who.into_iter().flatten().collect::<Vec<_>>(), ["Pia", "Cy Seller", "Ann Buyer"]);
    for secret in &secrets {
        assert_eq!(stage.app.columns_holding(secret).await, [""; 0]);
    }
}

#[tokio::test]
async fn strangers_get_404_and_only_the_account_can_require_authentication() {
    let (stage, seller) = Stage::connected().await;
    stage.make_credential().await;
    let stranger = stage.app.stranger().await;
    let boss = stage.partner_user(PartnerRole::PartnerAdmin, "Pia", "pia@partner.example").await;
    let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Vic", "vic@buyer.example").await;
    for form in ["create-credential", "rotate-credential", "end-credential", "test-lead"] {
        act(&stranger, &stage, form).await.expect(404);
    }
    for who in [&stranger, &seller] {
        for form in ["create-credential", "rotate-credential", "authentication"] {
            who.post_as(form, &stage.tab(), &[("require", "on"), ("former", "keep")]).await.expect(404);
        }
        who.get(&stage.tab()).await.expect(404);
    }
    boss.get(&stage.tab()).await.expect(404);
    let acting = stage.buyer.account().to_string();
    let fields = [("form", "authentication"), ("as", acting.as_str()), ("require", "on")];
    let refused = boss.post(&stage.tab(), &fields).await.status.as_u16();
    assert!([404, 409].contains(&refused), "{refused}");
    let page = viewer.get(&stage.tab()).await.expect(200);
    assert!(page.tag_with("role=\"switch\"").contains("disabled") && !page.text().contains("Rotate credential"));
    viewer.post_as("authentication", &stage.tab(), &[("require", "on")]).await.expect(403);
    viewer.post_as("create-credential", &stage.tab(), &[]).await.expect(403);
    let nobody = stage.app.visitor("", "", "");
    assert!(nobody.post(&stage.docs(), &[("form", "create-credential")]).await.location().starts_with("/signin"));
    assert_eq!(stage.app.count("flow_sources where require_authentication").await, 0);
    assert_eq!(stage.app.count("source_credentials").await, 1);
}

#[tokio::test]
async fn without_a_partner_only_the_account_manages_the_credential() {
    let (stage, seller) = Stage::connected().await;
    stage.app.execute("update flow_sources set partner_id = null").await.unwrap();
    stage.make_credential().await;
    act(&seller, &stage, "rotate-credential").await.expect(403);
    let other = stage.app.admin("Boss of another partner", "b@other.example", "Other", None, false).await;
    act(&other, &stage, "rotate-credential").await.expect(404);
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    act(&seller, &stage, "rotate-credential").await.expect(404);
}

#[tokio::test]
async fn partner_users_lose_access_when_the_source_moves_or_the_partner_is_archived() {
    let (stage, _) = Stage::connected().await;
    stage.make_credential().await;
    let boss = stage.partner_user(PartnerRole::PartnerAdmin, "Pia", "pia@partner.example").await;
    act(&boss, &stage, "rotate-credential").await.expect(200);
    stage.app.execute("update partners set archived_at = now()").await.unwrap();
    act(&boss, &stage, "rotate-credential").await.expect(404);
    stage.app.execute("update partners set archived_at = null").await.unwrap();
    act(&boss, &stage, "rotate-credential").await.expect(200);
    stage.app.execute("update flow_sources set partner_id = null").await.unwrap();
    let other = stage.partner_user(PartnerRole::PartnerAdmin, "Oda", "oda@other.example").await;
    for form in ["create-credential", "rotate-credential", "end-credential", "test-lead"] {
        act(&boss, &stage, form).await.expect(404);
    }
    act(&other, &stage, "rotate-credential").await.expect(200);
    stage.app.execute("delete from partner_users").await.unwrap();
    act(&other, &stage, "rotate-credential").await.expect(404);
}

#[tokio::test]
async fn secrets_are_never_logged() {
    let (stage, _) = Stage::connected().await;
    let secrets = async {
        let old = stage.make_credential().await;
        let new = stage.rotate("keep").await;
        stage.lead_as("source", &old).await.expect(201);
        [old, new]
    };
    let (secrets, text) = logged(secrets).await;
    assert!(text.contains("request handled") && text.contains("source_credentials"), "the log is complete");
    for secret in secrets {
        assert!(!text.contains(&secret[12..]));
        assert!(!text.contains(&crate::support::credentials::basic("source", &secret).1[6..]));
    }
}
