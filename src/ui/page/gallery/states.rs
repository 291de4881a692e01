use leptos::prelude::*;

use crate::ui::{
    Banner, Button, ButtonKind, EmptyState, Icon, LinkButton, Panel, ProgressBar, Skeleton, Spinner, StatTile,
    StatTiles, StatusMessage, Stepper, Tag, Tone, icon,
};

/// Tags, messages, figures, progress.
#[component]
pub fn States() -> impl IntoView {
    let icons = Icon::ALL.iter().map(|symbol| view! { <li>{icon(*symbol)} <span>{format!("{symbol:?}")}</span></li> });
    view! {
        <StatTiles>
            <StatTile label="Arrived today" value="12,408" hint="9% more than yesterday" />
            <StatTile label="Accepted" value="97.2%" />
            <StatTile label="Waiting" value="3" hint="The oldest for 2 days" />
            <StatTile label="Paid" value="$48,120.50" hint="Central European Time" />
        </StatTiles>
        <Tags />
        <Banners />
        <Buttons />
        <div class="gallery-columns">
            <Panel title="Waiting">
                <Skeleton lines=4 />
                <ProgressBar label="Reading rows" done=640 total=1000 />
            </Panel>
            <Panel title="Steps">
                <Stepper steps=vec!["Choose".into(), "Describe".into(), "Send".into()] current=1 />
            </Panel>
        </div>
        <Panel>
            <EmptyState
                icon=Icon::Leads
                title="Nothing here yet"
                text="New items appear here, newest first. Add the first one."
            >
                <Button kind=ButtonKind::Primary>"Add item"</Button>
            </EmptyState>
        </Panel>
        <Panel title="Icons">
            <ul class="gallery-icons">{icons.collect_view()}</ul>
        </Panel>
        <StatusMessage text="Saved. Three drawers now use the new label." />
    }
}

#[component]
fn Tags() -> impl IntoView {
    view! {
        <Panel title="Tags" lead="Text, colour and icon together.">
            <div class="actions">
                <Tag text="Neutral" />
                <Tag tone=Tone::Positive icon=Icon::Check text="Connected" />
                <Tag tone=Tone::Warning icon=Icon::Clock text="Waiting for a response" />
                <Tag tone=Tone::Danger icon=Icon::Cross text="Declined" />
                <Tag tone=Tone::Info icon=Icon::Sparkle text="New" />
            </div>
        </Panel>
    }
}

#[component]
fn Banners() -> impl IntoView {
    view! {
        <div class="stack">
            <Banner title="For your information">
                <p>"Neutral messages explain something and need no action."</p>
            </Banner>
            <Banner tone=Tone::Info title="A newer version is available">
                <p>"Read " <a href="#gallery">"what changed"</a> "."</p>
            </Banner>
            <Banner tone=Tone::Positive title="Everything is in order" />
            <Banner tone=Tone::Warning title="Expires in 2 days">
                <p>"No response since 14 May 2031, 09:30 CEST."</p>
                <div class="actions">
                    <Button>"Resend"</Button>
                    <Button kind=ButtonKind::Quiet>"Copy link"</Button>
                </div>
            </Banner>
            <Banner tone=Tone::Danger title="This could not be delivered">
                <p>"The address does not exist. Send to another address."</p>
            </Banner>
        </div>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    view! {
        <Panel title="Buttons">
            <div class="stack">
                <div class="actions">
                    <Button kind=ButtonKind::Primary>{icon(Icon::Plus)} "Primary"</Button>
                    <Button>"Secondary"</Button>
                    <Button kind=ButtonKind::Danger>"Remove 3 drawers"</Button>
                    <Button kind=ButtonKind::Quiet>"Quiet"</Button>
                    <LinkButton href="#gallery">"Link " {icon(Icon::ArrowRight)}</LinkButton>
                    <button class="button button-small" type="button">"Small"</button>
                    <crate::ui::IconButton label="Remove" icon=Icon::Trash />
                    <button class="button-link" type="button">"Like a link"</button>
                </div>
                <div class="actions">
                    <Button kind=ButtonKind::Primary disabled=true>"Primary"</Button>
                    <Button disabled=true>"Secondary"</Button>
                    <Button kind=ButtonKind::Danger disabled=true>"Danger"</Button>
                    <Button kind=ButtonKind::Quiet disabled=true>"Quiet"</Button>
                    <button class="button button-primary" type="button" aria-busy="true">
                        <Spinner label="Sending" />
                        "Sending"
                    </button>
                </div>
            </div>
        </Panel>
    }
}
