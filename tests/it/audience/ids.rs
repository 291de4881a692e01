//! The ids that stand for the placeholders of the tables: in an account, in another partner of it, and elsewhere.

use crate::support::{Actor, TestApp, credentials::told_secret, stage::mapping};
use accord::{
    accounts::model::Role,
    base::{FlowId, PartnerId, SourceId, paths},
    partners::model::PartnerRole,
};
use serde_json::json;
use std::collections::BTreeMap;

/// What the tests name more closely than the addresses do.
const CLOSER: [(&str, &str); 2] = [("{custom_id}", "{source_id}"), ("{waiting_id}", "{source_id}")];

/// The address as the table spells it.
pub fn declared(path: &str) -> String {
    CLOSER.iter().fold(path.to_owned(), |path, (closer, declared)| path.replace(closer, declared))
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

    /// The text with the ids in the place of the placeholders.
    pub fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (placeholder, id)| text.replace(placeholder, id))
    }

    /// The same ids, with that of one placeholder in the place of another.
    pub fn with(&self, placeholder: &'static str, other: &str) -> Self {
        let mut ids = self.clone();
        ids.set(placeholder, self.get(other));
        ids
    }

    /// The same, each time with one of the ids that the text names taken from elsewhere.
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

/// Everything an account can have, beside a source of a partner.
pub async fn furnish(app: &TestApp, admin: &Actor, flow: FlowId, source: SourceId, partner: PartnerId) -> Ids {
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
    ids.set("{entity_id}", app.hex(&format!("select entity_id from flow_sources where id = '\\x{spare}'")).await);
    app.execute(&format!("update flows set archived_at = now(), enabled = false where id = '\\x{archived}'"))
        .await
        .unwrap();
    let later = format!("later@{flow}.example");
    admin.invite(flow, &later, "").await.expect(303);
    let sent = app.invitation_to(&later).await;
    ids.set("{invitation_id}", sent);
    let waiting = "select fs.id from flow_sources fs join invitations i on i.entity_id = fs.entity_id";
    ids.set("{waiting_id}", app.hex(&format!("{waiting} where i.id = '\\x{sent}'")).await);
    let buyer = format!("buyer@{flow}.example");
    admin.invite_recipient(&buyer, "").await.expect(303);
    ids.set("{recipient_invitation}", app.invitation_to(&buyer).await);
    let notice = "insert into notices (id, account_id, invitation_id, kind, at)
                  select substring(sha256(id) for 12), account_id, id, 'undeliverable', now() from invitations";
    ids.set("{notice_id}", app.hex(&format!("{notice} where id = '\\x{sent}' returning id")).await);
    people(app, admin, partner, &mut ids).await;
    let member = app.member(admin, Role::Viewer, "Spare Member", &format!("member@{flow}.example")).await;
    ids.set("{spare_member}", member.user());
    let invited = invited_member(flow);
    admin.invite_member(&invited, "viewer").await.expect(303);
    ids.set("{member_invitation}", app.invitation_to(&invited).await);
    credentials(app, admin, flow, source, &mut ids).await;
    let account = admin.account();
    ids.set(
        "{connection_id}",
        app.hex(&format!("select id from connections where buyer_account_id = '\\x{account}'")).await,
    );
    ids.set("{key_id}", app.hex(&format!("select id from api_keys where account_id = '\\x{account}'")).await);
    ids
}

/// The address of whoever is invited to join the account of a flow.
pub fn invited_member(flow: FlowId) -> String {
    format!("invited.member@{flow}.example")
}

/// The address of whoever is invited to log in for a partner.
pub fn invited_user(partner: PartnerId) -> String {
    format!("invited.user@{partner}.example")
}

/// Somebody who logs in for a partner, and somebody who was invited to.
async fn people(app: &TestApp, admin: &Actor, partner: PartnerId, ids: &mut Ids) {
    let email = format!("user@{partner}.example");
    let user = app.partner_user(partner, PartnerRole::PartnerUser, "Spare User", &email).await;
    ids.set("{spare_user}", user.user());
    let invited = invited_user(partner);
    admin.invite_user(partner, &invited, "partner_user").await.expect(303);
    ids.set("{user_invitation}", app.invitation_to(&invited).await);
}

async fn credentials(app: &TestApp, admin: &Actor, flow: FlowId, source: SourceId, ids: &mut Ids) {
    let tab = paths::source_authentication(flow, source);
    told_secret(&admin.post_as("create-credential", &tab, &[]).await);
    let former = app.credential(source, "ends_at is null").await;
    let fields = [("credential", former.as_str()), ("former", "keep")];
    told_secret(&admin.post_as("rotate-credential", &tab, &fields).await);
    ids.set("{former_id}", former);
    ids.set("{credential_id}", app.credential(source, "ends_at is null").await);
}

/// The people of another partner of the account.
pub async fn of_sibling(app: &TestApp, admin: &Actor, partner: PartnerId) -> Ids {
    let mut ids = Ids::default();
    people(app, admin, partner, &mut ids).await;
    ids
}

/// What an unrelated account has.
pub async fn elsewhere(app: &TestApp, stranger: &Actor) -> Ids {
    let flow = stranger.create_flow("Theirs").await;
    stranger.invite(flow, "theirs@elsewhere.example", "").await.expect(303);
    let source = stranger.only_source(flow).await.id;
    stranger.save_mappings(flow, source, 1, &[mapping("state", "st")]).await.expect(200);
    let partner = app.partner_of_source(source, stranger.account()).await;
    let other = app.admin("Odd Other", "odd@other.example", "Far Away", None, true).await;
    app.connect(other.account(), stranger.account()).await;
    furnish(app, stranger, flow, source, partner).await
}
