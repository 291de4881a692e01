//! A seller asks a buyer to receive its leads.

use super::{Actor, Answer, TestApp};
use accord::{
    accounts::model::Plan,
    base::{AccountId, EntityId, FlowId, InvitationId, SourceId, paths},
};

/// The invited buyer of most of these tests.
pub const BUYER: &str = "bo@buyer.example";
pub const LEAD_HARBOR: &str = "lea@harbor.example";

/// How one account sees another one.
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

/// A source with the flow it is in and the partner it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ReceivingFacts {
    pub source_id: SourceId,
    pub flow_id: FlowId,
    pub flow: String,
    pub enabled: bool,
    pub partner: Option<String>,
}

impl TestApp {
    /// The entities of an account that stand for others, in the order in which they were made.
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

    /// The sources by which a buyer receives leads of a seller.
    pub async fn receiving(&self, buyer: AccountId, seller: AccountId) -> Vec<ReceivingFacts> {
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

    /// The path of the link in the latest invitation that an address got, among what else it got.
    pub async fn invited_link(&self, address: &str) -> String {
        let mails = self.mails_to(address).await;
        let links = mails.iter().filter_map(|mail| mail.links.first()).map(|link| self.path_of(link));
        let mut invited: Vec<_> = links.filter(|path| path.starts_with("/i/")).collect();
        invited.remove(0)
    }

    /// Who sells to whom, in the order of connecting.
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
    /// Asks a buyer by the form of the recipients.
    pub async fn invite_recipient(&self, email: &str, note: &str) -> Answer {
        self.post_as("invite", paths::INVITE_RECIPIENT, &[("email", email), ("note", note)]).await
    }

    /// One of the buttons beside a recipient.
    pub async fn act_on_recipient(&self, act: &str, invitation: InvitationId) -> Answer {
        self.post_as(act, paths::RECIPIENTS, &[("invitation", &invitation.to_string())]).await
    }

    /// Accepts on the invitation's page, to receive the leads in this flow.
    pub async fn accept_into(&self, invitation: InvitationId, flow: &str) -> Answer {
        let account = self.account().to_string();
        let form = [("form", "accept"), ("account", account.as_str()), ("flow", flow)];
        self.post(&paths::invitation(invitation), &form).await
    }
}

/// A buyer that was asked and has not answered.
#[derive(Debug)]
pub struct Asked {
    pub app: TestApp,
    pub seller: Actor,
    pub link: String,
}

impl Asked {
    pub async fn pending() -> Self {
        let app = TestApp::start().await;
        let seller = app.lead_harbor().await;
        Self::by(app, seller).await
    }

    pub async fn by(app: TestApp, seller: Actor) -> Self {
        let sent = seller.invite_recipient(BUYER, "We have leads for you.").await;
        assert_eq!(sent.leads_to(), paths::RECIPIENTS);
        let link = app.invited_link(BUYER).await;
        Self { app, seller, link }
    }

    /// The invited person, whose company has this plan.
    pub async fn buyer(&self, plan: Option<Plan>) -> Actor {
        self.app.admin("Bo Buyer", BUYER, "Bright Solar", plan, false).await
    }

    /// The invited person, who has no account.
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

    /// Accepted by a buyer with that plan into a new flow.
    pub async fn connected(plan: Option<Plan>) -> (Self, Actor, ReceivingFacts) {
        let asked = Self::pending().await;
        let buyer = asked.buyer(plan).await;
        let invitation = buyer.open_link(&asked.link).await;
        buyer.accept_into(invitation, "new").await.expect(303);
        let received = asked.app.receiving(buyer.account(), asked.seller.account()).await.remove(0);
        (asked, buyer, received)
    }
}

impl TestApp {
    /// The Admin of a seller with LeadConduit Pro.
    pub async fn lead_harbor(&self) -> Actor {
        self.admin("Lea Seller", LEAD_HARBOR, "Lead Harbor", Some(Plan::Pro), false).await
    }
}
