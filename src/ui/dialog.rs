use leptos::{prelude::*, wasm_bindgen::JsCast};

use super::{Icon, icon};

/// A native modal dialog. An island opens it with `show_modal`; Escape and Cancel close it.
///
/// The children are the body and a `<footer class="dialog-footer">` with the buttons.
#[component]
pub fn Dialog(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let heading = title_id.clone();
    view! {
        <dialog class="dialog" id=id open=open aria-labelledby=title_id>
            <header class="dialog-header">
                <h2 id=heading>{title}</h2>
                <form method="dialog">
                    <button class="button button-quiet button-icon" aria-label="Close">
                        {icon(Icon::Cross)}
                    </button>
                </form>
            </header>
            {children()}
        </dialog>
    }
}

/// A menu that opens above the page, needs no script and closes by Escape. The children are links and one-button forms.
#[component]
pub fn Menu(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    /// The text of the button that opens the menu.
    label: &'static str,
    /// The button's accessible name, which says what the menu is for.
    #[prop(into)]
    name: Signal<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <button class="button button-small" type="button" popovertarget=id.clone() aria-label=name>
            {label}
            {icon(Icon::ChevronDown)}
        </button>
        <div class="menu-items" id=id popover="auto" on:keydown=follow_arrows>{children()}</div>
    }
}

/// Moves the focus to the next or previous item of a menu.
fn follow_arrows(event: leptos::ev::KeyboardEvent) {
    let step = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    event.prevent_default();
    let Some(focused) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let menu = focused.closest("[popover]").ok().flatten();
    let Some(items) = menu.and_then(|menu| menu.query_selector_all("a, button").ok()) else { return };
    let item = |place: u32| items.item(place).and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok());
    let count = i64::from(items.length());
    let is_focused = |place: &u32| items.item(*place).is_some_and(|node| node.is_same_node(Some(&focused)));
    let here = (0..items.length()).find(is_focused).map_or(-1, i64::from);
    if let Some(next) = u32::try_from((here + step).rem_euclid(count.max(1))).ok().and_then(item) {
        let _focused = next.focus();
    }
}
