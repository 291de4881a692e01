//! Connections of companies, and what people do about them.

use super::{Actor, Answer, TestApp, stage::Stage};
use accord::base::{AccountId, ConnectionId, paths};

impl TestApp {
    /// The only connection there is.
    pub async fn connection(&self) -> ConnectionId {
        sqlx::query_scalar("select id from connections").fetch_one(&self.state.pool).await.unwrap()
    }

    /// Connects two accounts without an invitation; the id, as paths spell it.
    pub async fn connect(&self, seller: AccountId, buyer: AccountId) -> ConnectionId {
        let cx = self.state.system().await.unwrap();
        let connect = cx.write((seller, buyer), |tx, (seller, buyer)| {
            Box::pin(accord::entities::server::connect(tx, seller, buyer, None))
        });
        connect.await.unwrap()
    }

    /// The API keys of an account that its systems may use, by name.
    pub async fn living_keys(&self, account: AccountId) -> Vec<String> {
        sqlx::query_scalar("select name from api_keys where account_id = $1 and revoked_at is null order by id")
            .bind(account)
            .fetch_all(&self.state.pool)
            .await
            .unwrap()
    }
}

impl Actor {
    pub async fn disconnect(&self, connection: ConnectionId) -> Answer {
        self.post_as("disconnect", &paths::disconnect(connection), &[]).await
    }

    /// Accepts the latest invitation that was mailed to an address, confirming that it is another one.
    pub async fn accept_latest(&self, email: &str) -> Answer {
        let invitation = self.open_link(&self.app.link_to(email).await).await;
        self.accept_confirmed(invitation).await
    }
}

impl Stage {
    /// The buyer's partner invites its company once more, some time after the last invitation.
    pub async fn invite_partner_again(&self, email: &str) -> Answer {
        self.app.deliver().await;
        self.app.advance(time::Duration::minutes(2));
        self.buyer.connect(self.partner().await, email).await
    }
}
