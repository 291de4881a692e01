//! The list of flows, and the page that creates one.

use super::flow::chosen_fields;
use crate::{
    accounts::model::{Permission, Plan},
    base::{AccountId, FlowId, FormState, Problem, paths},
    flows::{model::USUAL_FIELDS, routes::Message, server},
    reports::server::{ArchivedFlow, FlowCard, FlowQuery, list_archived_flows, list_flows},
    rules::STANDARD_FIELDS,
    server::clock,
    ui::{
        Button, ButtonKind, Cell, Column, DataTable, EmptyState, Field, FormActions, HiddenField, Icon, LinkButton,
        NothingFound, PageHeader, Panel, SearchForm, Tag, TimeAgo, Tone, icon,
    },
    web::{ListPage, PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn flows_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    let actor = visit.cx.actor(membership.account_id, Permission::See)?;
    let plan_builds = actor.plan.is_some_and(Plan::may_build_flows);
    let may_build = actor.role.may(Permission::ChangeFlows) && plan_builds;
    let mut conn = visit.cx.read().await?;
    let shown = Shown::of(&visit);
    let flows = list_flows(&mut conn, membership.account_id, shown.query(shown.page)).await?;
    let archived = list_archived_flows(&mut conn, membership.account_id, shown.query(shown.archived)).await?;
    drop(conn);
    let may_change = actor.role.may(Permission::ChangeFlows);
    let (flows, pages) = shown.page.show(flows, |page| Shown { page, ..shown.clone() }.path());
    let (archived, archived_pages) =
        shown.archived.show(archived, |archived| Shown { archived, ..shown.clone() }.path());
    let search = (!shown.is_first() || pages.is_some() || archived_pages.is_some()).then(|| {
        let search = shown.search.clone();
        view! { <SearchForm label="Search flows" action=paths::FLOWS search /> }
    });
    let archive = archive(archived, archived_pages, membership.account_id, may_change, visit.cx.now);
    let errors = visit.back.as_ref().map(form_errors);
    let new = move || {
        may_build.then(|| {
                view! { <LinkButton href=paths::NEW_FLOW kind=ButtonKind::Primary>{icon(Icon::Plus)} "New flow"</LinkButton> }
            })
    };
    let head = new();
    let body = if flows.is_empty() && !(shown.search.is_empty() && shown.page.is_first()) {
        view! { <NothingFound things="flows" search=shown.search.clone() all=paths::FLOWS /> }.into_any()
    } else if flows.is_empty() {
        let text = match (plan_builds, may_build) {
            (true, true) => "A flow receives leads. Create one, then invite sellers to send leads to it.",
            (true, false) => "A flow receives leads. Ask an Admin or a Manager to create one.",
            (false, _) => {
                "A flow receives leads. Your plan includes one, which you get by accepting an invitation to buy leads. To create flows yourself, you need LeadConduit Base or Pro."
            }
        };
        let upgrade =
            (!plan_builds).then(|| view! { <LinkButton href=paths::SUBSCRIPTION>"Request an upgrade"</LinkButton> });
        view! { <EmptyState icon=Icon::Flow title="No flows yet" text>{new()}{upgrade}</EmptyState> }.into_any()
    } else {
        let rows = flows.into_iter().map(|flow| flow_row(flow, may_change)).collect_view();
        view! { <DataTable caption="Flows" head=columns()>{rows}</DataTable>{pages} }.into_any()
    };
    let header = view! { <PageHeader title="Flows">{head}</PageHeader> };
    Ok(Screen::app("Flows", "flows", view! { {header}{errors}{search}{body}{archive} }))
}

/// The part of the flows that the page shows, as its URL says.
#[derive(Debug, Clone)]
struct Shown {
    search: String,
    page: ListPage,
    archived: ListPage,
}

impl Shown {
    fn of(visit: &Visit) -> Self {
        let search = visit.query("search").trim().to_owned();
        Self { search, page: ListPage::of(visit), archived: ListPage::of_list(visit, "archived") }
    }

    /// True for a URL without any of them.
    fn is_first(&self) -> bool {
        self.search.is_empty() && self.page.is_first() && self.archived.is_first()
    }

    fn query(&self, page: ListPage) -> FlowQuery<'_> {
        FlowQuery { search: &self.search, offset: page.offset(), limit: ListPage::LIMIT }
    }

    fn path(&self) -> String {
        let (page, archived) = (self.page.query_value(), self.archived.query_value());
        paths::with_query(paths::FLOWS, &[("search", &self.search), ("page", &page), ("archived", &archived)])
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("Name"),
        Column::new("State"),
        Column::new("Sources").numeric(),
        Column::new("Accepted").numeric(),
        Column::new("Rejected").numeric(),
        Column::new("Actions"),
    ]
}

fn flow_row(flow: FlowCard, may_change: bool) -> impl IntoView {
    let word = if flow.had_leads { "Archive" } else { "Delete" };
    let label = format!("{word} {}", flow.name);
    let remove = may_change.then(|| view! { <a href=paths::remove_flow(flow.id) aria-label=label>{word}</a> });
    let (tone, word) = if flow.enabled { (Tone::Positive, "On") } else { (Tone::Neutral, "Off") };
    view! {
        <tr>
            <Cell label="Name"><a class="cell-title" href=paths::flow_sources(flow.id)>{flow.name}</a></Cell>
            <Cell label="State"><Tag tone text=word /></Cell>
            <Cell label="Sources" numeric=true>{flow.sources}</Cell>
            <Cell label="Accepted" numeric=true>{flow.accepted}</Cell>
            <Cell label="Rejected" numeric=true>{flow.rejected}</Cell>
            <Cell label="Actions">{remove}</Cell>
        </tr>
    }
}

/// Archived flows: off, hidden everywhere else, and kept with everything in them.
fn archive(
    flows: Vec<ArchivedFlow>,
    pages: Option<AnyView>,
    acting: AccountId,
    may_change: bool,
    now: OffsetDateTime,
) -> Option<AnyView> {
    if flows.is_empty() && pages.is_none() {
        return None;
    }
    let head =
        vec![Column::new("Name"), Column::new("Archived"), Column::new("Leads").numeric(), Column::new("Actions")];
    let rows = flows
        .into_iter()
        .map(|flow| {
            let since = clock::display_time(flow.archived_at, now);
            let label = format!("Restore {}", flow.name);
            let restore = may_change.then(|| {
                view! {
                    <form method="post" action=paths::FLOWS>
                        {form_identity("restore", Some(acting))}
                        <HiddenField name="flow" value=flow.id.to_string() />
                        <button class="button button-small" type="submit" aria-label=label>"Restore"</button>
                    </form>
                }
            });
            view! {
                <tr>
                    <Cell label="Name"><span class="cell-title">{flow.name}</span></Cell>
                    <Cell label="Archived"><TimeAgo at_iso=since.iso relative=since.relative absolute=since.absolute /></Cell>
                    <Cell label="Leads" numeric=true>{flow.leads}</Cell>
                    <Cell label="Actions">{restore}</Cell>
                </tr>
            }
        })
        .collect_view();
    let panel = view! {
        <Panel title="Archived" lead="Off and hidden. A restored flow keeps its setup and stays off until you turn it on.">
            <DataTable caption="Archived flows" head>{rows}</DataTable>
            {pages}
        </Panel>
    };
    Some(panel.into_any())
}

pub async fn new_flow_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    let actor = visit.cx.actor(membership.account_id, Permission::ChangeFlows)?;
    if !actor.plan.is_some_and(Plan::may_build_flows) {
        return Err(Problem::PlanRequired.into());
    }
    let back = visit.form("flow");
    let errors = form_errors(&back);
    let chosen = move |name: &str| match back.error {
        None => USUAL_FIELDS.contains(&name),
        Some(_) => back.values.contains_key(&format!("field-{name}")),
    };
    let back = visit.form("flow");
    Ok(Screen::app(
        "New flow",
        "flows",
        view! {
            <PageHeader title="New flow" breadcrumb=vec![("Flows".to_owned(), paths::FLOWS.to_owned())] />
            <form class="form" method="post" action=paths::NEW_FLOW novalidate>
                {form_identity("flow", Some(membership.account_id))}
                {errors}
                <Field label="Flow name" name="name" value=back.value("name") error=back.error("name") help="For example: Solar California." maxlength=100u32 required=true autofocus=back.error.is_none() />
                {field_choice(&back, chosen)}
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Create flow"</Button>
                    <LinkButton href=paths::FLOWS>"Cancel"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}

/// The standard fields as checkboxes.
pub fn field_choice(back: &FormState, chosen: impl Fn(&str) -> bool) -> AnyView {
    let boxes = STANDARD_FIELDS
        .iter()
        .map(|field| {
            let name = format!("field-{}", field.name);
            view! {
                <label class="check">
                    <input type="checkbox" name=name value="on" checked=chosen(field.name) />
                    <span>{field.label}</span>
                </label>
            }
        })
        .collect_view();
    let error = back.error("fields");
    let described = error.as_ref().map(|_| "fields-error");
    view! {
        <fieldset class="field-choice" id="fields" aria-describedby=described>
            <legend>"Fields"</legend>
            <p class="field-help">"Choose what each lead contains. You can change this later."</p>
            {error.map(|text| view! { <p class="field-error" id="fields-error">{icon(Icon::Warning)} {text}</p> })}
            <div class="check-grid">{boxes}</div>
        </fieldset>
    }
    .into_any()
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
    Ok(Redirect::to(paths::flow_sources(id)).with_message(Message::FlowCreated))
}

/// Restores an archived flow.
pub async fn post_flows(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.fields.id("flow")?;
    post.cx.write(flow_id, |tx, flow| Box::pin(server::restore_flow(tx, flow))).await?;
    Ok(Redirect::to(paths::FLOWS).with_message(Message::FlowRestored))
}
