//! The account settings: name, website, time zone, and how long invitations stay open.

use super::{policy::Actor, queries};
use crate::{
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::AccountId,
    server::{Fault, Tx},
};
use serde_json::{Map, Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    /// With its scheme, http or https.
    pub website: Option<String>,
    /// IANA name.
    pub time_zone: String,
    pub invitation_days: i32,
}

/// A posted settings form: the new settings and those the form showed. Only fields that differ are changed, so two
/// people who change different fields at the same time do not undo each other's changes.
#[derive(Debug, Clone)]
pub struct SettingsChange {
    /// As written by `to_json`. If empty, every field counts as changed.
    pub shown: Map<String, Value>,
    pub wanted: Settings,
}

impl Settings {
    /// The settings by the names of the form's fields.
    pub fn to_json(&self) -> Map<String, Value> {
        let Self { name, website, time_zone, invitation_days } = self;
        [
            ("name", json!(name)),
            ("website", json!(website)),
            ("time_zone", json!(time_zone)),
            ("invitation_days", json!(invitation_days)),
        ]
        .map(|(field, value)| (field.to_owned(), value))
        .into_iter()
        .collect()
    }
}

impl SettingsChange {
    /// The current settings with the changed fields replaced.
    fn apply(self, now: &Settings) -> Settings {
        let wanted = self.wanted.to_json();
        let changed = |field: &str| self.shown.get(field) != wanted.get(field);
        let Settings { name, website, time_zone, invitation_days } = self.wanted.clone();
        Settings {
            name: if changed("name") { name } else { now.name.clone() },
            website: if changed("website") { website } else { now.website.clone() },
            time_zone: if changed("time_zone") { time_zone } else { now.time_zone.clone() },
            invitation_days: if changed("invitation_days") { invitation_days } else { now.invitation_days },
        }
    }
}

/// A change of the company's name.
#[derive(Debug, Clone)]
pub struct NameChange {
    pub account_id: AccountId,
    pub from: String,
    pub to: String,
}

/// Saves the changed settings. Returns a change of the name, because other accounts show it too.
pub async fn change(tx: &mut Tx, actor: &Actor, change: SettingsChange) -> Result<Option<NameChange>, Fault> {
    let account_id = actor.account_id;
    let before = queries::lock_settings(tx, account_id).await?;
    let after = change.apply(&before);
    if before == after {
        return Ok(None);
    }
    queries::update_settings(tx, account_id, &after).await?;
    let (old, new) = (before.to_json(), after.to_json());
    let changed = |settings: &Map<String, Value>| -> Value {
        settings
            .iter()
            .filter(|(field, _)| old.get(*field) != new.get(*field))
            .map(|(field, value)| (field.clone(), value.clone()))
            .collect()
    };
    let entry = Entry::about(account_id, Deed::SettingsChanged, account_id, &after.name);
    record(tx, entry.before(changed(&old)).after(changed(&new))).await?;
    let is_renamed = before.name != after.name;
    Ok(is_renamed.then_some(NameChange { account_id, from: before.name, to: after.name }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_changed_in_the_form_are_saved() {
        let shown = Settings {
            name: "Bright Solar".to_owned(),
            website: None,
            time_zone: "UTC".to_owned(),
            invitation_days: 14,
        };
        let wanted = Settings { invitation_days: 7, ..shown.clone() };
        let meanwhile = Settings { website: Some("https://bright.example".to_owned()), ..shown.clone() };
        let saved = SettingsChange { shown: shown.to_json(), wanted }.apply(&meanwhile);
        assert_eq!(saved, Settings { invitation_days: 7, ..meanwhile });
    }
}
