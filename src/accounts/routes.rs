//! [ssr] The room's routes, their audiences, and the messages after its forms.

use super::pages;
use crate::{
    accounts::model::Permission::{ManageAccount, See},
    base::paths,
    web::{
        Audience::{Account, Active},
        Routes, messages, page,
    },
};

messages! {
    /// Messages shown after the room's forms.
    Message {
        SettingsSaved "settings-saved" "Settings saved.",
        RetentionSaved "retention-saved" "Saved. Leads that are older are removed.",
        ApiKeyRevoked "api-key-revoked" "API key revoked. It no longer works.",
        UpgradeRequested "upgrade-requested" "Request sent. We'll reply by email.",
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages([
            page(paths::SETTINGS, Active(See), pages::settings_page)
                .form("settings", Account(ManageAccount), pages::post_settings)
                .form("retention", Account(ManageAccount), pages::post_retention),
            page(paths::MEMBERS, Active(See), pages::members_page)
                .with_island("team_panel")
                .form("role", Account(ManageAccount), pages::post_members)
                .form("resend", Account(ManageAccount), pages::post_members)
                .form("revoke", Account(ManageAccount), pages::post_members)
                .form("remove", Account(ManageAccount), pages::post_members),
            page(paths::INVITE_MEMBER, Active(ManageAccount), pages::invite_member_page).form(
                "invite",
                Account(ManageAccount),
                pages::post_invite_member,
            ),
            page(paths::API_KEYS, Active(ManageAccount), pages::api_keys_page).with_island("copy_buttons").form(
                "create-key",
                Account(ManageAccount),
                pages::post_api_keys,
            ),
            page(paths::REVOKE_API_KEY, Account(ManageAccount), pages::revoke_api_key_page).form(
                "revoke",
                Account(ManageAccount),
                pages::post_revoke_api_key,
            ),
            page(paths::SUBSCRIPTION, Active(See), pages::subscription_page).form(
                "upgrade",
                Account(ManageAccount),
                pages::post_subscription,
            ),
        ])
        .messages::<Message>()
}
