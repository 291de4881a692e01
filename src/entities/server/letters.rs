//! The mails of the room.

use crate::{
    accounts::server::policy::Actor,
    base::paths,
    entities::model::Direction,
    server::mail::{Letter, Link},
};

/// To the Admins of the company at the other end, which is that for who ended the connection. A system has no name there.
pub fn disconnected(actor: &Actor, by: Option<&str>, other_is: Direction) -> Letter {
    let company = &actor.account_name;
    let who = by.map_or_else(|| company.clone(), |person| format!("{person} from {company}"));
    let (means, stays, again) = match other_is {
        Direction::Seller => (
            format!("Leads that you send to {company} are refused from now on."),
            format!("{company} does not share its Submission Docs and your performance with you any more."),
            format!("What you have sent stays with {company}. To sell to them again, one of you invites the other."),
        ),
        Direction::Buyer => (
            format!("The sources of {company} in your flows are off: their leads are refused from now on."),
            "Their leads, rules and mappings stay as they are.".to_owned(),
            "To buy from them again, one of you invites the other. Once that is accepted, the sources that this turned off are on again."
                .to_owned(),
        ),
    };
    Letter::new(
        &format!("{company} disconnected from you on Accord"),
        &format!("{company} ended the connection with you"),
    )
    .preheader(&means)
    .text(&format!("{who} ended the connection between your companies. It took effect at once."))
    .list([means.as_str(), stays.as_str(), again.as_str()])
    .button("See your connections", Link::path(paths::CONNECTIONS))
    .why(&format!(
        "You get this mail because you are an Admin of a company that was connected with {company} on Accord."
    ))
}
