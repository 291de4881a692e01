//! Everything a request can reach has a declared audience, and nobody else gets in.

use crate::support::{
    Actor, TestApp,
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::Role,
    app::{
        audience::{Audience, FUNCTIONS, HANDLERS, PAGES},
        posts::POSTS,
        router::page_paths,
    },
    base::{InvitationId, PartnerId},
};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn paths_of(table: &[(&str, Audience)]) -> BTreeSet<String> {
    table.iter().map(|(path, _)| (*path).to_owned()).collect()
}

#[tokio::test]
async fn the_table_has_every_page_and_no_other() {
    assert_eq!(page_paths().into_iter().collect::<BTreeSet<_>>(), paths_of(PAGES));
    assert_eq!(PAGES.len(), paths_of(PAGES).len(), "each once");
}

#[test]
fn every_form_posts_to_a_page_or_handler_of_the_table() {
    let known: BTreeSet<_> = paths_of(PAGES).union(&paths_of(HANDLERS)).cloned().collect();
    for (path, _) in POSTS {
        assert!(known.contains(*path), "{path}");
    }
}

#[tokio::test]
async fn the_table_has_every_server_function_and_no_other() {
    // Rendering routes makes sure that the rooms are linked into this program.
    page_paths();
    let registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(registered, paths_of(FUNCTIONS));
    assert!(registered.iter().all(|path| path.starts_with("/fn/")), "{registered:?}");
}

#[test]
fn every_handler_of_the_router_stands_in_the_table() {
    let router = std::fs::read_to_string("src/app/router.rs").unwrap();
    let mentioned: BTreeSet<_> = router
        .lines()
        .filter_map(|line| line.split_once(".route(\"")?.1.split('"').next())
        .filter(|path| *path != "/fn/{*path}")
        .map(ToOwned::to_owned)
        .collect();
    let posted = POSTS.iter().map(|(path, _)| (*path).to_owned()).filter(|path| !paths_of(PAGES).contains(path));
    assert_eq!(mentioned.into_iter().chain(posted).collect::<BTreeSet<_>>(), paths_of(HANDLERS));
}

/// The people that are tried on everything, around one connected flow.
struct Cast {
    stage: Stage,
    seller: Actor,
    nobody: Actor,
    stranger: Actor,
    viewer: Actor,
    invitation: InvitationId,
    /// The seller, as the buyer's partner.
    partner: PartnerId,
}

impl Cast {
    async fn meet() -> Self {
        let (stage, seller) = Stage::connected().await;
        let nobody = stage.app.visitor("Nobody", "nobody@nowhere.example", "None");
        let stranger = stage.app.stranger().await;
        let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
        let invitation = stage.invitation().await;
        let partner = stage.partner().await;
        Self { stage, seller, nobody, stranger, viewer, invitation, partner }
    }

    /// A path of the table with the ids of this stage.
    fn real(&self, path: &str) -> String {
        let Stage { flow, source, .. } = &self.stage;
        path.replace("{invitation_id}", &self.invitation.to_string())
            .replace("{flow_id}", &flow.to_string())
            .replace("{source_id}", &source.to_string())
            .replace("{partner_id}", &self.partner.to_string())
    }
}

fn assert_sent_to_sign_in(answer: &crate::support::Answer, path: &str) {
    assert!([302, 303].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    let next = path.replace('?', "%3F");
    assert!(answer.header("location").starts_with("/signin?next="), "{path}: {}", answer.header("location"));
    assert!(answer.header("location").contains(&next), "{path}: {}", answer.header("location"));
}

/// Pages that only make sense for who may change something.
fn is_for_changing(path: &str) -> bool {
    let ends = ["/address", "/revoke", "/link", "/remove", "/assign", "/connect", "/invites/new"];
    let of_a_thing = ends.iter().any(|end| path.ends_with(end));
    ["/flows/new", "/partners/new"].contains(&path) || path.contains("/sources/add") || of_a_thing
}

#[tokio::test]
async fn members_see_the_pages_of_their_things_and_for_others_these_do_not_exist() {
    let cast = Cast::meet().await;
    for (path, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Members) {
        let path = cast.real(path);
        assert_sent_to_sign_in(&cast.nobody.get(&path).await, &path);
        assert_eq!(cast.stranger.get(&path).await.status, 404, "{path}");
        assert_eq!(cast.seller.get(&path).await.status, 404, "a connected seller is no member: {path}");
        assert_eq!(cast.stage.buyer.get(&path).await.status, 200, "{path}");
        let seen = cast.viewer.get(&path).await;
        if is_for_changing(&path) {
            seen.expect(403).saying("Your role in this account does not allow this.");
        } else {
            assert_eq!(seen.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn pages_of_connected_accounts_are_for_both_sides_and_nobody_else() {
    let cast = Cast::meet().await;
    for (path, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Connected) {
        let path = cast.real(path);
        assert_sent_to_sign_in(&cast.nobody.get(&path).await, &path);
        assert_eq!(cast.stranger.get(&path).await.status, 404, "{path}");
        assert_eq!(cast.seller.get(&path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn pages_for_who_is_signed_in_send_others_to_sign_in() {
    let cast = Cast::meet().await;
    for (path, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::SignedIn) {
        assert_sent_to_sign_in(&cast.nobody.get(path).await, path);
        assert_eq!(cast.stage.buyer.get(path).await.status, 200, "{path}");
        let seen = cast.viewer.get(path).await.status;
        assert_eq!(seen, if is_for_changing(path) { 403 } else { 200 }, "{path}");
        let strange = cast.stranger.get(path).await.expect(200);
        assert!(!strange.words().contains("Bright Solar"), "{path}");
    }
}

#[tokio::test]
async fn public_pages_are_public() {
    let cast = Cast::meet().await;
    for (path, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Anyone) {
        let expected = match *path {
            "/verify/{token}" | "/reset/{token}" => 410,
            "/i/{token}" | "/stop/{token}" => 404,
            _ => 200,
        };
        assert_eq!(cast.nobody.get(path).await.status, expected, "{path}");
    }
}

#[tokio::test]
async fn pages_of_an_invitation_do_not_exist_for_who_is_not_invited() {
    let stage = Stage::pending().await;
    let stranger = stage.app.stranger().await;
    let nobody = stage.app.visitor("Nobody", "nobody@nowhere.example", "None");
    let invited = stage.newcomer();
    let id = invited.open_link(&stage.link).await.to_string();
    for (path, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Invited) {
        let path = path.replace("{invitation_id}", &id);
        assert_eq!(nobody.get(&path).await.status, 404, "{path}");
        assert_eq!(stranger.get(&path).await.status, 404, "{path}");
        assert_eq!(stage.buyer.get(&path).await.status, 404, "the inviter has the list: {path}");
        let seen = invited.get(&path).await;
        // A company is made by somebody who is signed in.
        if path.ends_with("/company") {
            assert_sent_to_sign_in(&seen, &path);
        } else {
            assert_eq!(seen.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn production_has_no_pages_of_development() {
    let variables = [
        ("ACCORD_ENV", "production"),
        ("DATABASE_URL", "postgres://elsewhere"),
        ("SMTP_URL", "smtp://127.0.0.1:1"),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("ACCORD_RELOAD", "1"),
    ];
    let production = TestApp::start_with(&variables).await;
    let development = TestApp::start().await;
    let tables = [PAGES, HANDLERS].concat();
    let unknown_mail = "/dev/mailbox/0123456789abcdef01234567";
    for (path, _) in tables.iter().filter(|(_, audience)| *audience == Audience::Development) {
        let real = path.replace("/dev/mailbox/{mail_id}", unknown_mail);
        for app in [&production, &development] {
            let admin = app.visitor("", "", "");
            // The stream that reloads pages is there for `make dev` only, which asks for it.
            let missing = app.state.config.is_production() || path.contains('{') || *path == "/dev/reload";
            assert_eq!(admin.get(&real).await.status, if missing { 404 } else { 200 }, "{path}");
        }
    }
}

/// The input of a server function, with the ids of this stage.
fn input(cast: &Cast, function: &str) -> Value {
    let Stage { flow, source, .. } = &cast.stage;
    let mine = cast.invitation;
    let criteria = json!({ "join": "and", "rows": [], "reason": "" });
    let invitation = "0123456789abcdef01234567";
    let team = json!({ "Account": cast.stage.buyer.account() });
    match function {
        "/fn/flows/sources/list" => json!({ "flow_id": flow }),
        "/fn/flows/sources/switch" => json!({ "flow_id": flow, "source_id": source, "on": true }),
        "/fn/flows/sources/turn-on" => json!({ "flow_id": flow, "source_id": source, "turn_on": true }),
        "/fn/flows/sources/add" => json!({ "flow_id": flow, "entity_id": source.to_string() }),
        "/fn/flows/sources/create" => json!({ "flow_id": flow, "name": "Website form" }),
        "/fn/flows/sources/map" => json!({ "flow_id": flow, "source_id": source, "version": 3, "rows": [] }),
        "/fn/flows/criteria/save" => json!({ "flow_id": flow, "source_id": null, "version": 1, "rows": criteria }),
        "/fn/invitations/send" => json!({ "flow_id": flow, "email": SELLER, "note": "" }),
        "/fn/invitations/accept" => json!({ "invitation_id": invitation, "account_id": cast.stranger.account() }),
        "/fn/invitations/decline" => json!({ "invitation_id": invitation, "reason": "" }),
        "/fn/invitations/join" => json!({ "invitation_id": invitation }),
        "/fn/invitations/team/list" => json!({ "team": team }),
        "/fn/invitations/team/invite" => json!({ "team": team, "email": "new@buyer.example", "role": "viewer" }),
        "/fn/invitations/team/act" => json!({ "team": team, "act": { "Revoke": invitation } }),
        "/fn/invitations/act" => json!({ "invitation_id": mine, "act": "Resend" }),
        other => panic!("{other} needs an input here"),
    }
}

#[tokio::test]
async fn functions_answer_members_and_for_others_the_flow_does_not_exist() {
    let cast = Cast::meet().await;
    for (path, audience) in FUNCTIONS {
        let function = path.trim_start_matches("/fn/");
        let input = input(&cast, path);
        let strange = cast.stranger.call(function, &input).await;
        assert_eq!((strange.status.as_u16(), strange.body.as_str()), (404, "\"NotFound\""), "{path}");
        let nobody = cast.nobody.call(function, &input).await;
        if *audience == Audience::Members {
            assert_eq!((nobody.status.as_u16(), nobody.body.as_str()), (401, "\"SignedOut\""), "{path}");
            let seen = cast.viewer.call(function, &input).await;
            if path.ends_with("/list") {
                assert_eq!(seen.status, 200, "{path}");
            } else {
                assert_eq!((seen.status.as_u16(), seen.body.as_str()), (403, "{\"Refused\":\"NotAllowed\"}"), "{path}");
            }
            let mine = cast.stage.buyer.call(function, &input).await;
            let expected = match *path {
                "/fn/flows/sources/add" => 422,
                // It was accepted.
                "/fn/invitations/act" => 409,
                // There is no such invitation.
                "/fn/invitations/team/act" => 404,
                _ => 200,
            };
            assert_eq!(mine.status.as_u16(), expected, "{path}: {}", mine.body);
        } else {
            assert_eq!(nobody.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn a_viewer_is_told_by_every_form_that_the_role_does_not_allow_it() {
    let cast = Cast::meet().await;
    let before = cast.stage.app.source(cast.stage.source).await;
    let forms: [(&str, &[(&str, &str)]); 16] = [
        (
            "/flows/{flow_id}/sources",
            &[("form", "use-instead"), ("source", "{source_id}"), ("instead_of", "{source_id}")],
        ),
        ("/flows/{flow_id}/sources/{source_id}/remove", &[("form", "remove")]),
        ("/flows/{flow_id}/remove", &[("form", "remove")]),
        ("/flows/{flow_id}/sources", &[("form", "switch"), ("source", "{source_id}"), ("on", "off")]),
        ("/flows/{flow_id}/sources", &[("form", "turn-on"), ("source", "{source_id}")]),
        ("/flows/{flow_id}/sources", &[("form", "switch-flow"), ("on", "off")]),
        ("/flows/{flow_id}/fields", &[("form", "fields"), ("field-email", "on")]),
        ("/flows/{flow_id}/sources/{source_id}", &[("form", "mappings"), ("version", "3")]),
        ("/flows/{flow_id}/sources/{source_id}/acceptance-criteria", &[("form", "criteria"), ("version", "3")]),
        ("/flows/{flow_id}/acceptance-criteria", &[("form", "criteria"), ("version", "1")]),
        ("/partners/{partner_id}", &[("form", "details"), ("version", "2"), ("name", "Theirs")]),
        ("/partners/{partner_id}", &[("form", "restore")]),
        ("/partners/{partner_id}/sources", &[("form", "unassign"), ("source-{source_id}", "on")]),
        ("/partners/{partner_id}/sources/assign", &[("form", "assign"), ("source-{source_id}", "on")]),
        ("/partners/{partner_id}/connect", &[("form", "connect"), ("email", "new@seller.example")]),
        ("/partners/{partner_id}/remove", &[("form", "remove")]),
    ];
    let acting = cast.stage.buyer.account().to_string();
    for (path, fields) in forms {
        let path = cast.real(path);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (cast.real(name), cast.real(value))).collect();
        let mut posted: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        posted.push(("as", &acting));
        cast.viewer.post(&path, &posted).await.expect(403).saying("Your role in this account does not allow this.");
        let strange = cast.stranger.post(&path, &posted).await.status.as_u16();
        assert!([404, 409].contains(&strange), "{path}: {strange}");
        let own = cast.stranger.account().to_string();
        posted.retain(|(name, _)| *name != "as");
        posted.push(("as", &own));
        assert_eq!(cast.stranger.post(&path, &posted).await.status, 404, "{path}");
        assert_sent_to_sign_in(&cast.nobody.post(&path, &posted).await, &path);
    }
    for path in [
        "/flows/new",
        "/partners/new",
        "/flows/{flow_id}/sources/add",
        "/flows/{flow_id}/sources/add/invite",
        "/flows/{flow_id}/sources/add/custom",
    ] {
        let path = cast.real(path);
        let fields = [
            ("as", acting.as_str()),
            ("name", "A"),
            ("field-email", "on"),
            ("email", SELLER),
            ("entity", "0123456789abcdef01234567"),
        ];
        cast.viewer.post(&path, &fields).await.expect(403).saying("Your role in this account does not allow this.");
    }
    assert_eq!(cast.stage.app.source(cast.stage.source).await, before);
    assert_eq!(cast.stage.app.count("flows where enabled and version = 1").await, 1);
}

#[tokio::test]
async fn the_event_stream_is_for_members_of_the_flow() {
    let cast = Cast::meet().await;
    let path = format!("/live?flow={}", cast.stage.flow);
    assert_eq!(cast.nobody.get(&path).await.status, 401);
    assert_eq!(cast.stranger.get(&path).await.status, 404);
    assert_eq!(cast.nobody.get("/live?flow=nonsense").await.status, 400);
}

#[tokio::test]
async fn handlers_answer_their_audience() {
    let cast = Cast::meet().await;
    cast.nobody.get("/health/live").await.expect(200);
    cast.nobody.get("/health/ready").await.expect(200);
    let switched = cast.nobody.post("/switch", &[("account", &cast.stage.buyer.account().to_string())]).await;
    assert_eq!(switched.leads_to(), "/signin?next=/");
    cast.stranger.post("/switch", &[("account", &cast.stage.buyer.account().to_string())]).await.expect(404);
    cast.nobody.send(Method::GET, "/signout", &[], Body::empty()).await.expect(405);
}
