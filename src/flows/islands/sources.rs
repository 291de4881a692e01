//! The Sources tab: a table that updates itself.

use super::{
    add_source::AddSourceDialog,
    invitation::InvitationNotes,
    live,
    row_actions::{Actions, DisconnectMark, DuplicateMark},
};
use crate::{
    base::{AccountId, FlowId, SourceId, paths},
    flows::{
        functions::{list_sources, switch_source},
        model::{SourceList, SourceRow, SourcesShown},
    },
    invitations::model::InviteFacts,
    ui::{Cell, Column, DataTable, EmptyState, HiddenField, Icon, StatusMessage, Tag, Tone},
};
use leptos::{prelude::*, task::spawn_local};

/// The whole tab: search, Add Source and the rows of this page. `may_change` only hides what the viewer's role does not allow; the
/// server checks the permission too.
#[island(lazy)]
pub fn SourcesPanel(
    flow_id: FlowId,
    account_id: AccountId,
    list: SourceList,
    shown: SourcesShown,
    may_change: bool,
    invite: InviteFacts,
) -> impl IntoView {
    let list = RwSignal::new(list);
    let shown = StoredValue::new(shown);
    let message = RwSignal::new(None::<(String, Tone)>);
    let news = RwSignal::new(String::new());
    let load = move |is_news: bool| {
        spawn_local(async move {
            if let Ok(fresh) = list_sources(flow_id, shown.get_value()).await {
                if is_news {
                    list.with_untracked(|known| announce(&known.rows, &fresh.rows, news));
                }
                list.set(fresh);
            }
        });
    };
    let refresh = move || load(false);
    live::follow(paths::live(flow_id), move || load(true));
    let added = Callback::new(move |sentence: String| {
        message.set(Some((sentence, Tone::Positive)));
        refresh();
    });
    let row_of =
        move |id: SourceId| Memo::new(move |_| list.with(|list| list.rows.iter().find(|row| row.id == id).cloned()));
    let empty = move || list.with(|list| list.rows.is_empty());
    let tools =
        move || may_change.then(|| view! { <AddSourceDialog flow_id account_id list invite=invite.clone() added /> });
    view! {
        <div class="stack">
            <div class="filters">
                {search_form(flow_id, &shown.get_value())}
                {tools()}
            </div>
            {move || message.get().map(|(text, tone)| view! { <StatusMessage text tone /> })}
            <p class="sr-only" role="status">{news}</p>
            <Show when=empty>{move || no_sources(flow_id, &shown.get_value())}</Show>
            <div hidden=empty>
                <DataTable caption="Sources" head=head()>
                    <For
                        each=move || list.with(|list| list.rows.iter().map(|row| row.id).collect::<Vec<_>>())
                        key=|id| *id
                        children=move |id| view! { <Row row=row_of(id) account_id may_change message refresh=Callback::new(move |()| refresh()) /> }
                    />
                </DataTable>
            </div>
        </div>
    }
}

/// Says what differs, for screen readers. Counts of leads are left out, because they would be announced all day.
fn announce(known: &[SourceRow], fresh: &[SourceRow], status: RwSignal<String>) {
    let mut news = Vec::new();
    for row in fresh {
        let is_as_before = |other: &SourceRow| {
            other.id == row.id && other.name == row.name && other.tag == row.tag && other.is_on() == row.is_on()
        };
        if !known.iter().any(is_as_before) {
            let switch = if row.is_on() { ", on. " } else { ", off. " };
            news.push([row.name.as_str(), ": ", row.tag.word(), switch].concat());
        }
    }
    for row in known {
        if !fresh.iter().any(|other| other.id == row.id) {
            news.push([row.name.as_str(), " was removed. "].concat());
        }
    }
    match news.len() {
        0 => {}
        1..=3 => status.set(news.concat()),
        many => status.set(format!("{many} sources changed.")),
    }
}

/// A plain form, so that the address names what is shown.
fn search_form(flow_id: FlowId, shown: &SourcesShown) -> impl IntoView + use<> {
    view! {
        <form class="search" method="get" action=paths::flow_sources(flow_id) role="search">
            <label class="sr-only" for="filter">"Filter sources"</label>
            <input
                id="filter"
                class="input"
                type="search"
                name="search"
                value=shown.search.clone()
                placeholder="Filter sources"
                autocomplete="off"
            />
            <button class="button">"Filter"</button>
        </form>
    }
}

fn no_sources(flow_id: FlowId, shown: &SourcesShown) -> AnyView {
    if shown.search.is_empty() && shown.page <= 1 {
        let text = "Sources send leads into this flow. Invite a seller or add your own form.";
        return view! { <EmptyState icon=Icon::Flow title="No sources yet" text /> }.into_any();
    }
    let title = match shown.search.as_str() {
        "" => "No more sources".to_owned(),
        search => ["No sources match “", search, "”"].concat(),
    };
    view! {
        <EmptyState icon=Icon::Search title>
            <a class="button" href=paths::flow_sources(flow_id)>"Show all"</a>
        </EmptyState>
    }
    .into_any()
}

fn head() -> Vec<Column> {
    vec![
        Column::new("Enabled"),
        Column::new("Name"),
        Column::new("Field Mappings"),
        Column::new("Acceptance Criteria"),
        Column::new("Leads").numeric(),
        Column::new("Actions"),
    ]
}

#[component]
fn Row(
    row: Memo<Option<SourceRow>>,
    account_id: AccountId,
    may_change: bool,
    message: RwSignal<Option<(String, Tone)>>,
    refresh: Callback<()>,
) -> impl IntoView {
    let Some(first) = row.get_untracked() else { return ().into_any() };
    let (flow_id, id) = (first.flow_id, first.id);
    let get = move || row.get().unwrap_or_else(|| first.clone());
    let get = StoredValue::new(get);
    let row_now = move || get.with_value(|get| get());
    let criteria = paths::source_criteria(flow_id, id);
    let mappings = paths::source_mappings(flow_id, id);
    let name_link = mappings.clone();
    view! {
        <tr>
            <Cell label="Enabled">
                <Switch row=Signal::derive(row_now) account_id may_change message refresh />
            </Cell>
            <Cell label="Name">
                <a class="cell-title" href=name_link>{move || row_now().name}</a>
                <span class="cell-note">{move || { let tag = row_now().tag; view! { <Tag tone=tag.tone() icon=tag.icon() text=tag.word() /> } }}</span>
                <DuplicateMark row=Signal::derive(row_now) account_id may_change />
                <DisconnectMark row=Signal::derive(row_now) account_id may_change />
                <InvitationNotes row=Signal::derive(row_now) account_id may_change message refresh />
            </Cell>
            <Cell label="Field Mappings">
                <a href=mappings>{move || count(row_now().mappings, "Mapping")}</a>
            </Cell>
            <Cell label="Acceptance Criteria">
                <a href=criteria>{move || count(row_now().rules, "Rule")}</a>
            </Cell>
            <Cell label="Leads" numeric=true>
                {move || row_now().leads}
                {move || {
                    let refused = row_now().refused;
                    (refused > 0).then(|| view! { <span class="cell-note">{refused} " refused"</span> })
                }}
            </Cell>
            <Cell label="Actions">
                <Actions row=Signal::derive(row_now) account_id may_change message refresh />
            </Cell>
        </tr>
    }
    .into_any()
}

fn count(count: u32, noun: &str) -> String {
    match count {
        0 => "Add".to_owned(),
        1 => format!("1 {noun}"),
        more => format!("{more} {noun}s"),
    }
}

/// Switches one source on or off. Without script, this one-button form posts to the page.
#[component]
fn Switch(
    row: Signal<SourceRow>,
    account_id: AccountId,
    may_change: bool,
    message: RwSignal<Option<(String, Tone)>>,
    refresh: Callback<()>,
) -> impl IntoView {
    let SourceRow { flow_id, id, .. } = row.get_untracked();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let on = !row.get_untracked().is_on();
        spawn_local(async move {
            let sentence = match switch_source(flow_id, id, on).await {
                Ok(()) if on => ("The source is on.".to_owned(), Tone::Positive),
                Ok(()) => ("The source is off.".to_owned(), Tone::Positive),
                Err(refused) => (refused.to_string(), Tone::Danger),
            };
            message.set(Some(sentence));
            refresh.run(());
        });
    };
    view! {
        <form method="post" action=paths::flow_sources(flow_id) on:submit=submit>
            <HiddenField name="form" value="switch" />
            <HiddenField name="as" value=account_id.to_string() />
            <HiddenField name="source" value=id.to_string() />
            <button
                class="switch"
                type="submit"
                role="switch"
                name="on"
                value=move || if row.get().is_on() { "off" } else { "on" }
                aria-checked=move || row.get().is_on().to_string()
                aria-label=move || format!("Enabled: {}", row.get().name)
                disabled=move || !may_change || !row.get().may_be_on()
            ></button>
        </form>
    }
}
