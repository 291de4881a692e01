//! The leads of a partner's sources in the portal, as the supplier sent them.

use super::list::{self, List};
use crate::{
    base::{LeadId, PartnerId, paths},
    leads::{
        model::{Filter, Outcome},
        server::queries::{self, MAX_EXPORTED},
    },
    partners::{
        model::PartnerPermission,
        pages::{portal_head, portal_screen},
        server::policy,
    },
    reports::{
        parts::grouped,
        server::performance::{self, Scope, SourceName},
    },
    ui::{Button, Choice, HiddenField, LinkButton, Panel, Select},
    web::{PageResult, Visit, partner_identity},
};
use leptos::prelude::*;

pub async fn portal_leads_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    let actor = policy::find_in_portal(&mut conn, id, PartnerPermission::See).await?;
    let account_id = actor.partner.account_id;
    let filter = Filter::read(|name| visit.query(name).into());
    let before: Option<LeadId> = visit.query("before").parse().ok();
    let sources = performance::list_sources(&mut conn, account_id, Scope::Partner(id)).await?;
    let ids = queries::list_ids_of_partner(&mut conn, account_id, id, filter, before, list::LIMIT).await?;
    let leads = list::load(&mut conn, account_id, ids, queries::Content::Input).await?;
    let body = List {
        leads,
        now: visit.cx.now,
        is_later_page: before.is_some(),
        path: filter.in_path(&paths::portal_leads(id)),
        empty: if filter == Filter::default() {
            ("No leads yet", "Leads from your sources appear here.")
        } else {
            ("No matching leads", "Change the filter or show all leads.")
        },
        value: list::parameter,
    };
    let head = portal_head(&actor, "leads");
    let filters = filters(id, filter, &sources);
    let may_export = actor.side.may(PartnerPermission::ExportLeads);
    let export = may_export.then(|| export_form(paths::portal_leads_csv(id), id, filter));
    Ok(portal_screen(
        &visit,
        format!("Leads of {}", actor.partner.name),
        actor,
        view! {
            {head}
            <Panel title="Leads" lead="All leads from your sources, with their outcome and the fields as you sent them.">
                {filters}
                {body.show()}
                {export}
            </Panel>
        },
    ))
}

fn filters(id: PartnerId, filter: Filter, sources: &[SourceName]) -> impl IntoView + use<> {
    let mut by_source = vec![Choice::new("", "All sources")];
    by_source.extend(
        sources.iter().map(|source| {
            Choice::new(source.id.to_string(), source.shown()).selected(filter.source == Some(source.id))
        }),
    );
    let mut by_outcome = vec![Choice::new("", "All outcomes")];
    by_outcome.extend(
        Outcome::ALL
            .iter()
            .map(|outcome| Choice::new(outcome.as_str(), outcome.word()).selected(filter.outcome == Some(*outcome))),
    );
    let by_test = vec![
        Choice::new("", "With test leads"),
        Choice::new("without", "Without test leads").selected(filter.test == Some(false)),
        Choice::new("only", "Test leads only").selected(filter.test == Some(true)),
    ];
    let clear = (filter != Filter::default())
        .then(|| view! { <LinkButton href=paths::portal_leads(id)>"Show all"</LinkButton> });
    view! {
        <form class="filters" method="get" action=paths::portal_leads(id)>
            <Select label="Source" name="source" options=by_source />
            <Select label="Outcome" name="outcome" options=by_outcome />
            <Select label="Test leads" name="test" options=by_test />
            <Button>"Filter"</Button>
            {clear}
        </form>
    }
}

/// The form that exports the filtered leads. It uses POST because the export is recorded in the activity.
pub fn export_form(path: String, id: PartnerId, filter: Filter) -> AnyView {
    let fields = filter.pairs().into_iter().map(|(name, value)| view! { <HiddenField name value /> }).collect_view();
    let most = format!("Up to {} leads, newest first.", grouped(MAX_EXPORTED));
    view! {
        <form class="form-actions" method="post" action=path>
            {partner_identity("export", id)}
            {fields}
            <Button>"Export CSV"</Button>
            <span class="muted">{most}</span>
        </form>
    }
    .into_any()
}
