//! Every component in every state, to look at while working on them.

mod controls;
mod lists;
mod states;

use leptos::prelude::*;

use controls::Controls;
use lists::Lists;
use states::States;

use crate::ui::{Crumb, PageHeader, TabLink, Tabs, Tag, Tone};

/// The page of `/dev/gallery`, to be put into the signed-in layout.
#[component]
pub fn Gallery() -> impl IntoView {
    let crumbs: Vec<Crumb> = vec![("Workshop".into(), "#".into()), ("Drawers".into(), "#".into())];
    let tab = |label: &str, current, count| TabLink { href: "#".into(), label: label.into(), current, count };
    view! {
        <PageHeader
            title="Gallery"
            lead="Each component in each of its states."
            breadcrumb=crumbs
            state=view! { <Tag tone=Tone::Info text="Development" /> }.into_any()
        >
            <crate::ui::Button>"Second action"</crate::ui::Button>
            <crate::ui::Button kind=crate::ui::ButtonKind::Primary>"First action"</crate::ui::Button>
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
