//! The mapping editor. As with rules, the form in the page is its state.

use super::Saved;
use crate::{
    base::{AccountId, FlowId, FormReturn, SourceId, paths},
    flows::{functions::save_mappings, model::FieldOption},
    rules::{MappingRow, mapping_rows_from_values},
    ui::{Banner, HiddenField, Icon, StatusMessage, Tone, form_values, icon},
};
use leptos::{prelude::*, task::spawn_local};

/// Which field of the flow takes which parameter of the seller.
#[island]
pub fn MappingsEditor(
    flow_id: FlowId,
    source_id: SourceId,
    account_id: AccountId,
    version: i32,
    mappings: Vec<MappingRow>,
    fields: Vec<FieldOption>,
    may_change: bool,
    back: FormReturn,
) -> impl IntoView {
    let rows = RwSignal::new(mappings);
    let version = RwSignal::new(version);
    let saved = Saved::new(back);
    let fields = StoredValue::new(fields);
    let redraw = move |changed: Vec<MappingRow>| {
        saved.back.set(FormReturn::default());
        saved.said.set(None);
        rows.set(changed);
    };
    let add = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        let mut now = mapping_rows_from_values(&form_values(&event));
        now.push(MappingRow::default());
        redraw(now);
    };
    let remove = Callback::new(move |(event, index): (leptos::ev::MouseEvent, usize)| {
        event.prevent_default();
        let mut now = mapping_rows_from_values(&form_values(&event));
        if index < now.len() {
            now.remove(index);
        }
        redraw(now);
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let now = mapping_rows_from_values(&form_values(&event));
        spawn_local(async move {
            saved.said.set(None);
            match save_mappings(flow_id, source_id, version.get_untracked(), now).await {
                Ok(next) => {
                    version.set(next);
                    saved.back.set(FormReturn::default());
                    saved.said.set(Some("The mappings were saved.".to_owned()));
                }
                Err(error) => saved.back.set(FormReturn { error: Some(error), ..FormReturn::default() }),
            }
        });
    };
    view! {
        <form class="form" method="post" action=paths::source_mappings(flow_id, source_id) on:submit=save novalidate>
            <HiddenField name="form" value="mappings" />
            <HiddenField name="as" value=account_id.to_string() />
            <input type="hidden" name="version" value=move || version.get() />
            // The first button is the one that Enter presses.
            <button class="sr-only" tabindex="-1" aria-hidden="true" name="do" value="save" disabled=!may_change>"Save"</button>
            {move || saved.said.get().map(|text| view! { <StatusMessage text /> })}
            {move || saved.back.with(FormReturn::summary).map(|text| view! { <div role="alert"><Banner tone=Tone::Danger title=text /></div> })}
            <fieldset class="rules" disabled=!may_change>
                <legend class="sr-only">"Mappings"</legend>
                {move || {
                    let now = rows.get();
                    if now.is_empty() {
                        return view! { <p class="muted">"No mappings: the seller's parameters have the names of the flow's fields."</p> }.into_any();
                    }
                    now.into_iter().enumerate().map(|(index, row)| mapping_row(index, row, fields, saved, remove)).collect_view().into_any()
                }}
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

fn mapping_row(
    index: usize,
    row: MappingRow,
    fields: StoredValue<Vec<FieldOption>>,
    saved: Saved,
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
    let invalid = |error: Signal<Option<String>>| move || error.get().map(|_| "true");
    let described = move |error: Signal<Option<String>>| move || error.get().map(|_| format!("row-{index}-error"));
    view! {
        <div class="mapping-row">
            <select class="select" id=name("property") name=name("property") aria-label="Field" aria-invalid=invalid(target_error) aria-describedby=described(target_error)>
                <option value="">"Choose a field"</option>
                {options}
            </select>
            <select class="select" name=name("kind") aria-label="Takes">
                <option value="parameter" selected=!row.is_text>"the parameter"</option>
                <option value="text" selected=row.is_text>"the text"</option>
            </select>
            <input class="input" id=name("value") name=name("value") value=row.value aria-label="Parameter or text" placeholder="f_name" autocomplete="off" autocapitalize="none" spellcheck="false" aria-invalid=invalid(value_error) aria-describedby=described(value_error) />
            <button
                class="button button-quiet button-icon"
                name="do"
                value=format!("remove-{index}")
                aria-label="Remove mapping"
                title="Remove mapping"
                on:click=move |event| remove.run((event, index))
            >
                {icon(Icon::Trash)}
            </button>
            {move || target_error.get().or(value_error.get()).map(|text| view! { <p class="field-error" id=format!("row-{index}-error")>{text}</p> })}
        </div>
    }
}
