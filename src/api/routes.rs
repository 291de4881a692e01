//! [ssr] The room's routes and their audiences.

use super::pages;
use crate::{
    base::paths,
    web::{Audience::Anyone, Routes, page},
};

pub fn routes() -> Routes {
    Routes::new().pages([page(paths::API_DOCS, Anyone, pages::api_docs_page)])
}
