//! The form of a delivery, and the page that adds one.

use crate::{
    accounts::model::Permission,
    base::{AccountId, FlowId, FormState, paths},
    deliveries::{
        model::Format,
        server::{self, Described, queries::Delivery},
    },
    flows::{pages::flow_head, server::find_for},
    server::form::Fields,
    ui::{
        Banner, Button, ButtonKind, Checkbox, Choice, CodeBlock, Field, FormActions, LinkButton, Panel, Select,
        TextArea, Tone,
    },
    web::{PageResult, Post, PostResult, Posted, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub const FORM: &str = "delivery";
const HEADERS_HELP: &str =
    "One a line, such as X-Api-Key: secret. Values are stored encrypted and not shown again. At most 10.";
const SIGNED: &str = "Accord posts each accepted lead to your URL, signed by Standard Webhooks. Answer with any status \
                      from 200 to 299 within 15 seconds. Otherwise the lead is sent again, for a day.";

pub async fn new_delivery_page(visit: Visit) -> PageResult {
    let flow_id: FlowId = visit.id("flow_id")?;
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = find_for(&mut conn, flow_id, Permission::ChangeFlows).await?;
    let back = visit.form(FORM);
    let made = back.was_accepted().then(|| made(flow_id, &back)).flatten();
    let body = made.unwrap_or_else(|| {
        let form = fields(&back, None, flow.account_id, paths::new_delivery(flow_id), "Add delivery");
        view! { <Panel title="Add a webhook" lead=SIGNED>{form}</Panel> }.into_any()
    });
    Ok(Screen::app(
        format!("Add a delivery to {}", flow.name),
        "flows",
        view! {
            {flow_head(&flow, "deliveries", actor.role.may(Permission::ChangeFlows))}
            {body}
        },
    ))
}

/// What follows a delivery that was added: its secret, and the way to it.
fn made(flow_id: FlowId, back: &FormState) -> Option<AnyView> {
    let id = back.values.get("made")?.parse().ok()?;
    let panel = view! {
        {secret_panel(back)?}
        <p class="actions">
            <LinkButton href=paths::delivery(flow_id, id) kind=ButtonKind::Primary>"Continue and send a test lead"</LinkButton>
        </p>
    };
    Some(panel.into_any())
}

/// The secret, shown only in the response to the form that made it.
pub fn secret_panel(back: &FormState) -> Option<AnyView> {
    let secret = back.values.get("secret").filter(|_| back.was_accepted())?.clone();
    let panel = view! {
        <Banner tone=Tone::Positive title="Copy the secret now. You won't see it again.">
            <p>"Your system verifies with it that a lead comes from Accord. Libraries of Standard Webhooks take it as it is."</p>
        </Banner>
        <CodeBlock code=secret label="Signing secret" />
    };
    Some(panel.into_any())
}

/// The form, with the values of a stored delivery or what was typed.
pub fn fields(
    back: &FormState,
    stored: Option<&Delivery>,
    account_id: AccountId,
    action: String,
    button: &'static str,
) -> AnyView {
    let value = |name: &str, stored: Option<&str>| back.value_or(name, stored.unwrap_or_default());
    let chosen = value("format", Some(stored.map_or("json", |delivery| delivery.format.as_str())));
    let formats = Format::ALL
        .iter()
        .map(|format| Choice::new(format.as_str(), format.word()).selected(format.as_str() == chosen))
        .collect();
    let names = stored.map(|delivery| delivery.headers.iter().map(|header| header.name.clone()).collect::<Vec<_>>());
    let kept = names.filter(|names| !names.is_empty()).map(|names| {
        let boxes = names
            .into_iter()
            .map(|name| {
                let id = format!("remove-{name}");
                view! { <Checkbox label=format!("Remove {name}") name="remove" id value=name /> }
            })
            .collect_view();
        view! { <fieldset class="field"><legend class="field-label">"Stored headers"</legend>{boxes}</fieldset> }
    });
    view! {
        <form class="form" method="post" action=action novalidate>
            {form_identity(FORM, Some(account_id))}
            {form_errors(back)}
            <Field label="Name" name="name" value=value("name", stored.map(|delivery| delivery.name.as_str())) error=back.error("name") help="The system that takes the leads." autocomplete="off" maxlength=100u32 required=true />
            <Field label="Delivery URL" name="url" kind="url" value=value("url", stored.map(|delivery| delivery.url.as_str())) error=back.error("url") placeholder="https://crm.example.com/leads" autocomplete="off" maxlength=2000u32 required=true />
            <Select label="Format" name="format" options=formats error=back.error("format") />
            {kept}
            <TextArea label="Further headers" name="headers" value=value("headers", None) error=back.error("headers") help=HEADERS_HELP rows=3 optional_mark=true />
            <FormActions><Button kind=ButtonKind::Primary>{button}</Button></FormActions>
        </form>
    }
    .into_any()
}

/// What a form describes.
pub fn read(fields: &Fields) -> Described {
    let text = |name: &str| fields.get(name).to_owned();
    let removed = fields.all("remove").map(ToOwned::to_owned).collect();
    Described { name: text("name"), url: text("url"), format: text("format"), headers: text("headers"), removed }
}

/// Responds with the page itself, so that the secret is in no URL, cookie or browser history.
pub async fn post_new_delivery(post: Post) -> PostResult<Posted> {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let input = (flow_id, read(&post.fields));
    let new = post
        .cx
        .write(input, |tx, (flow_id, described)| Box::pin(async move { server::create(tx, flow_id, &described).await }))
        .await?;
    let secret = ("secret".to_owned(), new.secret.reveal().to_owned());
    Ok(post.show_once([("made".to_owned(), new.id.to_string()), secret]))
}
