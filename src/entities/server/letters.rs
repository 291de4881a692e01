//! The mails of the room.

use crate::{
    accounts::server::policy::Actor,
    base::paths,
    entities::model::Direction,
    server::mail::{Letter, Link},
};

/// To the Admins of the company at the other end, which is that for who ended the connection.
pub fn disconnected(actor: &Actor, other_is: Direction) -> Letter {
    let Actor { user_name, account_name: company, .. } = actor;
    let (means, stays, again) = match other_is {
        Direction::Seller => (
            format!("Leads that you send to {company} are refused from now on."),
            format!("{company} does not share its Submission Docs and your performance with you any more."),
            format!("What you have sent stays with {company}. To sell to them again, you need a new invitation of theirs."),
        ),
        Direction::Buyer => (
            format!("The sources of {company} in your flows are off: their leads are refused from now on."),
            "Their leads, rules and mappings stay as they are.".to_owned(),
            "To buy from them again, invite them to connect. Once they accept, the sources that this turned off are on again."
                .to_owned(),
        ),
    };
    Letter::new(
        &format!("{company} disconnected from you on Accord"),
        &format!("{company} ended the connection with you"),
    )
    .preheader(&means)
    .text(&format!("{user_name} from {company} ended the connection between your companies. It took effect at once."))
    .list([means.as_str(), stays.as_str(), again.as_str()])
    .button("See your connections", Link::path(paths::CONNECTIONS))
    .why(&format!(
        "You get this mail because you are an Admin of a company that was connected with {company} on Accord."
    ))
}
