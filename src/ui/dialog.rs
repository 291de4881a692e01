use leptos::prelude::*;

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

/// A menu that needs no script; opening one closes the others. The children are links and one-button forms.
#[component]
pub fn Menu(
    /// Shown while the menu is closed.
    label: AnyView,
    /// The accessible name, if the label is only an icon or an avatar.
    #[prop(optional, into)]
    name: MaybeProp<String>,
    #[prop(optional)] align_end: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details name="menu" class=if align_end { "menu menu-end" } else { "menu" }>
            <summary aria-label=move || name.get()>{label} {icon(Icon::ChevronDown)}</summary>
            <div class="menu-items">{children()}</div>
        </details>
    }
}
