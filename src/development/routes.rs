//! [ssr] The room's routes and their audiences.

use super::{gallery_page, mailbox};
use crate::{
    base::paths,
    server::live,
    web::{Audience::Development, Routes, page},
};
use axum::routing::get;

pub fn routes() -> Routes {
    Routes::new()
        .pages([
            page(paths::MAILBOX, Development, mailbox::mailbox_page),
            page(paths::MAIL, Development, mailbox::mail_page),
            page(paths::GALLERY, Development, gallery_page),
        ])
        .handler(paths::MAILBOX_JSON, Development, get(mailbox::json))
        .handler(paths::MAIL_HTML, Development, get(mailbox::html))
        .handler(paths::RELOAD, Development, get(live::reload))
}
