//! [ssr] The room's routes, their audiences, and the messages after its forms.

use super::pages;
use crate::{
    accounts::model::Permission::See,
    base::paths,
    web::{
        Audience::{Account, Anyone, SignedIn},
        Routes, messages, page,
    },
};

messages! {
    /// Messages shown after the room's forms.
    Message {
        SignedOut "signed-out" "You are signed out.",
        Welcome "welcome" "Welcome to Accord.",
        EmailResent "mail-sent-again" "Email resent. Only the link in the latest email works.",
        PasswordSet "password-set" "Password set. You're signed out everywhere else.",
        PasswordChanged "password-changed" "Password changed. You're signed out everywhere else.",
        NameSaved "name-saved" "Name saved.",
        AddressChangeRequested "address-asked" "We sent an email to the new address. Open its link and confirm to change your address.",
        AddressChanged "address-changed" "Email address changed. Use the new one to sign in.",
        SessionEnded "session-ended" "Browser signed out.",
        SessionsEnded "sessions-ended" "You're signed out everywhere else.",
        NotificationsSaved "notifications-saved" "Notifications saved.",
        AccountSwitched "account-switched" "You switched to another account.",
        AccountCreated "account-created" "Account created. Now accept or decline the invitation.",
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages([
            page(paths::SIGN_UP, Anyone, pages::sign_up_page).form("signup", Anyone, pages::post_sign_up),
            page(paths::SIGN_UP_SENT, Anyone, pages::sign_up_sent_page).form("again", Anyone, pages::post_resend),
            page(paths::SIGN_IN, Anyone, pages::sign_in_page).form("signin", Anyone, pages::post_sign_in),
            page(paths::FORGOT, Anyone, pages::forgot_page).form("forgot", Anyone, pages::post_forgot),
            page(paths::FORGOT_SENT, Anyone, pages::forgot_sent_page),
            page(paths::RESET, Anyone, pages::reset_page).form("reset", Anyone, pages::post_reset),
            page(paths::VERIFY, Anyone, pages::verify_page).form("verify", Anyone, pages::post_verify),
            page(paths::ME, SignedIn, pages::me_page)
                .form("name", SignedIn, pages::post_rename)
                .form("email", SignedIn, pages::post_change_address)
                .form("password", SignedIn, pages::post_change_password)
                .form("session", SignedIn, pages::post_end_session)
                .form("others", SignedIn, pages::post_end_other_sessions)
                .form("notifications", SignedIn, pages::post_notifications),
        ])
        .post(paths::THEME, Anyone, pages::post_theme)
        .post(paths::SIGN_OUT, Anyone, pages::post_sign_out)
        .post(paths::SWITCH_ACCOUNT, Account(See), pages::post_switch)
        .messages::<Message>()
}
