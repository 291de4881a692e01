//! The list of partners. Search, sort order and page are in the URL.

use crate::{
    accounts::model::{Permission, Plan},
    base::paths,
    partners::model::PartnerSort,
    reports::{
        parts::{grouped, rate},
        server::{PartnerQuery, PartnerRow, list_partners},
    },
    ui::{
        ButtonKind, Cell, Column, DataTable, EmptyState, HiddenField, Icon, LinkButton, PageHeader, SearchForm, Sorted,
        TabLink, Tabs, Tag, icon,
    },
    web::{ListPage, PageResult, Screen, Visit},
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The list's state in the URL.
#[derive(Debug, Clone)]
struct ListState {
    search: String,
    archived: bool,
    sort: PartnerSort,
    descending: bool,
    page: ListPage,
}

impl ListState {
    fn of(visit: &Visit) -> Self {
        Self {
            search: visit.query("search").trim().to_owned(),
            archived: !visit.query("archived").is_empty(),
            sort: PartnerSort::parse(&visit.query("sort")).unwrap_or(PartnerSort::Name),
            descending: visit.query("order") == "desc",
            page: ListPage::of(visit),
        }
    }

    fn path(&self) -> String {
        let sort = if self.sort == PartnerSort::Name { "" } else { self.sort.as_str() };
        let pairs = [
            ("search", self.search.as_str()),
            ("archived", if self.archived { "1" } else { "" }),
            ("sort", sort),
            ("order", if self.descending { "desc" } else { "" }),
            ("page", &self.page.query_value()),
        ];
        paths::with_query(paths::PARTNERS, &pairs)
    }

    /// A sortable column head. Text sorts ascending first, numbers descending.
    fn column(&self, label: &str, sort: PartnerSort) -> Column {
        let is_text = matches!(sort, PartnerSort::Name | PartnerSort::Status);
        let is_current = self.sort == sort;
        let descending = if is_current { !self.descending } else { !is_text };
        let href = Self { sort, descending, page: ListPage::FIRST, ..self.clone() }.path();
        let order = if self.descending { Sorted::Descending } else { Sorted::Ascending };
        Column { numeric: !is_text, ..Column::new(label) }.sort(href, is_current.then_some(order))
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            self.column("Name", PartnerSort::Name),
            self.column("Status", PartnerSort::Status),
            self.column("Sources", PartnerSort::Sources),
            self.column("Users", PartnerSort::Users),
            Column::new("Pending invites").numeric(),
            self.column("Leads, 30 days", PartnerSort::Leads),
            self.column("Accepted", PartnerSort::Rate),
            self.column("Last lead", PartnerSort::LastLead),
        ]
    }
}

pub async fn partners_page(visit: Visit) -> PageResult {
    let membership = visit.cx.active_membership()?.clone();
    let actor = visit.cx.actor(membership.account_id, Permission::See)?;
    let state = ListState::of(&visit);
    let query = PartnerQuery {
        search: &state.search,
        archived: state.archived,
        sort: state.sort,
        descending: state.descending,
        offset: state.page.offset(),
        limit: ListPage::LIMIT,
    };
    let (rows, has_more) = {
        let mut conn = visit.cx.read().await?;
        list_partners(&mut conn, &visit.cx.state, membership.account_id, query, visit.cx.now).await?
    };
    let pages = state.page.links(has_more, |page| ListState { page, ..state.clone() }.path());
    let may_create = actor.role.may(Permission::ChangeFlows) && actor.plan.is_some_and(Plan::may_build_flows);
    let new = may_create.then(create_button);
    let body = if rows.is_empty() {
        empty_state(&state, may_create)
    } else {
        let now = visit.cx.now;
        let rows = rows.into_iter().map(|row| partner_row(row, now)).collect_view();
        view! { <DataTable caption="Partners" head=state.columns()>{rows}</DataTable> }.into_any()
    };
    Ok(Screen::app(
        "Partners",
        "partners",
        view! {
            <PageHeader title="Partners" lead="The businesses that supply you with leads.">{new}</PageHeader>
            <Tabs label="Partners by state" tabs=tabs(&state) />
            <div class="stack">
                {search(&state)}
                {body}
                {pages}
            </div>
        },
    ))
}

fn create_button() -> AnyView {
    view! { <LinkButton href=paths::NEW_PARTNER kind=ButtonKind::Primary>{icon(Icon::Plus)} "Create partner"</LinkButton> }
        .into_any()
}

fn tabs(state: &ListState) -> Vec<TabLink> {
    let tab = |label: &str, archived: bool| TabLink {
        href: ListState { archived, page: ListPage::FIRST, ..state.clone() }.path(),
        label: label.to_owned(),
        current: state.archived == archived,
        count: None,
    };
    vec![tab("Active", false), tab("Archived", true)]
}

fn search(state: &ListState) -> AnyView {
    let sort = if state.sort == PartnerSort::Name { "" } else { state.sort.as_str() };
    let kept = [
        ("archived", if state.archived { "1" } else { "" }),
        ("sort", sort),
        ("order", if state.descending { "desc" } else { "" }),
    ];
    let kept = kept
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <HiddenField name value /> })
        .collect_view();
    view! {
        <SearchForm label="Search partners" action=paths::PARTNERS search=state.search.clone() kept=kept.into_any() />
    }
    .into_any()
}

fn empty_state(state: &ListState, may_create: bool) -> AnyView {
    if !state.page.is_first() {
        return view! { <EmptyState icon=Icon::Partners title="No more partners" /> }.into_any();
    }
    if !state.search.is_empty() {
        let all = ListState { search: String::new(), ..state.clone() }.path();
        let title = format!("No partners match “{}”", state.search);
        return view! { <EmptyState icon=Icon::Partners title><LinkButton href=all>"Show all"</LinkButton></EmptyState> }
            .into_any();
    }
    if state.archived {
        let text = "Partners that have leads or were invited are archived instead of deleted. You can restore them.";
        return view! { <EmptyState icon=Icon::Partners title="No archived partners" text /> }.into_any();
    }
    let text = if may_create {
        "A partner is a business that supplies you with leads. Companies you invite to connect become partners; \
         you can create others yourself."
    } else {
        "A partner is a business that supplies you with leads."
    };
    let new = may_create.then(create_button);
    view! { <EmptyState icon=Icon::Partners title="No partners yet" text>{new}</EmptyState> }.into_any()
}

fn partner_row(row: PartnerRow, now: OffsetDateTime) -> impl IntoView {
    let PartnerRow { id, name, status, sources, users, invites, leads, accepted, last_lead_at } = row;
    view! {
        <tr>
            <Cell label="Name"><a class="cell-title" href=paths::partner(id)>{name}</a></Cell>
            <Cell label="Status"><Tag tone=status.tone() icon=status.icon() text=status.word() /></Cell>
            <Cell label="Sources" numeric=true>{sources}</Cell>
            <Cell label="Users" numeric=true>{users}</Cell>
            <Cell label="Pending invites" numeric=true>{invites}</Cell>
            <Cell label="Leads, 30 days" numeric=true>{grouped(leads)}</Cell>
            <Cell label="Accepted" numeric=true>{rate(leads, accepted)}</Cell>
            <Cell label="Last lead" numeric=true>{super::ago_or_none(last_lead_at, now)}</Cell>
        </tr>
    }
}
