//! What can be done with one row of the Sources tab: forms of one button, which work without script, and links to the
//! pages that ask first.

use crate::{
    base::{AccountId, paths},
    entities::model::SourceTag,
    flows::model::SourceRow,
    invitations::{functions::act_on_invitation, model::Act},
    ui::{HiddenField, Icon, Menu, Tag, Tone, icon},
};
use leptos::{prelude::*, task::spawn_local, wasm_bindgen::JsCast};

/// The Actions of a row. Who may not change anything has the docs only.
#[component]
pub fn Actions(
    row: Signal<SourceRow>,
    account_id: AccountId,
    may_change: bool,
    said: RwSignal<Option<(String, Tone)>>,
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
                {move || of_invitation(&row.get(), account_id, said, refresh)}
                <a class="danger" href=paths::remove_source(flow_id, id)>{icon(Icon::Trash)} "Remove"</a>
            </Menu>
        </div>
    }
    .into_any()
}

/// What can be done about the invitation of a source that is not connected, as it stands.
fn of_invitation(
    row: &SourceRow,
    account_id: AccountId,
    said: RwSignal<Option<(String, Tone)>>,
    refresh: Callback<()>,
) -> Option<AnyView> {
    let id = row.awaiting.as_ref()?.invitation_id;
    let here = paths::flow_sources(row.flow_id);
    let acts: &[Act] = match row.tag {
        SourceTag::ConnectionPending => &[Act::Resend],
        SourceTag::Expired => &[Act::Resend, Act::InviteAgain],
        _ => &[Act::InviteAgain],
    };
    let pending = row.tag == SourceTag::ConnectionPending;
    let unanswered = pending || row.tag == SourceTag::Expired;
    let submit = move |event: leptos::ev::SubmitEvent, act: Act| {
        event.prevent_default();
        close_menu(&event);
        spawn_local(async move {
            said.set(Some(match act_on_invitation(id, act).await {
                Ok(how) => (act.said(how).sentence().to_owned(), Tone::Positive),
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
                <form method="post" action=here.clone() on:submit=move |event| submit(event, act)>
                    <HiddenField name="form" value=act.key() />
                    <HiddenField name="as" value=account_id.to_string() />
                    <HiddenField name="invitation" value=id.to_string() />
                    <button type="submit">{icon(sign(act))} {act.label()}</button>
                </form>
            }
        })
        .collect_view();
    let copy = pending.then(|| {
        view! { <a href=paths::invitation_link(id, &here)>{icon(Icon::Link)} "Copy link"</a> }
    });
    let revoke = unanswered.then(|| {
        view! { <a class="danger" href=paths::revoke_invitation(id, &here)>{icon(Icon::Cross)} "Revoke"</a> }
    });
    let readdress = paths::invitation_address(id, &here);
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

fn sign(act: Act) -> Icon {
    match act {
        Act::Resend => Icon::Refresh,
        Act::InviteAgain => Icon::Send,
    }
}

/// A menu whose button was pressed has done its work; the page stays, so nothing else would close it. What was focused is
/// hidden then, so the focus goes back to what opens it.
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

/// The mark of a duplicate: why it is there, and what can be done about it.
#[component]
pub fn DuplicateMark(row: Signal<SourceRow>, account_id: AccountId, may_change: bool) -> impl IntoView {
    let SourceRow { flow_id, id, .. } = row.get_untracked();
    move || {
        let SourceRow { duplicate_of, name, .. } = row.get();
        duplicate_of.map(|live| {
            let why = format!("{name} is in this flow already. This one is kept with all its set-up, off.");
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

/// The mark of a source that a disconnect turned off: it comes on again with the connection, unless somebody keeps it off.
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
