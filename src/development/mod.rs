//! [ssr] Room: pages that only development has: the mailbox, and the pieces of the design system.

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
