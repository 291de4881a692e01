//! [ssr] Room: pages that exist only in development: the mailbox and the component gallery.

pub mod mailbox;
pub mod routes;

use crate::{
    ui::Gallery,
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;

async fn gallery_page(_visit: Visit) -> PageResult {
    Ok(Screen::wide("Gallery", view! { <Gallery /> }))
}
