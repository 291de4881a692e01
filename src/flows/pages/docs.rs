//! Submission Docs: the page of one source, and the seller's list.

use super::{
    credential::{self, FormTarget},
    examples::Examples,
    reference, test_lead,
};
use crate::{
    base::{FlowId, SourceId, paths},
    flows::{
        islands::CopyButtons,
        server::{
            credentials::{self, ActiveCredentials, USER_NAME},
            docs::{self, DocEntry},
            parameters::Parameter,
        },
    },
    partners::{model::PartnerPermission, pages::portal_screen, server::policy::PartnerActor},
    rules::{Join, Line, Way},
    server::Fault,
    ui::{Banner, Cell, CodeBlock, Column, Crumb, DataTable, EmptyState, Icon, PageHeader, Panel, Tag, Tone},
    web::{PageResult, Post, PostResult, Posted, Screen, Visit},
};
use leptos::prelude::*;

/// The id of the section on the page.
const AUTHENTICATION: &str = "authentication";

pub async fn submission_doc_page(visit: Visit) -> PageResult {
    let (flow_id, source_id): (FlowId, SourceId) = (visit.id("flow_id")?, visit.id("source_id")?);
    let mut conn = visit.cx.read().await?;
    let doc = docs::find(&mut conn, flow_id, source_id).await?;
    let url = visit.cx.state.config.base_url.join(&paths::submit(flow_id, source_id));
    let nav = if doc.reader_is_buyer { "flows" } else { "docs" };
    let portal = doc.portal.clone();
    let breadcrumb = match &portal {
        Some(actor) => portal_crumbs(actor),
        None if doc.reader_is_buyer => super::crumbs(flow_id, &doc.flow_name),
        None => vec![("Submission Docs".to_owned(), paths::SUBMISSION_DOCS.to_owned())],
    };
    let active = credentials::find_active(&mut conn, doc.access.flow.account_id, source_id, visit.cx.now).await?;
    let authentication = authentication(&visit, &doc, active);
    drop(conn);
    let parameters = doc.parameters(&visit.cx.state.work).await?;
    let test = test_lead::form(&visit, &doc, &parameters);
    let required = doc.access.require_authentication;
    let table = fields_table(&parameters, doc.has_fields());
    let examples = example_blocks(&Examples::new(&url, required, &parameters));
    let title = format!("Submission Docs: {} for {}", doc.source_name, doc.flow_name);
    Ok(screen(
        &visit,
        portal,
        title,
        nav,
        view! {
            <CopyButtons />
            <PageHeader title="Submission Docs" lead=format!("How {} sends leads to {}.", doc.source_name, doc.buyer_name) breadcrumb />
            {off_banner(&doc)}
            {contents()}
            {overview(&doc)}
            <Panel title="Submission URL" id="submission-url" lead="Only for leads from this source to this flow.">
                <CodeBlock code=url.clone() label="Submission URL" />
            </Panel>
            <Panel title="Send a test lead" id=test_lead::SECTION lead="Runs every rule. Marked as a test and counted separately.">
                {test}
            </Panel>
            <Panel title="Fields" id="fields" lead="If the buyer has mapped a field, its parameter is your own name for it. Fields that the buyer sets to a fixed value are not listed.">
                {table}
            </Panel>
            <Panel title="Acceptance Criteria" id="criteria" lead="A lead is accepted if it meets these criteria.">
                {criteria(doc.flow_rules, doc.source_rules)}
            </Panel>
            <Panel title="Authentication" id=AUTHENTICATION>
                {authentication}
            </Panel>
            <Panel title="Examples" id="examples" lead="Paste a command into a shell to send a lead. Add the parameter test with the value true to mark it as a test.">
                {examples}
                {reference::bodies()}
                {reference::responses(required)}
                {reference::limits()}
            </Panel>
            <Panel title="Redirect" id="redirect">{reference::redirect()}</Panel>
        },
    ))
}

/// Links to the sections, because the page is long.
fn contents() -> impl IntoView {
    let sections = [
        ("submission-url", "Submission URL"),
        (test_lead::SECTION, "Send a test lead"),
        ("fields", "Fields"),
        ("criteria", "Acceptance Criteria"),
        (AUTHENTICATION, "Authentication"),
        ("examples", "Examples"),
        ("redirect", "Redirect"),
    ];
    let link = |(id, title)| view! { <li><a href=format!("#{id}")>{title}</a></li> };
    let links = sections.into_iter().map(link).collect_view();
    view! { <nav class="contents" aria-label="Contents"><ul>{links}</ul></nav> }
}

fn overview(doc: &docs::SubmissionDoc) -> impl IntoView + use<> {
    let (source, flow, buyer) = (doc.source_name.clone(), doc.flow_name.clone(), doc.buyer_name.clone());
    view! {
        <Panel title="Overview">
            <p>
                <strong>{source}</strong> " sends leads to the flow " <strong>{flow}</strong> " of " <strong>{buyer.clone()}</strong>
                ". Questions about the leads? Ask your contact at " {buyer} "."
            </p>
        </Panel>
    }
}

/// How senders authenticate, and the credential.
fn authentication(visit: &Visit, doc: &docs::SubmissionDoc, active: ActiveCredentials) -> AnyView {
    let access = &doc.access;
    let may_rotate = access.may(PartnerPermission::RotateCredential);
    let action = format!("{}#{AUTHENTICATION}", paths::source_docs(doc.flow_id, doc.source_id));
    let rule = if access.require_authentication {
        let key = access
            .source
            .connected
            .then(|| format!(" You can also use any username with an API key of {} as the password.", doc.source_name));
        view! {
            <p>
                "This source requires HTTP Basic authentication. The username is " <code>{USER_NAME}</code>
                "; the password is the secret of the credential." {key}
                " Other requests get status 401 and are not stored."
            </p>
        }
        .into_any()
    } else {
        view! { <p>"This source needs no authentication. Anyone with the Submission URL can send leads, so keep it private."</p> }
            .into_any()
    };
    let hint = (!may_rotate && access.require_authentication).then(|| {
        view! { <p class="muted">"The secret is shown only when it is created. If you don't have it, ask an Admin to send it to you or to rotate the credential."</p> }
    });
    let panel = credential::panel(visit, active, &FormTarget { action, acting: None, may_rotate });
    view! { {rule} {panel} {hint} }.into_any()
}

fn path_ids(post: &Post) -> Result<(FlowId, SourceId), Fault> {
    Ok((post.id("flow_id")?, post.id("source_id")?))
}

pub async fn post_create_docs_credential(post: Post) -> PostResult<Posted> {
    let (flow_id, source_id) = path_ids(&post)?;
    credential::create(post, flow_id, source_id).await
}

pub async fn post_rotate_docs_credential(post: Post) -> PostResult<Posted> {
    let (flow_id, source_id) = path_ids(&post)?;
    credential::rotate(post, flow_id, source_id).await
}

pub async fn post_end_docs_credential(post: Post) -> PostResult {
    let (flow_id, source_id) = path_ids(&post)?;
    credential::end(post, flow_id, source_id, paths::source_docs(flow_id, source_id)).await
}

/// The page within the portal for readers who came from there, otherwise within the reader's account.
fn screen(
    visit: &Visit,
    portal: Option<PartnerActor>,
    title: String,
    nav: &'static str,
    body: impl IntoView + 'static,
) -> Screen {
    match portal {
        Some(actor) => portal_screen(visit, title, actor, body),
        None => Screen::app(title, nav, body),
    }
}

/// Breadcrumbs for readers who came from the portal.
fn portal_crumbs(actor: &PartnerActor) -> Vec<Crumb> {
    let partner = &actor.partner;
    let docs = ("Submission Docs".to_owned(), paths::portal_docs(partner.id));
    vec![(partner.name.clone(), paths::portal(partner.id)), docs]
}

fn off_banner(doc: &docs::SubmissionDoc) -> Option<AnyView> {
    let title = match (doc.flow_is_on, doc.is_on) {
        (true, true) => return None,
        (false, _) => "This flow is off. Leads are refused for now.",
        (true, false) => "This source is off. Leads are refused for now.",
    };
    Some(view! { <Banner tone=Tone::Warning title /> }.into_any())
}

fn fields_table(parameters: &[Parameter], has_fields: bool) -> AnyView {
    if !has_fields {
        return view! { <p>"This flow has no fields. There is nothing to fill in."</p> }.into_any();
    }
    if parameters.is_empty() {
        return view! { <p>"The buyer sets all fields to fixed values. There is nothing to fill in."</p> }.into_any();
    }
    let head = ["Field", "Parameter", "Type", "Description", "Examples", "Required"].map(Column::new).to_vec();
    let rows = parameters
        .iter()
        .map(|parameter| {
            let (field, required, names) = (parameter.field, parameter.required, ways(parameter));
            view! {
                <tr>
                    <Cell label="Field"><span class="cell-title">{field.label}</span></Cell>
                    <Cell label="Parameter">{names}</Cell>
                    <Cell label="Type">{field.field_type.label()}</Cell>
                    <Cell label="Description">{field.description}</Cell>
                    <Cell label="Examples">{field.examples.join(", ")}</Cell>
                    <Cell label="Required">{if required { "yes" } else { "no" }}</Cell>
                </tr>
            }
        })
        .collect_view();
    view! { <DataTable caption="Fields" head>{rows}</DataTable> }.into_any()
}

/// The parameters of a field: `a and b, or c`.
fn ways(parameter: &Parameter) -> AnyView {
    let way = |(index, way): (usize, &Way)| {
        let names = way.names.iter().enumerate().map(|(index, name)| {
            let joint = if index > 0 { " and " } else { "" };
            view! { {joint}<code>{name.clone()}</code> }
        });
        let joint = if index > 0 { ", or " } else { "" };
        let note = (!way.always).then_some(" (in some cases)");
        view! { {joint}{names.collect_view()}{note} }
    };
    parameter.ways.iter().enumerate().map(way).collect_view().into_any()
}

fn criteria(flow: Vec<Line>, source: Vec<Line>) -> AnyView {
    if flow.is_empty() && source.is_empty() {
        return view! { <p>"No criteria. Every lead is accepted."</p> }.into_any();
    }
    let list = |lines: Vec<Line>| {
        (!lines.is_empty()).then(|| {
            let items = lines.into_iter().map(rule_line).collect_view();
            view! { <ul class="rule-lines">{items}</ul> }
        })
    };
    view! { {list(flow)} {list(source)} }.into_any()
}

fn rule_line(line: Line) -> impl IntoView {
    let joiner = match line.joiner {
        Some(Join::And) => "and ",
        Some(Join::Or) => "or ",
        None => "",
    };
    view! { <li class=format!("depth-{}", line.depth.min(5))><span class="muted">{joiner}</span>{line.text}</li> }
}

fn example_blocks(examples: &Examples<'_>) -> impl IntoView + use<> {
    view! {
        <div class="stack">
            <CodeBlock code=examples.curl() label="curl" />
            <CodeBlock code=examples.multipart() label="Multipart form" />
            <CodeBlock code=examples.json() label="JSON" />
            <CodeBlock code=examples.xml() label="XML" />
            <CodeBlock code=examples.text() label="Plain text" />
            <CodeBlock code=examples.query() label="GET" />
            <CodeBlock code=examples.compressed() label="Compressed" />
            {examples.form().map(|code| view! { <CodeBlock code label="HTML form" /> })}
        </div>
    }
}

pub async fn submission_docs_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    let mut conn = visit.cx.read().await?;
    let entries = docs::list_for_seller(&mut conn, membership.account_id).await?;
    let body = if entries.is_empty() {
        view! {
                <EmptyState icon=Icon::Docs title="No Submission Docs yet" text="When a buyer connects with you and adds you to a flow, its docs appear here." />
            }
            .into_any()
    } else {
        let head = ["Buyer", "Flow", "State"].map(Column::new).to_vec();
        let rows = entries.into_iter().map(entry_row).collect_view();
        view! { <DataTable caption="Submission Docs" head>{rows}</DataTable> }.into_any()
    };
    let lead = "Where and how to send leads to each of your buyers.";
    Ok(Screen::app("Submission Docs", "docs", view! { <PageHeader title="Submission Docs" lead />{body} }))
}

fn entry_row(entry: DocEntry) -> impl IntoView {
    let (tone, word) = if entry.is_on { (Tone::Positive, "On") } else { (Tone::Neutral, "Off") };
    view! {
        <tr>
            <Cell label="Buyer">{entry.buyer_name}</Cell>
            <Cell label="Flow"><a class="cell-title" href=paths::source_docs(entry.flow_id, entry.source_id)>{entry.flow_name}</a></Cell>
            <Cell label="State"><Tag tone text=word /></Cell>
        </tr>
    }
}
