//! What people do, in the words of the product. Each method acts as a browser would.

use super::{Actor, Response, TestApp, app::PASSWORD, facts::SourceFacts};
use accord::{
    base::{AccountId, FlowId, InvitationId, SourceId, paths},
    entities::model::SourceTag,
    flows::model::{SourceList, SourceRow, SourcesShown},
    rules::{AcceptanceCriteria, CriteriaRows, MappingRow},
};
use serde_json::{Value, json};

/// The invited seller of most tests.
pub const SELLER: &str = "cy@seller.example";
/// The fields of most flows.
pub const FIELDS: [&str; 6] = ["first_name", "last_name", "email", "phone_1", "state", "postal_code"];

impl Actor {
    /// Creates a flow with the usual fields.
    pub async fn create_flow(&self, name: &str) -> FlowId {
        let response = self.post_flow(name, &FIELDS).await;
        let path = response.location();
        path.split('/').nth(2).unwrap().parse().unwrap()
    }

    /// Posts the form for a new flow.
    pub async fn post_flow(&self, name: &str, fields: &[&str]) -> Response {
        let names: Vec<_> = fields.iter().map(|field| format!("field-{field}")).collect();
        let acting = self.account().to_string();
        let mut form = vec![("form", "flow"), ("as", acting.as_str()), ("name", name)];
        form.extend(names.iter().map(|name| (name.as_str(), "on")));
        self.post(paths::NEW_FLOW, &form).await
    }

    /// Posts a form as the active account.
    pub async fn post_as(&self, form: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        let acting = self.account().to_string();
        let identity = [("form", form), ("as", acting.as_str())];
        self.post(path, &identity.iter().chain(fields).copied().collect::<Vec<_>>()).await
    }

    /// Invites through the plain form.
    pub async fn invite(&self, flow: FlowId, email: &str, note: &str) -> Response {
        self.post_as("invite", &paths::invite_partner(flow), &[("email", email), ("note", note)]).await
    }

    /// Invites through the island's function.
    pub async fn invite_by_function(&self, flow: FlowId, email: &str, note: &str) -> Response {
        self.call("invitations/send", json!({ "flow_id": flow, "email": email, "note": note })).await
    }

    /// The rows of the Sources tab, as the island sees them.
    pub async fn sources(&self, flow: FlowId) -> Vec<SourceRow> {
        self.sources_now(flow).await.rows
    }

    pub async fn sources_now(&self, flow: FlowId) -> SourceList {
        let input = json!({ "flow_id": flow, "shown": SourcesShown::default() });
        self.call("flows/sources/list", input).await.expect(200).json()
    }

    /// The only source of a flow.
    pub async fn only_source(&self, flow: FlowId) -> SourceRow {
        let mut rows = self.sources(flow).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }

    pub async fn save_mappings(&self, flow: FlowId, source: SourceId, version: i32, rows: &[MappingRow]) -> Response {
        let input = json!({ "flow_id": flow, "source_id": source, "version": version, "rows": rows });
        self.call("flows/sources/map", input).await
    }

    /// Saves rules, given as the API spells them.
    pub async fn save_rules(&self, flow: FlowId, source: Option<SourceId>, version: i32, criteria: Value) -> Response {
        let criteria: AcceptanceCriteria = serde_json::from_value(criteria).unwrap();
        let rows = CriteriaRows::of(Some(&criteria));
        let input = json!({ "flow_id": flow, "source_id": source, "version": version, "rows": rows });
        self.call("flows/criteria/save", input).await
    }

    /// Opens an invitation link and follows its redirect. Returns the invitation.
    pub async fn open_link(&self, link: &str) -> InvitationId {
        let opened = self.get(link).await;
        let page = opened.location().to_owned();
        self.get(&page).await.expect(200);
        page.rsplit('/').next().unwrap().parse().unwrap()
    }

    /// Creates a user and a company from the open invitation. Returns the account.
    pub async fn sign_up_from_invitation(&mut self, invitation: InvitationId) -> AccountId {
        let form = [
            ("form", "signup"),
            ("name", self.name.as_str()),
            ("company", self.company.as_str()),
            ("email", self.email.as_str()),
            ("password", PASSWORD),
        ];
        let response = self.post(&paths::invitation_sign_up(invitation), &form).await;
        assert_eq!(response.location(), paths::invitation(invitation));
        let id: AccountId = sqlx::query_scalar("select id from accounts where name = $1")
            .bind(&self.company)
            .fetch_one(&self.app.state.pool)
            .await
            .unwrap();
        self.account = Some(id);
        id
    }

    /// Accepts on the invitation's page for the actor's account, without confirming another address.
    pub async fn accept(&self, invitation: InvitationId) -> Response {
        let account = self.account().to_string();
        self.post(&paths::invitation(invitation), &[("form", "accept"), ("account", &account)]).await
    }

    /// Accepts, confirming that the invitation was sent to another address.
    pub async fn accept_confirmed(&self, invitation: InvitationId) -> Response {
        let account = self.account().to_string();
        let form = [("form", "accept"), ("account", account.as_str()), ("confirm", "on")];
        self.post(&paths::invitation(invitation), &form).await
    }

    /// Accepts from the island on Home.
    pub async fn accept_by_function(&self, invitation: InvitationId) -> Response {
        let input = json!({ "invitation_id": invitation, "account_id": self.account() });
        self.call("invitations/accept", input).await
    }

    /// Clicks one of the buttons of a sent invitation.
    pub async fn act(&self, act: &str, invitation: InvitationId) -> Response {
        self.post_as(act, paths::INVITATIONS, &[("invitation", &invitation.to_string())]).await
    }

    pub async fn revoke(&self, invitation: InvitationId) -> Response {
        self.post_as("revoke", &paths::revoke_invitation(invitation, "/"), &[("back", "/")]).await
    }

    /// Sends the invitation to another address.
    pub async fn readdress(&self, invitation: InvitationId, email: &str) -> Response {
        self.post_as("address", &paths::invitation_address(invitation, "/"), &[("email", email)]).await
    }

    /// Creates another link. Returns its path.
    pub async fn copy_link(&self, invitation: InvitationId) -> String {
        let shown = self.post_as("link", &paths::invitation_link(invitation, "/"), &[]).await.expect(200);
        paths::link(&shown.body.split("/i/").nth(1).unwrap()[..64])
    }

    pub async fn decline(&self, invitation: InvitationId, reason: &str) -> Response {
        self.post(&paths::decline_invitation(invitation), &[("form", "decline"), ("reason", reason)]).await
    }
}

/// A pending invitation in a flow, whose source already has mappings and rules.
#[derive(Debug)]
pub struct Stage {
    pub app: TestApp,
    pub buyer: Actor,
    pub flow: FlowId,
    pub source: SourceId,
    pub link: String,
}

impl Stage {
    pub async fn pending() -> Self {
        Self::pending_in(TestApp::start().await).await
    }

    pub async fn pending_in(app: TestApp) -> Self {
        let buyer = app.buyer().await;
        let flow = buyer.create_flow("Solar California").await;
        buyer.invite(flow, SELLER, "We like your leads.").await.expect(303);
        let source = buyer.only_source(flow).await.id;
        buyer.save_mappings(flow, source, 1, &[mapping("state", "st")]).await.expect(200);
        buyer.save_rules(flow, Some(source), 2, california()).await.expect(200);
        let link = app.link_to(SELLER).await;
        Self { app, buyer, flow, source, link }
    }

    /// The same, accepted by a seller with LeadConduit Pro.
    pub async fn connected() -> (Self, Actor) {
        let stage = Self::pending().await;
        let seller = stage.seller().await;
        let invitation = seller.open_link(&stage.link).await;
        seller.accept(invitation).await.expect(303);
        (stage, seller)
    }

    /// The invitee, who has an account with LeadConduit Pro.
    pub async fn seller(&self) -> Actor {
        let pro = Some(accord::accounts::model::Plan::Pro);
        self.app.admin("Cy Seller", SELLER, "Lead Harbor", pro, false).await
    }

    /// The invitee, who has no account.
    pub fn newcomer(&self) -> Actor {
        self.app.visitor("Cy Seller", SELLER, "Lead Harbor")
    }

    /// Asserts what must be true after an acceptance, whoever accepted.
    pub async fn assert_converted(&self, before: &SourceFacts, seller: AccountId, name: &str) {
        let app = &self.app;
        let after = app.source(self.source).await;
        let expected = SourceFacts {
            entity_name: name.to_owned(),
            connected_account_id: Some(seller),
            enabled: true,
            ..before.clone()
        };
        assert_eq!(after, expected);
        assert_eq!(after.mappings.to_string(), before.mappings.to_string());
        let connected: Vec<(AccountId, AccountId)> =
            sqlx::query_as("select seller_account_id, buyer_account_id from connections where disconnected_at is null")
                .fetch_all(&app.state.pool)
                .await
                .unwrap();
        assert_eq!(connected, [(seller, self.buyer.account())]);
        let partner: (String, Option<AccountId>) =
            sqlx::query_as("select name, linked_account_id from partners").fetch_one(&app.state.pool).await.unwrap();
        assert_eq!(partner, (name.to_owned(), Some(seller)));
        let row = self.buyer.only_source(self.flow).await;
        assert_eq!((row.tag, row.enabled, row.name.as_str()), (SourceTag::AccountSource, true, name));
        for deed in ["accepted", "connected", "source_converted", "partner_linked"] {
            assert!(app.deeds(self.buyer.account()).await.contains(&deed.to_owned()), "{deed}");
        }
        assert!(app.deeds(seller).await.contains(&"accepted".to_owned()));
        assert_eq!(app.mail_to(&self.buyer.email).await.subject, format!("{name} accepted your invitation"));
        assert_eq!(app.mail_to(SELLER).await.subject, "You are connected with Bright Solar");
    }

    /// Resends the invitation. Returns the new link.
    pub async fn resend(&self) -> String {
        self.app.advance(time::Duration::minutes(2));
        self.buyer.act("resend", self.invitation().await).await.expect(303);
        self.app.link_to(SELLER).await
    }

    /// Lets the invitation expire while keeping the buyer's session alive.
    pub async fn expire(&self) {
        self.app.advance(time::Duration::days(8));
        self.buyer.get("/").await.expect(200);
        self.app.advance(time::Duration::days(7));
    }

    /// The invitation that the link leads to.
    pub async fn invitation(&self) -> InvitationId {
        sqlx::query_scalar("select id from invitations order by id desc limit 1")
            .fetch_one(&self.app.state.pool)
            .await
            .unwrap()
    }
}

/// A field mapped to a seller's parameter.
pub fn mapping(property: &str, parameter: &str) -> MappingRow {
    MappingRow { property: property.to_owned(), is_text: false, value: parameter.to_owned() }
}

/// A rule: the state is California.
pub fn california() -> Value {
    json!({ "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] } })
}
