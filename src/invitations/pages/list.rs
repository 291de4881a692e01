//! The invitations an account has sent, and those that came to the viewer.

use crate::{
    accounts::model::Permission,
    app::screen::{Screen, screen},
    base::paths,
    invitations::{
        model::Standing,
        server::queries::{self, Listed},
    },
    server::clock,
    ui::{Cell, Column, DataTable, EmptyState, Icon, PageHeader, Panel, Tag, TimeAgo, Tone},
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub fn Invitations() -> impl IntoView {
    screen(async |visit| {
        let place = visit.cx.active_place()?.clone();
        visit.cx.actor(place.account_id, Permission::See)?;
        let now = visit.cx.now;
        let mut conn = visit.cx.read().await?;
        let sent = queries::list_sent(&mut conn, place.account_id, now).await?;
        let received = queries::list_received(&mut conn, &visit.cx.viewer()?.email_key, now).await?;
        let sent = if sent.is_empty() {
            view! { <EmptyState icon=Icon::Mail title="No invitations sent" text="Invite a seller from the Sources tab of a flow." /> }.into_any()
        } else {
            table("Sent", sent, now, false)
        };
        let received = (!received.is_empty()).then(|| {
            view! { <Panel title="Received">{table("Received", received, now, true)}</Panel> }
        });
        Ok(Screen::app(
            "Invitations",
            "invitations",
            view! {
                <PageHeader title="Invitations" />
                {received}
                <Panel title="Sent">{sent}</Panel>
            },
        ))
    })
}

fn table(caption: &'static str, rows: Vec<Listed>, now: OffsetDateTime, received: bool) -> AnyView {
    let who = if received { "From" } else { "Address" };
    let head = [who, "State", "Sent", "Expires"].map(Column::new).to_vec();
    let rows = rows.into_iter().map(|row| view! { <tr>{cells(row, who, now, received)}</tr> }).collect_view();
    view! { <DataTable caption head>{rows}</DataTable> }.into_any()
}

fn cells(row: Listed, who: &'static str, now: OffsetDateTime, received: bool) -> impl IntoView {
    let standing = row.standing();
    let (tone, word) = state(standing);
    let (sent, expires) = (clock::when(row.sent_at, now), clock::when(row.expires_at, now));
    let name = if received {
        view! { <a class="cell-title" href=paths::invitation(row.id)>{row.company}</a> }.into_any()
    } else {
        view! { <span class="cell-title">{row.email}</span> }.into_any()
    };
    let note = match standing {
        Standing::Accepted => row.accepted_name.map(|name| format!("by {name}")),
        Standing::Declined => row.decline_reason.filter(|reason| !reason.is_empty()),
        _ => None,
    };
    let open = standing == Standing::Open;
    view! {
        <Cell label=who>{name}{row.inviter.map(|name| view! { <span class="cell-note">"by " {name}</span> })}</Cell>
        <Cell label="State"><Tag tone text=word />{note.map(|note| view! { <span class="cell-note">{note}</span> })}</Cell>
        <Cell label="Sent"><TimeAgo at_iso=sent.iso relative=sent.relative absolute=sent.absolute /></Cell>
        <Cell label="Expires">
            {open.then(|| view! { <TimeAgo at_iso=expires.iso relative=expires.relative absolute=expires.absolute /> })}
        </Cell>
    }
}

fn state(standing: Standing) -> (Tone, &'static str) {
    match standing {
        Standing::Open => (Tone::Warning, "Pending"),
        Standing::Accepted => (Tone::Positive, "Accepted"),
        Standing::Declined => (Tone::Danger, "Declined"),
        Standing::Revoked => (Tone::Danger, "Revoked"),
        Standing::Expired => (Tone::Warning, "Expired"),
        Standing::Replaced => (Tone::Neutral, "Replaced"),
    }
}
