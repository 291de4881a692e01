//! The lines of an export.

use super::{
    columns::{ColumnSide, Columns},
    export::Parameters,
    queries::LeadRow,
};
use crate::{
    accounts::server::zone,
    leads::model::{FixedColumn, field_text, joined},
    server::csv,
};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeSet};

/// The name of the last column, with the values of parameters that have no column of their own, as JSON.
const OTHERS: &str = "other values";

/// The columns of a file.
pub struct Table {
    columns: Columns,
    side: ColumnSide,
    sent: Parameters,
    /// The names of `sent`, to find out which parameters have no column.
    known: BTreeSet<String>,
    zone: String,
}

impl Table {
    /// Times are those of the zone.
    pub fn new(columns: Columns, side: ColumnSide, sent: Option<Parameters>, zone: String) -> Self {
        let sent = sent.unwrap_or(Parameters { names: Vec::new(), has_others: false });
        let known = sent.names.iter().cloned().collect();
        Self { columns, side, sent, known, zone }
    }

    pub fn head(&self) -> String {
        let fixed = self.columns.fixed.iter().map(|column| Cow::Borrowed(column.as_str()));
        let fields = self.columns.fields.iter().map(|name| Cow::Borrowed(name.as_str()));
        let sent = self.sent.names.iter().map(|name| self.sent_name(name));
        csv::line(fixed.chain(fields).chain(sent).chain(self.sent.has_others.then_some(Cow::Borrowed(OTHERS))))
    }

    /// Files of the buyer can have a field and a parameter of the same name.
    fn sent_name<'n>(&self, name: &'n str) -> Cow<'n, str> {
        match self.side {
            ColumnSide::Seller => Cow::Borrowed(name),
            ColumnSide::Buyer => Cow::Owned(format!("{name} (as sent)")),
        }
    }
}

pub fn line(lead: &LeadRow, table: &Table) -> String {
    let fixed = table.columns.fixed.iter().map(|column| fixed_value(lead, *column, &table.zone));
    let fields = table.columns.fields.iter().map(|name| {
        let field = lead.fields.as_ref().and_then(|fields| fields.get(name));
        field.map(field_text).unwrap_or_default()
    });
    let sent = table.sent.names.iter().map(|name| {
        let value = lead.input.as_ref().and_then(|input| input.get(name));
        value.map(joined).unwrap_or_default()
    });
    let others = table.sent.has_others.then(|| Cow::Owned(other_values(lead, &table.known)));
    csv::line(fixed.chain(fields).chain(sent).chain(others))
}

fn fixed_value<'l>(lead: &'l LeadRow, column: FixedColumn, zone: &str) -> Cow<'l, str> {
    let yes_or_no = |yes: bool| Cow::Borrowed(if yes { "yes" } else { "no" });
    match column {
        FixedColumn::Lead => Cow::Owned(lead.id.to_string()),
        FixedColumn::Received => Cow::Owned(zone::local_time(zone, lead.received_at)),
        FixedColumn::Flow => Cow::Borrowed(&lead.flow_name),
        FixedColumn::Source => Cow::Borrowed(&lead.source_name),
        FixedColumn::Outcome => Cow::Owned(lead.outcome.word().to_lowercase()),
        FixedColumn::Reason => Cow::Borrowed(lead.reason.as_deref().unwrap_or_default()),
        FixedColumn::Test => yes_or_no(lead.test),
        FixedColumn::Erased => yes_or_no(lead.is_erased),
    }
}

/// The values without a column of their own, as a JSON object; empty without any.
fn other_values(lead: &LeadRow, known: &BTreeSet<String>) -> String {
    let Some(input) = lead.input.as_ref().and_then(Value::as_object) else { return String::new() };
    let others: Map<_, _> = input
        .iter()
        .filter(|(name, _)| !known.contains(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if others.is_empty() { String::new() } else { Value::Object(others).to_string() }
}
