//! [ssr] The room's routes and their audiences.

use super::{pages, server};
use crate::{
    accounts::model::Permission::See,
    base::paths,
    partners::model::PartnerPermission::{self, ExportLeads},
    web::{
        Audience::{Account, OwnPartner, Portal, Sellers},
        Routes, page,
    },
};
use axum::routing::{any, post};

pub fn routes() -> Routes {
    Routes::new()
        .pages([
            page(paths::FLOW_LEADS, Account(See), pages::flow_leads_page),
            page(paths::LEAD, Account(See), pages::lead_page),
            page(paths::PORTAL_LEAD, Portal(PartnerPermission::See), pages::portal_lead_page),
            page(paths::PORTAL_LEADS, Portal(PartnerPermission::See), pages::portal_leads_page),
        ])
        .sessionless(paths::SUBMIT, Sellers, any(server::http::submit))
        .posted_file(paths::PORTAL_LEADS_CSV, "export", Portal(ExportLeads), post(pages::export::of_portal))
        .posted_file(paths::PARTNER_LEADS_CSV, "export", OwnPartner(ExportLeads), post(pages::export::of_account))
}
