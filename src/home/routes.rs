//! [ssr] The room's routes, their audiences, and the messages after its forms.

use super::{attention, page};
use crate::{
    accounts::model::Permission::Invite,
    base::paths,
    web::{
        Audience::{Account, Anyone},
        Routes, messages, page,
    },
};

messages! {
    /// Messages shown after the room's forms.
    Message {
        Dismissed "dismissed" "Dismissed.",
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages([page(paths::HOME, Anyone, page::home_page).with_island("invitation_answer").form(
            "dismiss",
            Account(Invite),
            attention::post_home,
        )])
        .messages::<Message>()
}
