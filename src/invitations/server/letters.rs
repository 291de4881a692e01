//! The mails of the room.

use super::queries::Invitation;
use crate::{
    accounts::server::policy::Actor,
    base::paths,
    server::{
        clock,
        mail::{Letter, Link},
    },
};
use time::OffsetDateTime;

/// What the invitation mail, and its preview, say.
#[derive(Debug)]
pub struct Invite<'a> {
    pub inviter: &'a str,
    pub company: &'a str,
    pub note: &'a str,
    pub expires_at: OffsetDateTime,
}

pub fn invitation(invite: &Invite<'_>) -> Letter {
    let Invite { inviter, company, note, expires_at } = *invite;
    let expires = clock::day(expires_at);
    Letter::new(
        &format!("{company} invites you to connect on Accord"),
        &format!("{inviter} from {company} invites you to connect"),
    )
    .preheader("Accept, and you can send them leads.")
    .text(&format!(
        "{company} buys leads and would like to receive yours. When you accept, your companies are connected on Accord \
             and {company} shares its Submission Docs with you: how and where to send the leads."
    ))
    .note(inviter, note)
    .button("See the invitation", Link::secret("/i/"))
    .plain_link("Or open this link:", Link::secret("/i/"))
    .list([
        "If your company has no account yet, accepting creates one, free: LeadConduit for Partners.",
        "The company you accept with, its name and yours are shown to the inviter.",
        "Opening the link changes nothing. You accept or decline on the page.",
    ])
    .small(&format!("The invitation expires on {expires}."))
    .why(&format!("You get this mail because {inviter} from {company} entered your address to invite you."))
}

pub fn accepted(invitation: &Invitation, actor: &Actor) -> Letter {
    let Actor { account_name, user_name, email, .. } = actor;
    let under = if actor.email_key == invitation.email_key {
        String::new()
    } else {
        format!(" under the address {email}, not the invited {}", invitation.email)
    };
    Letter::new(
        &format!("{account_name} accepted your invitation"),
        &format!("{account_name} accepted your invitation"),
    )
    .preheader("You are connected.")
    .text(&format!(
        "{user_name} from {account_name} accepted your invitation to {}{under}. The pending source is now their account \
         source: its rules and mappings are as you left them.",
        invitation.email
    ))
    .button("See your flows", Link::path(paths::FLOWS))
    .why("You get this mail because you sent the invitation.")
}

pub fn declined(invitation: &Invitation, reason: &str) -> Letter {
    Letter::new(
        &format!("{} declined your invitation", invitation.email),
        &format!("{} declined your invitation", invitation.email),
    )
    .preheader("The source and its set-up stay in your flows.")
    .text("The source stays in your flows, switched off, with all its rules and mappings. You can invite again at any time.")
    .note("They wrote", reason)
    .button("See your invitations", Link::path(paths::INVITATIONS))
    .why("You get this mail because you sent the invitation.")
}

pub fn connected(invitation: &Invitation, actor: &Actor) -> Letter {
    let company = &invitation.company;
    Letter::new(
        &format!("You are connected with {company}"),
        &format!("{} is connected with {company}", actor.account_name),
    )
    .preheader("Next: read the Submission Docs and send a lead.")
    .text(&format!(
        "{company} shares its Submission Docs with you. They tell where to send leads, which fields to send, and what \
             makes a lead accepted."
    ))
    .button("Read the Submission Docs", Link::path(paths::SUBMISSION_DOCS))
    .why(&format!("You get this mail because you accepted the invitation of {company}."))
}
