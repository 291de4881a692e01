//! Partners and their users, created directly for tests that are not about creating them.

use super::{Actor, TestApp, stage::Stage};
use accord::{
    base::{AccountId, PartnerId, SourceId, UserId},
    partners::model::PartnerRole,
};

impl Stage {
    /// The partner of the stage's source.
    pub async fn partner(&self) -> PartnerId {
        sqlx::query_scalar("select partner_id from flow_sources where id = $1")
            .bind(self.source)
            .fetch_one(&self.app.state.pool)
            .await
            .unwrap()
    }
}

impl TestApp {
    /// The partner linked to this account.
    pub async fn partner_linked_to(&self, account: AccountId) -> PartnerId {
        sqlx::query_scalar("select id from partners where linked_account_id = $1")
            .bind(account)
            .fetch_one(&self.state.pool)
            .await
            .unwrap()
    }

    /// A partner of the actor's account.
    pub async fn make_partner(&self, of: &Actor, name: &str) -> PartnerId {
        let id: PartnerId = self.state.make_id(self.state.now().await.unwrap());
        sqlx::query(
            "insert into partners (id, account_id, name, named_by_hand, notes, created_at, updated_at)
             values ($1, $2, $3, true, 'Pays late.', now(), now())",
        )
        .bind(id)
        .bind(of.account())
        .bind(name)
        .execute(&self.state.pool)
        .await
        .unwrap();
        id
    }

    /// Assigns a source to a partner, or to none.
    pub async fn assign(&self, source: SourceId, partner: Option<PartnerId>) {
        sqlx::query("update flow_sources set partner_id = $2 where id = $1")
            .bind(source)
            .bind(partner)
            .execute(&self.state.pool)
            .await
            .unwrap();
    }

    /// A signed-in user of a partner.
    pub async fn partner_user(&self, of: PartnerId, role: PartnerRole, name: &str, email: &str) -> Actor {
        let actor = self.signed_in_user(name, email).await;
        self.add_partner_user(of, role, actor.user()).await;
        actor
    }

    /// Adds a user to a partner.
    pub async fn add_partner_user(&self, of: PartnerId, role: PartnerRole, user: UserId) {
        sqlx::query(
            "insert into partner_users (account_id, partner_id, user_id, role, created_at)
             select account_id, id, $2, $3, now() from partners where id = $1",
        )
        .bind(of)
        .bind(user)
        .bind(role)
        .execute(&self.state.pool)
        .await
        .unwrap();
    }
}
