//! `/partners` and their sources.

use crate::{
    accounts::model::Permission,
    api::server::{
        body::{Body, double_option, version},
        call::Call,
        error::Error,
        paging::{self, Id, Ids, Page, Query},
        queries::{
            Selection,
            flows::{self as sources, FlowSource},
            partners::{self as queries, Partner},
        },
        response::{ApiResponse, Reply},
        schemas::{Name, Notes, Website},
    },
    base::{AccountId, PartnerId, Problem, SourceId},
    flows::server::{self as flows, Assignment},
    invitations::server as invitations,
    partners::server::{self as partners, Details, policy},
    reports::server::forget_partner_orders,
    server::{Fault, Tx},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// A new partner.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPartner {
    name: Name,
    website: Option<Website>,
    notes: Option<Notes>,
}

/// Changes to a partner. Properties left out stay unchanged.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "notes": "Met at the fair." }))]
pub struct PartnerChange {
    name: Option<Name>,
    /// Null removes the website.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Website>)]
    website: Option<Option<Website>>,
    notes: Option<Notes>,
    /// The version you read. If it is no longer current, the response is 409. If left out, the current version is
    /// changed.
    #[serde(default, deserialize_with = "version")]
    #[schema(minimum = 1)]
    version: Option<i32>,
}

/// Lists the partners that are not archived.
#[utoipa::path(get, path = "/partners", operation_id = "list_partners", tag = "Partners", params(Page<PartnerId>),
    responses((status = 200, description = "The partners.", body = Vec<Partner>)))]
pub async fn list(call: Call, Query(page): Query<Page<PartnerId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    let which = Selection::Page { after: page.after, limit: page.limit().plus_one() };
    let rows = queries::list(&mut conn, call.readable_account()?, which, call.cx.now).await?;
    Ok(page.limit().page(&call, rows, |partner| partner.id)?)
}

/// Creates a partner.
#[utoipa::path(post, path = "/partners", operation_id = "create_partner", tag = "Partners", request_body = NewPartner,
    responses((status = 201, description = "The new partner.", body = Partner)))]
pub async fn create(call: Call, body: Body<NewPartner>) -> Reply {
    let reply = call
        .post(&body.bytes, (call.account_id, body.value), |tx, (account_id, new)| {
            Box::pin(async move {
                let website = new.website.as_ref().map_or("", |site| &site.0);
                let details =
                    Details::parse(&new.name.0, website, Some(new.notes.as_ref().map_or("", |notes| &notes.0)))?;
                let id = partners::create(tx, account_id, details).await?;
                ApiResponse::created(&load(tx, account_id, id).await?)
            })
        })
        .await;
    forget_partner_orders(&call.cx.state, call.account_id);
    reply
}

async fn load(tx: &mut Tx, account_id: AccountId, id: PartnerId) -> Result<Partner, Fault> {
    let now = tx.now();
    queries::find(tx, account_id, id, now).await
}

/// Returns one partner.
#[utoipa::path(get, path = "/partners/{partner_id}", operation_id = "find_partner", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner.")),
    responses((status = 200, description = "The partner.", body = Partner)))]
pub async fn find(call: Call, Id(id): Id<PartnerId>) -> Reply {
    let mut conn = call.cx.read().await?;
    Ok(ApiResponse::ok(&queries::find(&mut conn, call.readable_account()?, id, call.cx.now).await?)?)
}

/// Changes a partner.
#[utoipa::path(put, path = "/partners/{partner_id}", operation_id = "change_partner", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner.")), request_body = PartnerChange,
    responses((status = 200, description = "The partner.", body = Partner),
              (status = 409, description = "Someone else changed the partner. Read it again.", body = Error)))]
pub async fn change(call: Call, Id(id): Id<PartnerId>, body: Body<PartnerChange>) -> Reply {
    call.write((call.account_id, id, body.value), |tx, (account_id, id, change)| {
        Box::pin(async move {
            let was = load(tx, account_id, id).await?;
            if change.version.is_some_and(|version| version != was.version) {
                return Err(Problem::StaleVersion.into());
            }
            let name = change.name.map_or(was.name, |name| name.0);
            let website = change.website.map_or(was.website, |site| site.map(|site| site.0));
            let notes = change.notes.map_or(was.notes, |notes| notes.0);
            let details = Details::parse(&name, website.as_deref().unwrap_or(""), Some(&notes))?;
            partners::change(tx, id, was.version, details).await?;
            ApiResponse::ok(&load(tx, account_id, id).await?)
        })
    })
    .await
}

/// Removes a partner.
///
/// A partner that ever had leads or was invited is archived and can be restored on its page; any other is deleted. Its
/// sources still accept leads.
#[utoipa::path(delete, path = "/partners/{partner_id}", operation_id = "delete_partner", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner.")),
    responses((status = 204, description = "Archived or deleted.")))]
pub async fn remove(call: Call, Id(id): Id<PartnerId>) -> Reply {
    let reply = call
        .write((call.account_id, id), |tx, (account_id, id)| {
            Box::pin(async move {
                load(tx, account_id, id).await?;
                invitations::remove_partner(tx, id, invitations::Removal::Whichever).await?;
                Ok(ApiResponse::no_content())
            })
        })
        .await;
    forget_partner_orders(&call.cx.state, call.account_id);
    reply
}

/// Lists the sources assigned to a partner, in flows that are not archived.
#[utoipa::path(get, path = "/partners/{partner_id}/sources", operation_id = "list_partner_sources", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner."), Page<SourceId>),
    responses((status = 200, description = "The sources.", body = Vec<FlowSource>)))]
pub async fn sources(call: Call, Id(id): Id<PartnerId>, Query(page): Query<Page<SourceId>>) -> Reply {
    let mut conn = call.cx.read().await?;
    policy::find_in_account(&mut conn, id, Permission::See).await?;
    let (account_id, limit) = (call.readable_account()?, page.limit());
    let ids = sources::list_source_ids(&mut conn, (account_id, id), page.after, limit.plus_one()).await?;
    let sources = sources::load_sources(&mut conn, account_id, &limit.ids(ids)).await?;
    Ok(paging::page(&call, sources, |source| source.id)?)
}

/// The partner to move a source from.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MoveFrom {
    /// The partner the source is assigned to now. Required to move a source from another partner.
    from: Option<PartnerId>,
}

/// Assigns a source to a partner.
#[utoipa::path(put, path = "/partners/{partner_id}/sources/{source_id}", operation_id = "assign_source", tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner."),
           ("source_id" = SourceId, Path, description = "The source."), MoveFrom),
    responses((status = 200, description = "The source.", body = FlowSource),
              (status = 409, description = "The source is assigned to a partner other than the one in `from`.", body = Error)))]
pub async fn assign(call: Call, Ids(id, source_id): Ids<PartnerId, SourceId>, Query(query): Query<MoveFrom>) -> Reply {
    call.write((call.account_id, id, source_id, query.from), |tx, (account_id, id, source_id, from)| {
        Box::pin(async move {
            let moves = from.map(|from| (source_id, from)).into_iter().collect();
            let wanted = Assignment { sources: vec![source_id], moves };
            flows::assign(tx, id, wanted).await.map_err(|fault| match fault {
                Fault::Expected(error) if error.field_message("confirm").is_some() => Problem::SourceOfAnother.into(),
                other => other,
            })?;
            ApiResponse::ok(&sources::find_source(tx, account_id, (None, source_id)).await?)
        })
    })
    .await
}

/// Unassigns a source from a partner.
///
/// The source still accepts leads.
#[utoipa::path(delete, path = "/partners/{partner_id}/sources/{source_id}", operation_id = "unassign_source",
    tag = "Partners",
    params(("partner_id" = PartnerId, Path, description = "The partner."),
           ("source_id" = SourceId, Path, description = "The source.")),
    responses((status = 204, description = "Unassigned.")))]
pub async fn unassign(call: Call, Ids(id, source_id): Ids<PartnerId, SourceId>) -> Reply {
    call.write((call.account_id, id, source_id), |tx, (account_id, id, source_id)| {
        Box::pin(async move {
            let source = sources::find_source(tx, account_id, (None, source_id)).await?;
            if source.partner_id != Some(id) {
                return Err(Fault::NOT_FOUND);
            }
            flows::unassign(tx, id, vec![source_id]).await?;
            Ok(ApiResponse::no_content())
        })
    })
    .await
}
