//! The rule editor. It keeps its state in the form: adding and removing read the form, change the rows and redraw it.

use super::{SaveStatus, editor_identity, focus_next, removal};
use crate::{
    base::{AccountId, FlowId, FormState, SourceId, paths},
    flows::{functions::save_criteria, model::FieldOption},
    rules::{CriteriaRows, Join, MAX_DEPTH, Operator, RowContent, RuleRow},
    ui::{Field, Icon, form_values, growing_field, icon},
};
use leptos::{prelude::*, task::spawn_local};

/// The acceptance criteria of a source, or of a flow if there is no source.
#[island(lazy)]
pub fn CriteriaEditor(
    flow_id: FlowId,
    source_id: Option<SourceId>,
    account_id: AccountId,
    version: i32,
    criteria: CriteriaRows,
    fields: Vec<FieldOption>,
    may_change: bool,
    back: FormState,
) -> impl IntoView {
    let action = match source_id {
        Some(source) => paths::source_criteria(flow_id, source),
        None => paths::flow_criteria(flow_id),
    };
    let no_rules = match source_id {
        Some(_) => "No rules here. The flow's criteria still apply.",
        None => "No rules. Every lead is accepted.",
    };
    let editor = RwSignal::new(criteria);
    let version = RwSignal::new(version);
    let saved = SaveStatus::new(back);
    let fields = StoredValue::new(fields);
    let change = Callback::new(move |(event, change): (leptos::ev::MouseEvent, Change)| {
        event.prevent_default();
        let mut rows = CriteriaRows::from_values(&form_values(&event));
        let added = change.apply(&mut rows);
        saved.clear();
        editor.set(rows);
        // The pressed button is drawn again or gone.
        focus_next(added.map_or_else(|| "[value=add-rule]".to_owned(), |index| format!("#row-{index}-field")));
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let rows = CriteriaRows::from_values(&form_values(&event));
        spawn_local(async move {
            saved.begin();
            let done = save_criteria(flow_id, source_id, version.get_untracked(), rows).await;
            saved.finish(done, version, "Acceptance criteria saved.");
        });
    };
    view! {
        <form class="form rules" method="post" action=action on:submit=save novalidate>
            {editor_identity("criteria", account_id, version, may_change)}
            {saved.notices()}
            <fieldset class="rules" disabled=!may_change>
                <legend class="sr-only">"Acceptance criteria"</legend>
                {move || all_rules(&editor.get(), no_rules, fields, saved, change)}
                <div class="actions">
                    <button class="button button-primary" name="do" value="save">"Save"</button>
                </div>
            </fieldset>
        </form>
    }
}

/// The action of a button in the editor. Without script, its value is posted and the server applies the change.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    AddRule,
    AddGroup,
    AddUnder(usize),
    Remove(usize),
}

impl Change {
    /// Parses the value of a posted button. None means save.
    pub fn parse(text: &str) -> Option<Self> {
        match (text, text.split_once('-')) {
            ("add-rule", _) => Some(Self::AddRule),
            ("add-group", _) => Some(Self::AddGroup),
            (_, Some(("under", index))) => index.parse().ok().map(Self::AddUnder),
            (_, Some(("remove", index))) => index.parse().ok().map(Self::Remove),
            _ => None,
        }
    }

    /// Returns the index of the rule that was added.
    pub fn apply(self, rows: &mut CriteriaRows) -> Option<usize> {
        match self {
            Self::AddRule => rows.add(RuleRow::rule(0)),
            Self::AddGroup => {
                rows.add(RuleRow::group(0));
                rows.add(RuleRow::rule(1));
            }
            Self::AddUnder(index) => return rows.add_under(index),
            Self::Remove(index) => {
                rows.remove(index);
                return None;
            }
        }
        rows.rows.len().checked_sub(1)
    }
}

type OnChange = Callback<(leptos::ev::MouseEvent, Change)>;

fn change_button(value: &'static str, label: &'static str, change: Change, on_change: OnChange) -> impl IntoView {
    view! {
        <button class="button button-small" name="do" value=value formnovalidate on:click=move |event| on_change.run((event, change))>
            {icon(Icon::Plus)} {label}
        </button>
    }
}

fn join_select(name: &str, join: Join) -> impl IntoView + use<> {
    view! {
        <select class="select" id=name.to_owned() name=name.to_owned()>
            <option value="and" selected=join == Join::And>"all"</option>
            <option value="or" selected=join == Join::Or>"any"</option>
        </select>
    }
}

/// All rules, how they are joined, and the reason.
fn all_rules(
    criteria: &CriteriaRows,
    no_rules: &'static str,
    fields: StoredValue<Vec<FieldOption>>,
    saved: SaveStatus,
    change: OnChange,
) -> impl IntoView + use<> {
    view! {
        <div class="rule-group">
            <div class="rule-join">
                <label for="join">"Match"</label>
                {join_select("join", criteria.join)}
                <span>"of these rules"</span>
            </div>
            {rows(criteria, fields, saved, change)}
            {criteria.rows.is_empty().then(|| view! { <p class="muted">{no_rules}</p> })}
            <div class="actions">
                {change_button("add-rule", "Add rule", Change::AddRule, change)}
                {change_button("add-group", "Add group", Change::AddGroup, change)}
            </div>
        </div>
        <Field
            label="Reason"
            name="reason"
            value=criteria.reason.clone()
            error=saved.error("reason".to_owned())
            help="Sent to the seller with each rejected lead; if empty, we name the failed rule."
            maxlength=200u32
            optional_mark=true
        />
    }
}

/// The rows in order, with a group's rows inside it.
fn rows(
    criteria: &CriteriaRows,
    fields: StoredValue<Vec<FieldOption>>,
    saved: SaveStatus,
    change: OnChange,
) -> AnyView {
    level(&criteria.rows, 0, 0, fields, saved, change).0
}

/// Draws the rows of one depth from `start` on. Returns the index after the last one.
fn level(
    rows: &[RuleRow],
    start: usize,
    depth: u32,
    fields: StoredValue<Vec<FieldOption>>,
    saved: SaveStatus,
    change: OnChange,
) -> (AnyView, usize) {
    let mut views = Vec::new();
    let mut at = start;
    while let Some(row) = rows.get(at).filter(|row| row.depth == depth) {
        let index = at;
        at += 1;
        // Rules and groups are counted from the top of the editor.
        let is_group = |row: &RuleRow| matches!(row.content, RowContent::Group(_));
        let number = rows.iter().take(at).filter(|other| is_group(other) == is_group(row)).count();
        match &row.content {
            RowContent::Rule { field, op, value } => {
                views.push(rule_row((index, number), depth, field, *op, value, fields, saved, change));
            }
            RowContent::Group(join) => {
                let (inside, end) = level(rows, at, depth + 1, fields, saved, change);
                at = end;
                views.push(group((index, number), depth, *join, inside, saved, change));
            }
        }
    }
    (views.into_any(), at)
}

fn group(
    (index, number): (usize, usize),
    depth: u32,
    join: Join,
    inside: AnyView,
    saved: SaveStatus,
    change: OnChange,
) -> AnyView {
    let name = format!("row-{index}-join");
    let error = saved.error(name.clone());
    let may_nest = (depth as usize) + 2 < MAX_DEPTH;
    view! {
        <div class="rule-group" role="group" aria-label=format!("Group {number}")>
            <input type="hidden" name=format!("row-{index}-depth") value=depth />
            <div class="rule-join">
                <label for=name.clone()>"Match"</label>
                {join_select(&name, join)}
                <span>"of these rules"</span>
                {remove(index, Signal::stored(format!("Remove group {number}")), change)}
            </div>
            {inside}
            {move || error.get().map(|text| view! { <p class="field-error">{text}</p> })}
            {may_nest.then(|| view! {
                <div class="actions">
                    <button class="button button-small" name="do" value=format!("under-{index}") on:click=move |event| change.run((event, Change::AddUnder(index)))>
                        {icon(Icon::Plus)} "Add rule to group"
                    </button>
                </div>
            })}
        </div>
    }
    .into_any()
}

fn remove(index: usize, label: Signal<String>, change: OnChange) -> impl IntoView {
    view! {
        <button
            class="button button-quiet button-icon"
            name="do"
            value=format!("remove-{index}")
            aria-label=label
            title="Remove"
            on:click=move |event| change.run((event, Change::Remove(index)))
        >
            {icon(Icon::Trash)}
        </button>
    }
}

#[expect(clippy::too_many_arguments, reason = "a row and the editor's state")]
fn rule_row(
    (index, number): (usize, usize),
    depth: u32,
    field: &str,
    op: Operator,
    value: &str,
    fields: StoredValue<Vec<FieldOption>>,
    saved: SaveStatus,
    change: OnChange,
) -> AnyView {
    let name = |part: &str| format!("row-{index}-{part}");
    let (field_error, value_error) = (saved.error(name("field")), saved.error(name("value")));
    let options = fields.with_value(|fields| {
        fields
            .iter()
            .map(|option| view! { <option value=option.name.clone() selected=option.name == field>{option.label.clone()}</option> })
            .collect_view()
    });
    let operators = Operator::ALL
        .iter()
        .map(|known| {
            view! { <option value=known.as_str() selected=*known == op data-unary=known.is_unary().then_some("")>{known.as_str()}</option> }
        })
        .collect_view();
    let chosen = RwSignal::new(field.to_owned());
    let label = Signal::derive(move || removal("rule", number, fields, &chosen.read()));
    let invalid = |error: Signal<Option<String>>| move || error.get().map(|_| "true");
    let described = move |error: Signal<Option<String>>| move || error.get().map(|_| format!("row-{index}-error"));
    view! {
        <div class="rule-row">
            <input type="hidden" name=name("depth") value=depth />
            <select class="select" id=name("field") name=name("field") autofocus=saved.is_new(&name("field")) on:change=move |event| chosen.set(event_target_value(&event)) aria-label="Field" aria-invalid=invalid(field_error) aria-describedby=described(field_error)>
                <option value="">"Choose a field"</option>
                {options}
            </select>
            <select class="select" name=name("op") aria-label="Operator">{operators}</select>
            {growing_field(name("value"), "Value", value, invalid(value_error), described(value_error))}
            {remove(index, label, change)}
            {move || field_error.get().or(value_error.get()).map(|text| view! { <p class="field-error" id=format!("row-{index}-error")>{text}</p> })}
        </div>
    }
    .into_any()
}
