//! The mails of the room. Those about joining, and about a buyer who is asked, are in files of their own; a letter that
//! several kinds of invitation have is chosen here.

pub mod joining;
mod recipient;

pub use recipient::receiving;

use super::invitation::{Connect, ConnectInvitation, Invitation, Purpose};
use crate::{
    accounts::server::policy::Actor,
    base::paths,
    entities::model::Direction,
    server::{
        clock,
        mail::{Letter, Link},
    },
};
use time::OffsetDateTime;

/// What the invitation mail, and its preview, say.
#[derive(Debug)]
pub struct Invite<'a> {
    pub direction: Direction,
    pub inviter: &'a str,
    pub company: &'a str,
    pub note: &'a str,
    pub expires_at: OffsetDateTime,
}

pub fn invitation(invite: &Invite<'_>) -> Letter {
    if invite.direction == Direction::Buyer {
        return recipient::invitation(invite);
    }
    let Invite { inviter, company, note, expires_at, .. } = *invite;
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
    .stop(Link::secret("/stop/"))
}

/// Three days before the end. Its link is a further one: that of the invitation's own mail works too.
pub fn reminder(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::reminder(invitation),
        Purpose::Join(join) => return joining::reminder(invitation, join),
    }
    let company = &invitation.company;
    let who = invitation.inviter.as_ref().map_or_else(|| company.clone(), |name| format!("{name} from {company}"));
    let expires = clock::day(invitation.expires_at);
    Letter::new(
        &format!("Reminder: {company} invites you to connect on Accord"),
        &format!("The invitation of {company} expires soon"),
    )
    .preheader(&format!("It expires on {expires}."))
    .text(&format!(
        "{who} would like to receive your leads and waits for your answer. Accept or decline until {expires}."
    ))
    .note(invitation.inviter.as_deref().unwrap_or(company), &invitation.note)
    .button("See the invitation", Link::secret("/i/"))
    .plain_link("Or open this link:", Link::secret("/i/"))
    .small("Opening the link changes nothing. This is the only reminder.")
    .why(&format!("You get this mail because {who} entered your address to invite you."))
    .stop(Link::secret("/stop/"))
}

/// To the Admins of a company whose member may not accept for it.
pub fn asked(invitation: &ConnectInvitation, by: &str, company: &str) -> Letter {
    if invitation.connect.direction == Direction::Buyer {
        return recipient::asked(invitation, by, company);
    }
    let inviter = &invitation.company;
    let expires = clock::day(invitation.expires_at);
    Letter::new(
        &format!("{by} asks you to accept an invitation of {inviter}"),
        &format!("{inviter} would like to connect with {company}"),
    )
    .preheader("Only an Admin can accept it.")
    .text(&format!(
        "{by} was invited to connect {company} with {inviter}, and only an Admin of {company} can accept. When you do, \
         {inviter} shares its Submission Docs with {company}: how and where to send leads."
    ))
    .button("See the invitation", Link::path(paths::invitation(invitation.id)))
    .plain_link("Or open this link, signed in:", Link::path(paths::invitation(invitation.id)))
    .small(&format!("The invitation expires on {expires}. Until somebody accepts or declines, it stays pending."))
    .why(&format!("You get this mail because you are an Admin of {company}."))
}

const WHY_INVITER: &str = "You get this mail because you sent the invitation, or are an Admin of the company that did.";

/// Where an inviter acts on a sent invitation.
fn to_invitations(letter: Letter) -> Letter {
    letter.button("See your invitations", Link::path(paths::INVITATIONS)).why(WHY_INVITER)
}

pub fn expired(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::expired(invitation),
        Purpose::Join(join) => return joining::expired(invitation, join),
    }
    let email = &invitation.email;
    let title = format!("Your invitation to {email} has expired");
    to_invitations(
        Letter::new(&title, &title)
            .preheader("The source and its set-up stay in your flows.")
            .text("Nobody answered in time. The source stays in your flows, switched off, with all its rules and mappings. Resend the invitation, or send it to another address."),
    )
}

pub fn undeliverable(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::undeliverable(invitation),
        Purpose::Join(join) => return joining::undeliverable(invitation, join),
    }
    let email = &invitation.email;
    let title = format!("Your invitation to {email} could not be delivered");
    to_invitations(
        Letter::new(&title, &title)
            .preheader("Check the address.")
            .text("The mail will not arrive. The source stays in your flows with all its rules and mappings. Send the invitation to another address, or copy its link and hand it on yourself."),
    )
}

pub fn requested(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::requested(invitation),
        Purpose::Join(join) => return joining::requested(invitation, join),
    }
    let email = &invitation.email;
    let title = format!("{email} asks for a new invitation");
    to_invitations(
        Letter::new(&title, &title)
            .preheader("The old one can no longer be accepted.")
            .text("Somebody with the link of your invitation would like a new one. The source and all its set-up are still there: one press sends it."),
    )
}

/// To the Admins of the inviting account.
pub fn void(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::void(invitation),
        Purpose::Join(join) => return joining::void(invitation, join),
    }
    let Invitation { company, email, .. } = invitation;
    let title = format!("Your invitation to {email} could not be accepted");
    Letter::new(&title, &title)
        .preheader("Inviting needs LeadConduit Base or Pro.")
        .text(&format!(
            "Somebody wanted to accept the invitation, but {company} has neither LeadConduit Base nor Pro any more. The \
             source and its set-up stay. Ask for an upgrade; then the same link works until it expires."
        ))
        .button("See your subscription", Link::path(paths::SUBSCRIPTION))
        .why(&format!("You get this mail because you are an Admin of {company}."))
}

/// Told when somebody accepted under another address than the invited one.
fn under_another(invitation: &Invitation, actor: &Actor) -> String {
    if actor.email_key == invitation.email_key {
        return String::new();
    }
    format!(" under the address {}, not the invited {}", actor.email, invitation.email)
}

pub fn accepted(invitation: &ConnectInvitation, actor: &Actor, merged: bool) -> Letter {
    if invitation.connect.direction == Direction::Buyer {
        return recipient::accepted(invitation, actor);
    }
    let Actor { account_name, user_name, .. } = actor;
    let under = under_another(invitation, actor);
    Letter::new(
        &format!("{account_name} accepted your invitation"),
        &format!("{account_name} accepted your invitation"),
    )
    .preheader("You are connected.")
    .text(&format!(
        "{user_name} from {account_name} accepted your invitation to {}{under}. {}",
        invitation.email,
        if merged {
            "You are connected with this company already, so the pending source went over to the account source you have: \
             its rules and mappings are as you left them. Where a flow has both, the new one is kept as a duplicate, off."
        } else {
            "The pending source is now their account source: its rules and mappings are as you left them."
        }
    ))
    .button("See your flows", Link::path(paths::FLOWS))
    .why(WHY_INVITER)
}

pub fn declined(invitation: &Invitation, reason: &str) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => {
            return recipient::declined(invitation, reason);
        }
        Purpose::Join(join) => return joining::declined(invitation, join, reason),
    }
    let title = format!("{} declined your invitation", invitation.email);
    to_invitations(
        Letter::new(&title, &title)
            .preheader("The source and its set-up stay in your flows.")
            .text("The source stays in your flows, switched off, with all its rules and mappings. You can invite again at any time.")
            .note("They wrote", reason),
    )
}

pub fn connected(invitation: &ConnectInvitation, actor: &Actor) -> Letter {
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
