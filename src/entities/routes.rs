//! [ssr] The room's routes, their audiences, and the messages after its forms.

use super::pages;
use crate::{
    accounts::model::Permission::{Invite, See},
    base::paths,
    web::{
        Audience::{Active, Connection},
        Routes, messages, page,
    },
};

messages! {
    /// The messages after the room's forms.
    Message {
        Disconnected "disconnected" "Connection ended. We emailed the other company's Admins.",
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages([
            page(paths::SOURCES, Active(See), pages::sources_page),
            page(paths::CONNECTIONS, Active(See), pages::connections_page),
            page(paths::DISCONNECT, Connection(Invite), pages::disconnect_page).form(
                "disconnect",
                Connection(Invite),
                pages::post_disconnect,
            ),
        ])
        .messages::<Message>()
}
