//! The messages a page shows once after a redirect: closed codes in a 30-second cookie, so that nobody can put words of
//! theirs on a page of ours.

use crate::ui::Tone;

pub fn sentence(code: &str) -> Option<(&'static str, Tone)> {
    let text = match code {
        "signed-out" => "You are signed out.",
        "welcome" => "Welcome to Accord.",
        "account-switched" => "You switched to another account.",
        "flow-created" => "The flow was created.",
        "flow-on" => "The flow is on.",
        "flow-off" => "The flow is off.",
        "fields-saved" => "The fields were saved.",
        "criteria-saved" => "The acceptance criteria were saved.",
        "mappings-saved" => "The mappings were saved.",
        "source-added" => "The source was added.",
        "source-created" => "The source was created and added.",
        "source-on" => "The source is on.",
        "source-off" => "The source is off.",
        "turn-on-saved" => "Saved: what happens when the invitation is accepted.",
        "invited" => "The invitation was sent.",
        "already-invited" => "This address is invited already. The source was added without a second mail.",
        "already-connected" => "You are connected with this company already. The source was added.",
        "account-created" => "Your account was created. Now decide about the invitation.",
        "settings-saved" => "The settings were saved.",
        "upgrade-requested" => "Your request was sent. We answer by mail.",
        "accepted" => "You accepted the invitation. Your companies are connected.",
        _ => return None,
    };
    Some((text, Tone::Positive))
}
