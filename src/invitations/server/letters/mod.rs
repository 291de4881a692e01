//! The room's emails. Those about invitations to join, and about sellers inviting buyers, have their own files. The
//! functions here pick the email by the invitation's purpose.

mod recipient;
pub mod team_invites;

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

/// The content of an invitation email.
#[derive(Debug)]
pub struct InvitationContent<'a> {
    pub direction: Direction,
    pub inviter: &'a str,
    pub company: &'a str,
    /// The flow that a seller is invited to.
    pub flow: Option<&'a str>,
    pub note: &'a str,
    pub expires_at: OffsetDateTime,
}

pub fn invitation(invite: &InvitationContent<'_>) -> Letter {
    if invite.direction == Direction::Buyer {
        return recipient::invitation(invite);
    }
    let InvitationContent { inviter, company, flow, note, expires_at, .. } = *invite;
    let expires = clock::day(expires_at);
    let into = into_flow(flow);
    Letter::new(
        &format!("{company} invites you to connect on Accord"),
        &format!("{inviter} from {company} invites you to connect"),
    )
    .preheader("Accept to start sending them leads.")
    .text(&format!(
        "{company} buys leads and would like to receive yours{into}. If you accept, your companies are connected on Accord, \
         and {company} shares its Submission Docs with you, which explain how and where to send leads."
    ))
    .note(inviter, note)
    .button("See the invitation", Link::secret("/i/"))
    .plain_link("Or open this link:", Link::secret("/i/"))
    .list([
        "No account yet? Create one for free when you accept (LeadConduit for Partners).",
        &format!("{company} will see your name and your company's."),
        "Opening the link doesn't accept the invitation. You can accept or decline on the page.",
    ])
    .small_print(&format!("The invitation expires on {expires}."))
    .why(&format!("You received this email because {inviter} from {company} invited you at this address."))
    .stop(Link::stop("/stop/"))
}

/// The flow's name in a sentence about leads, if there is one.
fn into_flow(flow: Option<&str>) -> String {
    flow.map_or_else(String::new, |flow| format!(" in its flow “{flow}”"))
}

/// Sent three days before expiry. It has its own link; the link in the first email still works.
pub fn reminder(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::reminder(invitation),
        Purpose::Join(join) => return team_invites::reminder(invitation, join),
    }
    let company = &invitation.company;
    let who = invitation.inviter.as_ref().map_or_else(|| company.clone(), |name| format!("{name} from {company}"));
    let expires = clock::day(invitation.expires_at);
    let into = into_flow(invitation.flow_name());
    Letter::new(
        &format!("Reminder: {company} invites you to connect on Accord"),
        &format!("The invitation from {company} expires soon"),
    )
    .preheader(&format!("It expires on {expires}."))
    .text(&format!("{who} would like to receive your leads{into}. Accept or decline by {expires}."))
    .note(invitation.inviter.as_deref().unwrap_or(company), &invitation.note)
    .button("See the invitation", Link::secret("/i/"))
    .plain_link("Or open this link:", Link::secret("/i/"))
    .small_print("Opening the link doesn't accept the invitation. This is the only reminder.")
    .why(&format!("You received this email because {who} invited you at this address."))
    .stop(Link::stop("/stop/"))
}

/// To the Admins of a company, when a member who may not accept for it asks them to.
pub fn asked(invitation: &ConnectInvitation, by: &str, company: &str) -> Letter {
    if invitation.connect.direction == Direction::Buyer {
        return recipient::asked(invitation, by, company);
    }
    let inviter = &invitation.company;
    let expires = clock::day(invitation.expires_at);
    Letter::new(
        &format!("{by} asked you to accept an invitation from {inviter}"),
        &format!("{inviter} would like to connect with {company}"),
    )
    .preheader("Only an Admin can accept it.")
    .text(&format!(
        "{by} was invited to connect {company} with {inviter}. Only an Admin of {company} can accept. If you accept, \
         {inviter} shares its Submission Docs with {company}, which explain how and where to send leads."
    ))
    .button("See the invitation", Link::path(paths::invitation(invitation.id)))
    .plain_link("Or sign in and open this link:", Link::path(paths::invitation(invitation.id)))
    .small_print(&format!(
        "The invitation expires on {expires}. It stays pending until someone accepts or declines it."
    ))
    .why(&format!("You received this email because you are an Admin of {company}."))
}

const WHY_INVITER: &str =
    "You received this email because you sent the invitation or are an Admin of the company that sent it.";

/// Links to the page where the inviter acts on sent invitations.
fn to_invitations(letter: Letter) -> Letter {
    letter.button("See your invitations", Link::path(paths::INVITATIONS)).why(WHY_INVITER)
}

/// Links to the flow whose source was invited, where the inviter acts on the invitation.
fn to_flow(letter: Letter, invitation: &Invitation) -> Letter {
    match &invitation.flow {
        Some(flow) => letter.button("See the source", Link::path(paths::flow_sources(flow.id))).why(WHY_INVITER),
        None => to_invitations(letter),
    }
}

pub fn expired(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::expired(invitation),
        Purpose::Join(join) => return team_invites::expired(invitation, join),
    }
    let email = &invitation.email;
    let title = format!("Your invitation to {email} has expired");
    to_flow(
        Letter::new(&title, &title)
            .preheader("The source and its setup stay in your flows.")
            .text("No one answered in time. The source stays in your flows, turned off, with all its rules and mappings. Resend the invitation, or send it to another address."),
        invitation,
    )
}

pub fn undeliverable(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::undeliverable(invitation),
        Purpose::Join(join) => return team_invites::undeliverable(invitation, join),
    }
    let email = &invitation.email;
    let title = format!("Your invitation to {email} could not be delivered");
    to_flow(
        Letter::new(&title, &title)
            .preheader("Check the address.")
            .text("The email can't be delivered. The source stays in your flows with all its rules and mappings. Send the invitation to another address, or copy its link and share it yourself."),
        invitation,
    )
}

pub fn requested(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::requested(invitation),
        Purpose::Join(join) => return team_invites::requested(invitation, join),
    }
    let email = &invitation.email;
    let title = format!("{email} asked for a new invitation");
    to_flow(
        Letter::new(&title, &title)
            .preheader("The old one can no longer be accepted.")
            .text("Someone with the link to your invitation would like a new one. The source and its setup are still there. You can send it with one click."),
        invitation,
    )
}

/// To the Admins of the inviting account.
pub fn void(invitation: &Invitation) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => return recipient::void(invitation),
        Purpose::Join(join) => return team_invites::void(invitation, join),
    }
    let Invitation { company, email, .. } = invitation;
    let title = format!("Your invitation to {email} could not be accepted");
    Letter::new(&title, &title)
        .preheader("Inviting needs LeadConduit Base or Pro.")
        .text(&format!(
            "Someone tried to accept the invitation, but {company} no longer has LeadConduit Base or Pro. The source and \
             its setup stay. Request an upgrade, and the same link works again until it expires."
        ))
        .button("See your subscription", Link::path(paths::SUBSCRIPTION))
        .why(&format!("You received this email because you are an Admin of {company}."))
}

/// Names the acceptor's address if it is not the invited one.
fn under_another(invitation: &Invitation, actor: &Actor) -> String {
    if actor.email_key == invitation.email_key {
        return String::new();
    }
    format!(", using a different address ({})", actor.email)
}

pub fn accepted(invitation: &ConnectInvitation, actor: &Actor, merged: bool) -> Letter {
    if invitation.connect.direction == Direction::Buyer {
        return recipient::accepted(invitation, actor);
    }
    let Actor { account_name, user_name, .. } = actor;
    let under = under_another(invitation, actor);
    let title = format!("{account_name} accepted your invitation");
    let letter = Letter::new(&title, &title).preheader("You are connected.").text(&format!(
        "{user_name} from {account_name} accepted your invitation to {}{under}. {}",
        invitation.email,
        if merged {
            "You were already connected with this company, so we merged the pending source into the account source you \
             had. Its rules and mappings are unchanged. If a flow has both, the new one is kept as a duplicate, off."
        } else {
            "The pending source is now their account source, with its rules and mappings unchanged."
        }
    ));
    to_flow(letter, invitation)
}

pub fn declined(invitation: &Invitation, reason: &str) -> Letter {
    match &invitation.purpose {
        Purpose::Connect(Connect { direction: Direction::Seller, .. }) => {}
        Purpose::Connect(Connect { direction: Direction::Buyer, .. }) => {
            return recipient::declined(invitation, reason);
        }
        Purpose::Join(join) => return team_invites::declined(invitation, join, reason),
    }
    let title = format!("{} declined your invitation", invitation.email);
    to_flow(
        Letter::new(&title, &title)
            .preheader("The source and its setup stay in your flows.")
            .text("The source stays in your flows, turned off, with all its rules and mappings. You can invite them again at any time.")
            .note("They wrote", reason),
        invitation,
    )
}

pub fn connected(invitation: &ConnectInvitation, actor: &Actor) -> Letter {
    let company = &invitation.company;
    Letter::new(
        &format!("You are connected with {company}"),
        &format!("{} is now connected with {company}", actor.account_name),
    )
    .preheader("Next: read the Submission Docs and send a lead.")
    .text(&format!(
        "{company} shares its Submission Docs with you. They explain where to send leads, which fields to send, and when \
         a lead is accepted."
    ))
    .button("Read the Submission Docs", Link::path(paths::SUBMISSION_DOCS))
    .why(&format!("You received this email because you accepted the invitation from {company}."))
}
