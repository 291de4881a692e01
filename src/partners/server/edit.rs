//! What people do with the record of a partner: make it, change it, bring it back from the archive.

use super::{policy, queries};
use crate::{
    accounts::model::{Permission, Plan},
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, PartnerId, Problem},
    identity::server::parse::{line, website},
    server::{Checked, Fault, Tx},
};
use queries::Partner;
use serde_json::{Map, Value, json};

/// Characters of the notes.
pub const NOTES_LENGTH: usize = 5_000;

/// What people write down about a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    /// With its scheme, http or https.
    pub website: Option<String>,
    /// The account's own; nobody else sees them. None where they are not to be changed.
    pub notes: Option<String>,
}

impl Details {
    /// Reads what was typed, and finds all that is wrong with it at once.
    pub fn parse(name: &str, site: &str, notes: Option<&str>) -> Result<Self, Fault> {
        let mut checked = Checked::default();
        let name = checked.take("name", line(name, Problem::PartnerNameMissing));
        let website = checked.take("website", website(site));
        let notes = notes.map(|notes| notes.replace("\r\n", "\n").trim().to_owned());
        let fits = notes.as_ref().is_none_or(|notes| notes.chars().count() <= NOTES_LENGTH);
        checked.take("notes", fits.then_some(()).ok_or(Problem::NotesTooLong));
        checked.finish(|| Some(Self { name: name?, website: website?, notes }))
    }

    /// What is written down now.
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

/// Makes a partner; like flows, that needs LeadConduit Base or Pro.
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

/// Changes a partner. `version` is the one the form was made from.
pub async fn change(tx: &mut Tx, id: PartnerId, version: i32, details: Details) -> Result<(), Fault> {
    let (partner, _) = policy::find_in_account(tx, id, Permission::ChangeFlows).await?;
    save(tx, &partner, version, details).await
}

/// The same for who has found the partner, and may change it, already. What changes nothing leaves no trace.
pub(super) async fn save(tx: &mut Tx, partner: &Partner, version: i32, details: Details) -> Result<(), Fault> {
    if partner.archived {
        return Err(Problem::PartnerArchived.into());
    }
    let was = Details::of(partner);
    let is = Details { notes: details.notes.or_else(|| was.notes.clone()), ..details };
    if is == was {
        return Ok(());
    }
    if !queries::update(tx, partner.account_id, partner.id, version, &is).await? {
        return Err(Problem::StaleVersion.into());
    }
    let entry = Entry::about(partner.account_id, Deed::PartnerChanged, partner.id, is.name.as_str());
    let (was, is) = (was.to_json(), is.to_json());
    let differing = |of: &Map<String, Value>| -> Value {
        let changed = of.iter().filter(|(field, _)| was.get(*field) != is.get(*field));
        changed.map(|(field, value)| (field.clone(), value.clone())).collect()
    };
    record(tx, entry.before(differing(&was)).after(differing(&is))).await
}

/// Brings an archived partner back with its people and sources. Once more does nothing.
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
    fn every_wrong_field_is_named_at_once() {
        let Err(Fault::Told(error)) = Details::parse(" ", "ftp://x", Some(&"n".repeat(5_001))) else {
            panic!("refused")
        };
        let fields: Vec<_> = error.field_errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "website", "notes"]);
    }

    #[test]
    fn notes_have_5000_characters_however_many_bytes_and_line_ends_they_take() {
        let notes = format!("{}\r\n{}", "é".repeat(2_500), "é".repeat(2_499));
        let details = Details::parse("Acme", "", Some(&notes)).unwrap();
        assert_eq!(details.notes.unwrap().chars().count(), 5_000);
    }
}
