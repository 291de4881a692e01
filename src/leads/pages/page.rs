//! What all pages with a list of leads have in common: filter, list and export.

use super::{
    export::{ExportForm, export_form},
    filters::{Narrowing, filters},
    list::{self, List, Reader},
};
use crate::{
    accounts::server::zone,
    base::{AccountId, FlowId, LeadId, UserId, paths},
    leads::{
        model::Filter,
        server::{
            export::{Count, Exporter},
            queries::{self, LeadRow},
            search::{Search, made_at},
        },
    },
    server::{Fault, PageIds, PageRows, page_rows::PAGE_BUDGET},
    ui::{EmptyState, Icon, LinkButton},
    web::Visit,
};
use leptos::prelude::*;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Where a list is, and who reads it.
pub struct Place {
    pub account_id: AccountId,
    pub user_id: UserId,
    pub path: String,
    pub exporter: Exporter,
    /// The only flow of the list.
    pub flow: Option<FlowId>,
    pub may_export: bool,
    /// What somebody who has no leads yet can do: a button's text and where it leads.
    pub next_step: (&'static str, String),
}

/// One page of leads.
struct Loaded {
    leads: PageRows<LeadRow>,
    /// Where the search ended before the page was full.
    searched: Option<LeadId>,
    /// The number of all leads of the search. Later pages do not count.
    count: Option<Count>,
}

impl Place {
    fn reader(&self) -> Reader {
        match self.exporter {
            Exporter::Portal(partner) => Reader::Seller(partner),
            Exporter::Account(_) | Exporter::Partner(_) => Reader::Buyer,
        }
    }

    fn narrowing(&self) -> Narrowing {
        match (self.reader(), self.flow) {
            (Reader::Seller(_), _) => Narrowing::InPortal,
            (Reader::Buyer, Some(_)) => Narrowing::InFlow,
            (Reader::Buyer, None) => Narrowing::All,
        }
    }

    /// The filter of the URL without what the place decides.
    fn filter(&self, visit: &Visit) -> Filter {
        let filter = Filter::read(|name| visit.query(name).into());
        match self.narrowing() {
            Narrowing::All => filter,
            Narrowing::InFlow => Filter { flow: None, ..filter },
            Narrowing::InPortal => Filter { flow: None, partner: None, ..filter },
        }
    }

    /// The filter together with what the place decides.
    fn whole(&self, filter: &Filter) -> Filter {
        let partner = match self.exporter {
            Exporter::Portal(id) | Exporter::Partner(id) => Some(id),
            Exporter::Account(_) => filter.partner,
        };
        Filter { flow: self.flow.or(filter.flow), partner, ..filter.clone() }
    }

    /// The list of the visit, with its filter and the form that exports it.
    pub async fn show(&self, visit: &Visit, conn: &mut PgConnection) -> Result<AnyView, Fault> {
        let (filter, now) = (self.filter(visit), visit.cx.now);
        let reading = queries::find_reading(conn, self.account_id, now).await?;
        let whole = self.whole(&filter);
        let understood = Search::of(&whole, self.account_id, &reading);
        let is_understood = understood.is_some();
        let search = understood.unwrap_or_else(|| Search::new(self.account_id));
        let choices = queries::list_choices(conn, &Search { partner: whole.partner, ..search.clone() }).await?;
        let before: Option<LeadId> = visit.query("before").parse().ok();
        let Loaded { leads, searched, count } = match is_understood {
            true => self.load(conn, &search, before).await?,
            false => Loaded { leads: PageRows::first(0, Vec::new()), searched: None, count: None },
        };
        let reasons: BTreeSet<_> = leads.rows.iter().filter_map(|lead| lead.reason.clone()).collect();
        let filters = filters(&self.path, &filter, self.narrowing(), &choices, reasons.into_iter().collect());
        let export = match self.may_export && is_understood {
            true => Some(export_form(conn, self.export(&filter), &search, count).await?),
            false => None,
        };
        let body = List {
            leads,
            reader: self.reader(),
            now,
            is_later_page: before.is_some(),
            path: filter.in_path(&self.path),
            empty: self.empty(&filter, is_understood),
            searched: searched.map(|id| (id, zone::local_time(&reading.zone, made_at(id)))),
        };
        Ok(view! {
            <div class="stack">
                {filters}
                {body.show()}
                {export}
            </div>
        }
        .into_any())
    }

    async fn load(&self, conn: &mut PgConnection, search: &Search, before: Option<LeadId>) -> Result<Loaded, Fault> {
        let limit = if before.is_none() { list::MAX_COUNTED + 1 } else { list::LIMIT };
        let found = queries::find_ids(conn, search, before, limit).await?;
        let count = before.is_none().then(|| Count::of(&found, list::MAX_COUNTED));
        // Where the search ended counts only for a page that it could not fill.
        let searched = found.searched.filter(|_| found.ids.len() <= list::PAGE);
        let page = PageIds::first(list::PAGE, found.ids);
        let leads = queries::load(conn, self.account_id, &page, self.reader().content(), PAGE_BUDGET).await?;
        Ok(Loaded { leads, searched, count })
    }

    fn export(&self, filter: &Filter) -> ExportForm {
        let filter = Filter { flow: self.flow.or(filter.flow), ..filter.clone() };
        ExportForm { exporter: self.exporter, user_id: self.user_id, filter }
    }

    fn empty(&self, filter: &Filter, is_understood: bool) -> AnyView {
        let href = self.path.clone();
        let show_all = move || view! { <LinkButton href=href.clone()>"Show all"</LinkButton> };
        if !is_understood {
            let text = "Enter a lead's id, an email address, or a phone number with its area code.";
            return view! { <EmptyState icon=Icon::Search title="This can't be found" text>{show_all()}</EmptyState> }
                .into_any();
        }
        if *filter != Filter::default() {
            let text = "Change the filter or show all leads.";
            return view! { <EmptyState icon=Icon::Leads title="No matching leads" text>{show_all()}</EmptyState> }
                .into_any();
        }
        let (label, href) = self.next_step.clone();
        let text = "Leads from your sources appear here.";
        view! {
            <EmptyState icon=Icon::Leads title="No leads yet" text><LinkButton href>{label}</LinkButton></EmptyState>
        }
        .into_any()
    }
}

/// Where an account without leads goes on.
pub fn to_flows() -> (&'static str, String) {
    ("Go to your flows", paths::FLOWS.to_owned())
}
