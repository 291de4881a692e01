//! The body of a webhook: the shape in leads.md, section 7.

use crate::{
    base::{FlowId, LeadId, SourceId},
    deliveries::model::Format,
};
use quick_xml::escape::escape;
use serde_json::json;
use std::{collections::BTreeMap, fmt::Write as _};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A lead as it is sent. The order of its fields is that of their names.
#[derive(Debug, Clone)]
pub struct SentLead {
    pub id: LeadId,
    pub flow_id: FlowId,
    /// None for a test of the delivery, which comes from no source.
    pub source_id: Option<SourceId>,
    pub received_at: OffsetDateTime,
    pub test: bool,
    /// Normal values by field.
    pub fields: BTreeMap<String, String>,
}

impl SentLead {
    pub fn body(&self, format: Format) -> String {
        match format {
            Format::Json => self.json(),
            Format::Form => self.form(),
            Format::Xml => self.xml(),
        }
    }

    fn received_at(&self) -> String {
        self.received_at.format(&Rfc3339).unwrap_or_default()
    }

    fn json(&self) -> String {
        let Self { id, flow_id, source_id, test, fields, .. } = self;
        json!({
            "type": "lead.accepted",
            "timestamp": self.received_at(),
            "data": {
                "lead": {
                    "id": id, "flow_id": flow_id, "source_id": source_id, "received_at": self.received_at(),
                    "price": 0, "test": test,
                },
                "fields": fields,
            },
        })
        .to_string()
    }

    /// What is known of the lead apart from its fields, for formats without nesting.
    fn facts(&self) -> [(&'static str, String); 5] {
        [
            ("lead_id", self.id.to_string()),
            ("flow_id", self.flow_id.to_string()),
            ("source_id", self.source_id.map(|id| id.to_string()).unwrap_or_default()),
            ("received_at", self.received_at()),
            ("test", self.test.to_string()),
        ]
    }

    fn form(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(self.facts());
        form.extend_pairs(self.fields.iter());
        form.finish()
    }

    fn xml(&self) -> String {
        let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<lead>".to_owned();
        for (name, value) in self.facts() {
            let _written = write!(xml, "<{name}>{}</{name}>", escape(&value));
        }
        xml.push_str("<fields>");
        for (name, value) in &self.fields {
            let text: String = value.chars().map(|c| if is_xml(c) { c } else { '\u{FFFD}' }).collect();
            let _written = write!(xml, "<{name}>{}</{name}>", escape(&text));
        }
        xml.push_str("</fields></lead>");
        xml
    }
}

/// Whether XML 1.0 can contain the character at all (section 2.2).
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn lead() -> SentLead {
        SentLead {
            id: "0123456789abcdef01234567".parse().unwrap(),
            flow_id: "1123456789abcdef01234567".parse().unwrap(),
            source_id: "2123456789abcdef01234567".parse().ok(),
            received_at: datetime!(2026-03-01 12:00:00.25 UTC),
            test: false,
            fields: [("email", "a+b@c.example"), ("last_name", "O'Neil & <Søn>\u{1}")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }
    }

    #[test]
    fn a_lead_is_json_as_documented() {
        let body: serde_json::Value = serde_json::from_str(&lead().body(Format::Json)).unwrap();
        assert_eq!(
            body,
            json!({
                "type": "lead.accepted",
                "timestamp": "2026-03-01T12:00:00.25Z",
                "data": {
                    "lead": {
                        "id": "0123456789abcdef01234567", "flow_id": "1123456789abcdef01234567",
                        "source_id": "2123456789abcdef01234567", "received_at": "2026-03-01T12:00:00.25Z",
                        "price": 0, "test": false,
                    },
                    "fields": { "email": "a+b@c.example", "last_name": "O'Neil & <Søn>\u{1}" },
                },
            })
        );
    }

    #[test]
    fn a_lead_as_a_form_and_as_xml_reads_back() {
        let form = lead().body(Format::Form);
        let pairs: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        assert_eq!(pairs[0], ("lead_id".to_owned(), "0123456789abcdef01234567".to_owned()));
        assert_eq!(pairs[6], ("last_name".to_owned(), "O'Neil & <Søn>\u{1}".to_owned()));
        let xml = lead().body(Format::Xml);
        assert!(xml.contains("<fields><email>a+b@c.example</email><last_name>O&apos;Neil &amp; &lt;Søn&gt;\u{FFFD}</last_name></fields></lead>"), "{xml}");
        assert!(xml.contains("<source_id>2123456789abcdef01234567</source_id><received_at>2026-03-01T12:00:00.25Z</received_at><test>false</test>"), "{xml}");
    }
}
