//! The mapping editor. Like the rule editor, it keeps its state in the form.

use super::{SaveStatus, editor_identity, focus_next, removal};
use crate::{
    base::{AccountId, FlowId, FormState, SourceId, paths},
    flows::{functions::save_mappings, model::FieldOption},
    rules::{MappingRow, mapping_rows_from_values},
    ui::{Icon, form_values, icon},
};
use leptos::{prelude::*, task::spawn_local};

/// Maps the seller's parameters to fields of the flow.
#[island(lazy)]
pub fn MappingsEditor(
    flow_id: FlowId,
    source_id: SourceId,
    account_id: AccountId,
    version: i32,
    mappings: Vec<MappingRow>,
    fields: Vec<FieldOption>,
    may_change: bool,
    back: FormState,
) -> impl IntoView {
    let rows = RwSignal::new(mappings);
    let version = RwSignal::new(version);
    let saved = SaveStatus::new(back);
    let fields = StoredValue::new(fields);
    let redraw = move |changed: Vec<MappingRow>| {
        saved.clear();
        rows.set(changed);
    };
    let add = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        let mut changed = mapping_rows_from_values(&form_values(&event));
        changed.push(MappingRow::default());
        focus_next(format!("#row-{}-property", changed.len() - 1));
        redraw(changed);
    };
    let remove = Callback::new(move |(event, index): (leptos::ev::MouseEvent, usize)| {
        event.prevent_default();
        let mut changed = mapping_rows_from_values(&form_values(&event));
        if index < changed.len() {
            changed.remove(index);
        }
        redraw(changed);
        focus_next("[value=add]".to_owned());
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let changed = mapping_rows_from_values(&form_values(&event));
        spawn_local(async move {
            saved.begin();
            let done = save_mappings(flow_id, source_id, version.get_untracked(), changed).await;
            saved.finish(done, version, "Mappings saved.");
        });
    };
    view! {
        <form class="form" method="post" action=paths::source_mappings(flow_id, source_id) on:submit=save novalidate>
            {editor_identity("mappings", account_id, version, may_change)}
            {saved.notices()}
            <fieldset class="rules" disabled=!may_change>
                <legend class="sr-only">"Mappings"</legend>
                {move || mapping_rows(rows.get(), fields, saved, remove)}
                <div class="actions">
                    <button class="button" name="do" value="add" formnovalidate on:click=add>{icon(Icon::Plus)} "Add mapping"</button>
                </div>
                <div class="actions">
                    <button class="button button-primary" name="do" value="save">"Save"</button>
                </div>
            </fieldset>
        </form>
    }
}

fn mapping_rows(
    rows: Vec<MappingRow>,
    fields: StoredValue<Vec<FieldOption>>,
    saved: SaveStatus,
    remove: Callback<(leptos::ev::MouseEvent, usize)>,
) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="muted">"No mappings. The seller uses your field names."</p> }.into_any();
    }
    rows.into_iter()
        .enumerate()
        .map(|(index, row)| mapping_row(index, row, fields, saved, remove))
        .collect_view()
        .into_any()
}

fn mapping_row(
    index: usize,
    row: MappingRow,
    fields: StoredValue<Vec<FieldOption>>,
    saved: SaveStatus,
    remove: Callback<(leptos::ev::MouseEvent, usize)>,
) -> impl IntoView {
    let name = |part: &str| format!("row-{index}-{part}");
    let (target_error, value_error) = (saved.error(name("property")), saved.error(name("value")));
    let options = fields.with_value(|fields| {
        fields
            .iter()
            .map(|option| view! { <option value=option.name.clone() selected=option.name == row.property>{option.label.clone()}</option> })
            .collect_view()
    });
    let (number, chosen) = (index + 1, RwSignal::new(row.property.clone()));
    let label = move || removal("mapping", number, fields, &chosen.read());
    let invalid = |error: Signal<Option<String>>| move || error.get().map(|_| "true");
    let described = move |error: Signal<Option<String>>| move || error.get().map(|_| format!("row-{index}-error"));
    view! {
        <div class="mapping-row">
            <select class="select" id=name("property") name=name("property") autofocus=saved.is_new(&name("property")) on:change=move |event| chosen.set(event_target_value(&event)) aria-label="Field" aria-invalid=invalid(target_error) aria-describedby=described(target_error)>
                <option value="">"Choose a field"</option>
                {options}
            </select>
            <select class="select" name=name("kind") aria-label="Value from">
                <option value="parameter" selected=!row.is_text>"Seller's parameter"</option>
                <option value="text" selected=row.is_text>"Fixed value"</option>
            </select>
            <input class="input" id=name("value") name=name("value") value=row.value aria-label="Parameter or value" placeholder="f_name" autocomplete="off" autocapitalize="none" spellcheck="false" aria-invalid=invalid(value_error) aria-describedby=described(value_error) />
            <button
                class="button button-quiet button-icon"
                name="do"
                value=format!("remove-{index}")
                aria-label=label
                title="Remove"
                on:click=move |event| remove.run((event, index))
            >
                {icon(Icon::Trash)}
            </button>
            {move || target_error.get().or(value_error.get()).map(|text| view! { <p class="field-error" id=format!("row-{index}-error")>{text}</p> })}
        </div>
    }
}
