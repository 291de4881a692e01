//! The OpenAPI 3.1 document: what the calls say of themselves, and what holds for all of them.

use super::{
    calls::invitations::ListedKind,
    links,
    moment::Moment,
    refusal::{Error, WrongField},
};
use crate::server::config::Config;
use utoipa::{
    OpenApi as _,
    openapi::{
        ContactBuilder, ContentBuilder, HeaderBuilder, HttpMethod, OpenApi, Ref, RefOr, Required, Response,
        ResponseBuilder, Server, Type,
        header::Header,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Schema},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Accord API",
        version = "1.0.0",
        description = "For an account's own systems: invitations, flows, sources, partners, leads and connections. \
                   Authenticate by HTTP Basic with an API key as the password and any user name. \
                   Unknown properties are refused; clients must tolerate new properties in answers. \
                   Lists are arrays, newest first; the header Link has the next page. \
                   Properties that a PUT leaves out stay as they are.",
    ),
    components(schemas(Error, ListedKind, Moment, WrongField))
)]
struct Shared;

/// The groups of calls, by name.
const TAGS: &[(&str, &str)] = &[
    ("Activity", "What happened in the account."),
    ("Connections", "Who sells to whom."),
    ("Entities", "How the account sees the parties it trades with."),
    ("Flows", "Flows, their sources and fields."),
    ("Invitations", "Inviting companies to connect."),
    ("Leads", "Stored leads, and what sources sent in all."),
    ("Partners", "Suppliers: their sources, users and invitations."),
];

/// The whole document, for this installation.
pub fn document(config: &Config) -> OpenApi {
    let (_, mut api) = super::calls().split_for_parts();
    let shared = Shared::openapi();
    let contact = ContactBuilder::new().name(Some("Accord")).url(Some(config.base_url.join("/")));
    api.info = shared.info;
    api.info.contact = Some(contact.email(Some(config.operator_email.clone())).build());
    api.servers = Some(vec![Server::new(config.base_url.origin())]);
    let components = api.components.get_or_insert_default();
    components.schemas.extend(shared.components.unwrap_or_default().schemas);
    let basic = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("The password is an API key; the user name is ignored, `API` by convention."));
    components.add_security_scheme("apiKey", SecurityScheme::Http(basic.build()));
    api.security = Some(vec![SecurityRequirement::new("apiKey", Vec::<String>::new())]);
    let tag = |(name, what): &(&str, &str)| TagBuilder::new().name(*name).description(Some(*what)).build();
    api.tags = Some(TAGS.iter().map(tag).collect());
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

/// What holds for every call of its kind.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    if !path.starts_with(super::V1) {
        let id = operation.operation_id.take().unwrap_or_default();
        operation.operation_id = Some(format!("{id}_at_root"));
    }
    if operation.description.is_none() {
        operation.description.clone_from(&operation.summary);
    }
    let (in_path, in_query) = (has(operation, &ParameterIn::Path), has(operation, &ParameterIn::Query));
    let has_pages = parameters(operation).any(|parameter| parameter.name == "after");
    let (has_body, is_post) = (operation.request_body.is_some(), *method == HttpMethod::Post);
    let mut refusals = vec![
        ("401", "No living API key."),
        ("403", "The plan or the key does not allow this."),
        ("405", "This address does not take this method."),
        ("429", "Too often; again after Retry-After."),
        ("503", "The database is away; again after Retry-After."),
    ];
    if in_path || has_body {
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
        operation.parameters.get_or_insert_default().push(idempotency_key().into());
    }
    let responses = &mut operation.responses.responses;
    for (status, what) in refusals {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(refusal(what)));
    }
    let id = operation.operation_id.as_deref().unwrap_or_default();
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response {
            response.links.extend(links::after(id, status));
            add_headers(status, response, has_pages && status == "200");
        }
    }
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

fn has(operation: &Operation, place: &ParameterIn) -> bool {
    parameters(operation).any(|parameter| parameter.parameter_in == *place)
}

fn add_headers(status: &str, response: &mut Response, has_pages: bool) {
    let mut add = |name: &str, header: Header| response.headers.insert(name.to_owned(), header.into());
    add("X-Request-Id", header(Type::String, "What to name when asking about this request."));
    if has_pages {
        add("Link", header(Type::String, "`<…>; rel=\"next\"` where there is another page."));
    }
    match status {
        "401" => add("WWW-Authenticate", header(Type::String, "`Basic`.")),
        "405" => add("Allow", header(Type::String, "The methods it takes.")),
        "429" | "503" => add("Retry-After", header(Type::Integer, "Seconds to wait.")),
        _ => None,
    };
}

fn header(kind: Type, what: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(kind);
    HeaderBuilder::new().schema(Some(schema)).description(Some(what)).build()
}

fn refusal(what: &str) -> Response {
    let schema: RefOr<Schema> = Ref::from_schema_name("Error").into();
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(what).content("application/json", content).build()
}

fn idempotency_key() -> Parameter {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]{1,255}$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("A repetition with the same key and body within 24 hours gets the first answer."))
        .schema(Some(key))
        .build()
}
