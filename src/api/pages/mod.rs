//! [ssr] `/api/docs`: the OpenAPI document as a page, without script and without external hosts.

mod schema;

use crate::{
    api::server::{DOCUMENT, document},
    server::Fault,
    ui::{PageHeader, Panel},
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;
use schema::{example, in_words, name_of_reference, prose, shape, type_of};
use serde_json::Value;

/// The methods, in display order.
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

pub async fn api_docs_page(visit: Visit) -> PageResult {
    let api = serde_json::to_value(document(&visit.cx.state.config));
    let api = api.map_err(|error| Fault::Broken(format!("serializing the OpenAPI document: {error}")))?;
    let origin = text(&api["servers"][0]["url"]);
    let groups: Vec<_> = items(&api["tags"]).map(|tag| group(&api, tag, &origin)).collect();
    let names: Vec<_> = items(&api["tags"]).map(|tag| text(&tag["name"])).collect();
    let schemas = api["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let schemas: Vec<_> =
        schemas.iter().map(|(name, schema)| view! { <Shape name=name.clone() schema=schema.clone() /> }).collect();
    let body = view! {
        <PageHeader title="API" lead="For your own systems. Manage flows, partners and invitations with an API key." />
        <nav class="api-index" aria-label="Calls">
            {names.into_iter().map(|name| view! { <a href=format!("#{}", anchor(&name))>{name.clone()}</a> }).collect_view()}
            <a href="#schemas">"Schemas"</a>
            <a href=DOCUMENT>"OpenAPI document"</a>
        </nav>
        <Panel title="Conventions">
            <p>{prose(&api["info"]["description"])}</p>
            <pre tabindex="0" role="region" aria-label="Example"><code>{format!("curl --user API:$KEY '{origin}/api/v1/flows'")}</code></pre>
        </Panel>
        {groups}
        <section id="schemas" class="stack">
            <h2>"Schemas"</h2>
            {schemas}
        </section>
    };
    let screen = Screen::wide("API", view! { <div class="stack api-docs">{body}</div> });
    Ok(screen.with_description("Every operation of Accord's API: invitations, flows, sources, partners and leads."))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn group(api: &Value, tag: &Value, origin: &str) -> AnyView {
    let name = text(&tag["name"]);
    let paths = api["paths"].as_object().cloned().unwrap_or_default();
    let calls =
        paths.iter().flat_map(|(path, item)| METHODS.map(|method| (path.clone(), method, item[method].clone())));
    let in_group = calls.filter(|(_, _, call)| items(&call["tags"]).any(|tag| tag == name.as_str()));
    let calls: Vec<_> = in_group.map(|(path, method, call)| call_details(api, &path, method, &call, origin)).collect();
    view! {
        <section id=anchor(&name) class="stack">
            <h2>{name.clone()}</h2>
            <p>{prose(&tag["description"])}</p>
            {calls}
        </section>
    }
    .into_any()
}

fn call_details(api: &Value, path: &str, method: &str, call: &Value, origin: &str) -> AnyView {
    let parameters: Vec<_> = items(&call["parameters"])
        .map(|parameter| {
            let required = if parameter["required"] == true { "required" } else { "optional" };
            (text(&parameter["name"]), format!("{}, {required}", text(&parameter["in"])), parameter.clone())
        })
        .collect();
    let body = call["requestBody"]["content"]["application/json"]["schema"].clone();
    let answers = call["responses"].as_object().cloned().unwrap_or_default();
    let curl = curl(path, method, example(api, &body, 0), origin);
    let example_name = format!("Example of {} {path}", method.to_uppercase());
    let has_parameters = !parameters.is_empty();
    // The part of the description that the summary does not already have.
    let summary = text(&call["summary"]);
    let further = text(&call["description"]);
    let further = further.strip_prefix(&summary).unwrap_or(&further).trim();
    let further = (!further.is_empty()).then(|| view! { <p>{in_words(further)}</p> });
    view! {
        <details class="panel api-call">
            <summary>
                <code class="api-method" data-method=method.to_owned()>{method.to_uppercase()}</code>
                <code>{path.to_owned()}</code>
                <span>{in_words(&summary)}</span>
            </summary>
            <div class="stack" id=text(&call["operationId"])>
                {further}
                <pre tabindex="0" role="region" aria-label=example_name><code>{curl}</code></pre>
                {has_parameters.then(|| view! {
                    <h3>"Parameters"</h3>
                    <dl class="api-properties">
                        {parameters.into_iter().map(|(name, place, parameter)| view! {
                            <dt><code>{name}</code>" "<small>{place}", "{type_of(&parameter["schema"])}</small></dt>
                            <dd>{prose(&parameter["description"])}</dd>
                        }).collect_view()}
                    </dl>
                })}
                {(!body.is_null()).then(|| view! { <h3>"Body"</h3> <p>{type_of(&body)}</p> })}
                <h3>"Responses"</h3>
                <dl class="api-answers">
                    {answers.into_iter().map(|(status, answer)| {
                        let schema = answer["content"]["application/json"]["schema"].clone();
                        let is_shown = !schema.is_null() && name_of_reference(&schema).as_deref() != Some("Error");
                        view! {
                            <dt><code>{status}</code></dt>
                            <dd>{prose(&answer["description"])} {is_shown.then(|| view! { " " {type_of(&schema)} })}</dd>
                        }
                    }).collect_view()}
                </dl>
            </div>
        </details>
    }
    .into_any()
}

fn curl(path: &str, method: &str, body: Option<Value>, origin: &str) -> String {
    let verb = if method == "get" { String::new() } else { format!(" --request {}", method.to_uppercase()) };
    let body = body.map(|body| format!("\n--header 'Content-Type: application/json' --data '{body}' \\"));
    format!("curl --user API:$KEY{verb} \\{}\n'{origin}{path}'", body.unwrap_or_default())
}

#[component]
fn Shape(name: String, schema: Value) -> impl IntoView {
    // The id is inside the closed details, so that a link to it opens them.
    let id = format!("schema-{name}");
    view! {
        <details class="panel api-call">
            <summary><code>{name}</code> <span>{prose(&schema["description"])}</span></summary>
            <div id=id>{shape(&schema)}</div>
        </details>
    }
}
