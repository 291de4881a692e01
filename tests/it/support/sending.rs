//! Sellers' systems that send leads.

use super::{Actor, Response, TestApp, stage::Stage};
use accord::base::{FlowId, SourceId, paths};
use axum::{body::Body, http::Method};

impl TestApp {
    /// Posts a lead, as a form unless another content type is given.
    pub async fn submit(&self, flow: FlowId, source: SourceId, body: String, headers: &[(&str, &str)]) -> Response {
        let mut all = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type", "application/x-www-form-urlencoded"));
        }
        self.visitor("", "", "").send(Method::POST, &paths::submit(flow, source), &all, Body::from(body)).await
    }
}

impl Stage {
    pub async fn lead(&self, fields: &[(&str, &str)]) -> Response {
        self.app.submit(self.flow, self.source, super::actor::form(fields), &[]).await
    }

    pub async fn lead_with(&self, headers: &[(&str, &str)], body: &str) -> Response {
        self.app.submit(self.flow, self.source, body.to_owned(), headers).await
    }

    pub async fn leads(&self) -> i64 {
        self.app.count("leads").await
    }
}

/// A custom source in a new flow, which needs no invitation.
pub async fn open_source() -> (TestApp, Actor, FlowId, SourceId) {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.post_as("custom", &paths::custom_source(flow), &[("name", "Website form")]).await.expect(303);
    let source = buyer.only_source(flow).await.id;
    (app, buyer, flow, source)
}
