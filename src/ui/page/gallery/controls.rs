use leptos::prelude::*;

use crate::ui::{
    Button, ButtonKind, Card, Checkbox, Choice, ErrorSummary, Field, FormActions, Icon, IconButton, Menu, Panel,
    PasswordField, RadioCards, Select, SwitchForm, Tag, TextArea, Tone, icon,
};

/// Fields, choices, menus, editors, dialogs.
#[component]
pub fn Controls() -> impl IntoView {
    view! {
        <div class="gallery-columns">
            <Panel title="Fields">
                <GoodForm />
            </Panel>
            <Panel title="A form with errors">
                <FormWithErrors />
            </Panel>
        </div>
        <div class="gallery-columns">
            <Panel title="Choices">
                <Choices />
            </Panel>
            <Panel title="Combobox, menu, dialog">
                <Popups />
            </Panel>
        </div>
        <Panel title="Rules">
            <Rules />
        </Panel>
    }
}

#[component]
fn GoodForm() -> impl IntoView {
    let sizes = vec![
        Choice::new("s", "Small"),
        Choice::new("m", "Medium").selected(true),
        Choice::new("l", "Large").disabled("sold out"),
    ];
    view! {
        <div class="form">
            <Field label="Name" name="g-name" help="As written on the door." required=true />
            <Field label="Colour" name="g-colour" value="Green" optional_mark=true list="g-colours" />
            <datalist id="g-colours">
                <option value="Green"></option>
                <option value="Grey"></option>
            </datalist>
            <Field label="Serial number" name="g-serial" value="AC-2031-0007" readonly=true />
            <PasswordField
                label="Password"
                name="g-password"
                autocomplete="new-password"
                help="At least 12 characters."
            />
            <Select label="Size" name="g-size" options=sizes />
            <TextArea label="Note" name="g-note" maxlength=500u32 optional_mark=true help="At most 500 characters." />
            <FormActions>
                <Button kind=ButtonKind::Primary>"Save"</Button>
                <Button kind=ButtonKind::Quiet>"Cancel"</Button>
            </FormActions>
        </div>
    }
}

#[component]
fn FormWithErrors() -> impl IntoView {
    let name = "Enter a name of at most 80 characters";
    let size = "Choose a size";
    view! {
        <div class="form">
            <ErrorSummary errors=vec![("r-name".into(), name.into()), ("r-size".into(), size.into())] />
            <Field label="Name" name="r-name" value="?" error=name help="As written on the door." />
            <Select label="Size" name="r-size" options=vec![Choice::new("", "Choose…")] error=size />
            <TextArea label="Note" name="r-note" value="Your input is kept." error="Add some details" />
            <Checkbox label="I have read it" name="r-read" error="Check this box to continue" />
        </div>
    }
}

#[component]
fn Choices() -> impl IntoView {
    let card = |value: &str, title: &str, text: &str, symbol, checked| Card {
        value: value.into(),
        title: title.into(),
        text: text.into(),
        icon: Some(symbol),
        checked,
        disabled: false,
    };
    let cards = vec![
        card("ask", "Invite someone", "They accept and fill it with you.", Icon::Send, true),
        card("own", "Do it yourself", "You describe it yourself. Nobody is invited.", Icon::Settings, false),
    ];
    view! {
        <div class="stack">
            <RadioCards legend="How to fill the drawer" name="g-how" cards=cards />
            <Checkbox label="Email me" name="g-mail" checked=true help="At most once a day." />
            <Checkbox label="Not for you" name="g-not" disabled=true />
            <div class="actions">
                <SwitchForm label="Drawer on" checked=true name="g-on" />
                <SwitchForm label="Drawer off" checked=false name="g-off" />
                <SwitchForm label="Drawer locked" checked=true name="g-locked" disabled=true />
                <input class="switch" type="checkbox" checked aria-label="As a checkbox" />
                <div class="theme" role="group" aria-label="Density">
                    <button type="button" aria-pressed="true" aria-label="Compact">
                        {icon(Icon::Menu)}
                    </button>
                    <button type="button" aria-pressed="false" aria-label="Roomy">
                        {icon(Icon::Minus)}
                    </button>
                </div>
            </div>
        </div>
    }
}

#[component]
fn Popups() -> impl IntoView {
    view! {
        <div class="stack">
            <ComboBox />
            <div class="actions">
                <Menu id="gallery-menu" label="More" name="More">
                    <a href="#gallery" aria-current="true">
                        {icon(Icon::Check)}
                        "Current"
                    </a>
                    <button type="button">{icon(Icon::Copy)} "Copy link"</button>
                    <hr />
                    <button type="button" class="danger">
                        {icon(Icon::Trash)}
                        "Remove"
                    </button>
                </Menu>
            </div>
            <OpenDialog />
        </div>
    }
}

#[component]
fn ComboBox() -> impl IntoView {
    view! {
        <div class="field">
            <label class="field-label" for="g-combo">
                "Select a drawer"
            </label>
            <div class="combobox">
                <input
                    class="input"
                    id="g-combo"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="g-list"
                    aria-autocomplete="list"
                    aria-activedescendant="g-option-2"
                    autocomplete="off"
                />
                {icon(Icon::ChevronDown)}
                <ul class="listbox listbox-inline" id="g-list" role="listbox" aria-label="Drawers">
                    <li class="option" role="option" aria-selected="true">
                        <span class="option-name">"Letters"</span>
                        <Tag tone=Tone::Positive icon=Icon::Check text="Connected" />
                    </li>
                    <li class="option" role="option" aria-selected="false" id="g-option-2" data-active="">
                        <span class="option-name">"Receipts"</span>
                        <Tag text="Own" />
                        <span class="option-hint">"Second floor, left"</span>
                    </li>
                    <li class="option" role="option" aria-selected="false" aria-disabled="true">
                        <span class="option-name">"Photographs"</span>
                        <span class="option-hint">"In use by someone else"</span>
                    </li>
                </ul>
            </div>
        </div>
    }
}

#[component]
fn OpenDialog() -> impl IntoView {
    view! {
        <div class="dialog gallery-dialog">
            <div class="dialog-header">
                <h2>"Remove 3 drawers?"</h2>
                <IconButton label="Close" icon=Icon::Cross type_="button" />
            </div>
            <div class="dialog-body">
                <p>"Two people will lose access to them. Their content is kept for 30 days."</p>
            </div>
            <div class="dialog-footer">
                <button class="button button-quiet first" type="button">
                    "Previous"
                </button>
                <Button type_="button">"Cancel"</Button>
                <Button type_="button" kind=ButtonKind::Danger>
                    "Remove"
                </Button>
            </div>
        </div>
    }
}

#[component]
fn Rules() -> impl IntoView {
    view! {
        <div class="rules">
            <div class="rule-group">
                <div class="rule-join">
                    "Match"
                    <select class="select input-small" aria-label="Match">
                        <option>"all"</option>
                        <option>"any"</option>
                    </select> "of these"
                </div>
                <RuleRow />
                <div class="rule-group">
                    <div class="rule-join">"Match any of these"</div>
                    <RuleRow />
                    <div class="rule-group">
                        <RuleRow />
                    </div>
                </div>
                <div class="actions">
                    <button class="button button-small" type="button">
                        {icon(Icon::Plus)}
                        "Add rule"
                    </button>
                    <button class="button button-small" type="button">
                        {icon(Icon::Plus)}
                        "Add group"
                    </button>
                </div>
            </div>
            <div class="mapping-row">
                <input class="input" aria-label="From" value="first_name" />
                {icon(Icon::ArrowRight)}
                <select class="select" aria-label="To">
                    <option>"First name"</option>
                </select>
                <IconButton label="Remove" icon=Icon::Trash type_="button" />
            </div>
        </div>
    }
}

#[component]
fn RuleRow() -> impl IntoView {
    view! {
        <div class="rule-row">
            <select class="select" aria-label="Field">
                <option>"Age"</option>
            </select>
            <select class="select" aria-label="Comparison">
                <option>"is at least"</option>
            </select>
            <input class="input" aria-label="Value" value="18" inputmode="numeric" />
            <IconButton label="Remove" icon=Icon::Trash type_="button" />
        </div>
    }
}
