//! The ids for the placeholders of the tables: in an account, in another partner of it, and in an unrelated account.

use crate::support::{Actor, TestApp, credentials::shown_secret, stage::mapping};
use accord::{
    accounts::model::Role,
    base::{FlowId, PartnerId, SourceId, paths},
    partners::model::PartnerRole,
};
use serde_json::json;
use std::collections::BTreeMap;

/// Placeholders of the tests that are narrower than those of the table.
const ALIASES: [(&str, &str); 2] = [("{custom_id}", "{source_id}"), ("{waiting_id}", "{source_id}")];

/// The path as the table spells it.
pub fn declared(path: &str) -> String {
    ALIASES.iter().fold(path.to_owned(), |path, (alias, declared)| path.replace(alias, declared))
}

/// An id for each placeholder.
#[derive(Debug, Clone, Default)]
pub struct Ids(BTreeMap<&'static str, String>);

impl Ids {
    fn set(&mut self, placeholder: &'static str, id: impl ToString) {
        self.0.insert(placeholder, id.to_string());
    }

    #[track_caller]
    pub fn get(&self, placeholder: &str) -> &str {
        &self.0[placeholder]
    }

    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.0.values()
    }

    /// Replaces the placeholders in the text with the ids.
    pub fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (placeholder, id)| text.replace(placeholder, id))
    }

    /// The same ids, with one placeholder set to the id of another.
    pub fn with(&self, placeholder: &'static str, other: &str) -> Self {
        let mut ids = self.clone();
        ids.set(placeholder, self.get(other));
        ids
    }

    /// The same ids, each time with one of those named in the text taken from `others`.
    pub fn swapped(&self, text: &str, others: &Self) -> Vec<(&'static str, Self)> {
        let named = others.0.iter().filter(|(placeholder, _)| text.contains(*placeholder));
        named
            .map(|(placeholder, id)| {
                let mut ids = self.clone();
                ids.set(placeholder, id);
                (*placeholder, ids)
            })
            .collect()
    }
}

/// Creates everything an account can have besides a partner's source.
pub async fn create_all(app: &TestApp, admin: &Actor, flow: FlowId, source: SourceId, partner: PartnerId) -> Ids {
    let mut ids = Ids::default();
    ids.set("{account_id}", admin.account());
    ids.set("{flow_id}", flow);
    ids.set("{source_id}", source);
    ids.set("{partner_id}", partner);
    let create = async |flow: FlowId, name: &str| -> SourceId {
        let input = json!({ "flow_id": flow, "name": name });
        admin.call("flows/sources/create", input).await.expect(200).json()
    };
    ids.set("{custom_id}", create(flow, "Website form").await);
    let archived = admin.create_flow("Archived").await;
    let spare = create(archived, "Spare form").await;
    ids.set("{archived_id}", archived);
    ids.set("{entity_id}", app.query_id(&format!("select entity_id from flow_sources where id = '\\x{spare}'")).await);
    app.execute(&format!("update flows set archived_at = now(), enabled = false where id = '\\x{archived}'"))
        .await
        .unwrap();
    let later = format!("later@{flow}.example");
    admin.invite(flow, &later, "").await.expect(303);
    let sent = app.invitation_to(&later).await;
    ids.set("{invitation_id}", sent);
    let waiting = "select fs.id from flow_sources fs join invitations i on i.entity_id = fs.entity_id";
    ids.set("{waiting_id}", app.query_id(&format!("{waiting} where i.id = '\\x{sent}'")).await);
    let buyer = format!("buyer@{flow}.example");
    admin.invite_recipient(&buyer, "").await.expect(303);
    ids.set("{recipient_invitation}", app.invitation_to(&buyer).await);
    let notice = "insert into notices (id, account_id, invitation_id, kind, at)
                  select substring(sha256(id) for 12), account_id, id, 'undeliverable', now() from invitations";
    ids.set("{notice_id}", app.query_id(&format!("{notice} where id = '\\x{sent}' returning id")).await);
    add_people(app, admin, partner, &mut ids).await;
    let member = app.member(admin, Role::Viewer, "Spare Member", &format!("member@{flow}.example")).await;
    ids.set("{spare_member}", member.user());
    let invited = invited_member(flow);
    admin.invite_member(&invited, "viewer").await.expect(303);
    ids.set("{member_invitation}", app.invitation_to(&invited).await);
    add_credentials(app, admin, flow, source, &mut ids).await;
    let account = admin.account();
    ids.set(
        "{connection_id}",
        app.query_id(&format!("select id from connections where buyer_account_id = '\\x{account}'")).await,
    );
    // The id begins with the time of the source's: a lead whose id says that it is older than what is kept is not shown.
    let lead = "insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, outcome, input, fields,
                                   received_at, day)
                select substring(id for 6) || substring(sha256(id) for 6), account_id, flow_id, id, 'Flow', 'Source', 'success', '{}', '{}',
                       now(), current_date from flow_sources";
    ids.set("{lead_id}", app.query_id(&format!("{lead} where id = '\\x{source}' returning id")).await);
    add_delivery(app, admin, flow, &mut ids).await;
    ids.set("{key_id}", app.query_id(&format!("select id from api_keys where account_id = '\\x{account}'")).await);
    ids
}

/// Adds a delivery of the lead that has failed.
async fn add_delivery(app: &TestApp, admin: &Actor, flow: FlowId, ids: &mut Ids) {
    let fields = [("name", "Our CRM"), ("url", "https://crm.example.com/leads"), ("format", "json")];
    admin.post_as("delivery", &paths::new_delivery(flow), &fields).await.expect(200);
    let delivery = app.query_id(&format!("select id from deliveries where flow_id = '\\x{flow}'")).await;
    app.execute(&format!(
        "insert into lead_deliveries (delivery_id, account_id, lead_id, state, attempts, since, next_at)
         select id, account_id, '\\x{}', 'failed', 1, now(), now() from deliveries where id = '\\x{delivery}'",
        ids.get("{lead_id}")
    ))
    .await
    .unwrap();
    ids.set("{delivery_id}", delivery);
}

/// The address invited to join a flow's account.
pub fn invited_member(flow: FlowId) -> String {
    format!("invited.member@{flow}.example")
}

/// The address invited to become a partner user.
pub fn invited_user(partner: PartnerId) -> String {
    format!("invited.user@{partner}.example")
}

/// Adds a user to a partner, and an invitation for another.
async fn add_people(app: &TestApp, admin: &Actor, partner: PartnerId, ids: &mut Ids) {
    let email = format!("user@{partner}.example");
    let user = app.partner_user(partner, PartnerRole::PartnerUser, "Spare User", &email).await;
    ids.set("{spare_user}", user.user());
    let invited = invited_user(partner);
    admin.invite_user(partner, &invited, "partner_user").await.expect(303);
    ids.set("{user_invitation}", app.invitation_to(&invited).await);
}

async fn add_credentials(app: &TestApp, admin: &Actor, flow: FlowId, source: SourceId, ids: &mut Ids) {
    let tab = paths::source_authentication(flow, source);
    shown_secret(&admin.post_as("create-credential", &tab, &[]).await);
    let former = app.credential(source, "ends_at is null").await;
    let fields = [("credential", former.as_str()), ("former", "keep")];
    shown_secret(&admin.post_as("rotate-credential", &tab, &fields).await);
    ids.set("{former_id}", former);
    ids.set("{credential_id}", app.credential(source, "ends_at is null").await);
}

/// The users and invitees of another partner of the account.
pub async fn of_sibling(app: &TestApp, admin: &Actor, partner: PartnerId) -> Ids {
    let mut ids = Ids::default();
    add_people(app, admin, partner, &mut ids).await;
    ids
}

/// The ids of an unrelated account.
pub async fn of_stranger(app: &TestApp, stranger: &Actor) -> Ids {
    let flow = stranger.create_flow("Theirs").await;
    stranger.invite(flow, "theirs@elsewhere.example", "").await.expect(303);
    let source = stranger.only_source(flow).await.id;
    stranger.save_mappings(flow, source, 1, &[mapping("state", "st")]).await.expect(200);
    let partner = app.partner_of_source(source, stranger.account()).await;
    let other = app.admin("Odd Other", "odd@other.example", "Far Away", None, true).await;
    app.connect(other.account(), stranger.account()).await;
    create_all(app, stranger, flow, source, partner).await
}
