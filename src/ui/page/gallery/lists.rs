use leptos::prelude::*;

use crate::ui::{
    Avatar, Button, ButtonKind, Cell, Chart, ChartKind, CodeBlock, Column, DataTable, Diff, DiffLine, Icon, KeyValues,
    Pagination, Panel, Series, Sorted, SwitchForm, Tag, TimeAgo, Timeline, TimelineItem, Tone,
};

/// Tables, key values, timelines, diffs, code.
#[component]
pub fn Lists() -> impl IntoView {
    view! {
        <Panel title="Drawers">
            <Drawers />
        </Panel>
        <Pagination summary="1–25 of 1,204" next="#gallery".to_owned() />
        <div class="gallery-columns">
            <Panel title="Timeline">
                <TimelinePanel />
            </Panel>
            <Panel title="Version 12">
                <Diff lines=vec![
                    DiffLine::Same("Age is at least 18".into()),
                    DiffLine::Removed("Country is one of US, CA".into()),
                    DiffLine::Added("Country is one of US, CA, MX, and many more, so that this line becomes far too long".into()),
                ] />
                <CodeBlock
                    label="Request"
                    code="curl https://example.test/drawers \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"first_name\": \"Ada\", \"age\": 36}'"
                />
            </Panel>
        </div>
        <div class="gallery-columns">
            <Panel title="Each day">
                <Figures kind=ChartKind::StackedBars />
            </Panel>
            <Panel title="Over time">
                <Figures kind=ChartKind::Lines />
            </Panel>
        </div>
        <Panel title="Facts">
            <KeyValues items=vec![
                ("Name".into(), "Letters".into_any()),
                ("Keeper".into(), view! { <a href="#gallery">"Ada Lovelace"</a> }.into_any()),
                ("State".into(), view! { <Tag tone=Tone::Positive icon=Icon::Check text="Open" /> }.into_any()),
                ("Address".into(), view! { <code>"https://example.test/drawers/000000000000000000000000"</code> }.into_any()),
            ] />
        </Panel>
    }
}

#[component]
fn Drawers() -> impl IntoView {
    let head = vec![
        Column::new("Enabled"),
        Column::new("Name").sort("#gallery", Some(Sorted::Ascending)),
        Column::new("Keeper"),
        Column::new("Letters").numeric().sort("#gallery", None),
        Column::new("Changed"),
        Column::new("Actions").hidden(),
    ];
    let rows = [
        ("Letters", "Ada Lovelace", "1,204", Tone::Positive, Icon::Check, "Connected", true),
        ("Receipts of the long and winding year", "Grace Hopper", "88", Tone::Warning, Icon::Clock, "Waiting", false),
        ("Photographs", "Mary Somerville", "0", Tone::Danger, Icon::Cross, "Declined", false),
    ];
    let rows = rows
        .into_iter()
        .map(|(name, keeper, letters, tone, symbol, state, on)| {
            view! {
                <tr>
                    <Cell label="Enabled">
                        <SwitchForm label=format!("{name} enabled") checked=on name="enabled" />
                    </Cell>
                    <Cell label="Name">
                        <div class="cell-title">
                            <a href="#gallery">{name}</a>
                            <Tag tone=tone icon=symbol text=state />
                        </div>
                    </Cell>
                    <Cell label="Keeper">
                        <span class="person">
                            <Avatar name=keeper />
                            <span>{keeper}</span>
                        </span>
                    </Cell>
                    <Cell label="Letters" numeric=true>
                        {letters}
                    </Cell>
                    <Cell label="Changed">
                        <TimeAgo at_iso="2031-05-14T07:30:00Z" relative="2 days ago" absolute="14 May 2031, 09:30 CEST" />
                    </Cell>
                    <Cell>
                        <div class="actions">
                            <Button>"Resend"</Button>
                            <Button kind=ButtonKind::Quiet>"Remove"</Button>
                        </div>
                    </Cell>
                </tr>
            }
        })
        .collect_view();
    view! {
        <DataTable caption="Drawers" head=head>
            {rows}
        </DataTable>
    }
}

#[component]
fn Figures(kind: ChartKind) -> impl IntoView {
    let labels = (1..=14).map(|day| format!("{day} May")).collect();
    let row = |name: &str, step: i64| Series {
        name: name.into(),
        values: (0..14).map(|day| (day * step) % 37 + day * 2).collect(),
        tone: None,
    };
    view! { <Chart caption="Letters per day" empty="No letters in this period." labels series=vec![row("Kept", 11), row("Sent back", 5)] kind /> }
}

#[component]
fn TimelinePanel() -> impl IntoView {
    let item = |icon, tone, text: &'static str, relative: &'static str| TimelineItem {
        icon,
        tone,
        text: text.into_any(),
        note: view! {
            "Ada Lovelace · "
            <TimeAgo at_iso="2031-05-14T07:30:00Z" relative absolute="14 May 2031, 09:30 CEST" />
        }
        .into_any(),
    };
    view! {
        <Timeline items=vec![
            item(Icon::Check, Tone::Positive, "Accepted the drawer", "5 minutes ago"),
            item(Icon::Send, Tone::Info, "Invited grace@example.test for the second time", "2 hours ago"),
            item(Icon::Cross, Tone::Danger, "Declined", "yesterday"),
            item(Icon::Plus, Tone::Neutral, "Created the drawer", "14 May 2031"),
        ] />
    }
}
