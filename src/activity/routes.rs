//! [ssr] The room's routes and their audiences.

use super::pages;
use crate::{
    accounts::model::Permission::See,
    base::paths,
    web::{Audience::Active, Routes, page},
};
use axum::routing::get;

pub fn routes() -> Routes {
    Routes::new().pages([page(paths::ACTIVITY, Active(See), pages::activity_page)]).handler(
        paths::ACTIVITY_CSV,
        Active(See),
        get(pages::activity_csv),
    )
}
