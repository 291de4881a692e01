//! The emails about invitations from a seller to a buyer.

use super::{InvitationContent, WHY_INVITER, under_another};
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

pub fn invitation(invite: &InvitationContent<'_>) -> Letter {
    let InvitationContent { inviter, company, note, expires_at, .. } = *invite;
    let expires = clock::day(expires_at);
    Letter::new(
        &format!("{company} wants to send you leads on Accord"),
        &format!("{inviter} from {company} wants to send you leads"),
    )
    .preheader("Accept to start receiving them.")
    .text(&format!(
        "{company} sells leads and would like to send them to you. If you accept, your companies are connected on Accord. \
         {company} becomes a source in one of your flows and gets its Submission Docs, which explain how and where to send \
         leads. Your rules decide which leads you accept, and you can turn the source off at any time."
    ))
    .note(inviter, note)
    .button("See the invitation", Link::secret("/i/"))
    .plain_link("Or open this link:", Link::secret("/i/"))
    .list([
        "No account yet? Create one for free when you accept (LeadConduit for Partners, with one flow).",
        &format!("{company} will see your name and your company's."),
        "Opening the link doesn't accept the invitation. You can accept or decline on the page.",
    ])
    .small_print(&format!("The invitation expires on {expires}."))
    .why(&format!("You received this email because {inviter} from {company} invited you at this address."))
    .stop(Link::stop("/stop/"))
}

pub fn reminder(invitation: &Invitation) -> Letter {
    let company = &invitation.company;
    let who = invitation.inviter.as_ref().map_or_else(|| company.clone(), |name| format!("{name} from {company}"));
    let expires = clock::day(invitation.expires_at);
    Letter::new(
        &format!("Reminder: {company} wants to send you leads on Accord"),
        &format!("The invitation from {company} expires soon"),
    )
    .preheader(&format!("It expires on {expires}."))
    .text(&format!("{who} would like to send you leads. Accept or decline by {expires}."))
    .note(invitation.inviter.as_deref().unwrap_or(company), &invitation.note)
    .button("See the invitation", Link::secret("/i/"))
    .plain_link("Or open this link:", Link::secret("/i/"))
    .small_print("Opening the link doesn't accept the invitation. This is the only reminder.")
    .why(&format!("You received this email because {who} invited you at this address."))
    .stop(Link::stop("/stop/"))
}

pub fn asked(invitation: &Invitation, by: &str, company: &str) -> Letter {
    let inviter = &invitation.company;
    let expires = clock::day(invitation.expires_at);
    Letter::new(
        &format!("{by} asked you to accept an invitation from {inviter}"),
        &format!("{inviter} would like to send leads to {company}"),
    )
    .preheader("Only an Admin can accept it.")
    .text(&format!(
        "{by} was invited to receive leads from {inviter} for {company}. Only an Admin of {company} can accept. If you \
         accept, {inviter} becomes a source in one of {company}'s flows and gets its Submission Docs."
    ))
    .button("See the invitation", Link::path(paths::invitation(invitation.id)))
    .plain_link("Or sign in and open this link:", Link::path(paths::invitation(invitation.id)))
    .small_print(&format!(
        "The invitation expires on {expires}. It stays pending until someone accepts or declines it."
    ))
    .why(&format!("You received this email because you are an Admin of {company}."))
}

/// Links to the page where the inviter acts on recipients.
fn to_recipients(letter: Letter) -> Letter {
    letter.button("See your recipients", Link::path(paths::RECIPIENTS)).why(WHY_INVITER)
}

pub fn expired(invitation: &Invitation) -> Letter {
    let title = format!("Your invitation to {} has expired", invitation.email);
    to_recipients(
        Letter::new(&title, &title)
            .preheader("The recipient stays on your list.")
            .text("No one answered in time. Resend the invitation, or send it to another address."),
    )
}

pub fn undeliverable(invitation: &Invitation) -> Letter {
    let title = format!("Your invitation to {} could not be delivered", invitation.email);
    to_recipients(Letter::new(&title, &title).preheader("Check the address.").text(
        "The email can't be delivered. Send the invitation to another address, or copy its link and share it yourself.",
    ))
}

pub fn requested(invitation: &Invitation) -> Letter {
    let title = format!("{} asked for a new invitation", invitation.email);
    to_recipients(
        Letter::new(&title, &title)
            .preheader("The old one can no longer be accepted.")
            .text("Someone with the link to your invitation would like a new one. You can send it with one click."),
    )
}

pub fn void(invitation: &Invitation) -> Letter {
    let Invitation { company, email, .. } = invitation;
    let title = format!("Your invitation to {email} could not be accepted");
    Letter::new(&title, &title)
        .preheader("Inviting needs LeadConduit Base or Pro.")
        .text(&format!(
            "Someone tried to accept the invitation, but {company} no longer has LeadConduit Base or Pro. Request an \
             upgrade, and the same link works again until it expires."
        ))
        .button("See your subscription", Link::path(paths::SUBSCRIPTION))
        .why(&format!("You received this email because you are an Admin of {company}."))
}

pub fn declined(invitation: &Invitation, reason: &str) -> Letter {
    let title = format!("{} declined your invitation", invitation.email);
    to_recipients(
        Letter::new(&title, &title)
            .preheader("The recipient stays on your list.")
            .text("You can invite them again at any time.")
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
            "{user_name} from {account_name} accepted your invitation to {}{under}. You are now a source in one of their \
             flows. {account_name} shares its Submission Docs with you, which explain where to send leads, which fields to \
             send, and when a lead is accepted.",
            invitation.email
        ))
        .button("Read the Submission Docs", Link::path(paths::SUBMISSION_DOCS))
        .why(WHY_INVITER)
}

/// To the buyer who accepted. It names the flow that receives the leads.
pub fn receiving(invitation: &Invitation, actor: &Actor, flow: &FlowRow) -> Letter {
    let company = &invitation.company;
    let FlowRow { id, name, enabled, .. } = flow;
    let off = if *enabled { "" } else { " The flow is off. Turn it on to receive leads." };
    Letter::new(
        &format!("You are connected with {company}"),
        &format!("{} can now receive leads from {company}", actor.account_name),
    )
    .preheader("Next: set the source's rules and mappings.")
    .text(&format!(
        "{company} is now a source of your flow {name}, turned on, and can read its Submission Docs.{off} Add rules for \
         the leads you accept, and mappings for the fields they send."
    ))
    .button("See the flow", Link::path(paths::flow_sources(*id)))
    .why(&format!("You received this email because you accepted the invitation from {company}."))
}
