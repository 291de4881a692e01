//! The examples of the Submission Docs. A parameter can have a name that somebody else chose, and sellers paste these
//! examples into a shell or a web page. So each name and value is quoted for the language of its example.

use crate::flows::server::{credentials::USER_NAME, parameters::Parameter};
use std::fmt::Write;

/// What the examples send: names and values of parameters.
pub struct Examples<'d> {
    url: &'d str,
    /// True if the source requires authentication.
    required: bool,
    fields: Vec<(&'d str, &'d str)>,
}

impl<'d> Examples<'d> {
    pub fn new(url: &'d str, required: bool, parameters: &'d [Parameter]) -> Self {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for (name, value) in parameters.iter().flat_map(|parameter| &parameter.sample) {
            // Two fields can be read from one parameter.
            if !fields.iter().any(|(known, _)| known == name) {
                fields.push((name, value));
            }
        }
        Self { url, required, fields }
    }

    /// Form fields sent by curl, which encodes the values but takes the names as they are.
    pub fn curl(&self) -> String {
        self.command([], self.encoded())
    }

    /// The same fields in the URL.
    pub fn query(&self) -> String {
        self.command(["--get"], self.encoded())
    }

    fn encoded(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.fields.iter().map(|(name, value)| {
            let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
            ("--data-urlencode", format!("{name}={value}"))
        })
    }

    /// Without the parameters whose names curl cannot write. Values are taken as they are, even if they begin with `@`.
    pub fn multipart(&self) -> String {
        let is_plain = |name: &str| !name.is_empty() && !name.contains(['=', '"', '\\', '\r', '\n']);
        let fields = self.fields.iter().filter(|(name, _)| is_plain(name));
        self.command([], fields.map(|(name, value)| ("--form-string", format!("{name}={value}"))))
    }

    pub fn json(&self) -> String {
        self.body("application/json", self.object())
    }

    /// JSON without its own content type.
    pub fn text(&self) -> String {
        self.body("text/plain", self.object())
    }

    /// JSON that is compressed on the way.
    pub fn compressed(&self) -> String {
        let header = |text: &str| ("--header", text.to_owned());
        let options = [
            header("Content-Type: application/json"),
            header("Content-Encoding: gzip"),
            ("--data-binary", "@-".to_owned()),
        ];
        format!("printf '%s' {} | gzip | {}", shell_quoted(&self.object()), self.command([], options))
    }

    fn object(&self) -> String {
        let object: serde_json::Map<_, _> =
            self.fields.iter().map(|(name, value)| ((*name).to_owned(), serde_json::Value::from(*value))).collect();
        serde_json::to_string_pretty(&object).unwrap_or_default()
    }

    /// Without the parameters whose names XML does not allow.
    pub fn xml(&self) -> String {
        let fields = self.fields.iter().filter(|(name, _)| is_xml_name(name));
        let rows: String = fields.map(|(name, value)| format!("  <{name}>{}</{name}>\n", escaped(value))).collect();
        self.body("application/xml", format!("<lead>\n{rows}</lead>"))
    }

    /// A web form, for sources that need no authentication: browsers would ask the visitor for it.
    pub fn form(&self) -> Option<String> {
        let input = |(name, value): &(&str, &str)| {
            format!("  <input name=\"{}\" value=\"{}\" />\n", escaped(name), escaped(value))
        };
        let inputs: String = self.fields.iter().map(input).collect();
        let action = escaped(self.url);
        let form = format!("<form method=\"post\" action=\"{action}\">\n{inputs}  <button>Send</button>\n</form>");
        (!self.required).then_some(form)
    }

    fn body(&self, media_type: &str, body: String) -> String {
        self.command([], [("--header", format!("Content-Type: {media_type}")), ("--data", body)])
    }

    /// A curl command with one option per line, after the switches.
    fn command<const N: usize>(
        &self,
        switches: [&str; N],
        options: impl IntoIterator<Item = (&'static str, String)>,
    ) -> String {
        let user = if self.required { format!(" \\\n  --user {USER_NAME}:…") } else { String::new() };
        let switches: String = switches.iter().map(|switch| format!(" {switch}")).collect();
        let mut command = format!("curl{switches} {}{user}", shell_quoted(self.url));
        for (option, argument) in options {
            let _infallible = write!(command, " \\\n  {option} {}", shell_quoted(&argument));
        }
        command
    }
}

/// One argument for a POSIX shell: nothing inside single quotes is special, except the closing quote.
fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Text or an attribute's value in HTML and XML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
        escaped
    })
}

/// True if this can be the name of an element; colons are for namespaces.
fn is_xml_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quick_xml::{Reader, escape::resolve_predefined_entity, events::Event};
    use std::process::Command;

    const URL: &str = "https://accord.example/flows/1/sources/2/submit";
    const NASTY: &[&str] = &[
        "x'; id; '",
        "'\"'\"'",
        "\"; id; \"",
        "$(id)",
        "`id`",
        "${HOME}",
        "a\\",
        "\\'",
        "a b",
        "a=b&c=d",
        "@/etc/passwd",
        "-o/tmp/x",
        "--help",
        "; rm -rf /",
        "a|b>c<d",
        "!!",
        "*?[a]",
        "%0a#é+",
        "items[0][name]",
        "</script><script>alert(1)</script>",
        "\" onfocus=\"alert(1)",
        "a>b</lead>",
        "--><b>",
        "&amp;",
        "first_name",
        "utm.source",
        "2nd",
        "",
    ];

    fn examples(required: bool) -> Examples<'static> {
        Examples { url: URL, required, fields: NASTY.iter().map(|text| (*text, *text)).collect() }
    }

    /// The arguments that a real shell gives to curl.
    fn arguments(command: &str) -> Vec<String> {
        let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{command}\n");
        let done = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
        let arguments = String::from_utf8(done.stdout).unwrap();
        arguments.split_terminator('\0').map(ToOwned::to_owned).collect()
    }

    #[test]
    fn a_shell_reads_each_name_and_value_as_one_argument_of_curl() {
        let sent = arguments(&examples(true).curl());
        let (first, data) = sent.split_at(3);
        assert_eq!(first, [URL, "--user", "source:…"]);
        assert_eq!(data.len(), NASTY.len() * 2);
        for (pair, expected) in data.chunks(2).zip(NASTY) {
            assert_eq!(pair[0], "--data-urlencode");
            // curl splits at the first equals sign, and encodes only what follows.
            let (name, value) = pair[1].split_once('=').unwrap();
            let decoded: Vec<_> = form_urlencoded::parse(format!("{name}=x").as_bytes()).into_owned().collect();
            assert_eq!((decoded, value), (vec![((*expected).to_owned(), "x".to_owned())], *expected));
        }
    }

    #[test]
    fn the_json_example_is_the_submission() {
        let sent = arguments(&examples(false).json());
        assert_eq!(sent[..4], [URL, "--header", "Content-Type: application/json", "--data"]);
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&sent[4]).unwrap();
        assert_eq!(object.len(), NASTY.len());
        assert!(object.iter().all(|(name, value)| NASTY.contains(&name.as_str()) && *value == *name));
    }

    #[test]
    fn the_other_examples_have_the_same_names_and_values() {
        let sent = arguments(&examples(false).query());
        assert_eq!((sent[0].as_str(), sent[1].as_str()), ("--get", URL));
        assert_eq!(sent[2..], arguments(&examples(false).curl())[1..]);
        let sent = arguments(&examples(false).text());
        assert_eq!(sent[..3], [URL, "--header", "Content-Type: text/plain"]);
        assert_eq!(sent[3..], arguments(&examples(false).json())[3..]);
        let sent = arguments(&examples(false).multipart());
        let parts: Vec<_> = sent[1..].chunks(2).map(|pair| (pair[0].as_str(), pair[1].clone())).collect();
        let writable = NASTY.iter().filter(|name| !name.is_empty() && !name.contains(['=', '"', '\\']));
        assert_eq!(parts, writable.map(|name| ("--form-string", format!("{name}={name}"))).collect::<Vec<_>>());
    }

    #[test]
    fn the_compressed_example_sends_the_json_through_gzip() {
        let command = examples(false).compressed();
        let script = format!("curl() {{ gunzip; }}\n{command}\n");
        let done = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
        assert_eq!(String::from_utf8(done.stdout).unwrap(), arguments(&examples(false).json())[4]);
    }

    #[test]
    fn the_xml_example_has_every_parameter_that_xml_can_name() {
        let values = ["<b>&\"'", "--> ]]>", "Ada"];
        let fields = vec![("a.b", values[0]), ("_x-1", values[1]), ("n", values[2]), ("no space", "x"), ("x[0]", "x")];
        let sent = arguments(&Examples { url: URL, required: false, fields }.xml());
        assert_eq!(sent[..4], [URL, "--header", "Content-Type: application/xml", "--data"]);
        assert_eq!(elements(&sent[4]), [("a.b", values[0]), ("_x-1", values[1]), ("n", values[2])].map(owned));
        let names: Vec<_> = elements(&arguments(&examples(false).xml())[4]).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["first_name", "utm.source"]);
    }

    #[test]
    fn the_form_example_has_each_name_and_value_in_its_attributes() {
        let form = examples(false).form().unwrap();
        let mut reader = Reader::from_str(&form);
        let (mut tags, mut inputs) = (Vec::new(), Vec::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => tags.push(tag.name().into_inner().to_vec()),
                Event::Empty(tag) => {
                    let attributes =
                        tag.attributes().map(|attribute| attribute.unwrap().unescape_value().unwrap().into_owned());
                    inputs.push(attributes.collect::<Vec<_>>());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(tags, [b"form".to_vec(), b"button".to_vec()]);
        assert_eq!(inputs, NASTY.iter().map(|text| vec![*text, *text]).collect::<Vec<_>>());
        assert_eq!(examples(true).form(), None);
    }

    fn owned((name, value): (&str, &str)) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    /// The elements inside the root, with their texts.
    fn elements(xml: &str) -> Vec<(String, String)> {
        let mut reader = Reader::from_str(xml);
        let (mut found, mut text) = (Vec::new(), String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(_) => text.clear(),
                Event::Text(part) => text.push_str(&part.decode().unwrap()),
                Event::GeneralRef(entity) => match entity.resolve_char_ref().unwrap() {
                    Some(c) => text.push(c),
                    None => text.push_str(resolve_predefined_entity(&entity.decode().unwrap()).unwrap()),
                },
                Event::End(tag) => {
                    found.push((String::from_utf8(tag.name().into_inner().to_vec()).unwrap(), text.clone()))
                }
                Event::Eof => break,
                other => panic!("{other:?}"),
            }
        }
        found.pop();
        found
    }
}
