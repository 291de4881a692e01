//! The emails about invitations to join an account or a partner.

use crate::{
    base::paths,
    invitations::{
        model::{OfferedRole, Team},
        server::{
            invitation::{Invitation, Join, JoinInvitation},
            team_invites::Inviter,
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
    .preheader(&format!("As {}. Sign in or create an account to accept.", role.word()))
    .text(&lead(team, team_name, role));
    to_answer(letter, expires_at)
        .why(&format!("You received this email because {user_name} from {company} invited you at this address."))
        .stop(Link::stop("/stop/"))
}

/// What the person joins and what their role allows.
pub fn lead(team: Team, name: &str, role: OfferedRole) -> String {
    let can = match role {
        OfferedRole::PartnerAdmin => "see its performance, leads and Submission Docs, and manage its profile and users",
        OfferedRole::PartnerUser => "see its performance, leads and Submission Docs, and send test leads",
        OfferedRole::Admin => "do everything in its account, including members and settings",
        OfferedRole::Manager => "manage its flows, sources, partners and invitations",
        OfferedRole::Viewer => "see its flows, sources, partners and leads",
    };
    let what = match team {
        Team::Partner(_) => "partner",
        Team::Account(_) => "company",
    };
    format!("You'll join the {what} {name} as {}. You can {can}.", role.word())
}

fn to_answer(letter: Letter, expires_at: OffsetDateTime) -> Letter {
    letter
        .button("See the invitation", Link::secret("/i/"))
        .plain_link("Or open this link:", Link::secret("/i/"))
        .list([
            "Already have an account with this address? Sign in and accept. Otherwise, create one with your name and a password.",
            "Opening the link doesn't accept the invitation. You can accept or decline on the page.",
            "The invitation only works for this address.",
        ])
        .small_print(&format!("The invitation expires on {}.", clock::day(expires_at)))
}

/// Sent three days before expiry.
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
    .small_print("Opening the link doesn't accept the invitation. This is the only reminder.")
    .why(&format!("You received this email because {who} invited you at this address."))
    .stop(Link::stop("/stop/"))
}

pub fn joined(invitation: &JoinInvitation, person: &str) -> Letter {
    let (name, role) = (&invitation.join.team_name, invitation.join.offer.role().word());
    let title = format!("{person} joined {name}");
    Letter::new(&title, &title)
        .preheader(&format!("As {role}."))
        .text(&format!("{person} accepted your invitation to {}. Their role is {role}.", invitation.email))
}

pub fn declined(invitation: &Invitation, join: &Join, reason: &str) -> Letter {
    let (email, name) = (&invitation.email, &join.team_name);
    let title = format!("{email} declined your invitation");
    Letter::new(&title, &title)
        .preheader(&format!("To join {name}."))
        .text(&format!("They won't join {name}. You can invite them again at any time."))
        .note("They wrote", reason)
}

pub fn expired(invitation: &Invitation, join: &Join) -> Letter {
    let (email, name) = (&invitation.email, &join.team_name);
    let title = format!("Your invitation to {email} has expired");
    Letter::new(&title, &title)
        .preheader(&format!("To join {name}."))
        .text("No one answered in time. Resend the invitation to send a new link.")
}

pub fn undeliverable(invitation: &Invitation, join: &Join) -> Letter {
    let (email, name) = (&invitation.email, &join.team_name);
    let title = format!("Your invitation to {email} could not be delivered");
    Letter::new(&title, &title).preheader("Check the address.").text(&format!(
        "The email about joining {name} can't be delivered. Revoke the invitation and invite another address, or resend it."
    ))
}

pub fn requested(invitation: &Invitation, join: &Join) -> Letter {
    let (email, name) = (&invitation.email, &join.team_name);
    let title = format!("{email} asked for a new invitation");
    Letter::new(&title, &title)
        .preheader(&format!("To join {name}."))
        .text("Someone with the link to your invitation would like a new one. Resend the invitation, or invite the address again.")
}

/// To the Admins of the account.
pub fn void(invitation: &Invitation, join: &Join) -> Letter {
    let Invitation { company, email, .. } = invitation;
    let name = &join.team_name;
    let title = format!("The invitation to {email} could not be accepted");
    to_team(
        Letter::new(&title, &title).preheader("The inviter can no longer grant the role.").text(&format!(
            "Someone tried to join {name}, but the inviter can no longer grant the role. Resend the \
                 invitation to become its inviter."
        )),
        join,
        false,
    )
    .why(&format!("You received this email because you are an Admin of {company}."))
}

/// Links to the team's invitations: in the portal for a partner's own inviter, otherwise on the account's pages.
pub fn to_team(letter: Letter, join: &Join, of_partner: bool) -> Letter {
    let (page, label) = match join.offer.team() {
        Team::Partner(id) if of_partner => (paths::portal_invites(id), "See the invitations"),
        Team::Partner(id) => (paths::partner_invites(id), "See the invitations"),
        Team::Account(_) => (paths::MEMBERS.to_owned(), "See the members"),
    };
    letter.button(label, Link::path(page)).why(super::WHY_INVITER)
}
