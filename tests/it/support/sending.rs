//! Sellers' systems, which send leads.

use super::{Actor, Answer, TestApp, stage::Stage};
use accord::base::{FlowId, SourceId, paths};
use axum::{body::Body, http::Method};

impl TestApp {
    /// Posts a lead; the content type is that of a form unless another is given.
    pub async fn submit(&self, flow: FlowId, source: SourceId, body: String, headers: &[(&str, &str)]) -> Answer {
        let mut all = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type", "application/x-www-form-urlencoded"));
        }
        self.visitor("", "", "").send(Method::POST, &paths::submit(flow, source), &all, Body::from(body)).await
    }
}

impl Stage {
    pub async fn lead(&self, fields: &[(&str, &str)]) -> Answer {
        self.app.submit(self.flow, self.source, super::actor::form(fields), &[]).await
    }

    pub async fn lead_with(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        self.app.submit(self.flow, self.source, body.to_owned(), headers).await
    }

    pub async fn leads(&self) -> i64 {
        self.app.count("leads").await
    }
}

/// A custom source of a fresh flow, which needs no invitation.
pub async fn open_source() -> (TestApp, Actor, FlowId, SourceId) {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.post_as("custom", &paths::custom_source(flow), &[("name", "Website form")]).await.expect(303);
    let source = buyer.only_source(flow).await.id;
    (app, buyer, flow, source)
}
