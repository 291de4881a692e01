//! The room's emails.

use crate::{
    accounts::server::policy::Actor,
    base::paths,
    entities::model::Direction,
    server::mail::{Letter, Link},
};

/// To the Admins of the other company. `recipient` is that company's role for the one that disconnected. `by` is None
/// if a system disconnected with an API key.
pub fn disconnected(actor: &Actor, by: Option<&str>, recipient: Direction) -> Letter {
    let company = &actor.account_name;
    let who = by.map_or_else(|| company.clone(), |person| format!("{person} from {company}"));
    let (effect, kept, reconnecting) = match recipient {
        Direction::Seller => (
            format!("Leads you send to {company} are now refused."),
            format!("You no longer see the Submission Docs of {company} and your performance there."),
            format!("{company} keeps the leads you have sent. To reconnect, either of you can invite the other."),
        ),
        Direction::Buyer => (
            format!("The sources of {company} in your flows are turned off, and their leads are now refused."),
            "You keep their leads, rules and mappings.".to_owned(),
            "To reconnect, either of you can invite the other. After acceptance, the sources turned off now are turned back on."
                .to_owned(),
        ),
    };
    Letter::new(
        &format!("{company} disconnected from you on Accord"),
        &format!("{company} ended the connection with you"),
    )
    .preheader(&effect)
    .text(&format!("{who} ended the connection between your companies. It took effect immediately."))
    .list([effect.as_str(), kept.as_str(), reconnecting.as_str()])
    .button("See your connections", Link::path(paths::CONNECTIONS))
    .why(&format!(
        "You received this email because you are an Admin of a company that was connected with {company} on Accord."
    ))
}
