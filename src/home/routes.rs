//! [ssr] What can be reached in this room, for whom, and the messages after its forms.

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
    /// The room's messages after a redirect.
    Message {
        Dismissed "dismissed" "Dismissed.",
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages([page(paths::HOME, Anyone, page::home_page).with_islands().form(
            "dismiss",
            Account(Invite),
            attention::post_home,
        )])
        .messages::<Message>()
}
