//! The filter above a list of leads. It is in the URL, so a page can be bookmarked and shared.

use crate::{
    base::{FlowId, Id, PartnerId, SourceId},
    leads::{
        model::{Filter, Outcome, Period},
        server::queries::{FilterChoice, MAX_CHOICES},
    },
    ui::{Button, Choice, Field, Icon, LinkButton, Select, icon},
};
use leptos::prelude::*;

/// What a list can be filtered by beside what all of them can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrowing {
    /// Flow, source and partner.
    All,
    /// Source and partner of one flow.
    InFlow,
    /// The partner's sources.
    InPortal,
}

/// The form. `reasons` are suggestions.
pub fn filters(
    path: &str,
    filter: &Filter,
    narrowing: Narrowing,
    choices: &[FilterChoice],
    reasons: Vec<String>,
) -> impl IntoView + use<> {
    let flows = (narrowing == Narrowing::All).then(|| {
        let options = options::<FlowId>("All flows", "flow", choices, filter.flow);
        view! { <Select label="Flow" name="flow" options /> }
    });
    let partners = (narrowing != Narrowing::InPortal).then(|| {
        let options = options::<PartnerId>("All partners", "partner", choices, filter.partner);
        view! { <Select label="Partner" name="partner" options /> }
    });
    let sources = options::<SourceId>("All sources", "source", choices, filter.source);
    let reasons = reasons.into_iter().map(|reason| view! { <option value=reason></option> }).collect_view();
    let day = |day: Option<time::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let clear =
        (*filter != Filter::default()).then(|| view! { <LinkButton href=path.to_owned()>"Show all"</LinkButton> });
    view! {
        <form class="filters" method="get" action=path.to_owned() role="search">
            <Field
                label="Find a lead"
                name="find"
                kind="search"
                value=filter.find.clone()
                placeholder="Lead id, email or phone"
                autocomplete="off"
                maxlength=320
            />
            {flows}
            <Select label="Source" name="source" options=sources />
            {partners}
            <Select label="Outcome" name="outcome" options=outcomes(filter) />
            <Field
                label="Reason"
                name="reason"
                value=filter.reason.clone()
                placeholder="Any part of it"
                list="reasons"
                autocomplete="off"
                maxlength=320
            />
            <datalist id="reasons">{reasons}</datalist>
            <Select label="Time" name="time" options=times(filter) />
            <Field label="From" name="from" kind="date" value=day(filter.from) />
            <Field label="To" name="to" kind="date" value=day(filter.to) />
            <Select label="Test leads" name="test" options=tests(filter) />
            <Button>{icon(Icon::Search)} "Filter"</Button>
            {clear}
        </form>
    }
}

/// The choices of one kind, up to a maximum. A chosen one that is not among them stays chosen.
fn options<I: Id + PartialEq + std::fmt::Display>(
    all: &str,
    kind: &str,
    choices: &[FilterChoice],
    chosen: Option<I>,
) -> Vec<Choice> {
    let mut options = vec![Choice::new("", all)];
    let mut of_kind = choices.iter().filter(|choice| choice.kind == kind);
    options.extend(of_kind.by_ref().take(MAX_CHOICES).filter_map(|choice| {
        let id = I::from_bytes(choice.id.as_slice().try_into().ok()?);
        Some(Choice::new(id.to_string(), choice.name.clone()).selected(chosen == Some(id)))
    }));
    if let Some(id) = chosen
        && !options.iter().any(|option| option.selected)
    {
        options.push(Choice::new(id.to_string(), "As in the address of this page").selected(true));
    }
    if of_kind.next().is_some() {
        options.push(Choice::new("", "Others").disabled(format!("only {MAX_CHOICES} are listed")));
    }
    options
}

fn outcomes(filter: &Filter) -> Vec<Choice> {
    let choice =
        |outcome: &Outcome| Choice::new(outcome.as_str(), outcome.word()).selected(filter.outcome == Some(*outcome));
    std::iter::once(Choice::new("", "All outcomes")).chain(Outcome::ALL.iter().map(choice)).collect()
}

fn times(filter: &Filter) -> Vec<Choice> {
    // Days of one's own count more than a ready range.
    let period = filter.period.filter(|_| filter.from.is_none() && filter.to.is_none());
    let choice = |one: &Period| Choice::new(one.as_str(), one.word()).selected(period == Some(*one));
    std::iter::once(Choice::new("", "Any time, or the days below")).chain(Period::ALL.iter().map(choice)).collect()
}

fn tests(filter: &Filter) -> Vec<Choice> {
    vec![
        Choice::new("", "With test leads"),
        Choice::new("without", "Without test leads").selected(filter.test == Some(false)),
        Choice::new("only", "Test leads only").selected(filter.test == Some(true)),
    ]
}
