//! `/entities`.

use crate::{
    accounts::model::{Permission, Plan},
    api::server::{
        body::Body,
        call::Call,
        error::Error,
        paging::{Id, Page, Query},
        queries::{
            Selection,
            entities::{self as queries, Entity},
        },
        response::{ApiResponse, Reply},
        schemas::Name,
    },
    base::{EntityId, Problem},
    entities::server as entities,
    invitations::server as invitations,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// The name of a custom entity.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedEntity {
    name: Name,
}

/// Lists the entities of the account, except those merged into others.
#[utoipa::path(get, path = "/entities", operation_id = "list_entities", tag = "Entities", params(Page<EntityId>),
    responses((status = 200, description = "The entities.", body = Vec<Entity>)))]
pub async fn list(call: Call, Query(page): Query<Page<EntityId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    let which = Selection::Page { after: page.after, limit: page.limit().plus_one() };
    let rows = queries::list(&mut conn, call.readable_account()?, which, call.cx.now).await?;
    Ok(page.limit().page(&call, rows, |entity| entity.id)?)
}

/// Creates a custom entity: the account's own form or system.
#[utoipa::path(post, path = "/entities", operation_id = "create_entity", tag = "Entities", request_body = NamedEntity,
    responses((status = 201, description = "The new entity.", body = Entity)))]
pub async fn create(call: Call, body: Body<NamedEntity>) -> Reply {
    call.post(&body.bytes, (call.account_id, body.value), |tx, (account_id, new)| {
        Box::pin(async move {
            let actor = tx.cx.actor(account_id, Permission::ChangeFlows)?;
            if !actor.plan.is_some_and(Plan::may_build_flows) {
                return Err(Problem::PlanRequired.into());
            }
            let (id, now) = (entities::create_custom(tx, &actor, &new.name.0).await?, tx.now());
            ApiResponse::created(&queries::find(tx, account_id, id, now).await?)
        })
    })
    .await
}

/// Returns one entity.
///
/// If it was merged into another, `see` has the id of that one.
#[utoipa::path(get, path = "/entities/{entity_id}", operation_id = "find_entity", tag = "Entities",
    params(("entity_id" = EntityId, Path, description = "The entity.")),
    responses((status = 200, description = "The entity.", body = Entity)))]
pub async fn find(call: Call, Id(id): Id<EntityId>) -> Reply {
    let mut conn = call.cx.read().await?;
    Ok(ApiResponse::ok(&queries::find(&mut conn, call.readable_account()?, id, call.cx.now).await?)?)
}

/// Renames a custom entity.
#[utoipa::path(put, path = "/entities/{entity_id}", operation_id = "rename_entity", tag = "Entities",
    params(("entity_id" = EntityId, Path, description = "The entity.")), request_body = NamedEntity,
    responses((status = 200, description = "The entity.", body = Entity),
              (status = 409, description = "Account entities and standard ones cannot be renamed.", body = Error)))]
pub async fn rename(call: Call, Id(id): Id<EntityId>, body: Body<NamedEntity>) -> Reply {
    call.write((call.account_id, id, body.value.name.0), |tx, (account_id, id, name)| {
        Box::pin(async move {
            let actor = tx.cx.actor(account_id, Permission::ChangeFlows)?;
            entities::rename(tx, &actor, id, &name).await?;
            let now = tx.now();
            ApiResponse::ok(&queries::find(tx, account_id, id, now).await?)
        })
    })
    .await
}

/// Deletes an entity that no flow uses.
///
/// For a pending one, the invitation is revoked.
#[utoipa::path(delete, path = "/entities/{entity_id}", operation_id = "delete_entity", tag = "Entities",
    params(("entity_id" = EntityId, Path, description = "The entity.")),
    responses((status = 204, description = "Deleted."),
              (status = 409, description = "The entity is used in a flow, is connected, or is a standard one.", body = Error)))]
pub async fn remove(call: Call, Id(id): Id<EntityId>) -> Reply {
    call.write((call.account_id, id), |tx, (account_id, id)| {
        Box::pin(async move {
            invitations::remove_entity(tx, account_id, id).await?;
            Ok(ApiResponse::no_content())
        })
    })
    .await
}
