//! [ssr] The room's routes and their audiences.

use super::pages;
use crate::{
    accounts::model::Permission::See,
    base::paths,
    web::{Audience::Active, Routes, page},
};

pub fn routes() -> Routes {
    Routes::new().pages([page(paths::ACTIVITY, Active(See), pages::activity_page)])
}
