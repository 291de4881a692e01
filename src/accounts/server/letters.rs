//! The room's emails.

use super::policy::Actor;
use crate::server::mail::Letter;

pub fn upgrade_requested(actor: &Actor) -> Letter {
    let Actor { user_name, account_name, account_id, email, .. } = actor;
    let plan = actor.plan.map_or("none", crate::accounts::model::Plan::word);
    let id = account_id.to_string();
    Letter::new(&format!("{account_name} requests an upgrade"), "An account requests an upgrade")
        .preheader("Reply to this email and set the plan.")
        .facts([
            ("Account", account_name.as_str()),
            ("Account ID", &id),
            ("Current plan", plan),
            ("Requested by", user_name),
            ("Email", email),
        ])
        .mentioning(email)
        .why("You received this email because you operate this installation of Accord.")
}
