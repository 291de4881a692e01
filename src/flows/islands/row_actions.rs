//! The actions of one row of the Sources tab: one-button forms, which work without script, and links to confirmation
//! pages.

use crate::{
    base::{AccountId, paths},
    entities::model::SourceTag,
    flows::model::SourceRow,
    invitations::{functions::act_on_invitation, model::InviteAction},
    ui::{HiddenField, Icon, Menu, Tag, Tone, icon},
};
use leptos::{prelude::*, task::spawn_local, wasm_bindgen::JsCast};

/// The Actions of a row. Without the permission to change the flow, this is only a link to the docs.
#[component]
pub fn Actions(
    row: Signal<SourceRow>,
    account_id: AccountId,
    may_change: bool,
    message: RwSignal<Option<(String, Tone)>>,
    refresh: Callback<()>,
) -> impl IntoView {
    let SourceRow { flow_id, id, .. } = row.get_untracked();
    let docs = paths::source_docs(flow_id, id);
    if !may_change {
        return view! { <a href=docs>"Submission Docs"</a> }.into_any();
    }
    let name = Signal::derive(move || Some(format!("Actions for {}", row.get().name)));
    view! {
        <div class="row-actions">
            <Menu label="Actions".into_any() name align_end=true>
                <a href=docs>{icon(Icon::Docs)} "Submission Docs"</a>
                {move || invitation_actions(&row.get(), account_id, message, refresh)}
                <a class="danger" href=paths::remove_source(flow_id, id)>{icon(Icon::Trash)} "Remove"</a>
            </Menu>
        </div>
    }
    .into_any()
}

/// The actions on the invitation of a source that is not connected, by the invitation's state.
fn invitation_actions(
    row: &SourceRow,
    account_id: AccountId,
    message: RwSignal<Option<(String, Tone)>>,
    refresh: Callback<()>,
) -> Option<AnyView> {
    let id = row.invitation.as_ref()?.invitation_id;
    let tab = paths::flow_sources(row.flow_id);
    let acts: &[InviteAction] = match row.tag {
        SourceTag::ConnectionPending => &[InviteAction::Resend],
        SourceTag::Expired => &[InviteAction::Resend, InviteAction::InviteAgain],
        _ => &[InviteAction::InviteAgain],
    };
    let pending = row.tag == SourceTag::ConnectionPending;
    let unanswered = pending || row.tag == SourceTag::Expired;
    let submit = move |event: leptos::ev::SubmitEvent, act: InviteAction| {
        event.prevent_default();
        close_menu(&event);
        spawn_local(async move {
            message.set(Some(match act_on_invitation(id, act).await {
                Ok(how) => (act.message(how).sentence().to_owned(), Tone::Positive),
                Err(refused) => (refused.to_string(), Tone::Danger),
            }));
            refresh.run(());
        });
    };
    let forms = acts
        .iter()
        .map(|act| {
            let act = *act;
            view! {
                <form method="post" action=tab.clone() on:submit=move |event| submit(event, act)>
                    <HiddenField name="form" value=act.key() />
                    <HiddenField name="as" value=account_id.to_string() />
                    <HiddenField name="invitation" value=id.to_string() />
                    <button type="submit">{icon(act_icon(act))} {act.label()}</button>
                </form>
            }
        })
        .collect_view();
    let copy = pending.then(|| {
        view! { <a href=paths::invitation_link(id, &tab)>{icon(Icon::Link)} "Copy link"</a> }
    });
    let revoke = unanswered.then(|| {
        view! { <a class="danger" href=paths::revoke_invitation(id, &tab)>{icon(Icon::Cross)} "Revoke"</a> }
    });
    let readdress = paths::invitation_address(id, &tab);
    Some(
        view! {
            {forms}
            {copy}
            <a href=readdress>{icon(Icon::Mail)} "Send to another address"</a>
            {revoke}
        }
        .into_any(),
    )
}

fn act_icon(act: InviteAction) -> Icon {
    match act {
        InviteAction::Resend => Icon::Refresh,
        InviteAction::InviteAgain => Icon::Send,
    }
}

/// Closes the menu after one of its buttons was used, because the page does not reload. The focused button is then
/// hidden, so the focus returns to the summary that opens the menu.
fn close_menu(event: &leptos::ev::SubmitEvent) {
    let form = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if let Some(menu) = form.and_then(|form| form.closest("details").ok().flatten()) {
        let _closed = menu.remove_attribute("open");
        let summary = menu.query_selector("summary").ok().flatten();
        if let Some(summary) = summary.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _focused = summary.focus();
        }
    }
}

/// The mark of a duplicate: why it exists, and its actions.
#[component]
pub fn DuplicateMark(row: Signal<SourceRow>, account_id: AccountId, may_change: bool) -> impl IntoView {
    let SourceRow { flow_id, id, .. } = row.get_untracked();
    move || {
        let SourceRow { duplicate_of, name, .. } = row.get();
        duplicate_of.map(|live| {
            let why = format!("{name} is already in this flow. This duplicate is off and keeps its setup.");
            view! {
                <span class="cell-note"><Tag tone=Tone::Warning icon=Icon::Copy text="Duplicate" /> " " {why}</span>
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

/// The mark of a source that a disconnect turned off. It turns on again with the connection, unless someone keeps it
/// off.
#[component]
pub fn DisconnectMark(row: Signal<SourceRow>, account_id: AccountId, may_change: bool) -> impl IntoView {
    let SourceRow { flow_id, id, .. } = row.get_untracked();
    move || {
        row.get().is_off_by_disconnect().then(|| {
            view! {
                <span class="cell-note"><Tag tone=Tone::Warning icon=Icon::Pause text="Turned off by disconnect" /></span>
                {may_change.then(|| view! {
                    <form class="cell-note" method="post" action=paths::flow_sources(flow_id)>
                        <HiddenField name="form" value="switch" />
                        <HiddenField name="as" value=account_id.to_string() />
                        <HiddenField name="source" value=id.to_string() />
                        <button class="button button-small" type="submit" name="on" value="off">"Keep off"</button>
                    </form>
                })}
            }
        })
    }
}
