//! Creating, changing and restoring partner records.

use super::{policy, queries};
use crate::{
    accounts::model::{Permission, Plan},
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, PartnerId, Problem},
    identity::server::parse::{line, website},
    server::{Fault, FieldChecks, Tx},
};
use queries::Partner;
use serde_json::{Map, Value, json};

/// Maximum characters of the notes.
pub const NOTES_LENGTH: usize = 5_000;

/// The editable details of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    /// With its scheme, http or https.
    pub website: Option<String>,
    /// Visible only to the account. `None` leaves them unchanged.
    pub notes: Option<String>,
}

impl Details {
    /// Parses the form and reports all invalid fields together.
    pub fn parse(name: &str, site: &str, notes: Option<&str>) -> Result<Self, Fault> {
        let mut checked = FieldChecks::default();
        let name = checked.take("name", line(name, Problem::PartnerNameMissing));
        let website = checked.take("website", website(site));
        let notes = notes.map(|notes| notes.replace("\r\n", "\n").trim().to_owned());
        let fits = notes.as_ref().is_none_or(|notes| notes.chars().count() <= NOTES_LENGTH);
        checked.take("notes", fits.then_some(()).ok_or(Problem::NotesTooLong));
        checked.finish(|| Some(Self { name: name?, website: website?, notes }))
    }

    /// The current details.
    pub fn of(partner: &Partner) -> Self {
        let Partner { name, website, notes, .. } = partner.clone();
        Self { name, website, notes: Some(notes) }
    }

    fn to_json(&self) -> Map<String, Value> {
        let Self { name, website, notes } = self;
        [("name", json!(name)), ("website", json!(website)), ("notes", json!(notes))]
            .map(|(field, value)| (field.to_owned(), value))
            .into_iter()
            .collect()
    }
}

/// Creates a partner. Like creating flows, this needs LeadConduit Base or Pro.
pub async fn create(tx: &mut Tx, account_id: AccountId, details: Details) -> Result<PartnerId, Fault> {
    let actor = tx.cx.actor(account_id, Permission::ChangeFlows)?;
    if !actor.plan.is_some_and(Plan::may_build_flows) {
        return Err(Problem::PlanRequired.into());
    }
    let id = tx.make_id::<PartnerId>();
    queries::insert(tx, id, account_id, &details).await?;
    let entry = Entry::about(account_id, Deed::PartnerCreated, id, details.name.as_str());
    record(tx, entry.after(Value::Object(details.to_json()))).await?;
    Ok(id)
}

/// Changes a partner. `version` is the one the form was rendered from.
pub async fn change(tx: &mut Tx, id: PartnerId, version: i32, details: Details) -> Result<(), Fault> {
    let (partner, _) = policy::find_in_account(tx, id, Permission::ChangeFlows).await?;
    save(tx, &partner, version, details).await
}

/// Saves the details of a partner whose permission was already checked. Saving without changes records nothing.
pub(super) async fn save(tx: &mut Tx, partner: &Partner, version: i32, details: Details) -> Result<(), Fault> {
    if partner.archived {
        return Err(Problem::PartnerArchived.into());
    }
    let old = Details::of(partner);
    let new = Details { notes: details.notes.or_else(|| old.notes.clone()), ..details };
    if new == old {
        return Ok(());
    }
    if !queries::update(tx, partner.account_id, partner.id, version, &new).await? {
        return Err(Problem::StaleVersion.into());
    }
    let entry = Entry::about(partner.account_id, Deed::PartnerChanged, partner.id, new.name.as_str());
    let (old, new) = (old.to_json(), new.to_json());
    let changed = |details: &Map<String, Value>| -> Value {
        let fields = details.iter().filter(|(field, _)| old.get(*field) != new.get(*field));
        fields.map(|(field, value)| (field.clone(), value.clone())).collect()
    };
    record(tx, entry.before(changed(&old)).after(changed(&new))).await
}

/// Restores an archived partner with its people and sources. Does nothing if it is not archived.
pub async fn restore(tx: &mut Tx, id: PartnerId) -> Result<(), Fault> {
    let (partner, _) = policy::find_in_account(tx, id, Permission::ChangeFlows).await?;
    if !queries::restore(tx, partner.account_id, id).await? {
        return Ok(());
    }
    record(tx, Entry::about(partner.account_id, Deed::PartnerRestored, id, partner.name)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_wrong_fields_are_named_together() {
        let Err(Fault::Expected(error)) = Details::parse(" ", "ftp://x", Some(&"n".repeat(5_001))) else {
            panic!("refused")
        };
        let fields: Vec<_> = error.field_errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "website", "notes"]);
    }

    #[test]
    fn notes_are_limited_to_5000_characters_whatever_their_bytes_and_line_endings() {
        let notes = format!("{}\r\n{}", "é".repeat(2_500), "é".repeat(2_499));
        let details = Details::parse("Acme", "", Some(&notes)).unwrap();
        assert_eq!(details.notes.unwrap().chars().count(), 5_000);
    }
}
