//! [ssr] The room's routes and their audiences.

use super::{pages, server};
use crate::{
    accounts::model::Permission::{ManageAccount, See},
    base::paths,
    partners::model::PartnerPermission::{self, ExportLeads},
    web::{
        Audience::{Account, Active, OwnPartner, Portal, Sellers},
        Routes, messages, page,
    },
};
use axum::routing::{any, post};

pub fn routes() -> Routes {
    Routes::new()
        .messages::<Message>()
        .pages([
            page(paths::LEADS, Active(See), pages::leads_page),
            page(paths::ERASE_PERSON, Active(ManageAccount), pages::erase_person_page).form(
                "erase",
                Account(ManageAccount),
                pages::post_erase_person,
            ),
            page(paths::FLOW_LEADS, Account(See), pages::flow_leads_page),
            page(paths::LEAD, Account(See), pages::lead_page),
            page(paths::PORTAL_LEAD, Portal(PartnerPermission::See), pages::portal_lead_page),
            page(paths::PORTAL_LEADS, Portal(PartnerPermission::See), pages::portal_leads_page),
        ])
        .sessionless(paths::SUBMIT, Sellers, any(server::http::submit))
        .posted_file(paths::LEADS_CSV, "export", Account(See), post(pages::export::of_account))
        .posted_file(paths::PORTAL_LEADS_CSV, "export", Portal(ExportLeads), post(pages::export::of_portal))
        .posted_file(paths::PARTNER_LEADS_CSV, "export", OwnPartner(ExportLeads), post(pages::export::of_partner))
}

messages! {
    /// Messages of the pages of leads.
    Message {
        PersonErased "person-erased" "Everything personal was removed from the person's leads.",
        PersonPartlyErased "person-partly-erased" "Many leads were erased, but the person has more. Erase the person again.",
        NobodyErased "nobody-erased" "No lead has this address or number. Nothing was changed.",
    }
}
