//! What the Submission Docs say about every source: accepted bodies, how values are read, responses and limits.

use crate::ui::{Cell, CodeBlock, Column, DataTable};
use leptos::prelude::*;

/// The content types of bodies, with what they hold.
const BODIES: &[(&str, &str)] = &[
    ("application/x-www-form-urlencoded", "Form fields, as browsers send them."),
    ("multipart/form-data", "Form fields, one in each part. Of an attached file, only the file name is kept."),
    ("application/json, text/json, …+json", "One JSON object."),
    (
        "application/xml, text/xml, …+xml",
        "One XML document. The name of its root element does not matter. Documents with a DOCTYPE are refused.",
    ),
    (
        "text/plain, or no Content-Type",
        "Read as JSON if the body begins with {, as XML if it begins with <, and otherwise as form fields.",
    ),
];

/// How names and values are read.
const READING: &[&str] = &[
    "Names are case-sensitive. A parameter that is not in the table of fields is stored with the lead too.",
    "Nested JSON objects, nested XML elements, brackets and dots mean the same: contact[email] is contact.email.",
    "A name can have a value of its own beside nested ones: utility and utility.company are both kept.",
    "If a name is sent several times, or with [] at its end, all its values are kept as a list. So is a JSON list of plain values.",
    "Rules see the values of a list joined by a comma and a space. A yes or no field takes the last value.",
    "A list with one value is that value. The items of a list of objects are numbered: items.0.name, items.1.name.",
    "A parameter in the URL replaces all values of that name in the body.",
    "These values are blank: a missing one, an empty text, white space, null, and an empty list or object. These are not: 0, false, and the text null.",
    "JSON numbers keep the digits that you write: 1.10 stays 1.10.",
    "In XML, the attribute of an element that also has text is element.attribute. Other attributes are ignored.",
    "NUL characters and broken characters are removed or replaced, and the buyer sees that they were.",
    "Social security numbers are checked by the rules and then removed. They are never stored. Send them in the body, not in the URL.",
];

/// Statuses, with when they are sent and what to do.
const STATUSES: &[(&str, &str)] = &[
    ("201 Created", "The lead was read and stored. Its outcome is success or failure; a failure has a reason."),
    ("303 See Other", "The lead was stored, and the browser is redirected to redir_url."),
    (
        "400 Bad Request",
        "The submission can't be read. The reason names the line and column where they are known. Also: more than one lead in a request, an invalid redir_url, or an Idempotency-Key with characters other than ASCII.",
    ),
    ("401 Unauthorized", "The source requires authentication, and the username or password is missing or wrong."),
    ("403 Forbidden", "The flow or the source is off. Nothing is stored. Ask the buyer."),
    ("404 Not Found", "There is no source at this URL. Check the Submission URL."),
    ("405 Method Not Allowed", "Use POST or GET."),
    ("406 Not Acceptable", "The Accept header allows neither JSON nor XML nor plain text."),
    ("408 Request Timeout", "The body did not arrive in time. Send it again."),
    ("413 Content Too Large", "The body, a value, or the whole lead is too large. See Limits."),
    (
        "415 Unsupported Media Type",
        "The Content-Type, its charset, or the Content-Encoding is not supported. The reason names it.",
    ),
    (
        "422 Unprocessable Content",
        "There are too many values, a name is too long, or the lead is nested too deeply. See Limits.",
    ),
    (
        "429 Too Many Requests",
        "Too many leads in a short time. Wait as many seconds as Retry-After says, then send it again.",
    ),
    (
        "500, 502, 503, 504",
        "The fault is on this side. Send the lead again after a minute, with the same Idempotency-Key.",
    ),
];

const LIMITS: &[&str] = &[
    "A body can have 1 MiB, after decompression.",
    "A value can have 64 KiB, and all names and values together 1 MiB.",
    "A lead can have 1,000 values, nested 32 levels deep.",
    "A part of a name can have 128 bytes, and a name with all its dotted parts 512 bytes.",
    "Rules look at the first 10,000 characters of a value.",
];

pub fn bodies() -> impl IntoView {
    let head = ["Content-Type", "Body"].map(Column::new).to_vec();
    let rows = rows(BODIES, ["Content-Type", "Body"], "cell-title");
    view! {
        <h3>"Content types"</h3>
        <DataTable caption="Content types" head>{rows}</DataTable>
        <ul class="notes">
            <li>
                "Send one lead in each request. Use POST, or GET with the parameters in the URL."
            </li>
            <li>
                "Name the character set as "<code>"charset=…"</code>
                " in the Content-Type. All labels of the Encoding Standard work, such as windows-1252. Without one, a byte-order mark decides; otherwise the body is read as UTF-8, or as windows-1252 if it is not UTF-8."
            </li>
            <li>
                "The body can be compressed, with Content-Encoding "<code>"gzip"</code>", "<code>"deflate"</code>" or "
                <code>"br"</code>"."
            </li>
        </ul>
        <h3>"How values are read"</h3>
        {notes(READING)}
    }
}

/// Success, failures and errors, as a sender gets them.
pub fn responses(required: bool) -> impl IntoView {
    let accepted =
        "HTTP/1.1 201 Created\n\n{\"lead\":{\"id\":\"5fd4371e940df5a34a3888b2\"},\"outcome\":\"success\",\"price\":0}";
    let rejected = "HTTP/1.1 201 Created\n\n{\"lead\":{\"id\":\"5fd4371e940df5a34a3888b2\"},\"outcome\":\"failure\",\"price\":0,\"reason\":\"…\"}";
    let refused = "HTTP/1.1 403 Forbidden\n\n{\"outcome\":\"error\",\"reason\":\"source is not enabled\"}";
    let unauthorized = required.then(|| {
        let code = "HTTP/1.1 401 Unauthorized\n\n{\"outcome\":\"error\",\"reason\":\"unauthorized source\"}";
        view! { <CodeBlock code label="Not authenticated" /> }
    });
    let head = ["Status", "Meaning"].map(Column::new).to_vec();
    let statuses = rows(STATUSES, ["Status", "Meaning"], "cell-title nowrap");
    view! {
        <h3>"Responses"</h3>
        <p>
            "Responses are JSON. Ask for XML or plain text with the Accept header: "<code>"application/xml"</code>" or "
            <code>"text/plain"</code>". Errors have the same form."
        </p>
        <div class="stack">
            <CodeBlock code=accepted label="Accepted" />
            <CodeBlock code=rejected label="Rejected" />
            <CodeBlock code=refused label="Refused" />
            {unauthorized}
        </div>
        <DataTable caption="Statuses" head>{statuses}</DataTable>
    }
}

pub fn limits() -> impl IntoView {
    view! {
        <h3>"Limits"</h3>
        {notes(LIMITS)}
        <h3>"Send a lead only once"</h3>
        <p>
            "If you don't get a response, you don't know whether the lead was stored. Send an "<code>"Idempotency-Key"</code>
            " header with a text of your own, and the same one when you try again. Within 24 hours, requests with the same key are one lead, and all get its first response."
        </p>
        <h3>"Send from a script in a browser"</h3>
        <p>
            "Scripts on any website can post leads to the Submission URL, without cookies or a password. They can set the headers "
            <code>"Content-Type"</code>" and "<code>"Idempotency-Key"</code>"."
        </p>
    }
}

pub fn redirect() -> impl IntoView {
    view! {
        <p>
            "Sending leads from a visitor's browser? Add " <code>"redir_url"</code>
            " with an http or https URL. We redirect the browser there instead of showing our response."
        </p>
    }
}

fn notes(sentences: &'static [&'static str]) -> impl IntoView {
    view! { <ul class="notes">{sentences.iter().map(|sentence| view! { <li>{*sentence}</li> }).collect_view()}</ul> }
}

fn rows(
    rows: &'static [(&'static str, &'static str)],
    labels: [&'static str; 2],
    class: &'static str,
) -> impl IntoView {
    let row = move |(name, text): &'static (&'static str, &'static str)| {
        view! {
            <tr>
                <Cell label=labels[0]><span class=class>{*name}</span></Cell>
                <Cell label=labels[1]>{*text}</Cell>
            </tr>
        }
    };
    rows.iter().map(row).collect_view()
}
