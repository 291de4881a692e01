//! The examples of the Submission Docs, and the names of parameters that they print.

use crate::support::{
    Actor, Response, TestApp,
    actor::problem_name,
    api::{field_errors, text},
    credentials::shown_secret,
    stage::Stage,
};
use accord::{
    base::{FlowId, SourceId, paths},
    rules::MappingRow,
    server::listener,
};
use serde_json::{Value, json};
use std::process::Command;
use tokio::{net::TcpListener, sync::watch, task::spawn_blocking};

const REFUSED: &[&str] =
    &["x'; id; '", "\"x\"", "$(id)", "`id`", "a&b", "a=b", "<b>", "a;b", "a|b", "a\\b", "@file", "a/b", "a#b"];
const ALLOWED: &[&str] = &["first_name", "First Name", "lead-first.name", "names[0]", "Prénom", "2nd"];

fn row(name: &str) -> MappingRow {
    MappingRow { property: "first_name".to_owned(), is_text: false, value: name.to_owned() }
}

#[tokio::test]
async fn a_parameter_name_that_could_be_a_command_or_markup_is_never_saved() {
    let stage = Stage::pending().await;
    let (buyer, api) = (&stage.buyer, stage.app.api(&stage.buyer).await);
    let page = paths::source_mappings(stage.flow, stage.source);
    let source = format!("/api/v1/flows/{}/sources/{}", stage.flow, stage.source);
    let before = stage.app.source(stage.source).await;
    let version: i32 =
        sqlx::query_scalar("select version from flow_sources").fetch_one(&stage.app.state.pool).await.unwrap();
    let shown_version = version.to_string();
    for name in REFUSED {
        let saved = buyer.save_mappings(stage.flow, stage.source, version, &[row(name)]).await;
        assert!(problem_name(&saved.expect(422)).contains("template_invalid"), "{name}");
        let form = [
            ("version", shown_version.as_str()),
            ("row-0-property", "first_name"),
            ("row-0-kind", "parameter"),
            ("row-0-value", name),
        ];
        buyer.post_as("mappings", &page, &form).await.expect(422).shows("Names can have letters, digits");
        for value in [format!("{{{{{name}}}}}"), format!("Dr. {{{{ {name} }}}} and {{{{ok}}}}")] {
            let body = json!({ "mappings": [{ "property": "first_name", "value": value }], "version": version });
            let refused = api.put(&source, body).await.expect(422);
            assert_eq!(field_errors(&refused)[0].0, "mappings.0.value", "{name}");
        }
    }
    assert_eq!(stage.app.source(stage.source).await, before);
    for (saves, name) in ALLOWED.iter().enumerate() {
        let version = version + i32::try_from(saves).unwrap();
        buyer.save_mappings(stage.flow, stage.source, version, &[row(name)]).await.expect(200);
        buyer.get(&paths::source_docs(stage.flow, stage.source)).await.expect(200).shows(name);
    }
}

#[tokio::test]
async fn an_odd_name_that_was_saved_earlier_still_applies_and_is_quoted_in_the_examples() {
    let stage = Stage::pending().await;
    let mappings = json!([{ "property": "first_name", "value": "{{x'; id; '\"><b>}}" }]);
    let update = "update flow_sources set mappings = $1";
    sqlx::query(update).bind(&mappings).execute(&stage.app.state.pool).await.unwrap();
    let docs = stage.buyer.get(&paths::source_docs(stage.flow, stage.source)).await.expect(200);
    let text = docs.text();
    assert!(text.contains("--data-urlencode 'x%27%3B+id%3B+%27%22%3E%3Cb%3E="), "{text}");
    assert!(text.contains(r#""x'\''; id; '\''\"><b>":"#), "JSON, in shell quotes: {text}");
    assert!(!text.contains("<x'"), "XML has no such name: {text}");
    assert!(!docs.body.contains("<b>"), "{}", docs.body);
}

#[tokio::test]
async fn a_source_that_requires_authentication_has_examples_with_it_and_no_web_form() {
    let stage = Stage::pending().await;
    let docs = paths::source_docs(stage.flow, stage.source);
    stage.buyer.get(&docs).await.expect(200).shows("HTML form").shows("<form method=\"post\" action=\"https://");
    stage.app.execute("update flow_sources set require_authentication = true").await.unwrap();
    let page = stage.buyer.get(&docs).await.expect(200).shows("--user source:…");
    assert!(!page.text().contains("HTML form"));
}

/// The application behind its own address, so that the examples run as they are shown, with a source whose rules and
/// mappings the examples must follow.
struct Served {
    app: TestApp,
    buyer: Actor,
    flow: FlowId,
    source: SourceId,
    _stop: watch::Sender<bool>,
}

const FIELDS: [&str; 9] =
    ["first_name", "last_name", "email", "phone_1", "state", "age", "homeowner", "company_name", "comments"];

impl Served {
    async fn start() -> Self {
        let listening = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listening.local_addr().unwrap());
        let app = TestApp::start_with(&[("BASE_URL", &url)]).await;
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(listener::serve(listening, app.router(), app.state.config.capacity, stopped));
        let buyer = app.buyer().await;
        let api = app.api(&buyer).await;
        let rule =
            |field: &str, op: &str, value: &str| json!({ "lhv": format!("lead.{field}"), "op": op, "rhv": value });
        let flow_rules = json!({ "op": "and", "rules": [
            rule("state", "is included in", "NV, CA"),
            rule("age", "is between", "18-30"),
            rule("last_name", "is equal to", "O'Neill & \"Sons\" <%41>"),
            { "lhv": "lead.phone_1", "op": "format is valid" },
            { "lhv": "lead.homeowner", "op": "is false" },
            { "lhv": "lead.comments", "op": "is blank" },
        ] });
        let new = json!({ "name": "Solar", "fields": FIELDS, "acceptance_criteria": { "rule_set": flow_rules } });
        let flow: FlowId = text(&api.create("/api/v1/flows", new).await, "id").parse().unwrap();
        let entity = api.create("/api/v1/entities", json!({ "name": "Website form" })).await;
        let source_rules = json!({ "op": "or", "rules": [
            { "op": "and", "rules": [rule("state", "is equal to", "NV"), rule("state", "is equal to", "CA")] },
            { "lhv": "lead.email", "op": "is not blank" },
        ] });
        let sources = format!("/api/v1/flows/{flow}/sources");
        let source: SourceId =
            text(&api.create(&sources, json!({ "entity_id": entity["id"] })).await, "id").parse().unwrap();
        let change = json!({
            "acceptance_criteria": { "rule_set": source_rules },
            "mappings": [
                { "property": "state", "value": "{{contact.st}}" },
                { "property": "phone_1", "value": "({{area}}) {{number}}" },
                { "property": "company_name", "value": "Harbor" },
            ],
        });
        api.put(&format!("{sources}/{source}"), change).await.expect(200);
        Self { app, buyer, flow, source, _stop: stop }
    }

    async fn docs(&self) -> Response {
        self.buyer.get(&paths::source_docs(self.flow, self.source)).await.expect(200)
    }

    /// The fields of the leads, each with how often a lead has just these.
    async fn stored(&self) -> Vec<(Value, i64)> {
        let leads = sqlx::query_as("select fields, count(*) from leads group by fields");
        leads.fetch_all(&self.app.state.pool).await.unwrap()
    }
}

/// The code blocks of a page by their labels.
fn code_blocks(page: &Response) -> Vec<(String, String)> {
    let regions = page.body.split("<pre").skip(1);
    let block = |region: &str| {
        let label = region.split("aria-label=\"").nth(1)?.split('"').next()?;
        let code = region.split("</code>").next()?.split("<code>").nth(1)?.replace("<!>", "");
        let characters =
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")];
        Some((label.to_owned(), characters.iter().fold(code, |code, (escaped, plain)| code.replace(escaped, plain))))
    };
    regions.filter_map(block).collect()
}

/// The commands among the examples.
fn commands(page: &Response) -> Vec<(String, String)> {
    let is_command = |code: &str| code.starts_with("curl ") || code.starts_with("printf ");
    code_blocks(page).into_iter().filter(|(_, code)| is_command(code)).collect()
}

/// What a shell prints.
async fn run(command: String) -> String {
    let done = spawn_blocking(move || Command::new("sh").args(["-c", &command]).output().unwrap()).await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// The commands that are not answered as expected, with their answers.
async fn wrong(commands: Vec<(String, String)>, expected: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (label, command) in commands {
        let answer = run(command).await;
        let outcome = serde_json::from_str::<Value>(&answer).ok().map(|answer| answer["outcome"].clone());
        if outcome != Some(json!(expected)) {
            wrong.push(format!("{label}: {answer}"));
        }
    }
    wrong
}

const LABELS: [&str; 7] = ["curl", "Multipart form", "JSON", "XML", "Plain text", "GET", "Compressed"];

#[tokio::test]
async fn every_command_is_accepted_as_it_is_pasted_and_all_send_the_same_lead() {
    let served = Served::start().await;
    let commands = commands(&served.docs().await);
    assert_eq!(commands.iter().map(|(label, _)| label.as_str()).collect::<Vec<_>>(), LABELS);
    assert_eq!(wrong(commands, "success").await, [""; 0]);
    let stored = served.stored().await;
    assert_eq!(stored.len(), 1, "{stored:?}");
    let (fields, count) = &stored[0];
    assert_eq!(*count, 7);
    let value = |name: &str| fields[name]["value"].as_str().unwrap_or_default();
    assert_eq!(
        [value("state"), value("company_name"), value("last_name")],
        ["NV", "Harbor", "O'Neill & \"Sons\" <%41>"]
    );
    assert!(value("phone_1").contains("5550142") && value("comments").is_empty(), "{fields}");
}

#[tokio::test]
async fn with_the_secret_every_command_is_accepted_by_a_source_that_requires_it() {
    let served = Served::start().await;
    let tab = paths::source_authentication(served.flow, served.source);
    served.buyer.post_as("authentication", &tab, &[("require", "on")]).await.expect(303);
    let secret = shown_secret(&served.buyer.post_as("create-credential", &tab, &[]).await);
    let shown = commands(&served.docs().await);
    assert_eq!(wrong(shown.clone(), "error").await, [""; 0], "the secret is missing");
    let filled: Vec<_> = shown
        .into_iter()
        .map(|(label, command)| (label, command.replace("source:…", &format!("source:{secret}"))))
        .collect();
    assert_eq!(wrong(filled, "success").await, [""; 0]);
    assert_eq!(served.stored().await.iter().map(|(_, count)| count).sum::<i64>(), 7);
}

#[tokio::test]
async fn the_form_is_accepted_as_a_browser_sends_it() {
    let served = Served::start().await;
    let blocks = code_blocks(&served.docs().await);
    let (_, html) = blocks.iter().find(|(label, _)| label == "HTML form").unwrap();
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?.to_owned();
        let characters = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        Some(characters.iter().fold(value, |value, (escaped, plain)| value.replace(escaped, plain)))
    };
    let inputs: Vec<_> = html
        .split("<input")
        .skip(1)
        .map(|tag| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap()))
        .collect();
    let action = attribute(html, "action").unwrap();
    assert!(html.starts_with("<form method=\"post\""));
    let fields: Vec<_> = inputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let path = action.strip_prefix(&format!("http://{}", served.app.state.config.base_url.host())).unwrap().to_owned();
    let stranger = served.app.visitor("", "", "");
    let answer = stranger.post_from("cross-site", &path, &fields).await.expect(201);
    assert_eq!(answer.json::<Value>()["outcome"], "success", "{}", answer.body);
}

#[tokio::test]
async fn the_page_says_how_bodies_and_values_are_read_and_what_each_status_means() {
    let stage = Stage::pending().await;
    let page = stage.buyer.get(&paths::source_docs(stage.flow, stage.source)).await.expect(200);
    for heading in ["Content types", "How values are read", "Responses", "Limits", "Send a lead only once"] {
        assert!(page.has(&format!("<h3>{heading}<")), "{heading}");
    }
    for name in ["application/x-www-form-urlencoded", "multipart/form-data", "text/json", "text/xml", "no Content-Type"]
    {
        assert!(page.row_with(name).len() > name.len() + 10, "{name}");
    }
    for status in [201, 303, 400, 401, 403, 404, 405, 406, 408, 413, 415, 422, 429, 500] {
        assert!(page.row_with(&format!(">{status}")).len() > 30, "{status}");
    }
    page.shows("charset=").shows("gzip").shows("Idempotency-Key").shows("1,000 values").shows("redir_url");
}
