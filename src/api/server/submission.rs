//! Lead submission in the document. It is no call of the API: it has its own authentication, formats and errors.

use super::document::{header, idempotency_key};
use utoipa::openapi::{
    ContentBuilder, HttpMethod, Ref, RefOr, Required, ResponseBuilder, Schema, Type,
    path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem},
    request_body::{RequestBody, RequestBodyBuilder},
    schema::{AdditionalProperties, ObjectBuilder},
    security::SecurityRequirement,
};

pub const PATH: &str = "/flows/{flow_id}/sources/{source_id}/submit";
pub const TAG: (&str, &str) = ("Submission", "Sending leads to a source of a flow.");
/// The names of the schemas of answers and errors.
const ANSWER: &str = "SubmissionAnswer";
const ERROR: &str = "SubmissionError";

const DESCRIPTION: &str = "Send one lead per request, as a body, as query parameters, or as both: a query parameter \
    replaces all values of the body with its name. Nested names are dotted, repeated names keep all their values. Any \
    charset of the Encoding Standard and the content encodings gzip, deflate and br are read. `Accept` chooses JSON, \
    XML or plain text, for errors too. Any website may send leads from a script, without credentials.";

const ERRORS: [(&str, &str); 10] = [
    ("400", "The body cannot be read, or is not one lead; or the redir_url or Idempotency-Key is invalid."),
    ("401", "The source requires authentication."),
    ("403", "The source or its flow may not receive leads now."),
    ("404", "There is no such source."),
    ("405", "Only GET, POST and OPTIONS are supported."),
    ("406", "None of the accepted formats is available. The response is JSON."),
    ("413", "The body or the lead exceeds 1 MiB, or a value 64 KiB."),
    ("415", "The media type, charset or content encoding is not supported."),
    ("422", "There are more than 1,000 values, or a name is too long or too deep."),
    ("429", "Too many submissions. Retry after the seconds in Retry-After."),
];

/// Submission by GET and by POST.
pub fn item() -> PathItem {
    let mut item = PathItem::new(HttpMethod::Get, operation("submit_by_query", None));
    item.merge_operations(PathItem::new(HttpMethod::Post, operation("submit", Some(body()))));
    item
}

/// The schemas that the operations refer to.
pub fn schemas() -> [(String, RefOr<Schema>); 2] {
    let text = |description: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    let outcomes =
        |of: &[&str]| text("What became of the lead.").enum_values(Some(of.iter().map(|one| (*one).to_owned())));
    let lead = ObjectBuilder::new().property("id", text("The id of the stored lead.")).required("id");
    let price = ObjectBuilder::new().schema_type(Type::Number).description(Some("Always 0."));
    let answer = ObjectBuilder::new()
        .property("outcome", outcomes(&["success", "failure"]))
        .property("reason", text("Why the lead was rejected."))
        .property("lead", lead)
        .property("price", price)
        .required("outcome")
        .required("lead")
        .required("price");
    let error = ObjectBuilder::new()
        .property("outcome", outcomes(&["error"]))
        .property("reason", text("What to change, with line and column if the body is not well-formed."))
        .required("outcome")
        .required("reason");
    [(ANSWER.to_owned(), Schema::from(answer).into()), (ERROR.to_owned(), Schema::from(error).into())]
}

fn operation(id: &str, body: Option<RequestBody>) -> Operation {
    let in_path = |name: &str, description: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9a-f]{24}$"));
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema))
            .build()
    };
    let redirect = ParameterBuilder::new()
        .name("redir_url")
        .parameter_in(ParameterIn::Query)
        .description(Some("An http or https URL to which the consumer's browser is redirected."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    let operation = OperationBuilder::new()
        .tag(TAG.0)
        .operation_id(Some(id))
        .summary(Some(if body.is_some() { "Send a lead" } else { "Send a lead as query parameters" }))
        .description(Some(DESCRIPTION))
        .parameters(Some([
            in_path("flow_id", "The flow."),
            in_path("source_id", "The source in the flow."),
            redirect,
            idempotency_key(),
        ]))
        .request_body(body)
        // A credential is needed only if the source requires it.
        .securities(Some([SecurityRequirement::default(), SecurityRequirement::new("source", Vec::<String>::new())]))
        .response("201", response(ANSWER, "The lead is stored: accepted, or rejected with a reason."))
        .response("303", ResponseBuilder::new().description("The same, with a redirect to redir_url."));
    ERRORS.iter().fold(operation, |all, (status, text)| all.response(*status, response(ERROR, text))).build()
}

fn response(schema: &str, description: &str) -> ResponseBuilder {
    let content = || ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    let text = || ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build();
    let builder = ResponseBuilder::new()
        .description(description)
        .header("X-Request-Id", header(Type::String, "Identifies this request; include it when you ask for support."));
    builder.content("application/json", content()).content("application/xml", text()).content("text/plain", text())
}

fn body() -> RequestBody {
    let object = || ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(true)));
    let names = || ContentBuilder::new().schema(Some(object())).build();
    let text = || ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build();
    RequestBodyBuilder::new()
        .description(Some(
            "The names and values of one lead. Types that end in +json or +xml, text/json and text/xml are read too.",
        ))
        .content("application/json", names())
        .content("application/x-www-form-urlencoded", names())
        .content("multipart/form-data", names())
        .content("application/xml", text())
        .content("text/plain", text())
        .build()
}
