//! The list of partners: searched, sorted and paged by its address.

use crate::{
    accounts::model::{Permission, Plan},
    base::paths,
    partners::model::PartnerSort,
    reports::{
        parts::{grouped, rate},
        server::{PartnerQuery, PartnerRow, list_partners},
    },
    ui::{
        Button, ButtonKind, Cell, Column, DataTable, EmptyState, Field, HiddenField, Icon, LinkButton, PageHeader,
        Sorted, TabLink, Tabs, Tag, icon,
    },
    web::{ListPage, PageResult, Screen, Visit},
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// What the address says.
#[derive(Debug, Clone)]
struct Asked {
    search: String,
    archived: bool,
    sort: PartnerSort,
    descending: bool,
    page: ListPage,
}

impl Asked {
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

    /// The head of a column: words begin at A, figures with the largest.
    fn column(&self, label: &str, sort: PartnerSort) -> Column {
        let words = matches!(sort, PartnerSort::Name | PartnerSort::Status);
        let is_current = self.sort == sort;
        let descending = if is_current { !self.descending } else { !words };
        let href = Self { sort, descending, page: ListPage::FIRST, ..self.clone() }.path();
        let order = if self.descending { Sorted::Descending } else { Sorted::Ascending };
        Column { numeric: !words, ..Column::new(label) }.sort(href, is_current.then_some(order))
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
    let place = visit.cx.active_place()?.clone();
    let actor = visit.cx.actor(place.account_id, Permission::See)?;
    let asked = Asked::of(&visit);
    let query = PartnerQuery {
        search: &asked.search,
        archived: asked.archived,
        sort: asked.sort,
        descending: asked.descending,
        offset: asked.page.offset(),
        limit: ListPage::LIMIT,
    };
    let rows = {
        let mut conn = visit.cx.read().await?;
        list_partners(&mut conn, place.account_id, query, visit.cx.now).await?
    };
    let (rows, pages) = asked.page.show(rows, |page| Asked { page, ..asked.clone() }.path());
    let may_create = actor.role.may(Permission::ChangeFlows) && actor.plan.is_some_and(Plan::may_build_flows);
    let new = may_create.then(create_button);
    let body = if rows.is_empty() {
        nothing(&asked, may_create)
    } else {
        let now = visit.cx.now;
        let rows = rows.into_iter().map(|row| partner_row(row, now)).collect_view();
        view! { <DataTable caption="Partners" head=asked.columns()>{rows}</DataTable> }.into_any()
    };
    Ok(Screen::app(
        "Partners",
        "partners",
        view! {
            <PageHeader title="Partners" lead="The businesses that supply you with leads.">{new}</PageHeader>
            <Tabs label="Partners by state" tabs=tabs(&asked) />
            <div class="stack">
                {search(&asked)}
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

fn tabs(asked: &Asked) -> Vec<TabLink> {
    let tab = |label: &str, archived: bool| TabLink {
        href: Asked { archived, page: ListPage::FIRST, ..asked.clone() }.path(),
        label: label.to_owned(),
        current: asked.archived == archived,
        count: None,
    };
    vec![tab("Active", false), tab("Archived", true)]
}

fn search(asked: &Asked) -> AnyView {
    let sort = if asked.sort == PartnerSort::Name { "" } else { asked.sort.as_str() };
    let kept = [
        ("archived", if asked.archived { "1" } else { "" }),
        ("sort", sort),
        ("order", if asked.descending { "desc" } else { "" }),
    ];
    let kept = kept
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <HiddenField name value /> })
        .collect_view();
    view! {
        <form class="filters" method="get" action=paths::PARTNERS role="search">
            {kept}
            <Field label="Search partners" name="search" kind="search" value=asked.search.clone() autocomplete="off" />
            <Button>{icon(Icon::Search)} "Search"</Button>
        </form>
    }
    .into_any()
}

fn nothing(asked: &Asked, may_create: bool) -> AnyView {
    if !asked.page.is_first() {
        return view! { <EmptyState icon=Icon::Partners title="No more partners" /> }.into_any();
    }
    if !asked.search.is_empty() {
        let all = Asked { search: String::new(), ..asked.clone() }.path();
        let title = format!("No partner has “{}” in its name", asked.search);
        return view! { <EmptyState icon=Icon::Partners title><LinkButton href=all>"Show all"</LinkButton></EmptyState> }
            .into_any();
    }
    if asked.archived {
        let text = "A partner that has leads or was ever invited is archived, not deleted, and can be restored.";
        return view! { <EmptyState icon=Icon::Partners title="No archived partners" text /> }.into_any();
    }
    let text = "A partner is a business that supplies you with leads: its sources, its people, and how its leads do. \
                Everybody you invite to connect becomes one; others you create.";
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
