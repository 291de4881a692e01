//! The mails about joining an account or a partner.

use crate::{
    base::paths,
    invitations::{
        model::{OfferedRole, Team},
        server::{
            invitation::{Invitation, Join, JoinInvitation},
            joining::Inviter,
        },
    },
    server::{
        clock,
        mail::{Letter, Link},
    },
};
use time::OffsetDateTime;

pub fn invitation(inviter: &Inviter, team: Team, role: OfferedRole, expires_at: OffsetDateTime) -> Letter {
    let Inviter { user_name, company, team_name, .. } = inviter;
    let letter = Letter::new(
        &format!("{user_name} invites you to join {team_name} on Accord"),
        &format!("{user_name} from {company} invites you to join {team_name}"),
    )
    .preheader(&format!("As {}. The link lets you sign in or create your login.", role.word()))
    .text(&lead(team, team_name, role));
    to_answer(letter, expires_at)
        .why(&format!("You get this mail because {user_name} from {company} entered your address to invite you."))
        .stop(Link::secret("/stop/"))
}

/// What joining means, in a sentence or two.
pub fn lead(team: Team, name: &str, role: OfferedRole) -> String {
    let can = match role {
        OfferedRole::PartnerAdmin => "see its performance, leads and Submission Docs, and manage its profile and users",
        OfferedRole::PartnerUser => "see its performance, leads and Submission Docs, and send test leads",
        OfferedRole::Admin => "do everything in its account, with its members and settings too",
        OfferedRole::Manager => "manage its flows, sources, partners and invitations",
        OfferedRole::Viewer => "see its flows, sources, partners and leads",
    };
    let what = match team {
        Team::Partner(_) => "partner",
        Team::Account(_) => "company",
    };
    format!("You would join the {what} {name} as {}: you can {can}.", role.word())
}

fn to_answer(letter: Letter, expires_at: OffsetDateTime) -> Letter {
    letter
        .button("See the invitation", Link::secret("/i/"))
        .plain_link("Or open this link:", Link::secret("/i/"))
        .list([
            "Have a login with this address? Sign in and accept. Else you create one, with your name and a password.",
            "Opening the link changes nothing. You accept or decline on the page.",
            "It works for this address only.",
        ])
        .small(&format!("The invitation expires on {}.", clock::day(expires_at)))
}

/// Three days before the end.
pub fn reminder(invitation: &Invitation, join: &Join) -> Letter {
    let (name, company) = (&join.team_name, &invitation.company);
    let expires = clock::day(invitation.expires_at);
    let who = invitation.inviter.as_ref().map_or_else(|| company.clone(), Clone::clone);
    Letter::new(
        &format!("Reminder: you are invited to join {name} on Accord"),
        &format!("The invitation to join {name} expires soon"),
    )
    .preheader(&format!("It expires on {expires}."))
    .text(&format!("{who} is waiting for your answer. Accept or decline by {expires}."))
    .button("See the invitation", Link::secret("/i/"))
    .plain_link("Or open this link:", Link::secret("/i/"))
    .small("Opening the link changes nothing. This is the only reminder.")
    .why(&format!("You get this mail because {who} entered your address to invite you."))
    .stop(Link::secret("/stop/"))
}

pub fn joined(invitation: &JoinInvitation, person: &str) -> Letter {
    let (name, role) = (&invitation.join.team_name, invitation.join.offer.role().word());
    let title = format!("{person} joined {name}");
    Letter::new(&title, &title)
        .preheader(&format!("As {role}."))
        .text(&format!("{person} accepted your invitation to {} and is {role} now.", invitation.email))
}

pub fn declined(invitation: &Invitation, join: &Join, reason: &str) -> Letter {
    let (email, name) = (&invitation.email, &join.team_name);
    let title = format!("{email} declined your invitation");
    Letter::new(&title, &title)
        .preheader(&format!("To join {name}."))
        .text(&format!("They do not join {name}. You can invite again at any time."))
        .note("They wrote", reason)
}

pub fn expired(invitation: &Invitation, join: &Join) -> Letter {
    let (email, name) = (&invitation.email, &join.team_name);
    let title = format!("Your invitation to {email} has expired");
    Letter::new(&title, &title)
        .preheader(&format!("To join {name}."))
        .text("Nobody answered in time. Resend it, and it lives again with a new link.")
}

pub fn undeliverable(invitation: &Invitation, join: &Join) -> Letter {
    let (email, name) = (&invitation.email, &join.team_name);
    let title = format!("Your invitation to {email} could not be delivered");
    Letter::new(&title, &title).preheader("Check the address.").text(&format!(
        "The mail about joining {name} will not arrive. Revoke the invitation and invite another address, or resend it."
    ))
}

pub fn requested(invitation: &Invitation, join: &Join) -> Letter {
    let (email, name) = (&invitation.email, &join.team_name);
    let title = format!("{email} asks for a new invitation");
    Letter::new(&title, &title)
        .preheader(&format!("To join {name}."))
        .text("Somebody with the link of your invitation would like a new one. Resend it, or invite the address again.")
}

/// To the Admins of the account.
pub fn void(invitation: &Invitation, join: &Join) -> Letter {
    let Invitation { company, email, .. } = invitation;
    let name = &join.team_name;
    let title = format!("The invitation to {email} could not be accepted");
    to_team(
        Letter::new(&title, &title)
            .preheader("Whoever sent it may not grant the role any more.")
            .text(&format!(
                "Somebody wanted to join {name}, but whoever sent the invitation may not grant the role any more. Resend it, \
                 and you stand for it."
            )),
        join,
        false,
    )
    .why(&format!("You get this mail because you are an Admin of {company}."))
}

/// The way back of a letter to who invited: to the team's invitations on the account's side, or on the partner's own.
pub fn to_team(letter: Letter, join: &Join, of_partner: bool) -> Letter {
    let page = match join.offer.team() {
        Team::Partner(id) if of_partner => paths::portal_invites(id),
        Team::Partner(id) => paths::partner_invites(id),
        Team::Account(_) => paths::MEMBERS.to_owned(),
    };
    letter.button("See the invitations", Link::path(page)).why(super::WHY_INVITER)
}
