//! The mails of the room.

use crate::{
    base::paths,
    server::mail::letter::{Letter, Link},
};

pub fn confirm_address(company: &str) -> Letter {
    let link = || Link::secret("/verify/");
    Letter::new("Confirm your email address for Accord", "Confirm your email address")
        .preheader("One more step and your account is ready.")
        .text(&format!("Somebody signed up {company} for Accord with this address. If it was you, confirm the address to start."))
        .button("Confirm address", link())
        .plain_link("Or open this link:", link())
        .small("The link works once, for three days. If it was not you, ignore this mail: without your confirmation there is no account.")
        .why("You get this mail because this address was entered at Accord's sign-up.")
}

pub fn already_has_login() -> Letter {
    Letter::new("You already have a login at Accord", "You already have a login")
        .preheader("Sign in with this address.")
        .text("Somebody tried to sign up for Accord with this address, which has a login already. If it was you, sign in instead.")
        .button("Sign in", Link::path(paths::SIGN_IN))
        .plain_link("Or open this link:", Link::path(paths::SIGN_IN))
        .small("If it was not you, there is nothing to do: nothing was changed.")
        .why("You get this mail because this address was entered at Accord's sign-up.")
}
