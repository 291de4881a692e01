//! The OpenAPI 3.1 document: the annotations of the calls, plus what is common to all of them.

use super::{
    calls::invitations::ListedKind,
    error::{Error, WrongField},
    links,
    moment::Moment,
    submission,
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
                   Authenticate with HTTP Basic: any username, and an API key as the password. \
                   Unknown request properties are rejected; clients must tolerate new response properties. \
                   Lists are arrays, newest first; the Link header has the next page. \
                   Properties that a PUT leaves out stay unchanged.",
    ),
    components(schemas(Error, ListedKind, Moment, WrongField))
)]
struct Shared;

/// The groups of calls.
const TAGS: &[(&str, &str)] = &[
    ("Activity", "Who did what in the account."),
    ("Connections", "Who sells to whom."),
    ("Entities", "The parties the account trades with."),
    ("Flows", "Flows, their sources and fields."),
    ("Invitations", "Inviting companies to connect."),
    ("Leads", "Stored leads, and counts by source."),
    ("Partners", "Suppliers: their sources, users and invitations."),
];

/// The document of this installation.
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
        .description(Some("The password is an API key. The username is ignored; use `API`."));
    components.add_security_scheme("apiKey", SecurityScheme::Http(basic.build()));
    let credential = HttpBuilder::new().scheme(HttpAuthScheme::Basic).description(Some(
        "For lead submission: the username `source` with the credential of the source, or any username with an API key of the connected account.",
    ));
    components.add_security_scheme("source", SecurityScheme::Http(credential.build()));
    components.schemas.extend(submission::schemas());
    api.security = Some(vec![SecurityRequirement::new("apiKey", Vec::<String>::new())]);
    let tag =
        |(name, description): &(&str, &str)| TagBuilder::new().name(*name).description(Some(*description)).build();
    api.tags = Some(TAGS.iter().chain([&submission::TAG]).map(tag).collect());
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
    api.paths.paths.insert(submission::PATH.to_owned(), submission::item());
    api
}

/// Adds what is common to all calls of this kind.
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
    let mut errors = vec![
        ("401", "No active API key."),
        ("403", "Not allowed by the account's plan, or not allowed for API keys."),
        ("405", "This path does not support this method."),
        ("429", "Too many requests. Retry after the seconds in Retry-After."),
        ("503", "The database is unavailable. Retry after the seconds in Retry-After."),
    ];
    if in_path || has_body {
        errors.push(("404", "Not found, or belongs to another account."));
    }
    if has_body {
        errors.push(("400", "The body is not valid JSON."));
        errors.push(("413", "The body exceeds 1 MiB."));
        errors.push(("415", "The Content-Type is not application/json."));
    }
    if has_body || in_query || is_post {
        errors.push(("422", "Invalid properties or parameters, each listed in `errors`."));
    }
    if is_post {
        errors.push((
            "409",
            "The current state does not allow this, or a request with the same Idempotency-Key is still running.",
        ));
        operation.parameters.get_or_insert_default().push(idempotency_key().into());
    }
    let responses = &mut operation.responses.responses;
    for (status, description) in errors {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(error_response(description)));
    }
    let id = operation.operation_id.as_deref().unwrap_or_default();
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response {
            response.links.extend(links::links_of(id, status));
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

fn has(operation: &Operation, location: &ParameterIn) -> bool {
    parameters(operation).any(|parameter| parameter.parameter_in == *location)
}

fn add_headers(status: &str, response: &mut Response, has_pages: bool) {
    let mut add = |name: &str, header: Header| response.headers.insert(name.to_owned(), header.into());
    add("X-Request-Id", header(Type::String, "Identifies this request; include it when you ask for support."));
    if has_pages {
        add("Link", header(Type::String, "`<…>; rel=\"next\"` if there is another page."));
    }
    match status {
        "401" => add("WWW-Authenticate", header(Type::String, "`Basic`.")),
        "405" => add("Allow", header(Type::String, "The supported methods.")),
        "429" => {
            add("RateLimit", header(Type::String, "The limit: its name, what is left, and the seconds to wait."));
            add("RateLimit-Policy", header(Type::String, "The limit: its name, how many, and in how many seconds."));
            add("Retry-After", header(Type::Integer, "Seconds to wait."))
        }
        "503" => add("Retry-After", header(Type::Integer, "Seconds to wait.")),
        _ => None,
    };
}

pub(super) fn header(kind: Type, description: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(kind);
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}

fn error_response(description: &str) -> Response {
    let schema: RefOr<Schema> = Ref::from_schema_name("Error").into();
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}

pub(super) fn idempotency_key() -> Parameter {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]{1,255}$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Repeating a request with the same key and body within 24 hours returns the first response."))
        .schema(Some(key))
        .build()
}
