//! Every component in every state, for reviewing them during development.

mod controls;
mod lists;
mod states;

use leptos::prelude::*;

use controls::Controls;
use lists::Lists;
use states::States;

use crate::ui::{Crumb, PageHeader, TabLink, Tabs, Tag, Tone};

/// The page `/dev/gallery`, to be shown in the signed-in layout.
#[component]
pub fn Gallery() -> impl IntoView {
    let crumbs: Vec<Crumb> = vec![("Workshop".into(), "#".into()), ("Drawers".into(), "#".into())];
    let tab = |label: &str, current, count| TabLink { href: "#".into(), label: label.into(), current, count };
    view! {
        <PageHeader
            title="Gallery"
            lead="Every component in every state."
            breadcrumb=crumbs
            state=view! { <Tag tone=Tone::Info text="Development" /> }.into_any()
        >
            <crate::ui::Button>"Secondary action"</crate::ui::Button>
            <crate::ui::Button kind=crate::ui::ButtonKind::Primary>"Primary action"</crate::ui::Button>
        </PageHeader>
        <Tabs
            label="Gallery"
            tabs=vec![tab("Overview", true, None), tab("Drawers", false, Some(12)), tab("History", false, Some(0))]
        />
        <States />
        <Controls />
        <Lists />
    }
}
