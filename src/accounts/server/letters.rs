//! The mails of the room.

use super::policy::Actor;
use crate::server::mail::Letter;

pub fn upgrade_wanted(actor: &Actor) -> Letter {
    let Actor { user_name, account_name, account_id, email, .. } = actor;
    let plan = actor.plan.map_or("none", crate::accounts::model::Plan::word);
    let id = account_id.to_string();
    Letter::new(&format!("{account_name} requests an upgrade"), "An account requests an upgrade")
        .preheader("Answer by mail, and set the plan.")
        .facts([
            ("Account", account_name.as_str()),
            ("Account id", &id),
            ("Plan now", plan),
            ("Asked by", user_name),
            ("Address", email),
        ])
        .why("You get this mail because you operate this installation of Accord.")
}
