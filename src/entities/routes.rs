//! [ssr] What can be reached in this room, for whom, and the messages after its forms.

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
    /// What the room says after a form.
    Message {
        Disconnected "disconnected" "The connection has ended. The other company gets a mail.",
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
