//! What can be done with one row of the Sources tab: forms of one button, which work without script, and links to the
//! pages that ask first.

use crate::{
    base::{AccountId, paths},
    flows::model::SourceRow,
    ui::{HiddenField, Icon, Menu, Tag, Tone, icon},
};
use leptos::prelude::*;

/// The Actions of a row. Who may not change anything has the docs only.
#[component]
pub fn Actions(row: Signal<SourceRow>, may_change: bool) -> impl IntoView {
    let SourceRow { flow_id, id, .. } = row.get_untracked();
    let docs = paths::source_docs(flow_id, id);
    if !may_change {
        return view! { <a href=docs>"Submission Docs"</a> }.into_any();
    }
    let name = Signal::derive(move || Some(format!("Actions for {}", row.get().name)));
    view! {
        <div class="actions">
            <Menu label="Actions".into_any() name align_end=true>
                <a href=docs>{icon(Icon::Docs)} "Submission Docs"</a>
                <a class="danger" href=paths::remove_source(flow_id, id)>{icon(Icon::Trash)} "Remove"</a>
            </Menu>
        </div>
    }
    .into_any()
}

/// The mark of a duplicate: why it is there, and what can be done about it.
#[component]
pub fn DuplicateMark(row: Signal<SourceRow>, account_id: AccountId, may_change: bool) -> impl IntoView {
    let SourceRow { flow_id, id, .. } = row.get_untracked();
    move || {
        let SourceRow { duplicate_of, name, .. } = row.get();
        duplicate_of.map(|live| {
            view! {
                <span class="cell-note">
                    <Tag tone=Tone::Warning icon=Icon::Copy text="Duplicate" /> " "
                    {format!("Another address of {name} was invited for this one. It is kept with all its set-up, off.")}
                </span>
                {may_change.then(|| view! {
                    <form class="cell-note" method="post" action=paths::flow_sources(flow_id)>
                        <HiddenField name="form" value="use-instead" />
                        <HiddenField name="as" value=account_id.to_string() />
                        <HiddenField name="source" value=id.to_string() />
                        <HiddenField name="instead_of" value=live.to_string() />
                        <span class="actions">
                            <button class="button button-small" type="submit">"Use this one instead"</button>
                            <a class="button button-small" href=paths::remove_source(flow_id, id)>"Remove"</a>
                        </span>
                    </form>
                })}
            }
        })
    }
}
