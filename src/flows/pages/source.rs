//! One source of a flow: its mappings and acceptance criteria, which can be changed while the invitation is pending,
//! and the performance of its leads.

use super::{crumbs, field_options, rule_help::rule_help};
use crate::{
    accounts::model::Permission,
    base::{FlowId, SourceId, paths},
    flows::{
        islands::{CriteriaEditor, MappingsEditor, NEW_FIELD, criteria::Change},
        model::{FieldOption, SourceRow},
        routes::Message,
        server::{
            self, edit,
            queries::{FlowRow, Source},
        },
    },
    reports::{
        self,
        parts::performance_panel,
        server::performance::{Range, Scope},
    },
    rules::{CriteriaRows, MappingRow, mapping_rows_from_values},
    server::{Fault, form::Fields},
    ui::{ButtonKind, Icon, LinkButton, PageHeader, Panel, TabLink, Tabs, Tag, Tone},
    web::{PageResult, Post, PostResult, Posted, Redirect, Screen, Visit},
};
use leptos::prelude::*;

pub(super) struct SourcePage {
    pub flow: FlowRow,
    pub source: Source,
    pub fields: Vec<FieldOption>,
    pub may_change: bool,
    pub head: AnyView,
}

/// Loads a source and the header of its tabs, for members of its account.
pub(super) async fn load(visit: &Visit, current: &'static str) -> Result<SourcePage, Fault> {
    let (flow_id, source_id): (FlowId, SourceId) = (visit.id("flow_id")?, visit.id("source_id")?);
    let mut conn = visit.cx.read().await?;
    let (flow, source, actor) = server::find_source_for(&mut conn, flow_id, source_id, Permission::See).await?;
    let fields = field_options(&server::queries::list_fields(&mut conn, flow_id).await?);
    let row = reports::server::find_source(&mut conn, flow.account_id, flow_id, source_id, visit.cx.now).await?;
    let state = state(&row).into_any();
    let tab = |key: &'static str, label: &str, href| TabLink {
        href,
        label: label.to_owned(),
        current: key == current,
        count: None,
    };
    let tabs = vec![
        tab("mappings", "Mappings", paths::source_mappings(flow_id, source_id)),
        tab("criteria", "Acceptance Criteria", paths::source_criteria(flow_id, source_id)),
        tab("authentication", "Authentication", paths::source_authentication(flow_id, source_id)),
        tab("performance", "Performance", paths::source_performance(flow_id, source_id)),
    ];
    let head = view! {
        <PageHeader title=source.name.clone() breadcrumb=crumbs(flow_id, &flow.name) state>
            <LinkButton href=paths::source_docs(flow_id, source_id)>"Submission Docs"</LinkButton>
            <LinkButton href=paths::activity_of(source_id) kind=ButtonKind::Quiet>"Activity"</LinkButton>
        </PageHeader>
        <Tabs label="Source" tabs />
    }
    .into_any();
    Ok(SourcePage { may_change: actor.role.may(Permission::ChangeFlows), flow, source, fields, head })
}

fn state(row: &SourceRow) -> AnyView {
    let tag = row.tag;
    let duplicate = row.duplicate_of.map(|_| view! { " " <Tag tone=Tone::Warning icon=Icon::Copy text="Duplicate" /> });
    let off = row.is_off_by_disconnect().then(|| {
        view! { " " <Tag tone=Tone::Warning icon=Icon::Pause text="Turned off by disconnect" /> }
    });
    view! { <Tag tone=tag.tone() icon=tag.icon() text=tag.word() /> {duplicate} {off} }.into_any()
}

pub async fn source_mappings_page(visit: Visit) -> PageResult {
    let SourcePage { flow, source, fields, may_change, head } = load(&visit, "mappings").await?;
    let back = visit.form("mappings");
    let mappings = if back.was_submitted() {
        mapping_rows_from_values(&back.values)
    } else {
        source.mappings.iter().map(MappingRow::of).collect()
    };
    Ok(Screen::app(
        format!("{} in {}", source.name, flow.name),
        "flows",
        view! {
            {head}
            <Panel title="Mappings" lead="Match the seller's field names to yours.">
                <MappingsEditor flow_id=flow.id source_id=source.id account_id=flow.account_id version=source.version mappings fields may_change back />
            </Panel>
        },
    ))
}

pub async fn source_criteria_page(visit: Visit) -> PageResult {
    let SourcePage { flow, source, fields, may_change, head } = load(&visit, "criteria").await?;
    let back = visit.form("criteria");
    let saved = CriteriaRows::of(source.acceptance_criteria.as_deref());
    let criteria = if back.was_submitted() { CriteriaRows::from_values(&back.values) } else { saved };
    Ok(Screen::app(
        format!("Acceptance criteria of {}", source.name),
        "flows",
        view! {
            {head}
            <Panel title="Acceptance criteria" lead="Checked after the flow's criteria.">
                <CriteriaEditor flow_id=flow.id source_id=Some(source.id) account_id=flow.account_id version=source.version criteria fields may_change back />
            </Panel>
            {rule_help()}
        },
    ))
}

pub async fn source_performance_page(visit: Visit) -> PageResult {
    let SourcePage { flow, source, head, .. } = load(&visit, "performance").await?;
    let path = paths::source_performance(flow.id, source.id);
    let (scope, range) = (Scope::Source(source.id), Range::parse(&visit.query("days")));
    let mut conn = visit.cx.read().await?;
    let panel = performance_panel(&mut conn, flow.account_id, scope, range, visit.cx.now, &path, None).await?;
    let unread = super::unread_posts::panel(&mut conn, flow.account_id, source.id, visit.cx.now).await?;
    Ok(Screen::app(
        format!("Performance of {} in {}", source.name, flow.name),
        "flows",
        view! { {head}{panel}{unread} },
    ))
}

/// The version that the editor loaded.
fn version(fields: &Fields) -> Result<i32, Fault> {
    fields.get("version").parse().map_err(|_| Fault::NOT_FOUND)
}

pub async fn post_source_mappings(post: Post) -> PostResult<Posted> {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::ChangeFlows)?;
    let (flow_id, source_id): (FlowId, SourceId) = (post.id("flow_id")?, post.id("source_id")?);
    let mut rows = mapping_rows_from_values(&post.fields.to_map());
    let removed = post.fields.get("do").strip_prefix("remove-").map(str::parse::<usize>);
    match (post.fields.get("do"), removed) {
        ("add", _) => rows.push(MappingRow::default()),
        (_, Some(Ok(index))) if index < rows.len() => drop(rows.remove(index)),
        _ => {
            edit::save_mappings(&post.cx, flow_id, source_id, version(&post.fields)?, rows).await?;
            return Ok(Redirect::to(paths::source_mappings(flow_id, source_id))
                .with_message(Message::MappingsSaved)
                .into());
        }
    }
    let added = (post.fields.get("do") == "add").then(|| new_field(format!("row-{}-property", rows.len() - 1)));
    Ok(post.show_with(rows.iter().enumerate().flat_map(|(index, row)| row.values(index)).chain(added)))
}

/// Has the editor start at the first field of a new row.
fn new_field(name: String) -> (String, String) {
    (NEW_FIELD.to_owned(), name)
}

pub async fn post_source_criteria(post: Post) -> PostResult<Posted> {
    let (flow_id, source_id): (FlowId, SourceId) = (post.id("flow_id")?, post.id("source_id")?);
    post_criteria(post, flow_id, Some(source_id), paths::source_criteria(flow_id, source_id)).await
}

pub(super) async fn post_criteria(
    post: Post,
    flow_id: FlowId,
    source_id: Option<SourceId>,
    to: String,
) -> PostResult<Posted> {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::ChangeFlows)?;
    let mut rows = CriteriaRows::from_values(&post.fields.to_map());
    if let Some(change) = Change::parse(post.fields.get("do")) {
        let added = change.apply(&mut rows).map(|index| new_field(format!("row-{index}-field")));
        return Ok(post.show_with(rows.values().into_iter().chain(added)));
    }
    edit::save_criteria(&post.cx, flow_id, source_id, version(&post.fields)?, rows).await?;
    Ok(Redirect::to(to).with_message(Message::CriteriaSaved).into())
}
