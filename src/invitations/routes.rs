//! [ssr] The room's routes, their audiences, and the messages after its forms.

use super::{functions, pages, words::InviteMessage};
use crate::{
    accounts::model::Permission::{ChangeFlows, Invite, ManageAccount, See},
    base::paths,
    partners::model::PartnerPermission::ManageUsers,
    web::{
        self,
        Audience::{Account, Active, Anyone, Invited, Partner, PartnerPeople},
        PageRoute, Routes, messages, page,
    },
};

messages! {
    /// The room's messages after a redirect.
    Message {
        NewInvitationRequested "new-invitation-requested" "We asked the inviter for a new invitation.",
        CompanyCreated "company-created" "Company created. Now accept or decline the invitation.",
        RemovedInvited "removed-invited" "Address removed.",
        Joined "joined" "You've joined. Welcome!",
        Accepted "accepted" "Invitation accepted. Your companies are now connected.",
        AlreadyInvited "already-invited" "Source added. This address is already invited, so we didn't send another email.",
        AlreadyConnected "already-connected" "Source added. You're already connected with this company.",
        Readdressed "readdressed" "Invitation sent to the new address. The old link no longer works.",
        AdminAsked "admin-asked" "We emailed the Admins and asked them to accept.",
        AdminAskedBefore "admin-asked-before" "The Admins have already been asked to accept.",
        InvitationsStopped "invitations-stopped" "This address no longer gets invitations from Accord.",
        InvitationsAllowed "invitations-allowed" "This address can get invitations again.",
    }
}

impl web::Message for InviteMessage {
    const ALL: &'static [Self] = &[
        Self::TeamInvited,
        Self::RoleChanged,
        Self::PersonRemoved,
        Self::Invited,
        Self::Resent,
        Self::InvitedUnmailed,
        Self::Revoked,
        Self::StillInvited,
        Self::StillConnected,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::TeamInvited => "joining-invited",
            Self::RoleChanged => "role-changed",
            Self::PersonRemoved => "person-removed",
            Self::Invited => "invited",
            Self::Resent => "resent",
            Self::InvitedUnmailed => "invited-unmailed",
            Self::Revoked => "revoked",
            Self::StillInvited => "still-invited",
            Self::StillConnected => "still-connected",
        }
    }

    fn sentence(self) -> &'static str {
        Self::sentence(self)
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages(pages_for_the_invited())
        .pages(pages_that_invite())
        .pages(pages_of_sent_invitations())
        .function::<functions::SendInvitation>(Account(Invite))
        .function::<functions::AcceptInvitation>(Invited)
        .function::<functions::DeclineInvitation>(Invited)
        .function::<functions::ActOnInvitation>(Account(Invite))
        .function::<functions::CopyInvitationLink>(Account(Invite))
        .function::<functions::JoinByInvitation>(Invited)
        .function::<functions::ListTeam>([Account(See), PartnerPeople])
        .function::<functions::InvitePerson>([Account(ManageAccount), Partner(ManageUsers)])
        .function::<functions::ActOnTeam>([Account(ManageAccount), Partner(ManageUsers)])
        .messages::<InviteMessage>()
        .messages::<Message>()
}

fn pages_for_the_invited() -> [PageRoute; 6] {
    [
        page(paths::LINK, Anyone, pages::open_link_page).form("request", Anyone, pages::post_link_ending),
        page(paths::INVITATION, Invited, pages::invitation_page)
            .form("accept", Invited, pages::post_accept)
            .form("ask", Invited, pages::post_ask_admin)
            .form("join", Invited, pages::post_join)
            .form("request", Invited, pages::post_request),
        page(paths::INVITATION_SIGN_UP, Invited, pages::sign_up_to_accept_page).form(
            "signup",
            Invited,
            pages::post_sign_up,
        ),
        page(paths::DECLINE_INVITATION, Invited, pages::decline_page).form("decline", Invited, pages::post_decline),
        page(paths::COMPANY_TO_ACCEPT, Invited, pages::company_to_accept_page).form(
            "company",
            Invited,
            pages::post_company,
        ),
        page(paths::STOP_INVITATIONS, Anyone, pages::stop_invitations_page).form("stop", Anyone, pages::post_stop),
    ]
}

fn pages_that_invite() -> [PageRoute; 3] {
    [
        page(paths::INVITE_PARTNER, Account(ChangeFlows), pages::invite_partner_page).form(
            "invite",
            Account(Invite),
            pages::post_invite,
        ),
        page(paths::INVITE_SOURCE, Active(Invite), pages::invite_source_page).form(
            "invite",
            Active(Invite),
            pages::post_invite_source,
        ),
        page(paths::INVITE_RECIPIENT, Active(Invite), pages::invite_recipient_page).form(
            "invite",
            Active(Invite),
            pages::post_invite_recipient,
        ),
    ]
}

fn pages_of_sent_invitations() -> [PageRoute; 6] {
    [
        page(paths::INVITATION_ADDRESS, Account(Invite), pages::send_to_another_address_page).form(
            "address",
            Account(Invite),
            pages::post_address,
        ),
        page(paths::REMOVE_INVITED, Account(Invite), pages::remove_invited_page).form(
            "remove",
            Account(Invite),
            pages::post_remove_invited,
        ),
        page(paths::REVOKE_INVITATION, Account(Invite), pages::revoke_page).form(
            "revoke",
            Account(Invite),
            pages::post_revoke,
        ),
        page(paths::INVITATION_LINK, Account(Invite), pages::copy_link_page).with_island("copy_buttons").form(
            "link",
            Account(Invite),
            pages::post_link,
        ),
        page(paths::INVITATIONS, Active(See), pages::invitations_page)
            .form("resend", Account(Invite), pages::post_invitations)
            .form("invite-again", Account(Invite), pages::post_invitations),
        page(paths::RECIPIENTS, Active(See), pages::recipients_page)
            .form("resend", Account(Invite), pages::post_recipients)
            .form("invite-again", Account(Invite), pages::post_recipients),
    ]
}
