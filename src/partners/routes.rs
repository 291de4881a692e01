//! [ssr] The room's routes, their audiences, and the messages after its forms.

use super::pages;
use crate::{
    accounts::model::Permission::{ChangeFlows, Invite, See},
    base::paths,
    partners::model::PartnerPermission::{self, EditProfile, ManageUsers},
    web::{
        Audience::{Account, Active, OwnPartner, Portal},
        PageRoute, Routes, messages, page,
    },
};
use axum::routing::get;

messages! {
    /// The messages after the room's forms.
    Message {
        PartnerCreated "partner-created" "Partner created.",
        PartnerSaved "partner-saved" "Partner saved.",
        PartnerArchived "partner-archived" "Partner archived. You can restore it here.",
        PartnerDeleted "partner-deleted" "Partner deleted.",
        PartnerRestored "partner-restored" "Partner restored.",
        SourcesAssigned "sources-assigned" "Sources assigned.",
        SourcesUnassigned "sources-unassigned" "Sources unassigned. They still accept leads.",
        ProfileSaved "profile-saved" "Profile saved.",
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages(pages_of_partners())
        .pages(pages_of_people())
        .pages(pages_of_the_portal())
        .handler(paths::PERFORMANCE_CSV, Portal(PartnerPermission::See), get(pages::portal::csv))
        .messages::<Message>()
}

fn pages_of_partners() -> [PageRoute; 8] {
    [
        page(paths::BUYERS, Active(See), pages::buyers_page),
        page(paths::PARTNERS, Active(See), pages::partners_page),
        page(paths::NEW_PARTNER, Active(ChangeFlows), pages::new_partner_page).form(
            "partner",
            Active(ChangeFlows),
            pages::post_new_partner,
        ),
        page(paths::PARTNER, Account(See), pages::partner_overview_page)
            .form("details", Account(ChangeFlows), pages::post_details)
            .form("restore", Account(ChangeFlows), pages::post_restore)
            .form("resend", Account(Invite), pages::post_act_on_invitation)
            .form("invite-again", Account(Invite), pages::post_act_on_invitation),
        page(paths::PARTNER_SOURCES, Account(See), pages::partner_sources_page).form(
            "unassign",
            Account(ChangeFlows),
            pages::post_partner_sources,
        ),
        page(paths::ASSIGN_SOURCES, Account(ChangeFlows), pages::assign_sources_page).form(
            "assign",
            Account(ChangeFlows),
            pages::post_assign_sources,
        ),
        page(paths::CONNECT_PARTNER, Account(Invite), pages::connect_partner_page).form(
            "connect",
            Account(Invite),
            pages::post_connect_partner,
        ),
        page(paths::REMOVE_PARTNER, Account(ChangeFlows), pages::remove_partner_page).form(
            "remove",
            Account(ChangeFlows),
            pages::post_remove_partner,
        ),
    ]
}

fn pages_of_people() -> [PageRoute; 3] {
    [
        page(paths::PARTNER_USERS, Account(See), pages::users_page)
            .with_island("team_panel")
            .form("role", OwnPartner(ManageUsers), pages::post_users)
            .form("remove", OwnPartner(ManageUsers), pages::post_users),
        page(paths::PARTNER_INVITES, Account(See), pages::invites_page)
            .with_island("team_panel")
            .form("resend", OwnPartner(ManageUsers), pages::post_invites)
            .form("revoke", OwnPartner(ManageUsers), pages::post_invites),
        page(paths::INVITE_PARTNER_USER, Account(ChangeFlows), pages::invite_user_page).form(
            "invite",
            OwnPartner(ManageUsers),
            pages::post_invite_user,
        ),
    ]
}

fn pages_of_the_portal() -> [PageRoute; 6] {
    [
        page(paths::PORTAL, Portal(PartnerPermission::See), pages::portal_performance_page),
        page(paths::PORTAL_DOCS, Portal(PartnerPermission::See), pages::portal_docs_page),
        page(paths::PORTAL_PROFILE, Portal(PartnerPermission::See), pages::portal_profile_page).form(
            "profile",
            Portal(EditProfile),
            pages::post_profile,
        ),
        page(paths::PORTAL_USERS, Portal(ManageUsers), pages::portal_users_page)
            .with_island("team_panel")
            .form("role", Portal(ManageUsers), pages::post_portal_users)
            .form("remove", Portal(ManageUsers), pages::post_portal_users),
        page(paths::PORTAL_INVITES, Portal(ManageUsers), pages::portal_invites_page)
            .with_island("team_panel")
            .form("resend", Portal(ManageUsers), pages::post_portal_invites)
            .form("revoke", Portal(ManageUsers), pages::post_portal_invites),
        page(paths::PORTAL_INVITE, Portal(ManageUsers), pages::portal_invite_page).form(
            "invite",
            Portal(ManageUsers),
            pages::post_portal_invite,
        ),
    ]
}
