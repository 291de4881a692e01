//! The columns of an export: what can be chosen, what somebody has chosen, and how it is remembered.

use crate::{base::text_enum::text_enum, leads::model::FixedColumn};

text_enum! {
    /// The side on which somebody exports. Each person's choice is remembered for each.
    ColumnSide {
        /// Members of the account that bought the leads: parsed fields, and values as sent.
        Buyer = "buyer",
        /// The partner's side: values as sent.
        Seller = "seller",
    }
}

/// What a field's key starts with.
const FIELD: &str = "field:";
/// The key of the columns with all values as sent.
const SENT: &str = "sent";

/// The chosen columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    pub fixed: Vec<FixedColumn>,
    /// The names of parsed fields.
    pub fields: Vec<String>,
    /// True to give each parameter a column with its values as sent.
    pub sent: bool,
}

impl Columns {
    /// All columns, with these fields.
    pub fn all(fields: &[String]) -> Self {
        Self { fixed: FixedColumn::ALL.to_vec(), fields: fields.to_vec(), sent: true }
    }

    /// The columns with these keys, of those that there are, in their usual order. None if nothing is chosen.
    pub fn of_keys<'k>(keys: impl IntoIterator<Item = &'k str>, fields: &[String]) -> Option<Self> {
        let keys: Vec<_> = keys.into_iter().collect();
        let chosen = |key: &str| keys.contains(&key);
        let columns = Self {
            fixed: FixedColumn::ALL.iter().copied().filter(|column| chosen(column.as_str())).collect(),
            fields: fields.iter().filter(|name| chosen(&field_key(name))).cloned().collect(),
            sent: chosen(SENT),
        };
        let is_empty = columns.fixed.is_empty() && columns.fields.is_empty() && !columns.sent;
        (!is_empty).then_some(columns)
    }

    pub fn keys(&self) -> Vec<String> {
        let fixed = self.fixed.iter().map(|column| column.as_str().to_owned());
        let fields = self.fields.iter().map(|name| field_key(name));
        fixed.chain(fields).chain(self.sent.then(|| SENT.to_owned())).collect()
    }

    /// The keys to remember: those of this choice, and the remembered fields that it could not choose, because they
    /// belong to other flows.
    pub fn keys_to_keep(&self, remembered: &[String], fields: &[String]) -> Vec<String> {
        let offered: Vec<_> = fields.iter().map(|name| field_key(name)).collect();
        let elsewhere = remembered.iter().filter(|key| key.starts_with(FIELD) && !offered.contains(key));
        self.keys().into_iter().chain(elsewhere.cloned()).collect()
    }
}

/// The key of a field's column.
pub fn field_key(name: &str) -> String {
    format!("{FIELD}{name}")
}

/// The key of the columns with all values as sent.
pub fn sent_key() -> &'static str {
    SENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn chosen_columns_are_remembered_in_their_usual_order() {
        let fields = names(&["email", "state"]);
        let chosen = Columns::of_keys(["field:state", "reason", "lead", "field:unknown", "nonsense"], &fields).unwrap();
        assert_eq!(chosen.fixed, [FixedColumn::Lead, FixedColumn::Reason]);
        assert_eq!((chosen.fields.clone(), chosen.sent), (names(&["state"]), false));
        assert_eq!(chosen.keys(), names(&["lead", "reason", "field:state"]));
        assert_eq!(Columns::of_keys(["field:unknown"], &fields), None);
        let all = Columns::all(&fields);
        assert_eq!(Columns::of_keys(all.keys().iter().map(String::as_str), &fields), Some(all));
    }

    #[test]
    fn a_choice_for_one_flow_keeps_the_fields_of_others() {
        let remembered = names(&["lead", "field:email", "field:roof", "sent"]);
        let chosen = Columns::of_keys(["test"], &names(&["email", "state"])).unwrap();
        assert_eq!(chosen.keys_to_keep(&remembered, &names(&["email", "state"])), names(&["test", "field:roof"]));
    }
}
