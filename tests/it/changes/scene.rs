//! A flow with a source for each kind of change, and how people make the change and turn it back.

use super::kinds::Kind;
use crate::support::{
    Actor, TestApp,
    api::Api,
    credentials::{basic, shown_secret},
    stage::{FIELDS, mapping},
};
use accord::{
    accounts::model::Plan,
    base::{ApiKeyId, EntityId, FlowId, PartnerId, SourceId, paths},
};
use serde_json::{Value, json};
use std::cell::RefCell;

pub struct Scene {
    pub app: TestApp,
    pub kind: Kind,
    pub place: (FlowId, SourceId),
    buyer: Actor,
    seller: Option<Actor>,
    partners: [PartnerId; 2],
    /// The secret that replaces a revoked one.
    secret: RefCell<Option<String>>,
}

fn state_is(value: &str) -> Value {
    json!({ "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": value }] } })
}

impl Scene {
    pub async fn prepare(app: &TestApp, kind: Kind) -> Self {
        let name = format!("{kind:?}");
        let email = format!("ann@{}.example", name.to_lowercase());
        let buyer = app.admin("Ann", &email, &name, Some(Plan::Base), false).await;
        let flow = buyer.create_flow("Solar California").await;
        let (source, seller) = if kind.has_seller() {
            let email = format!("cy@{}.example", name.to_lowercase());
            let seller = app.admin("Cy", &email, "Harbor", Some(Plan::Pro), false).await;
            buyer.invite(flow, &email, "").await.expect(303);
            seller.accept_latest(&email).await.expect(303);
            (buyer.only_source(flow).await.id, Some(seller))
        } else {
            (buyer.custom_source(flow, "Website form").await, None)
        };
        let partners = [app.make_partner(&buyer, "First").await, app.make_partner(&buyer, "Second").await];
        let secret = RefCell::default();
        let scene = Self { app: app.clone(), kind, place: (flow, source), buyer, seller, partners, secret };
        Box::pin(scene.begin()).await;
        scene
    }

    /// Makes the first state.
    async fn begin(&self) {
        let (flow, source) = self.place;
        match self.kind {
            Kind::SourceRule
            | Kind::FlowRule
            | Kind::TimeZone
            | Kind::CompanyRenamed
            | Kind::SourceRenamed
            | Kind::FlowRenamed => {
                Box::pin(self.change(&self.app, false)).await;
            }
            Kind::Mapping => {
                Box::pin(self.change(&self.app, false)).await;
                let version = self.source_version().await;
                self.buyer.save_rules(flow, Some(source), version, state_is("CA")).await.expect(200);
            }
            Kind::CredentialRotated | Kind::FormerCredentialEnded => {
                let shown = self.buyer.post_as("create-credential", &self.tab(), &[]).await;
                self.secret.replace(Some(shown_secret(&shown)));
                self.buyer.post_as("authentication", &self.tab(), &[("require", "on")]).await.expect(303);
            }
            Kind::ApiKeyRevoked => {
                self.secret.replace(Some(self.new_key().await));
                self.buyer.post_as("authentication", &self.tab(), &[("require", "on")]).await.expect(303);
            }
            Kind::MovedToAnotherPartner => {
                self.app.assign(source, Some(self.partners[0])).await;
            }
            _ => {}
        }
    }

    /// What senders present from the next state on.
    pub fn authorization(&self) -> Option<String> {
        self.secret.borrow().as_ref().map(|secret| basic("source", secret).1)
    }

    fn seller(&self) -> &Actor {
        self.seller.as_ref().unwrap()
    }

    /// Makes the change at a process, or turns it back. Returns what senders present from now on, if they must change
    /// it.
    pub async fn change(&self, at: &TestApp, changed: bool) -> Option<String> {
        let buyer = self.buyer.at(at);
        match self.kind {
            Kind::SourceOff | Kind::FlowOff | Kind::FlowArchived | Kind::SourceRemoved => {
                self.switch(&buyer, changed).await;
            }
            Kind::SourceRule | Kind::FlowRule | Kind::Mapping | Kind::Field => self.configure(&buyer, changed).await,
            Kind::Disconnected => self.disconnect_or_reconnect(at, changed).await,
            Kind::CompanyRenamed | Kind::SourceRenamed | Kind::FlowRenamed => {
                self.rename(at, if changed { "New Harbor" } else { "Harbor" }).await;
            }
            Kind::TimeZone => {
                let zone = if changed { "Pacific/Pago_Pago" } else { "Pacific/Kiritimati" };
                save_settings(&buyer, "Time Zone", zone).await;
            }
            Kind::CredentialRotated | Kind::FormerCredentialEnded | Kind::ApiKeyRevoked => {
                return self.revoke(at, changed).await;
            }
            Kind::AuthenticationRequired => {
                let require = if changed { "on" } else { "off" };
                buyer.post_as("authentication", &self.tab(), &[("require", require)]).await.expect(303);
            }
            Kind::MovedToAnotherPartner => {
                let [present, next] = if changed { [0, 1] } else { [1, 0] }.map(|number: usize| self.partners[number]);
                let source = self.place.1;
                buyer.move_sources(next, &[source], &[(source, present)]).await.expect(303);
            }
        }
        None
    }

    fn tab(&self) -> String {
        paths::source_authentication(self.place.0, self.place.1)
    }

    /// Turns the source or the flow off, or removes it, and back.
    async fn switch(&self, buyer: &Actor, changed: bool) {
        let (flow, source) = self.place;
        let on = if changed { "off" } else { "on" };
        match self.kind {
            Kind::SourceOff => {
                let input = json!({ "flow_id": flow, "source_id": source, "on": !changed });
                buyer.call("flows/sources/switch", input).await.expect(200);
            }
            Kind::SourceRemoved => {
                buyer.post_as("remove", &paths::remove_source(flow, source), &[]).await.expect(303);
            }
            Kind::FlowArchived if changed => {
                buyer.post_as("remove", &paths::remove_flow(flow), &[]).await.expect(303);
            }
            kind => {
                if kind == Kind::FlowArchived {
                    buyer.post_as("restore", paths::FLOWS, &[("flow", &flow.to_string())]).await.expect(303);
                }
                buyer.post_as("switch-flow", &paths::flow_sources(flow), &[("on", on)]).await.expect(303);
            }
        }
    }

    /// Saves other rules, mappings or fields.
    async fn configure(&self, buyer: &Actor, changed: bool) {
        let (flow, source) = self.place;
        let rule = state_is(if changed { "NV" } else { "CA" });
        match self.kind {
            Kind::SourceRule => {
                let version = self.source_version().await;
                buyer.save_rules(flow, Some(source), version, rule).await.expect(200);
            }
            Kind::FlowRule => {
                buyer.save_rules(flow, None, self.flow_version().await, rule).await.expect(200);
            }
            Kind::Mapping => {
                let rows = [mapping("state", if changed { "second" } else { "first" })];
                buyer.save_mappings(flow, source, self.source_version().await, &rows).await.expect(200);
            }
            _ => self.save_fields(buyer, if changed { &FIELDS[..5] } else { &FIELDS }).await,
        }
    }

    /// Renames the company of the seller, the source or the flow.
    async fn rename(&self, at: &TestApp, name: &str) {
        let (flow, source) = self.place;
        let key = async || self.app.api_key(self.buyer.account(), self.buyer.user.unwrap()).await;
        let path = match self.kind {
            Kind::CompanyRenamed => {
                return save_settings(&self.seller().at(at), name, "America/New_York").await;
            }
            Kind::FlowRenamed => format!("/api/v1/flows/{flow}"),
            _ => {
                let entity = sqlx::query_scalar("select entity_id from flow_sources where id = $1").bind(source);
                let entity: EntityId = entity.fetch_one(&self.app.state.pool).await.unwrap();
                format!("/api/v1/entities/{entity}")
            }
        };
        Api { app: at.clone(), key: key().await }.put(&path, json!({ "name": name })).await.expect(200);
    }

    /// Ends what senders present, which they go on with until they get what replaces it.
    async fn revoke(&self, at: &TestApp, changed: bool) -> Option<String> {
        if !changed {
            return self.authorization();
        }
        let buyer = self.buyer.at(at);
        match self.kind {
            Kind::ApiKeyRevoked => self.revoke_key(&self.seller().at(at)).await,
            Kind::CredentialRotated => self.rotate(&buyer, "end").await,
            _ => {
                self.rotate(&buyer, "keep").await;
                let former = self.app.credential(self.place.1, "ends_at > now()").await;
                buyer.post_as("end-credential", &self.tab(), &[("credential", &former)]).await.expect(303);
            }
        }
        None
    }

    async fn source_version(&self) -> i32 {
        let version = sqlx::query_scalar("select version from flow_sources where id = $1").bind(self.place.1);
        version.fetch_one(&self.app.state.pool).await.unwrap()
    }

    async fn flow_version(&self) -> i32 {
        let version = sqlx::query_scalar("select version from flows where id = $1").bind(self.place.0);
        version.fetch_one(&self.app.state.pool).await.unwrap()
    }

    async fn save_fields(&self, buyer: &Actor, fields: &[&str]) {
        let (names, version) =
            (fields.iter().map(|field| format!("field-{field}")), self.flow_version().await.to_string());
        let names: Vec<_> = names.collect();
        let mut form: Vec<_> = names.iter().map(|name| (name.as_str(), "on")).collect();
        form.push(("version", &version));
        buyer.post_as("fields", &paths::flow_fields(self.place.0), &form).await.expect(303);
    }

    async fn disconnect_or_reconnect(&self, at: &TestApp, changed: bool) {
        let seller = self.seller().at(at);
        if changed {
            let connection = sqlx::query_scalar("select id from connections where seller_account_id = $1");
            let connection = connection.bind(seller.account()).fetch_one(&self.app.state.pool).await.unwrap();
            seller.disconnect(connection).await.expect(303);
            return;
        }
        // A second invitation to an address is allowed a minute after the first.
        self.app.advance(time::Duration::minutes(2));
        let partner = self.app.partner_of_source(self.place.1, self.buyer.account()).await;
        self.buyer.connect(partner, &seller.email).await.expect(303);
        seller.accept_latest(&seller.email).await.expect(303);
    }

    /// Rotates the credential. Senders keep the former secret until the change is turned back.
    async fn rotate(&self, buyer: &Actor, former: &str) {
        let current = self.app.credential(self.place.1, "ends_at is null").await;
        let fields = [("credential", current.as_str()), ("former", former)];
        let shown = buyer.post_as("rotate-credential", &self.tab(), &fields).await;
        self.secret.replace(Some(shown_secret(&shown)));
    }

    async fn new_key(&self) -> String {
        self.app.api_key(self.seller().account(), self.seller().user.unwrap()).await
    }

    async fn revoke_key(&self, seller: &Actor) {
        let key = sqlx::query_scalar(
            "select id from api_keys where account_id = $1 and name = 'Test' and revoked_at is null",
        );
        let key: ApiKeyId = key.bind(seller.account()).fetch_one(&self.app.state.pool).await.unwrap();
        seller.post_as("revoke", &paths::revoke_api_key(key), &[]).await.expect(303);
        self.secret.replace(Some(self.new_key().await));
    }
}

async fn save_settings(admin: &Actor, name: &str, zone: &str) {
    let form = [("name", name), ("website", ""), ("time_zone", zone), ("invitation_days", "14")];
    admin.post_as("settings", paths::SETTINGS, &form).await.expect(303);
}
