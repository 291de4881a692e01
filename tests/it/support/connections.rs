//! Connections between companies, and what people do with them.

use super::{Actor, Response, TestApp, stage::Stage};
use accord::base::{AccountId, ConnectionId, EntityId, Id, paths};

impl TestApp {
    /// The only connection in the database.
    pub async fn connection(&self) -> ConnectionId {
        sqlx::query_scalar("select id from connections").fetch_one(&self.state.pool).await.unwrap()
    }

    /// Connects two accounts without an invitation.
    pub async fn connect(&self, seller: AccountId, buyer: AccountId) -> ConnectionId {
        let cx = self.state.system().await.unwrap();
        let connect = cx.write((seller, buyer), |tx, (seller, buyer)| {
            let no_pending = EntityId::from_bytes([0; 12]);
            Box::pin(accord::entities::server::connect(tx, seller, buyer, no_pending))
        });
        connect.await.unwrap();
        sqlx::query_scalar("select id from connections where seller_account_id = $1 and buyer_account_id = $2")
            .bind(seller)
            .bind(buyer)
            .fetch_one(&self.state.pool)
            .await
            .unwrap()
    }

    /// The names of an account's active API keys.
    pub async fn active_keys(&self, account: AccountId) -> Vec<String> {
        sqlx::query_scalar("select name from api_keys where account_id = $1 and revoked_at is null order by id")
            .bind(account)
            .fetch_all(&self.state.pool)
            .await
            .unwrap()
    }
}

impl Actor {
    pub async fn disconnect(&self, connection: ConnectionId) -> Response {
        self.post_as("disconnect", &paths::disconnect(connection), &[]).await
    }

    /// Accepts the latest invitation emailed to an address, confirming that the actor's own address differs.
    pub async fn accept_latest(&self, email: &str) -> Response {
        let invitation = self.open_link(&self.app.link_to(email).await).await;
        self.accept_confirmed(invitation).await
    }
}

impl Stage {
    /// The buyer invites its partner's company once more, after the resend limit has passed.
    pub async fn invite_partner_again(&self, email: &str) -> Response {
        self.app.deliver().await;
        self.app.advance(time::Duration::minutes(2));
        self.buyer.connect(self.partner().await, email).await
    }
}
