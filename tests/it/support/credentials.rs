//! Source credentials, and users of the source's partner.

use super::{Actor, Response, TestApp, stage::Stage};
use accord::{
    base::{AccountId, PartnerId, SourceId, UserId, paths},
    partners::model::PartnerRole,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};

/// An `Authorization` header.
pub fn basic(user: &str, secret: &str) -> (&'static str, String) {
    ("authorization", format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{secret}"))))
}

/// The secret that a page shows once.
#[track_caller]
pub fn shown_secret(response: &Response) -> String {
    let page = response.clone().expect(200);
    let shown = page.body.split("data-copy=\"src_").nth(1).unwrap_or_else(|| panic!("no secret: {}", page.text()));
    format!("src_{}", shown.split('"').next().unwrap())
}

impl Stage {
    pub fn tab(&self) -> String {
        paths::source_authentication(self.flow, self.source)
    }

    pub fn docs(&self) -> String {
        paths::source_docs(self.flow, self.source)
    }

    /// The buyer creates the first credential. Returns its secret.
    pub async fn make_credential(&self) -> String {
        shown_secret(&self.buyer.post_as("create-credential", &self.tab(), &[]).await)
    }

    /// The buyer rotates the current credential. Returns the new secret.
    pub async fn rotate(&self, former: &str) -> String {
        let current = self.current_credential().await;
        let fields = [("credential", current.as_str()), ("former", former)];
        shown_secret(&self.buyer.post_as("rotate-credential", &self.tab(), &fields).await)
    }

    pub async fn require(&self, on: &str) {
        self.buyer.post_as("authentication", &self.tab(), &[("require", on)]).await.expect(303);
    }

    /// The id of the current credential, as forms submit it.
    pub async fn current_credential(&self) -> String {
        self.app.credential(self.source, "ends_at is null").await
    }

    /// Posts a lead with a username and a secret.
    pub async fn lead_as(&self, user: &str, secret: &str) -> Response {
        let (name, value) = basic(user, secret);
        self.lead_with(&[(name, &value)], "st=CA").await
    }

    /// A user of the source's partner. Creates the partner if needed.
    pub async fn partner_user(&self, role: PartnerRole, name: &str, email: &str) -> Actor {
        let partner = self.app.partner_of_source(self.source, self.buyer.account()).await;
        self.app.partner_user(partner, role, name, email).await
    }
}

impl TestApp {
    pub async fn credential(&self, source: SourceId, which: &str) -> String {
        let query = format!("select encode(id, 'hex') from source_credentials where source_id = $1 and {which}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).bind(source).fetch_one(&self.state.pool).await.unwrap()
    }

    /// The partner that a source is assigned to. Creates it if needed.
    pub async fn partner_of_source(&self, source: SourceId, account: AccountId) -> PartnerId {
        let known: Option<PartnerId> = sqlx::query_scalar("select partner_id from flow_sources where id = $1")
            .bind(source)
            .fetch_one(&self.state.pool)
            .await
            .unwrap();
        if let Some(known) = known {
            return known;
        }
        let id: PartnerId = self.state.make_id(self.state.now().await.unwrap());
        sqlx::query(
            "with made as (
                 insert into partners (id, account_id, name, named_by_hand, created_at, updated_at)
                 values ($1, $2, 'Acme Leads', true, now(), now()) returning id
             ) update flow_sources set partner_id = (select id from made) where id = $3",
        )
        .bind(id)
        .bind(account)
        .bind(source)
        .execute(&self.state.pool)
        .await
        .unwrap();
        id
    }

    /// Creates an API key for an account.
    pub async fn api_key(&self, account: AccountId, by: UserId) -> String {
        let cx = self.state.system().await.unwrap();
        let made = cx.write((account, by), |tx, (account, by)| {
            Box::pin(async move {
                accord::accounts::server::create_api_key(tx, account, by, "Test").await.map(|made| made.key)
            })
        });
        made.await.unwrap().reveal().to_owned()
    }
}
