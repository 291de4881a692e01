//! The mails of the room.

use crate::{
    base::{InvitationId, paths},
    server::mail::letter::{Letter, Link},
};

/// The one thing to do, as a button and as a link that can be read.
fn leading(letter: Letter, label: &str, link: impl Fn() -> Link) -> Letter {
    letter.button(label, link()).plain_link("Or open this link:", link())
}

pub fn confirm_address(company: &str, for_invitation: bool) -> Letter {
    let then = if for_invitation { "Then you decide about your invitation." } else { "Then your account is ready." };
    let letter = Letter::new("Confirm your email address for Accord", "Confirm your email address")
        .preheader(&format!("One more step. {then}"))
        .text(&format!(
            "Somebody signed up {company} for Accord with this address. If it was you, confirm the address. {then}"
        ));
    leading(letter, "Confirm address", || Link::secret("/verify/"))
        .small("The link works once, for three days. If it was not you, ignore this mail: without your confirmation there is no account.")
        .why("You get this mail because this address was entered at Accord's sign-up.")
}

/// Leads to sign-in, and from there to the invitation on whose page the sign-up began.
pub fn already_has_login(invitation_id: Option<InvitationId>) -> Letter {
    let path =
        invitation_id.map_or_else(|| paths::SIGN_IN.to_owned(), |id| paths::sign_in_and_back(&paths::invitation(id)));
    let letter = Letter::new("You already have a login at Accord", "You already have a login")
        .preheader("Sign in with this address.")
        .text("Somebody tried to sign up for Accord with this address, which has a login already. If it was you, sign in instead.");
    leading(letter, "Sign in", || Link::path(path.as_str()))
        .plain_link("You do not know your password any more?", Link::path(paths::FORGOT))
        .small("If it was not you, there is nothing to do: nothing was changed.")
        .why("You get this mail because this address was entered at Accord's sign-up.")
}

pub fn set_password() -> Letter {
    let letter = Letter::new("Set a new password for Accord", "Set a new password")
        .preheader("The link works once, for one hour.")
        .text("Somebody, probably you, forgot the password of your login at Accord. Set a new one here.");
    leading(letter, "Set password", || Link::secret("/reset/"))
        .small("The link works once, for one hour. Setting a password signs you out everywhere else. If it was not you, ignore this mail: your password stays as it is.")
        .why("You get this mail because this address was entered under \"Forgot your password?\" at Accord.")
}

pub fn no_login() -> Letter {
    let letter = Letter::new("No login at Accord under this address", "There is no login under this address")
        .preheader("Perhaps you signed up with another one.")
        .text("Somebody, probably you, wanted to set a new password at Accord. There is no login under this address. Perhaps you signed up with another one, or have not signed up yet.");
    leading(letter, "Create account", || Link::path(paths::SIGN_UP))
        .small("If it was not you, there is nothing to do.")
        .why("You get this mail because this address was entered under \"Forgot your password?\" at Accord.")
}

pub fn password_changed() -> Letter {
    Letter::new("Your password at Accord was changed", "Your password was changed")
        .preheader("All your other browsers were signed out.")
        .text("The password of your login at Accord was changed just now. All your other browsers were signed out.")
        .plain_link("If it was not you, set a new password at once:", Link::path(paths::FORGOT))
        .why("You get this mail because it is about the security of your login at Accord.")
}

pub fn confirm_change() -> Letter {
    let letter = Letter::new("Confirm your new email address for Accord", "Confirm your new email address")
        .preheader("Until then your old address stays in use.")
        .text("Somebody, probably you, wants to use this address for a login at Accord. Confirm that it is yours.");
    leading(letter, "Confirm address", || Link::secret("/verify/"))
        .small("The link works once, for one day. If it was not you, ignore this mail: nothing changes without your confirmation.")
        .why("You get this mail because this address was entered as the new address of a login at Accord.")
}

/// To an address that should become somebody's and is somebody's already.
pub fn address_taken() -> Letter {
    let letter = Letter::new("This address already has a login at Accord", "This address already has a login")
        .preheader("An address belongs to one login only.")
        .text("Somebody, probably you, wants to use this address for another login at Accord. It has a login already, and belongs to one only.");
    leading(letter, "Sign in", || Link::path(paths::SIGN_IN))
        .small("If it was not you, there is nothing to do: nothing was changed.")
        .why("You get this mail because this address was entered as the new address of a login at Accord.")
}

/// To the present address, before anything has changed.
pub fn change_asked(new: &str) -> Letter {
    Letter::new("Your address at Accord is about to change", "Your address is about to change")
        .preheader("Nothing has changed yet.")
        .text("Somebody, probably you, wants to use another address for your login at Accord. Nothing changes before the new address is confirmed.")
        .facts([("New address", new)])
        .plain_link("If it was not you, set a new password; that stops the change:", Link::path(paths::FORGOT))
        .why("You get this mail because it is about the security of your login at Accord.")
}

/// To the old address, which opens nothing any more.
pub fn address_changed(new: &str) -> Letter {
    Letter::new("Your address at Accord was changed", "Your address was changed")
        .preheader("Sign in with the new one from now on.")
        .text("Your login at Accord has a new address from now on. Mails go there, and you sign in with it.")
        .facts([("New address", new)])
        .small("If it was not you, ask the Admins of your company for help at once.")
        .why("You get this mail because this was the address of a login at Accord.")
}
