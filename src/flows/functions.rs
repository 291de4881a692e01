//! [both] The room's server functions, each used by an island.

use super::model::{SourceList, SourcesShown};
use crate::{
    base::{AppError, EntityId, Fetch, FlowId, SourceId},
    rules::{CriteriaRows, MappingRow},
};
use leptos::prelude::*;

/// The current sources of a part of a flow, and the entities that can be added.
#[server(prefix = "/fn", endpoint = "flows/sources/list", protocol = Fetch)]
pub async fn list_sources(flow_id: FlowId, shown: SourcesShown) -> Result<SourceList, AppError> {
    use crate::{accounts::model::Permission, flows::server, reports, server::call::call, web::ListPage};
    call(async |cx| {
        let mut conn = cx.read().await?;
        let (flow, _) = server::find_for(&mut conn, flow_id, Permission::See).await?;
        let query = super::pages::source_query(&shown);
        let mut list = reports::server::sources_now(&mut conn, flow.account_id, flow_id, query, cx.now).await?;
        list.rows = ListPage::cut(list.rows).0;
        Ok(list)
    })
    .await
}

/// Turns a source on or off.
#[server(prefix = "/fn", endpoint = "flows/sources/switch", protocol = Fetch)]
pub async fn switch_source(flow_id: FlowId, source_id: SourceId, on: bool) -> Result<(), AppError> {
    use crate::{flows::server, server::call::call};
    call(async |cx| {
        cx.write((flow_id, source_id, on), |tx, (flow, source, on)| {
            Box::pin(server::switch_source(tx, flow, source, on))
        })
        .await
    })
    .await
}

/// Sets whether an accepted invitation turns the source on.
#[server(prefix = "/fn", endpoint = "flows/sources/turn-on", protocol = Fetch)]
pub async fn set_turn_on(flow_id: FlowId, source_id: SourceId, turn_on: bool) -> Result<(), AppError> {
    use crate::{flows::server, server::call::call};
    call(async |cx| {
        cx.write((flow_id, source_id, turn_on), |tx, (flow, source, on)| {
            Box::pin(server::set_turn_on(tx, flow, source, on))
        })
        .await
    })
    .await
}

/// Adds an entity of the account to the flow.
#[server(prefix = "/fn", endpoint = "flows/sources/add", protocol = Fetch)]
pub async fn add_source(flow_id: FlowId, entity_id: EntityId) -> Result<SourceId, AppError> {
    use crate::{flows::server, server::call::call};
    call(async |cx| {
        cx.write((flow_id, entity_id), |tx, (flow, entity)| Box::pin(server::add_source(tx, flow, entity))).await
    })
    .await
}

/// Creates a custom source and adds it to the flow.
#[server(prefix = "/fn", endpoint = "flows/sources/create", protocol = Fetch)]
pub async fn create_source(flow_id: FlowId, name: String) -> Result<SourceId, AppError> {
    use crate::{flows::server, server::call::call};
    call(async |cx| {
        cx.write((flow_id, name), |tx, (flow, name)| {
            Box::pin(async move { server::create_source(tx, flow, &name).await })
        })
        .await
    })
    .await
}

/// Saves the mappings of a source. Returns the new version.
#[server(prefix = "/fn", endpoint = "flows/sources/map", protocol = Fetch)]
pub async fn save_mappings(
    flow_id: FlowId,
    source_id: SourceId,
    version: i32,
    rows: Vec<MappingRow>,
) -> Result<i32, AppError> {
    use crate::{flows::server::edit, server::call::call};
    call(async |cx| edit::save_mappings(&cx, flow_id, source_id, version, rows).await).await
}

/// Saves the acceptance criteria of a source, or of the flow if `source_id` is None. Returns the new version.
#[server(prefix = "/fn", endpoint = "flows/criteria/save", protocol = Fetch)]
pub async fn save_criteria(
    flow_id: FlowId,
    source_id: Option<SourceId>,
    version: i32,
    rows: CriteriaRows,
) -> Result<i32, AppError> {
    use crate::{flows::server::edit, server::call::call};
    call(async |cx| edit::save_criteria(&cx, flow_id, source_id, version, rows).await).await
}
