//! What the forms of the room's pages do.

use crate::{
    accounts::model::Permission,
    base::{EntityId, FlowId, InvitationId, SourceId, paths},
    flows::routes::Message,
    flows::{
        islands::criteria::Change,
        server::{self, Gone, edit},
    },
    invitations::{model::Act, server as invitations},
    rules::{CriteriaRows, MappingRow, mapping_rows_from_values},
    server::{Fault, form::Fields},
    web::{Post, PostResult, Posted, Redirect},
};

/// The standard fields that were checked, in the order of the page.
fn chosen_fields(fields: &Fields) -> Vec<String> {
    fields.names().filter_map(|name| name.strip_prefix("field-")).map(ToOwned::to_owned).collect()
}

pub async fn post_new_flow(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    let input = (account_id, post.fields.get("name").to_owned(), chosen_fields(&post.fields));
    let id = post
        .cx
        .write(input, |tx, (account_id, name, fields)| {
            Box::pin(async move { server::create(tx, account_id, &name, &fields).await })
        })
        .await?;
    Ok(Redirect::to(paths::flow_sources(id)).saying(Message::FlowCreated))
}

pub async fn post_fields(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    post.cx
        .write((flow_id, chosen_fields(&post.fields)), |tx, (flow_id, fields)| {
            Box::pin(async move { server::set_fields(tx, flow_id, &fields).await })
        })
        .await?;
    Ok(Redirect::to(paths::flow_fields(flow_id)).saying(Message::FieldsSaved))
}

/// The switches of the Sources tab: a source, what acceptance does to it, the flow.
pub async fn post_sources(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let to = paths::flow_sources(flow_id);
    match post.fields.get("form") {
        "switch" => {
            let (source_id, on): (SourceId, bool) = (post.fields.id("source")?, post.fields.get("on") == "on");
            post.cx
                .write((flow_id, source_id, on), |tx, (flow, source, on)| {
                    Box::pin(server::switch_source(tx, flow, source, on))
                })
                .await?;
            Ok(Redirect::to(to).saying(if on { Message::SourceOn } else { Message::SourceOff }))
        }
        "turn-on" => {
            let input = (flow_id, post.fields.id::<SourceId>("source")?, post.fields.is_checked("turn_on"));
            post.cx.write(input, |tx, (flow, source, on)| Box::pin(server::set_turn_on(tx, flow, source, on))).await?;
            Ok(Redirect::to(to).saying(Message::TurnOnSaved))
        }
        "use-instead" => {
            let input = (flow_id, post.fields.id::<SourceId>("source")?, post.fields.id::<SourceId>("instead_of")?);
            post.cx
                .write(input, |tx, (flow, source, live)| Box::pin(server::use_instead(tx, flow, source, live)))
                .await?;
            Ok(Redirect::to(to).saying(Message::SourceReplaced))
        }
        form @ ("resend" | "invite-again") => {
            let act = Act::parse(form).ok_or(Fault::NOT_FOUND)?;
            let mut conn = post.cx.read().await?;
            server::find_for(&mut conn, &post.cx, flow_id, Permission::Invite).await?;
            drop(conn);
            let input = (post.fields.id::<InvitationId>("invitation")?, act);
            let how = post.cx.write(input, |tx, input| Box::pin(invitations::act(tx, input))).await?;
            Ok(Redirect::to(to).saying(act.said(how)))
        }
        "switch-flow" => {
            let on = post.fields.get("on") == "on";
            post.cx.write((flow_id, on), |tx, (flow, on)| Box::pin(server::switch_flow(tx, flow, on))).await?;
            Ok(Redirect::to(to).saying(if on { Message::FlowOn } else { Message::FlowOff }))
        }
        _ => Err(Fault::NOT_FOUND),
    }
}

/// Takes a source out of its flow and, if that was its last and it was asked for, its invitation back.
pub async fn post_remove_source(post: Post) -> PostResult {
    let (flow_id, source_id): (FlowId, SourceId) = (post.id("flow_id")?, post.id("source_id")?);
    let account_id = post.fields.acting_account(&post.cx)?;
    let input = (flow_id, source_id, account_id, post.fields.is_checked("revoke"));
    post.cx
        .write(input, |tx, (flow, source, account_id, revoke)| {
            Box::pin(async move {
                // An acceptance holds the invitation first and its sources then; so does this.
                if revoke {
                    invitations::hold_of_source(tx, account_id, source).await?;
                }
                let removed = server::remove_source(tx, flow, source).await?;
                if revoke && removed.was_last {
                    invitations::revoke_of_entity(tx, removed.account_id, removed.entity_id).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(Redirect::to(paths::flow_sources(flow_id)).saying(Message::SourceRemoved))
}

pub async fn post_remove_flow(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let gone = post.cx.write(flow_id, |tx, flow| Box::pin(server::remove_flow(tx, flow))).await?;
    Ok(Redirect::to(paths::FLOWS).saying(match gone {
        Gone::Archived => Message::FlowArchived,
        Gone::Deleted => Message::FlowDeleted,
    }))
}

/// Restores a flow of the archive.
pub async fn post_flows(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.fields.id("flow")?;
    post.cx.write(flow_id, |tx, flow| Box::pin(server::restore_flow(tx, flow))).await?;
    Ok(Redirect::to(paths::FLOWS).saying(Message::FlowRestored))
}

pub async fn post_add_source(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let entity_id: EntityId =
        post.fields.get("entity").parse().map_err(|_| Fault::field("entity", crate::base::Problem::SourceNotChosen))?;
    post.cx.write((flow_id, entity_id), |tx, (flow, entity)| Box::pin(server::add_source(tx, flow, entity))).await?;
    Ok(Redirect::to(paths::flow_sources(flow_id)).saying(Message::SourceAdded))
}

/// Which of the two ways to a new source.
pub async fn post_new_source(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let mut conn = post.cx.read().await?;
    server::find_for(&mut conn, &post.cx, flow_id, Permission::ChangeFlows).await?;
    Ok(Redirect::to(match post.fields.get("kind") {
        "custom" => paths::custom_source(flow_id),
        _ => paths::invite_partner(flow_id),
    }))
}

pub async fn post_custom_source(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    post.cx
        .write((flow_id, post.fields.get("name").to_owned()), |tx, (flow, name)| {
            Box::pin(async move { server::create_source(tx, flow, &name).await })
        })
        .await?;
    Ok(Redirect::to(paths::flow_sources(flow_id)).saying(Message::SourceCreated))
}

/// Version of what the editor was made from.
fn version(fields: &Fields) -> Result<i32, Fault> {
    fields.get("version").parse().map_err(|_| Fault::NOT_FOUND)
}

pub async fn post_source_mappings(post: Post) -> PostResult<Posted> {
    post.fields.acting_account(&post.cx)?;
    let (flow_id, source_id): (FlowId, SourceId) = (post.id("flow_id")?, post.id("source_id")?);
    let mut rows = mapping_rows_from_values(&post.fields.to_map());
    let removed = post.fields.get("do").strip_prefix("remove-").map(str::parse::<usize>);
    match (post.fields.get("do"), removed) {
        ("add", _) => rows.push(MappingRow::default()),
        (_, Some(Ok(index))) if index < rows.len() => drop(rows.remove(index)),
        _ => {
            edit::save_mappings(&post.cx, flow_id, source_id, version(&post.fields)?, rows).await?;
            return Ok(Redirect::to(paths::source_mappings(flow_id, source_id)).saying(Message::MappingsSaved).into());
        }
    }
    Ok(post.show_with(rows.iter().enumerate().flat_map(|(index, row)| row.values(index))))
}

pub async fn post_source_criteria(post: Post) -> PostResult<Posted> {
    let (flow_id, source_id): (FlowId, SourceId) = (post.id("flow_id")?, post.id("source_id")?);
    post_criteria(post, flow_id, Some(source_id), paths::source_criteria(flow_id, source_id)).await
}

pub async fn post_flow_criteria(post: Post) -> PostResult<Posted> {
    let flow_id: FlowId = post.id("flow_id")?;
    post_criteria(post, flow_id, None, paths::flow_criteria(flow_id)).await
}

async fn post_criteria(post: Post, flow_id: FlowId, source_id: Option<SourceId>, to: String) -> PostResult<Posted> {
    post.fields.acting_account(&post.cx)?;
    let mut rows = CriteriaRows::from_values(&post.fields.to_map());
    if let Some(change) = Change::parse(post.fields.get("do")) {
        change.apply(&mut rows);
        return Ok(post.show_with(rows.values()));
    }
    edit::save_criteria(&post.cx, flow_id, source_id, version(&post.fields)?, rows).await?;
    Ok(Redirect::to(to).saying(Message::CriteriaSaved).into())
}
