//! All objects that calls can name by id, once per account.

use crate::support::{
    Actor, TestApp,
    api::{Api, text},
    stage::Stage,
};
use accord::partners::model::PartnerRole;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use time::Duration;

pub const V1: &str = "/api/v1";

/// Placeholders of the tests that are narrower than those of the document.
const ALIASES: [(&str, &str); 2] = [("{pending_id}", "{entity_id}"), ("{invite_id}", "{invitation_id}")];

/// The path as the document spells it.
pub fn declared(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    ALIASES.iter().fold(path.to_owned(), |path, (alias, declared)| path.replace(alias, declared))
}

/// An id for each placeholder.
#[derive(Debug, Clone, Default)]
pub struct Ids(BTreeMap<&'static str, String>);

impl Ids {
    pub fn set(&mut self, placeholder: &'static str, id: impl ToString) {
        self.0.insert(placeholder, id.to_string());
    }

    pub fn values(&self) -> impl Iterator<Item = &String> {
        self.0.values()
    }

    /// Replaces the placeholders in the text with the ids.
    pub fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (placeholder, id)| text.replace(placeholder, id))
    }

    /// These ids with others swapped in: once for everything the text names, and once for each single placeholder if it
    /// names several.
    pub fn swapped(&self, text: &str, others: &Self) -> Vec<Self> {
        let named: Vec<_> = others.0.iter().filter(|(placeholder, _)| text.contains(*placeholder)).collect();
        let alone = named.iter().map(|(placeholder, id)| {
            let mut ids = self.clone();
            ids.set(placeholder, id);
            ids
        });
        let all = (!named.is_empty()).then(|| others.clone());
        all.into_iter().chain(alone.filter(|_| named.len() > 1)).collect()
    }
}

/// An account with every kind of object, and its system.
#[derive(Debug)]
pub struct World {
    pub app: TestApp,
    pub api: Api,
    pub ids: Ids,
}

impl World {
    /// The account is the buyer of a connected source.
    pub async fn connected() -> Self {
        let (stage, _) = Stage::connected().await;
        let mut world = Self::of(&stage.buyer, "buyer").await;
        world.ids.set("{connection_id}", stage.app.query_id("select id from connections").await);
        world
    }

    pub async fn of(actor: &Actor, tag: &'static str) -> Self {
        let (app, mut ids) = (actor.app.clone(), Ids::default());
        let api = app.api(actor).await;
        let flow =
            api.create("/api/v1/flows", json!({ "name": format!("Wind {tag}"), "fields": ["email", "state"] })).await;
        ids.set("{flow_id}", text(&flow, "id"));
        for (placeholder, name) in
            [("{used_id}", "Website form"), ("{spare_id}", "Spare form"), ("{entity_id}", "Old form")]
        {
            let entity = api.create("/api/v1/entities", json!({ "name": name })).await;
            ids.set(placeholder, text(&entity, "id"));
        }
        let sources = ids.fill("/api/v1/flows/{flow_id}/sources");
        let source = api.create(&sources, json!({ "entity_id": ids.fill("{used_id}") })).await;
        ids.set("{source_id}", text(&source, "id"));
        let partner = api.create("/api/v1/partners", json!({ "name": format!("Harbor {tag}") })).await;
        ids.set("{partner_id}", text(&partner, "id"));
        let path = ids.fill("/api/v1/partners/{partner_id}/sources/{source_id}");
        api.put(&path, Value::Null).await.expect(200);
        let sent = api.create("/invitations/source", json!({ "email": format!("pending@{tag}.example") })).await;
        ids.set("{pending_id}", text(&sent["entity"], "id"));
        ids.set("{invitation_id}", text(&sent["entity"], "invitation_id"));
        let partner_id = text(&partner, "id").parse().unwrap();
        let email = format!("user@{tag}.example");
        let user = app.partner_user(partner_id, PartnerRole::PartnerUser, "Uma User", &email).await;
        ids.set("{user_id}", user.user());
        let invites = ids.fill("/api/v1/partners/{partner_id}/invites");
        let email = format!("invited@{tag}.example");
        let invite = api.create(&invites, json!({ "email": email, "role": "partner_user" })).await;
        ids.set("{invite_id}", text(&invite, "id"));
        app.submit(flow_of(&ids), source_of(&ids), "state=CA".to_owned(), &[]).await.expect(201);
        let leads = api.list(&ids.fill("/api/v1/leads?source_id={source_id}")).await;
        ids.set("{lead_id}", text(&leads[0], "id"));
        app.advance(Duration::minutes(2));
        Self { app, api, ids }
    }

    /// Adds four of everything that lists show.
    pub async fn grow(&self) {
        let (api, app) = (&self.api, &self.app);
        let path = |path: &str| self.ids.fill(&format!("{V1}{path}"));
        let partner = self.ids.fill("{partner_id}").parse().unwrap();
        for n in 1..=4 {
            api.create(&path("/flows"), json!({ "name": format!("Flow {n}"), "fields": ["state"] })).await;
            let entity = api.create(&path("/entities"), json!({ "name": format!("Form {n}") })).await;
            let source = api.create(&path("/flows/{flow_id}/sources"), json!({ "entity_id": entity["id"] })).await;
            let assigned = path(&format!("/partners/{{partner_id}}/sources/{}", text(&source, "id")));
            api.put(&assigned, Value::Null).await.expect(200);
            api.create(&path("/partners"), json!({ "name": format!("Partner {n}") })).await;
            api.create("/invitations/recipient", json!({ "email": format!("{n}@crowd.example") })).await;
            let invite = json!({ "email": format!("{n}@invites.example"), "role": "partner_admin" });
            api.create(&path("/partners/{partner_id}/invites"), invite).await;
            let email = format!("{n}@users.example");
            app.partner_user(partner, PartnerRole::PartnerUser, "Further User", &email).await;
            app.submit(flow_of(&self.ids), source_of(&self.ids), "state=CA".to_owned(), &[]).await.expect(201);
        }
        app.execute(
            "with made as (
                 insert into accounts (id, name, created_at, updated_at)
                 select decode('e1' || lpad(to_hex(n), 22, '0'), 'hex'), 'Seller ' || n, now(), now()
                 from generate_series(1, 4) as n returning id
             ) insert into connections (id, seller_account_id, buyer_account_id, connected_at)
               select made.id, made.id, c.buyer_account_id, now() from made, connections c",
        )
        .await
        .unwrap();
    }
}

fn flow_of(ids: &Ids) -> accord::base::FlowId {
    ids.fill("{flow_id}").parse().unwrap()
}

fn source_of(ids: &Ids) -> accord::base::SourceId {
    ids.fill("{source_id}").parse().unwrap()
}

/// The operations of the document: method, path and description.
/// Lead submission is left out, which has its own tests.
pub fn operations(app: &TestApp) -> Vec<(String, String, Value)> {
    let document = serde_json::to_value(accord::api::server::document(&app.state.config)).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let methods: Vec<_> = item.as_object().unwrap().clone().into_iter().collect();
        let path = path.clone();
        methods.into_iter().map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    };
    let all: Vec<_> = paths
        .iter()
        .flat_map(of_path)
        .filter(|(_, path, operation)| operation["responses"].is_object() && !path.ends_with("/submit"))
        .collect();
    assert!(all.len() > 45, "operations found: {}", all.len());
    all
}

/// The paths of the paged lists.
pub fn lists(app: &TestApp) -> Vec<String> {
    let has_pages = |operation: &Value| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "after"))
    };
    let paged = operations(app).into_iter().filter(|(_, _, operation)| has_pages(operation));
    paged.map(|(_, path, _)| path).collect()
}
