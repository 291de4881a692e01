//! What an account's Admins set: name, website, time zone, how long its invitations live.

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

/// A posted form: what it says, and what it showed when it was made. Only what differs is changed, so of two people who
/// change different things at once neither undoes the other.
#[derive(Debug, Clone)]
pub struct Change {
    /// As `to_json` wrote it; without it everything counts as changed.
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

impl Change {
    /// The settings as they are, with what was changed.
    fn over(self, now: &Settings) -> Settings {
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

/// A company that is called otherwise now.
#[derive(Debug, Clone)]
pub struct Renamed {
    pub account_id: AccountId,
    pub from: String,
    pub to: String,
}

/// Changes the settings; tells when the company is called otherwise now, for others show its name.
pub async fn change(tx: &mut Tx, actor: &Actor, change: Change) -> Result<Option<Renamed>, Fault> {
    let account_id = actor.account_id;
    let before = queries::lock_settings(tx, account_id).await?;
    let after = change.over(&before);
    if before == after {
        return Ok(None);
    }
    queries::update_settings(tx, account_id, &after).await?;
    let (was, is) = (before.to_json(), after.to_json());
    let differing = |of: &Map<String, Value>| -> Value {
        of.iter()
            .filter(|(field, _)| was.get(*field) != is.get(*field))
            .map(|(field, value)| (field.clone(), value.clone()))
            .collect()
    };
    let entry = Entry::about(account_id, Deed::SettingsChanged, account_id, &after.name);
    record(tx, entry.before(differing(&was)).after(differing(&is))).await?;
    let renamed = before.name != after.name;
    Ok(renamed.then_some(Renamed { account_id, from: before.name, to: after.name }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_changed_in_the_form_is_changed() {
        let shown = Settings {
            name: "Bright Solar".to_owned(),
            website: None,
            time_zone: "UTC".to_owned(),
            invitation_days: 14,
        };
        let wanted = Settings { invitation_days: 7, ..shown.clone() };
        let meanwhile = Settings { website: Some("https://bright.example".to_owned()), ..shown.clone() };
        let saved = Change { shown: shown.to_json(), wanted }.over(&meanwhile);
        assert_eq!(saved, Settings { invitation_days: 7, ..meanwhile });
    }
}
