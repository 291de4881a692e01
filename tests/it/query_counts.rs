//! Lists on pages and in the API send the same number of queries for many rows as for one.

use crate::{
    api::world::{World, lists as lists_of_api},
    support::{Actor, Response, TestApp, people::statements, stage::Stage, statements::statement_texts},
};
use accord::{
    base::{PartnerId, paths},
    partners::model::PartnerRole,
};

/// Pages with lists, and a person who may open each. Add new ones here, and what makes their lists long to `grow`.
fn lists<'a>(stage: &'a Stage, seller: &'a Actor, user: &'a Actor, partner: PartnerId) -> Vec<(&'a Actor, String)> {
    vec![
        (user, paths::portal(partner)),
        (user, paths::portal_leads(partner)),
        (user, paths::portal_docs(partner)),
        (seller, paths::BUYERS.to_owned()),
        (seller, paths::CONNECTIONS.to_owned()),
        (&stage.buyer, paths::SOURCES.to_owned()),
        (&stage.buyer, paths::API_KEYS.to_owned()),
        (seller, paths::RECIPIENTS.to_owned()),
        (seller, paths::HOME.to_owned()),
        (seller, paths::SUBMISSION_DOCS.to_owned()),
        (&stage.buyer, paths::source_performance(stage.flow, stage.source)),
        (&stage.buyer, paths::FLOWS.to_owned()),
        (&stage.buyer, paths::flow_sources(stage.flow)),
        (&stage.buyer, paths::LEADS.to_owned()),
        (&stage.buyer, format!("{}?outcome=failure&reason=reason", paths::LEADS)),
        (&stage.buyer, paths::flow_leads(stage.flow)),
        (&stage.buyer, paths::MEMBERS.to_owned()),
    ]
}

const MORE: usize = 29;

/// Adds 29 of everything that the pages list.
async fn grow(app: &TestApp, stage: &Stage, seller: &Actor, partner: PartnerId) {
    let id = |kind: &str| format!("decode('{kind}' || lpad(to_hex(n), 22, '0'), 'hex')");
    let each = format!("generate_series(1, {MORE}) as n");
    let bytes = |text: String| format!("decode('{text}', 'hex')");
    let (account, other) = (bytes(stage.buyer.account().to_string()), bytes(seller.account().to_string()));
    let (flow, partner) = (bytes(stage.flow.to_string()), bytes(partner.to_string()));
    let source = bytes(stage.source.to_string());
    let [buyer, connection, entity, new_flow, new_source, lead] = ["e1", "e2", "e3", "e4", "e5", "e6"].map(id);
    let statements = [
        // Flows of the buyer, each with one of the partner's sources.
        format!("insert into flows (id, account_id, name, created_at, updated_at) select {new_flow}, {account}, 'Flow ' || n, now(), now() from {each}"),
        format!("insert into flow_sources (id, account_id, flow_id, entity_id, partner_id, enabled, created_at, updated_at)
                 select {new_source}, {account}, {new_flow}, entity_id, {partner}, true, now(), now() from {each}, flow_sources where id = {source}"),
        // Sources of the existing flow.
        format!("insert into entities (id, account_id, kind, name, source, created_at, updated_at) select {entity}, {account}, 'custom', 'Form ' || n, 'form', now(), now() from {each}"),
        format!("insert into flow_sources (id, account_id, flow_id, entity_id, partner_id, enabled, created_at, updated_at)
                 select {entity}, {account}, {flow}, {entity}, {partner}, true, now(), now() from {each}"),
        format!("insert into source_credentials (id, account_id, source_id, prefix, secret_hash, created_at) select {entity}, {account}, {entity}, 'acs_', sha256('x'), now() from {each}"),
        format!("insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, outcome, reason, input, fields, received_at, day)
                 select {lead}, {account}, {flow}, {source}, 'Flow', 'Source', 'failure', 'Reason ' || n, '{{}}', '{{}}', now(), current_date from {each}"),
        format!("insert into source_days (account_id, source_id, day, test, outcome, reason, share, count, last_at)
                 select {account}, {source}, current_date - n, false, 'failure', 'Reason ' || n, 0, 1, now() from {each}"),
        // More buyers of the seller.
        format!("insert into accounts (id, name, created_at, updated_at) select {buyer}, 'Buyer ' || n, now(), now() from {each}"),
        format!("insert into connections (id, seller_account_id, buyer_account_id, connected_at) select {connection}, {other}, {buyer}, now() from {each}"),
        format!("insert into entities (id, account_id, kind, name, recipient, connected_account_id, created_at, updated_at)
                 select {connection}, {other}, 'account', 'Buyer ' || n, 'buyer', {buyer}, now(), now() from {each}"),
        format!("insert into partners (id, account_id, name, named_by_hand, linked_account_id, created_at, updated_at)
                 select {buyer}, {buyer}, 'Lead Harbor', false, {other}, now(), now() from {each}"),
        format!("insert into api_keys (id, account_id, name, prefix, key_hash, created_at) select {buyer}, {account}, 'Key ' || n, 'accord_', sha256({buyer}), now() from {each}"),
        // Users.
        format!("insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
                 select {buyer}, 'Person ' || n, n || '@crowd.example', n || '@crowd.example', now(), '', now(), now() from {each}"),
        format!("insert into members (account_id, user_id, role, created_at) select {account}, {buyer}, 'viewer', now() from {each}"),
        format!("insert into partner_users (account_id, partner_id, user_id, role, created_at) select {account}, {partner}, {buyer}, 'partner_user', now() from {each}"),
    ];
    for statement in statements {
        app.execute(&statement).await.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
}

async fn counts(lists: &[(&Actor, String)]) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (who, path) in lists {
        // The first visit records things, such as when a user was seen.
        who.get(path).await.expect(200);
        let (page, count) = statements(who.get(path)).await;
        let rows = page.expect(200).body.matches("<tr").count() + 1;
        found.push((path.clone(), count, rows));
    }
    found
}

#[tokio::test]
async fn pages_with_lists_send_as_many_queries_for_thirty_rows_as_for_one() {
    let (stage, seller) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    let partner = stage.partner().await;
    let user = stage.app.partner_user(partner, PartnerRole::PartnerAdmin, "Pat Admin", "pat@harbor.example").await;
    let lists = lists(&stage, &seller, &user, partner);
    let few = counts(&lists).await;
    grow(&stage.app, &stage, &seller, partner).await;
    let many = counts(&lists).await;
    for ((path, before, _), (_, after, rows)) in few.iter().zip(&many) {
        assert!(*before >= 2, "{path}: {before} statements were seen");
        assert_eq!(before, after, "statements of {path}");
        assert!(*rows > MORE || path == paths::HOME, "{path} became long: {rows}");
    }
}

#[tokio::test]
async fn lists_of_the_api_send_as_many_queries_for_five_rows_as_for_one() {
    let world = World::connected().await;
    let counts = async || {
        let mut found = Vec::new();
        for list in lists_of_api(&world.app) {
            let path = format!("{}?limit=200", world.ids.fill(&list));
            // The first call records things, such as when the key was used.
            world.api.get(&path).await.expect(200);
            let (response, count) = statements(world.api.get(&path)).await;
            let rows = response.expect(200).json::<Vec<serde_json::Value>>().len();
            found.push((list, count, rows));
        }
        found
    };
    let few = counts().await;
    world.grow().await;
    for ((list, before, had), (_, after, has)) in few.into_iter().zip(counts().await) {
        assert!(before >= 2 && has >= had + 4, "{list}: {before} statements, {had} and {has} rows");
        assert_eq!(before, after, "statements of {list}");
    }
}

/// A request succeeds and sends at most this many statements, of which those before its transaction are given.
async fn expect_few(what: &str, status: u16, before: usize, most: usize, request: impl Future<Output = Response>) {
    let (response, texts) = statement_texts(request).await;
    response.expect(status);
    // BEGIN is not among the texts.
    let count = texts.len() + 1 - before;
    assert!(count <= most, "{what}: {count} statements\n{}", texts.join("\n\n"));
}

#[tokio::test]
async fn inviting_and_accepting_send_few_statements() {
    let stage = Stage::pending().await;
    let (seller, address) = (stage.seller().await, "di@other.example");
    // Before the transaction: the session.
    expect_few("invite", 303, 1, 10, stage.buyer.invite(stage.flow, address, "")).await;
    expect_few("invite outside of a flow", 303, 1, 10, stage.buyer.invite_recipient("ed@other.example", "")).await;
    // Before the transaction: the session and the invitation.
    let by_address = stage.app.invitation_to(&seller.email).await;
    expect_few("accept", 303, 2, 12, seller.accept(by_address)).await;
    let other = stage.app.admin("Di Other", address, "Other Leads", None, false).await;
    let by_link = other.open_link(&stage.app.link_to(address).await).await;
    expect_few("accept by link", 303, 2, 12, other.accept(by_link)).await;
}

#[tokio::test]
async fn the_pages_of_an_invitation_and_of_members_send_few_statements() {
    let stage = Stage::pending().await;
    let seller = stage.seller().await;
    let page = paths::invitation(stage.invitation().await);
    seller.get(&page).await.expect(200);
    let (shown, by_address) = statement_texts(seller.get(&page)).await;
    shown.expect(200);
    seller.open_link(&stage.link).await;
    let (shown, by_link) = statement_texts(seller.get(&page)).await;
    shown.expect(200);
    let (shown, members) = statement_texts(stage.buyer.get(paths::MEMBERS)).await;
    shown.expect(200);
    for (texts, most) in [(by_address, 2), (by_link, 2), (members, 3)] {
        assert!(texts.len() <= most, "{}", texts.join("\n\n"));
    }
}
