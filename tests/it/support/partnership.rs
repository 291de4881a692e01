//! What an account's people do with its partners, through the forms of the pages.

use super::{Actor, Response, TestApp};
use accord::base::{AccountId, FlowId, PartnerId, SourceId, paths};
use serde_json::Value;

/// A partner as stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PartnerFacts {
    pub id: PartnerId,
    pub name: String,
    pub named_by_hand: bool,
    pub website: Option<String>,
    pub notes: String,
    pub invited_email_key: Option<String>,
    pub linked_account_id: Option<AccountId>,
    pub archived: bool,
}

impl TestApp {
    /// All partners, in order of creation.
    pub async fn partners(&self) -> Vec<PartnerFacts> {
        sqlx::query_as(
            "select id, name, named_by_hand, website, notes, invited_email_key, linked_account_id,
                    archived_at is not null as archived
             from partners order by id",
        )
        .fetch_all(&self.state.pool)
        .await
        .unwrap()
    }

    pub async fn partner(&self, id: PartnerId) -> PartnerFacts {
        self.partners().await.into_iter().find(|partner| partner.id == id).unwrap()
    }

    /// The partner a source is assigned to.
    pub async fn partner_of(&self, source: SourceId) -> Option<PartnerId> {
        sqlx::query_scalar("select partner_id from flow_sources where id = $1")
            .bind(source)
            .fetch_one(&self.state.pool)
            .await
            .unwrap()
    }

    /// The values before and after each of these deeds, oldest first.
    pub async fn changes(&self, deed: &str) -> Vec<(Option<Value>, Option<Value>)> {
        sqlx::query_as("select before, after from activity where deed = $1 order by id")
            .bind(deed)
            .fetch_all(&self.state.pool)
            .await
            .unwrap()
    }
}

impl Actor {
    /// Creates a partner.
    pub async fn create_partner(&self, name: &str) -> PartnerId {
        let response = self.post_as("partner", paths::NEW_PARTNER, &[("name", name)]).await;
        response.location().rsplit('/').next().unwrap().parse().unwrap()
    }

    /// Invites an address to connect as this partner.
    pub async fn connect(&self, partner: PartnerId, email: &str) -> Response {
        self.post_as("connect", &paths::connect_partner(partner), &[("email", email), ("note", "")]).await
    }

    /// Confirms what the removal page offers: archive or delete.
    pub async fn remove_partner(&self, partner: PartnerId) -> Response {
        let path = paths::remove_partner(partner);
        let gone = if self.get(&path).await.has("value=\"delete\"") { "delete" } else { "archive" };
        self.post_as("remove", &path, &[("gone", gone)]).await
    }

    pub async fn restore_partner(&self, partner: PartnerId) -> Response {
        self.post_as("restore", &paths::partner(partner), &[]).await
    }

    /// Assigns sources that have no other partner.
    pub async fn assign(&self, partner: PartnerId, sources: &[SourceId]) -> Response {
        self.move_sources(partner, sources, &[]).await
    }

    /// Assigns sources, confirming the move of those that were shown with another partner.
    pub async fn move_sources(
        &self,
        partner: PartnerId,
        sources: &[SourceId],
        seen: &[(SourceId, PartnerId)],
    ) -> Response {
        let mut fields: Vec<_> = sources.iter().map(|id| (format!("source-{id}"), "on".to_owned())).collect();
        fields.extend(seen.iter().map(|(source, present)| (format!("from-{source}"), present.to_string())));
        if !seen.is_empty() {
            fields.push(("confirm".to_owned(), "on".to_owned()));
        }
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post_as("assign", &paths::assign_sources(partner), &fields).await
    }

    pub async fn unassign(&self, partner: PartnerId, sources: &[SourceId]) -> Response {
        let names: Vec<_> = sources.iter().map(|id| format!("source-{id}")).collect();
        let fields: Vec<_> = names.iter().map(|name| (name.as_str(), "on")).collect();
        self.post_as("unassign", &paths::partner_sources(partner), &fields).await
    }

    /// Adds a custom source to a flow.
    pub async fn custom_source(&self, flow: FlowId, name: &str) -> SourceId {
        self.post_as("custom", &paths::custom_source(flow), &[("name", name)]).await.expect(303);
        self.sources(flow).await.into_iter().find(|row| row.name == name).unwrap().id
    }
}
