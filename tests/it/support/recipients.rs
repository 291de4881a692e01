//! A seller invites a buyer to receive its leads.

use super::{Actor, Response, TestApp};
use accord::{
    accounts::model::Plan,
    base::{AccountId, EntityId, FlowId, InvitationId, SourceId, paths},
};

/// The invited buyer of most of these tests.
pub const BUYER: &str = "bo@buyer.example";
pub const LEAD_HARBOR: &str = "lea@harbor.example";

/// One account's entity for another account.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EntityFacts {
    pub id: EntityId,
    pub name: String,
    pub source: Option<String>,
    pub recipient: Option<String>,
    pub connected_account_id: Option<AccountId>,
    pub deprecated: bool,
    pub see: Option<EntityId>,
}

/// A source with its flow and partner.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ReceivedSource {
    pub source_id: SourceId,
    pub flow_id: FlowId,
    pub flow: String,
    pub enabled: bool,
    pub partner: Option<String>,
}

impl TestApp {
    /// The account entities of an account, in order of creation.
    pub async fn entities_of(&self, account: AccountId) -> Vec<EntityFacts> {
        sqlx::query_as(
            "select id, name, source, recipient, connected_account_id, deprecated, see from entities
             where account_id = $1 and kind = 'account' order by id",
        )
        .bind(account)
        .fetch_all(&self.state.pool)
        .await
        .unwrap()
    }

    /// The sources through which a buyer receives leads from a seller.
    pub async fn sources_from(&self, buyer: AccountId, seller: AccountId) -> Vec<ReceivedSource> {
        sqlx::query_as(
            "select fs.id as source_id, fs.flow_id, f.name as flow, fs.enabled, p.name as partner
             from flow_sources fs
             join entities e on e.id = fs.entity_id
             join flows f on f.id = fs.flow_id
             left join partners p on p.id = fs.partner_id
             where fs.account_id = $1 and e.connected_account_id = $2 order by fs.id",
        )
        .bind(buyer)
        .bind(seller)
        .fetch_all(&self.state.pool)
        .await
        .unwrap()
    }

    /// The path of the link in the latest invitation to an address, ignoring other emails.
    pub async fn invited_link(&self, address: &str) -> String {
        let mails = self.mails_to(address).await;
        let links = mails.iter().filter_map(|mail| mail.links.first()).map(|link| self.path_of(link));
        let mut invited: Vec<_> = links.filter(|path| path.starts_with("/i/")).collect();
        invited.remove(0)
    }

    /// Active connections as (seller, buyer), in order of creation.
    pub async fn connections(&self) -> Vec<(AccountId, AccountId)> {
        sqlx::query_as(
            "select seller_account_id, buyer_account_id from connections where disconnected_at is null order by id",
        )
        .fetch_all(&self.state.pool)
        .await
        .unwrap()
    }
}

impl Actor {
    /// Invites a buyer through the recipients form.
    pub async fn invite_recipient(&self, email: &str, note: &str) -> Response {
        self.post_as("invite", paths::INVITE_RECIPIENT, &[("email", email), ("note", note)]).await
    }

    /// Clicks one of a recipient's buttons.
    pub async fn act_on_recipient(&self, act: &str, invitation: InvitationId) -> Response {
        self.post_as(act, paths::RECIPIENTS, &[("invitation", &invitation.to_string())]).await
    }

    /// Accepts on the invitation's page, to receive leads in this flow.
    pub async fn accept_into(&self, invitation: InvitationId, flow: &str) -> Response {
        let account = self.account().to_string();
        let form = [("form", "accept"), ("account", account.as_str()), ("flow", flow)];
        self.post(&paths::invitation(invitation), &form).await
    }
}

/// An invited buyer who has not answered.
#[derive(Debug)]
pub struct RecipientStage {
    pub app: TestApp,
    pub seller: Actor,
    pub link: String,
}

impl RecipientStage {
    pub async fn pending() -> Self {
        let app = TestApp::start().await;
        let seller = app.lead_harbor().await;
        Self::by(app, seller).await
    }

    pub async fn by(app: TestApp, seller: Actor) -> Self {
        let sent = seller.invite_recipient(BUYER, "We have leads for you.").await;
        assert_eq!(sent.location(), paths::RECIPIENTS);
        let link = app.invited_link(BUYER).await;
        Self { app, seller, link }
    }

    /// The invitee, whose company has this plan.
    pub async fn buyer(&self, plan: Option<Plan>) -> Actor {
        self.app.admin("Bo Buyer", BUYER, "Bright Solar", plan, false).await
    }

    /// The invitee, who has no account.
    pub fn newcomer(&self) -> Actor {
        self.app.visitor("Bo Buyer", BUYER, "Bright Solar")
    }

    pub async fn invitation(&self) -> InvitationId {
        self.app.invitation_to(BUYER).await
    }

    /// The seller's entity of the invitation.
    pub async fn recipient(&self) -> EntityFacts {
        self.app.entities_of(self.seller.account()).await.remove(0)
    }

    /// Accepted into a new flow by a buyer with that plan.
    pub async fn connected(plan: Option<Plan>) -> (Self, Actor, ReceivedSource) {
        let asked = Self::pending().await;
        let buyer = asked.buyer(plan).await;
        let invitation = buyer.open_link(&asked.link).await;
        buyer.accept_into(invitation, "new").await.expect(303);
        let received = asked.app.sources_from(buyer.account(), asked.seller.account()).await.remove(0);
        (asked, buyer, received)
    }
}

impl TestApp {
    /// The Admin of a seller with LeadConduit Pro.
    pub async fn lead_harbor(&self) -> Actor {
        self.admin("Lea Seller", LEAD_HARBOR, "Lead Harbor", Some(Plan::Pro), false).await
    }
}
