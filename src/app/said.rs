//! The messages a page shows once after a redirect: closed codes in a 30-second cookie, so that nobody can put words of
//! theirs on a page of ours.

use crate::{invitations, ui::Tone};

pub fn sentence(code: &str) -> Option<(&'static str, Tone)> {
    let text = match code {
        "signed-out" => "You are signed out.",
        "welcome" => "Welcome to Accord.",
        "mail-sent-again" => "The mail is on its way again. Only the link in the latest one works.",
        "password-set" => "Your password was set. You are signed out everywhere else.",
        "password-changed" => "Your password was changed. You are signed out everywhere else.",
        "name-saved" => "Your name was saved.",
        "address-asked" => {
            "We sent a mail to the new address. It counts once you have opened its link and confirmed it."
        }
        "address-changed" => "Your address was changed. Sign in with the new one from now on.",
        "session-ended" => "That browser is signed out.",
        "sessions-ended" => "You are signed out everywhere else.",
        "notifications-saved" => "Your notifications were saved.",
        "account-switched" => "You switched to another account.",
        "flow-created" => "The flow was created.",
        "flow-on" => "The flow is on.",
        "flow-off" => "The flow is off.",
        "flow-archived" => "The flow was archived. You can restore it below.",
        "flow-deleted" => "The flow was deleted.",
        "flow-restored" => "The flow was restored. It is off until you turn it on.",
        "fields-saved" => "The fields were saved.",
        "criteria-saved" => "The acceptance criteria were saved.",
        "mappings-saved" => "The mappings were saved.",
        "source-added" => "The source was added.",
        "source-created" => "The source was created and added.",
        "source-on" => "The source is on.",
        "source-off" => "The source is off.",
        "source-removed" => "The source was removed.",
        "source-replaced" => "The duplicate is used now. The other source is off.",
        "authentication-on" => "This source must authenticate from now on.",
        "authentication-off" => "This source needs no authentication any more.",
        "credential-ended" => "The former secret has ended.",
        "turn-on-saved" => "Saved: what happens when the invitation is accepted.",
        "already-invited" => "This address is invited already. The source was added without a second mail.",
        "already-connected" => "You are connected with this company already. The source was added.",
        "account-created" => "Your account was created. Now decide about the invitation.",
        "readdressed" => "The invitation was sent to the new address. The old link is dead.",
        "admin-asked" => "The Admins were asked. They get a mail.",
        "admin-asked-before" => "The Admins were asked before. The invitation waits for them.",
        "new-invitation-requested" => "The inviter was asked for a new invitation.",
        "company-created" => "The company was created. Now decide about the invitation.",
        "invitations-stopped" => "This address gets no more invitations from Accord.",
        "invitations-allowed" => "This address gets invitations again.",
        "dismissed" => "Done: it is off your list.",
        "partner-created" => "The partner was created.",
        "partner-saved" => "The partner was saved.",
        "partner-archived" => "The partner was archived. You can restore it here.",
        "partner-deleted" => "The partner was deleted.",
        "partner-restored" => "The partner was restored.",
        "sources-assigned" => "The sources were assigned.",
        "sources-unassigned" => "The sources were unassigned. They go on taking leads.",
        "profile-saved" => "The profile was saved.",
        "settings-saved" => "The settings were saved.",
        "disconnected" => "The connection has ended. The other company gets a mail.",
        "api-key-revoked" => "The API key was revoked. It opens nothing any more.",
        "upgrade-requested" => "Your request was sent. We answer by mail.",
        "joined" => "You joined. Welcome.",
        "accepted" => "You accepted the invitation. Your companies are connected.",
        _ => invitations::words::sentence(code)?,
    };
    Some((text, Tone::Positive))
}
