//! The OpenAPI 3.1 document: what the calls say of themselves, and what holds for all of them.

use super::{
    refusal::{Error, WrongField},
};
use std::sync::LazyLock;
use utoipa::{
    OpenApi as _, PartialSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, HttpMethod, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Type,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Schema},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Accord API",
    version = "1.0.0",
    description = "For an account's own systems: invitations, flows, sources, partners, leads and connections. \
                   Authenticate by HTTP Basic with an API key as the password and any user name. \
                   Unknown properties and parameters are refused; clients must tolerate new properties in answers. \
                   Lists are arrays, newest first; the header Link has the next page. \
                   Properties that a PUT leaves out stay as they are.",
    license(name = "Proprietary", identifier = "LicenseRef-Proprietary"),
    contact(name = "Accord", url = "https://accord.example/contact", email = "api@accord.example"),
), components(schemas(Error, WrongField)))]
struct Shared;

/// The groups of calls, in the order of the page.
const TAGS: &[(&str, &str)] = &[
    ("Invitations", "Inviting companies to connect and people to join partners."),
    ("Entities", "How the account sees the parties it trades with."),
    ("Flows", "Flows, their sources and fields."),
    ("Partners", "Suppliers: their sources, users and invitations."),
    ("Leads", "Stored leads, and what sources sent in all."),
    ("Connections", "Who sells to whom."),
    ("Activity", "What happened in the account."),
];

/// The whole document.
pub fn document() -> OpenApi {
    let (_, mut api) = super::calls().split_for_parts();
    let shared = Shared::openapi();
    api.info = shared.info;
    let components = api.components.get_or_insert_default();
    components.schemas.extend(shared.components.unwrap_or_default().schemas);
    let basic = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("The password is an API key; the user name is ignored, `API` by convention."));
    components.add_security_scheme("key", SecurityScheme::Http(basic.build()));
    api.security = Some(vec![SecurityRequirement::new("key", Vec::<String>::new())]);
    api.tags =
        Some(TAGS.iter().map(|(name, what)| TagBuilder::new().name(*name).description(Some(*what)).build()).collect());
    for (path, item) in &mut api.paths.paths {
        let methods = [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Delete, &mut item.delete),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                complete(path, &method, operation);
            }
        }
    }
    api
}

/// The document as it is served: made once.
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());
    &TEXT
}

/// What holds for every call of its kind.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    if !path.starts_with(super::V1) {
        let id = operation.operation_id.take().unwrap_or_default();
        operation.operation_id = Some(format!("{id}_at_root"));
    }
    let has = |place: ParameterIn| operation.parameters.iter().flatten().any(|p| p.parameter_in == place);
    let (in_path, in_query) = (has(ParameterIn::Path), has(ParameterIn::Query));
    let has_body = operation.request_body.is_some();
    let is_post = *method == HttpMethod::Post;
    let mut refusals = vec![
        ("401", "No living API key."),
        ("403", "The plan or the key does not allow this."),
        ("429", "Too often; again after Retry-After."),
        ("503", "The database is away; again after Retry-After."),
    ];
    if in_path {
        refusals.push(("404", "Not there, or of another account."));
    }
    if has_body {
        refusals.push(("400", "The body is no JSON."));
        refusals.push(("413", "The body has more than 1 MiB."));
        refusals.push(("415", "The body is not declared as application/json."));
    }
    if has_body || in_query || is_post {
        refusals.push(("422", "Properties or parameters are wrong; each is named."));
    }
    if is_post {
        refusals.push(("409", "The state does not allow this, or the first request of this key still runs."));
        operation.parameters.get_or_insert_default().push(idempotency_key());
    }
    let responses = &mut operation.responses.responses;
    for (status, what) in refusals {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(refusal(what)));
    }
    for (status, response) in responses.iter_mut() {
        let RefOr::T(response) = response else { continue };
        add_headers(status, response, in_query && status == "200" && lists(&operation.parameters));
    }
}

fn lists(parameters: &Option<Vec<Parameter>>) -> bool {
    parameters.iter().flatten().any(|parameter| parameter.name == "after")
}

fn add_headers(status: &str, response: &mut Response, has_pages: bool) {
    let text = |what: &str| {
        HeaderBuilder::new().schema(ObjectBuilder::new().schema_type(Type::String)).description(Some(what)).build()
    };
    response.headers.insert("X-Request-Id".to_owned(), text("What to name when asking about this request.").into());
    if has_pages {
        response.headers.insert("Link".to_owned(), text("`<…>; rel=\"next\"` where there is another page.").into());
    }
    match status {
        "401" => {
            response.headers.insert("WWW-Authenticate".to_owned(), text("`Basic`.").into());
        }
        "429" | "503" => {
            response.headers.insert("Retry-After".to_owned(), text("Seconds to wait.").into());
        }
        _ => {}
    }
}

fn refusal(what: &str) -> Response {
    let schema: RefOr<Schema> = Ref::from_schema_name("Error").into();
    ResponseBuilder::new()
        .description(what)
        .content("application/json", ContentBuilder::new().schema(Some(schema)).build())
        .build()
}

fn idempotency_key() -> Parameter {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[ -~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("A repetition with the same key and body within 24 hours gets the first answer."))
        .schema(Some(key))
        .build()
}
