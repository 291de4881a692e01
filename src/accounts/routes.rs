//! [ssr] What can be reached in this room, for whom, and the messages after its forms.

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
    /// What the room says after a form.
    Message {
        SettingsSaved "settings-saved" "The settings were saved.",
        ApiKeyRevoked "api-key-revoked" "The API key was revoked. It opens nothing any more.",
        UpgradeRequested "upgrade-requested" "Your request was sent. We answer by mail.",
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages([
            page(paths::SETTINGS, Active(See), pages::settings_page).form(
                "settings",
                Account(ManageAccount),
                pages::post_settings,
            ),
            page(paths::MEMBERS, Active(See), pages::members_page)
                .with_islands()
                .form("role", Account(ManageAccount), pages::post_members)
                .form("resend", Account(ManageAccount), pages::post_members)
                .form("revoke", Account(ManageAccount), pages::post_members)
                .form("remove", Account(ManageAccount), pages::post_members),
            page(paths::INVITE_MEMBER, Active(ManageAccount), pages::invite_member_page).form(
                "invite",
                Account(ManageAccount),
                pages::post_invite_member,
            ),
            page(paths::API_KEYS, Active(ManageAccount), pages::api_keys_page).with_islands().form(
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
