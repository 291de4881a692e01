//! The mails of an invitation by which a seller asks a buyer to connect.

use super::{Invite, WHY_INVITER, under_another};
use crate::{
    accounts::server::policy::Actor,
    base::paths,
    flows::server::queries::FlowRow,
    invitations::server::Invitation,
    server::{
        clock,
        mail::{Letter, Link},
    },
};

pub fn invitation(invite: &Invite<'_>) -> Letter {
    let Invite { inviter, company, note, expires_at, .. } = *invite;
    let expires = clock::day(expires_at);
    Letter::new(
        &format!("{company} wants to send you leads on Accord"),
        &format!("{inviter} from {company} wants to send you leads"),
    )
    .preheader("Accept, and you can receive them.")
    .text(&format!(
        "{company} sells leads and would like you to receive them. When you accept, your companies are connected on Accord, \
         {company} becomes a source of a flow of yours, and reads its Submission Docs: how and where to send the leads. You \
         decide by rules which of them you take, and can switch the source off at any time."
    ))
    .note(inviter, note)
    .button("See the invitation", Link::secret("/i/"))
    .plain_link("Or open this link:", Link::secret("/i/"))
    .list([
        "If your company has no account yet, accepting creates one, free: LeadConduit for Partners, with one flow.",
        "The company you accept with, its name and yours are shown to the inviter.",
        "Opening the link changes nothing. You accept or decline on the page.",
    ])
    .small(&format!("The invitation expires on {expires}."))
    .why(&format!("You get this mail because {inviter} from {company} entered your address to invite you."))
    .stop(Link::secret("/stop/"))
}

pub fn reminder(invitation: &Invitation) -> Letter {
    let company = &invitation.company;
    let who = invitation.inviter.as_ref().map_or_else(|| company.clone(), |name| format!("{name} from {company}"));
    let expires = clock::day(invitation.expires_at);
    Letter::new(
        &format!("Reminder: {company} wants to send you leads on Accord"),
        &format!("The invitation of {company} expires soon"),
    )
    .preheader(&format!("It expires on {expires}."))
    .text(&format!("{who} would like to send you leads and waits for your answer. Accept or decline until {expires}."))
    .note(invitation.inviter.as_deref().unwrap_or(company), &invitation.note)
    .button("See the invitation", Link::secret("/i/"))
    .plain_link("Or open this link:", Link::secret("/i/"))
    .small("Opening the link changes nothing. This is the only reminder.")
    .why(&format!("You get this mail because {who} entered your address to invite you."))
    .stop(Link::secret("/stop/"))
}

pub fn asked(invitation: &Invitation, by: &str, company: &str) -> Letter {
    let inviter = &invitation.company;
    let expires = clock::day(invitation.expires_at);
    Letter::new(
        &format!("{by} asks you to accept an invitation of {inviter}"),
        &format!("{inviter} would like to send leads to {company}"),
    )
    .preheader("Only an Admin can accept it.")
    .text(&format!(
        "{by} was invited to receive leads of {inviter} for {company}, and only an Admin of {company} can accept. When you \
         do, {inviter} becomes a source of a flow of {company} and reads its Submission Docs."
    ))
    .button("See the invitation", Link::path(paths::invitation(invitation.id)))
    .plain_link("Or open this link, signed in:", Link::path(paths::invitation(invitation.id)))
    .small(&format!("The invitation expires on {expires}. Until somebody accepts or declines, it stays pending."))
    .why(&format!("You get this mail because you are an Admin of {company}."))
}

/// Where an inviter acts on a recipient.
fn to_recipients(letter: Letter) -> Letter {
    letter.button("See your recipients", Link::path(paths::RECIPIENTS)).why(WHY_INVITER)
}

pub fn expired(invitation: &Invitation) -> Letter {
    let title = format!("Your invitation to {} has expired", invitation.email);
    to_recipients(
        Letter::new(&title, &title)
            .preheader("The recipient stays on your list.")
            .text("Nobody answered in time. Resend the invitation, or send it to another address."),
    )
}

pub fn undeliverable(invitation: &Invitation) -> Letter {
    let title = format!("Your invitation to {} could not be delivered", invitation.email);
    to_recipients(Letter::new(&title, &title).preheader("Check the address.").text(
        "The mail will not arrive. Send the invitation to another address, or copy its link and hand it on yourself.",
    ))
}

pub fn requested(invitation: &Invitation) -> Letter {
    let title = format!("{} asks for a new invitation", invitation.email);
    to_recipients(
        Letter::new(&title, &title)
            .preheader("The old one can no longer be accepted.")
            .text("Somebody with the link of your invitation would like a new one: one press sends it."),
    )
}

pub fn void(invitation: &Invitation) -> Letter {
    let Invitation { company, email, .. } = invitation;
    let title = format!("Your invitation to {email} could not be accepted");
    Letter::new(&title, &title)
        .preheader("Inviting needs LeadConduit Base or Pro.")
        .text(&format!(
            "Somebody wanted to accept the invitation, but {company} has neither LeadConduit Base nor Pro any more. Ask for \
             an upgrade; then the same link works until it expires."
        ))
        .button("See your subscription", Link::path(paths::SUBSCRIPTION))
        .why(&format!("You get this mail because you are an Admin of {company}."))
}

pub fn declined(invitation: &Invitation, reason: &str) -> Letter {
    let title = format!("{} declined your invitation", invitation.email);
    to_recipients(
        Letter::new(&title, &title)
            .preheader("The recipient stays on your list.")
            .text("You can invite again at any time.")
            .note("They wrote", reason),
    )
}

/// To the inviting seller.
pub fn accepted(invitation: &Invitation, actor: &Actor) -> Letter {
    let Actor { account_name, user_name, .. } = actor;
    let under = under_another(invitation, actor);
    let title = format!("{account_name} accepted your invitation");
    Letter::new(&title, &title)
        .preheader("Next: read the Submission Docs and send a lead.")
        .text(&format!(
            "{user_name} from {account_name} accepted your invitation to {}{under}. You are a source of theirs now, and \
             {account_name} shares its Submission Docs with you: where to send leads, which fields to send, and what makes a \
             lead accepted.",
            invitation.email
        ))
        .button("Read the Submission Docs", Link::path(paths::SUBMISSION_DOCS))
        .why(WHY_INVITER)
}

/// To who accepted: where the leads come in.
pub fn receiving(invitation: &Invitation, actor: &Actor, flow: &FlowRow) -> Letter {
    let company = &invitation.company;
    let FlowRow { id, name, enabled, .. } = flow;
    let off = if *enabled { "" } else { " The flow is off: switch it on to receive leads." };
    Letter::new(
        &format!("You are connected with {company}"),
        &format!("{} receives leads of {company}", actor.account_name),
    )
    .preheader("Next: set rules and mappings of the source.")
    .text(&format!(
        "{company} is a source of your flow {name} now, switched on, and reads its Submission Docs.{off} Add rules that say \
         which leads you take, and mappings for what they send."
    ))
    .button("See the flow", Link::path(paths::flow_sources(*id)))
    .why(&format!("You get this mail because you accepted the invitation of {company}."))
}
