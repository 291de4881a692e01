//! The actions of one row of the Sources tab: one-button forms, which work without script, and links to confirmation
//! pages.

use super::copy::copy;
use crate::{
    base::{AccountId, AppError, FlowId, InvitationId, paths},
    entities::model::SourceTag,
    flows::model::SourceRow,
    invitations::{
        functions::{act_on_invitation, copy_invitation_link},
        model::InviteAction,
    },
    ui::{HiddenField, Icon, Menu, Tag, Tone, icon},
};
use leptos::{prelude::*, task::spawn_local, wasm_bindgen::JsCast};
use std::pin::Pin;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

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
    let name = Signal::derive(move || format!("Actions for {}", row.get().name));
    let link = Memo::new(move |_| {
        row.with(|row| {
            let pending = row.invitation.as_ref().filter(|_| row.tag == SourceTag::ConnectionPending);
            pending.map(|pending| (pending.invitation_id, pending.expires.absolute.clone()))
        })
    });
    view! {
        <div class="row-actions">
            {move || link.get().map(|link| copy_link(link, flow_id, account_id, message))}
            <Menu id=format!("actions-{id}") label="Actions" name>
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
    let revoke = unanswered.then(|| {
        view! { <a class="danger" href=paths::revoke_invitation(id, &tab)>{icon(Icon::Cross)} "Revoke"</a> }
    });
    let readdress = paths::invitation_address(id, &tab);
    Some(
        view! {
            {forms}
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

/// Closes the menu after one of its buttons was used, because the page does not reload. The browser returns the focus to
/// the button that opened it.
fn close_menu(event: &leptos::ev::SubmitEvent) {
    let form = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let menu = form.and_then(|form| form.closest("[popover]").ok().flatten());
    if let Some(menu) = menu.and_then(|menu| menu.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _closed = menu.hide_popover();
    }
}

/// The button that copies another link to a pending invitation. Where the browser does not let the page copy, and without
/// script, it opens the page that shows the link.
fn copy_link(
    (id, expires): (InvitationId, String),
    flow_id: FlowId,
    account_id: AccountId,
    message: RwSignal<Option<(String, Tone)>>,
) -> impl IntoView {
    let submit = move |event: leptos::ev::SubmitEvent| {
        let form = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
        event.prevent_default();
        let expires = expires.clone();
        spawn_local(async move {
            let copied = match make_and_copy(id).await {
                Ok(copying) => copying.await,
                Err(_) => Ok(false),
            };
            match copied {
                Ok(true) => {
                    let sentence = ["Link copied. Anyone who has it can accept until ", &expires, "."].concat();
                    message.set(Some((sentence, Tone::Positive)));
                }
                Ok(false) => {
                    let _shown = form.map(|form| form.submit());
                }
                Err(refused) => message.set(Some((refused.to_string(), Tone::Danger))),
            }
        });
    };
    view! {
        <form method="post" action=paths::invitation_link(id, &paths::flow_sources(flow_id)) on:submit=submit>
            <HiddenField name="form" value="link" />
            <HiddenField name="as" value=account_id.to_string() />
            <button class="button button-small" type="submit">{icon(Icon::Link)} "Copy link"</button>
        </form>
    }
}

/// Whether the page could copy.
type Copying = Pin<Box<dyn Future<Output = Result<bool, AppError>>>>;

/// Creates a link and copies it. False if the browser does not let the page copy. Its code is a part of the client that is
/// loaded when it is first used.
#[wasm_split(copy_invitation_link, fallible)]
fn make_and_copy(id: InvitationId) -> Result<Copying, SplitLoaderError> {
    Ok(Box::pin(async move {
        let link = copy_invitation_link(id).await?;
        Ok(copy(&link).await)
    }))
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
