//! The calls, by what they are about. A handler reads its input, runs a verb of the room that the thing belongs to, and
//! shows what is there afterwards.

#![expect(unused_qualifications, reason = "written by the macros of the document")]

mod activity;
mod connections;
mod entities;
mod flows;
pub mod invitations;
mod leads;
mod meta;
mod partners;
mod people;
mod rules;
mod sources;
mod stats;

use crate::server::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The calls of the documented original, under its own paths, and the docs of a source beside its submissions.
pub fn original() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(invitations::invite_source))
        .routes(routes!(invitations::invite_recipient))
        .routes(routes!(invitations::resend))
        .routes(routes!(meta::meta))
}

/// All others.
pub fn ours() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(invitations::list))
        .routes(routes!(invitations::find, invitations::readdress, invitations::revoke))
        .routes(routes!(entities::list, entities::create))
        .routes(routes!(entities::find, entities::rename, entities::remove))
        .routes(routes!(flows::list, flows::create))
        .routes(routes!(flows::find, flows::change, flows::remove))
        .routes(routes!(flows::fields))
        .routes(routes!(sources::add))
        .routes(routes!(sources::find, sources::change, sources::remove))
        .routes(routes!(partners::list, partners::create))
        .routes(routes!(partners::find, partners::change, partners::remove))
        .routes(routes!(partners::sources))
        .routes(routes!(partners::assign, partners::unassign))
        .routes(routes!(people::users))
        .routes(routes!(people::set_role, people::remove))
        .routes(routes!(people::invites, people::invite))
        .routes(routes!(people::resend))
        .routes(routes!(people::revoke))
        .routes(routes!(leads::list))
        .routes(routes!(leads::find))
        .routes(routes!(stats::by_source))
        .routes(routes!(activity::list))
        .routes(routes!(connections::list))
        .routes(routes!(connections::disconnect))
}
