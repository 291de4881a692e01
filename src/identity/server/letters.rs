//! The room's emails.

use crate::{
    base::{InvitationId, paths},
    server::mail::letter::{Letter, Link},
};

/// Adds the one thing to do as a button and as a plain link.
fn with_action(letter: Letter, label: &str, link: impl Fn() -> Link) -> Letter {
    letter.button(label, link()).plain_link("Or open this link:", link())
}

pub fn confirm_address(company: &str, for_invitation: bool) -> Letter {
    let then =
        if for_invitation { "Then you can accept or decline your invitation." } else { "Then your account is ready." };
    let letter = Letter::new("Confirm your email address for Accord", "Confirm your email address")
        .preheader(&format!("One more step. {then}"))
        .text(&format!("Confirm your email to finish creating {company} on Accord. {then}"));
    with_action(letter, "Confirm address", || Link::secret("/verify/"))
        .small_print("The link works once, within three days. Open it in the browser you signed up with. In any other, you choose a new password. If this wasn't you, ignore this email: no account is created without your confirmation.")
        .why("You received this email because someone used this address to sign up for Accord.")
}

/// Links to sign-in, and from there to the invitation on whose page the sign-up began.
pub fn already_has_login(invitation_id: Option<InvitationId>) -> Letter {
    let path =
        invitation_id.map_or_else(|| paths::SIGN_IN.to_owned(), |id| paths::sign_in_and_back(&paths::invitation(id)));
    let letter = Letter::new("You already have an Accord account", "You already have an account")
        .preheader("Sign in with this address.")
        .text("Someone tried to sign up for Accord with this address, which already has an account. If this was you, sign in instead.");
    with_action(letter, "Sign in", || Link::path(path.as_str()))
        .plain_link("Forgot your password?", Link::path(paths::FORGOT))
        .small_print("If this wasn't you, you don't need to do anything. Nothing was changed.")
        .why("You received this email because someone used this address to sign up for Accord.")
}

pub fn set_password() -> Letter {
    let letter = Letter::new("Set a new password for Accord", "Set a new password")
        .preheader("The link works once, within one hour.")
        .text("Someone, probably you, asked for a link to set a new password for Accord.");
    with_action(letter, "Set password", || Link::secret("/reset/"))
        .small_print("The link works once, within one hour. Setting a password signs you out everywhere else. If this wasn't you, ignore this email: your password stays as it is.")
        .why("You received this email because someone entered this address under \"Forgot your password?\" on Accord.")
}

pub fn no_account() -> Letter {
    let letter = Letter::new("No Accord account for this address", "No account for this address")
        .preheader("You may have signed up with another address.")
        .text("Someone, probably you, asked to set a new password for Accord, but this address has no account. If you signed up with another address, use that one. Otherwise, create an account.");
    with_action(letter, "Create account", || Link::path(paths::SIGN_UP))
        .small_print("If this wasn't you, you don't need to do anything.")
        .why("You received this email because someone entered this address under \"Forgot your password?\" on Accord.")
}

pub fn password_changed() -> Letter {
    Letter::new("Your Accord password was changed", "Your password was changed")
        .preheader("All your other browsers were signed out.")
        .text("Your Accord password was just changed. All your other browsers were signed out.")
        .plain_link("If this wasn't you, set a new password immediately:", Link::path(paths::FORGOT))
        .why("You received this email because it concerns the security of your Accord account.")
}

pub fn confirm_change() -> Letter {
    let letter = Letter::new("Confirm your new email address for Accord", "Confirm your new email address")
        .preheader("Your old address stays in use until you confirm.")
        .text("Someone, probably you, wants to sign in to Accord with this address. Confirm that it is yours while signed in with your current address.");
    with_action(letter, "Confirm address", || Link::secret("/verify/"))
        .small_print("The link works once, within one day. If this wasn't you, ignore this email: nothing changes without your confirmation.")
        .why("You received this email because someone entered this address as their new address for Accord.")
}

/// To the requested new address when another user already has it.
pub fn address_taken() -> Letter {
    let letter = Letter::new("This address already has an Accord account", "This address already has an account")
        .preheader("An address can belong to one account only.")
        .text("Someone, probably you, wants to use this address for another Accord account, but it already has one.");
    with_action(letter, "Sign in", || Link::path(paths::SIGN_IN))
        .small_print("If this wasn't you, you don't need to do anything. Nothing was changed.")
        .why("You received this email because someone entered this address as their new address for Accord.")
}

/// To the current address, before anything has changed.
pub fn change_requested(new: &str) -> Letter {
    Letter::new("Your email address for Accord is about to change", "Your email address is about to change")
        .preheader("Nothing has changed yet.")
        .text("Someone, probably you, wants to change the email address you use for Accord. Nothing changes until the new address is confirmed.")
        .facts([("New address", new)])
        .mentioning(new)
        .plain_link("If this wasn't you, set a new password to stop the change:", Link::path(paths::FORGOT))
        .why("You received this email because it concerns the security of your Accord account.")
}

/// To the old address, which no longer works for signing in.
pub fn address_changed(new: &str) -> Letter {
    Letter::new("Your email address for Accord was changed", "Your email address was changed")
        .preheader("Use the new one to sign in.")
        .text("The email address you use for Accord was changed. From now on, sign in with the new one. Our emails go there too.")
        .facts([("New address", new)])
        .mentioning(new)
        .small_print("If this wasn't you, ask an Admin of your company for help immediately.")
        .why("You received this email because this was your email address for Accord.")
}
