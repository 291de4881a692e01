//! The story of one lead, for its buyer and, without the buyer's mappings, for its seller.

mod sections;
mod today;
mod values;

use crate::{
    base::{LeadId, PartnerId, paths},
    deliveries::pages as deliveries,
    leads::{
        model::Outcome,
        server::{
            queries::story::StoryRow,
            story::{self, Story, Today},
        },
    },
    partners::pages::{portal_head, portal_screen},
    server::{Fault, Reader, clock},
    ui::{Banner, KeyValues, PageHeader, Panel, Tag, TimeAgo, Tone},
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;
use values::Space;

/// The side that reads the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Buyer,
    Seller,
}

/// `/leads/{lead_id}`
pub async fn lead_page(visit: Visit) -> PageResult {
    let id: LeadId = visit.id("lead_id")?;
    let mut conn = visit.cx.read().await?;
    let row = story::find_for_buyer(&mut conn, id).await?;
    let deliveries = deliveries::story_section(&mut conn, row.account_id, id, visit.cx.now).await?;
    let told = Told::load(&visit, conn, row).await?;
    let (path, title) = (paths::lead(id), format!("Lead {id}"));
    let breadcrumb = vec![("Leads".to_owned(), paths::LEADS.to_owned())];
    let (state, button) = (tags(&told.story), today::button(&told.story, path));
    let body = told.show(&visit, Side::Buyer, deliveries);
    Ok(Screen::app(
        title.clone(),
        "leads",
        view! {
            <PageHeader title breadcrumb state>{button}</PageHeader>
            {body}
        },
    ))
}

/// `/portal/{partner_id}/leads/{lead_id}`
pub async fn portal_lead_page(visit: Visit) -> PageResult {
    let (partner_id, id): (PartnerId, LeadId) = (visit.id("partner_id")?, visit.id("lead_id")?);
    let mut conn = visit.cx.read().await?;
    let (row, actor) = story::find_for_seller(&mut conn, partner_id, id).await?;
    let told = Told::load(&visit, conn, row).await?;
    let (path, title) = (paths::portal_lead(partner_id, id), format!("Lead {id}"));
    let (state, button) = (tags(&told.story), today::button(&told.story, path));
    let body = told.show(&visit, Side::Seller, None);
    let head = portal_head(&actor, "leads");
    Ok(portal_screen(
        &visit,
        title.clone(),
        actor,
        view! {
            {head}
            <div class="page-title">
                <h2>{title}</h2>
                {state}
                <div class="actions">{button}</div>
            </div>
            {body}
        },
    ))
}

/// A story, and what today's rules say if the query asks for it.
struct Told {
    story: Story,
    /// None if it is not asked for or the data was erased, `Some(None)` if the source was removed.
    today: Option<Option<Today>>,
}

impl Told {
    /// Gives the connection back before it works out the story.
    async fn load(visit: &Visit, mut conn: Reader, row: StoryRow) -> Result<Self, Fault> {
        let (name, value) = today::QUERY;
        let is_asked = visit.query(name) == value && row.erased_at.is_none();
        let current = if is_asked { Some(story::find_current(&mut conn, &row).await?) } else { None };
        drop(conn);
        let today = match current {
            Some(Some(current)) => Some(Some(story::try_again(&visit.cx, &row, current).await?)),
            Some(None) => Some(None),
            None => None,
        };
        Ok(Self { story: story::tell(&visit.cx, row).await?, today })
    }

    /// Sellers don't see where their leads go.
    fn show(self, visit: &Visit, reader: Side, deliveries: Option<AnyView>) -> AnyView {
        let (space, story) = (Space::default(), &self.story);
        let at = clock::display_time(story.row.received_at, visit.cx.now);
        let at = view! { {at.absolute.clone()} " (" <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> ")" };
        let at = at.into_any();
        let today = self.today.as_ref().map(|today| today::section(story, today.as_ref(), &space));
        view! {
            {about(story, reader)}
            {erased(story, visit)}
            {today}
            {sections::received(story, &space, at)}
            {sections::mapped(story, &space, reader)}
            {sections::checks(story, &space)}
            {sections::answer(story, &space)}
            {deliveries}
        }
        .into_any()
    }
}

fn outcome_tag(outcome: Outcome) -> AnyView {
    let tone = match outcome {
        Outcome::Accepted => Tone::Positive,
        Outcome::Rejected => Tone::Danger,
        Outcome::Error => Tone::Warning,
    };
    view! { <Tag tone text=outcome.word() /> }.into_any()
}

fn tags(story: &Story) -> AnyView {
    let test = story.row.test.then(|| view! { " " <Tag tone=Tone::Info text="Test" /> });
    view! { {outcome_tag(story.row.outcome)} {test} }.into_any()
}

fn erased(story: &Story, visit: &Visit) -> Option<impl IntoView + use<>> {
    let at = clock::display_time(story.row.erased_at?, visit.cx.now);
    let title = format!("The data of this person was erased on {}.", at.absolute);
    Some(view! { <Banner tone=Tone::Info title /> })
}

/// Flow and source, with the versions that judged the lead.
fn about(story: &Story, reader: Side) -> AnyView {
    let row = &story.row;
    let number = |version: Option<i32>| match version {
        Some(version) => format!("version {version}"),
        None => "version not kept".to_owned(),
    };
    let (flow, source) = (row.flow_name.clone(), row.source_name.clone());
    let links = match reader {
        Side::Buyer => [
            row.has_flow.then(|| paths::flow_sources(row.flow_id)),
            row.has_source.then(|| paths::source_mappings(row.flow_id, row.source_id)),
        ],
        Side::Seller => [None, row.has_source.then(|| paths::source_docs(row.flow_id, row.source_id))],
    };
    let [flow_link, source_link] = links;
    let part = |name: String, href: Option<String>, version: Option<i32>| {
        let name = match href {
            Some(href) => view! { <a href=href><bdi>{name}</bdi></a> }.into_any(),
            None => view! { <bdi>{name}</bdi> }.into_any(),
        };
        view! { {name} ", " {number(version)} }.into_any()
    };
    let items = vec![
        ("Flow".to_owned(), part(flow, flow_link, row.flow_version)),
        ("Source".to_owned(), part(source, source_link, row.source_version)),
    ];
    view! { <Panel><KeyValues items /></Panel> }.into_any()
}
