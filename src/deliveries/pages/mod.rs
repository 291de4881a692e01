//! [ssr] The pages of deliveries, and what the story of a lead says of them.

mod delivery;
mod form;
mod list;
mod log;
mod story;

pub use delivery::{
    delivery_page, post_again, post_all_again, post_delivery, post_remove_delivery, post_rotate, post_switch,
    post_test, remove_delivery_page,
};
pub use form::{new_delivery_page, post_new_delivery};
pub use list::deliveries_page;
pub use story::section as story_section;

use super::model::{DeliveryState, Progress};
use crate::{
    reports::parts::grouped,
    server::clock,
    ui::{Tag, TimeAgo, Tone},
};
use leptos::prelude::*;
use time::OffsetDateTime;

fn moment(at: OffsetDateTime, now: OffsetDateTime) -> AnyView {
    let at = clock::display_time(at, now);
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}

/// A time to come, or one that matters to the minute.
fn exactly(at: OffsetDateTime, now: OffsetDateTime) -> String {
    clock::display_time(at, now).absolute
}

fn state_tag(state: DeliveryState) -> AnyView {
    let tone = match state {
        DeliveryState::On => Tone::Positive,
        DeliveryState::Paused => Tone::Warning,
        DeliveryState::Off | DeliveryState::Removed => Tone::Neutral,
    };
    view! { <Tag tone text=state.word() /> }.into_any()
}

fn progress_tag(progress: Progress) -> AnyView {
    let tone = match progress {
        Progress::Waiting => Tone::Info,
        Progress::Delivered => Tone::Positive,
        Progress::Failed => Tone::Danger,
        Progress::Canceled => Tone::Neutral,
    };
    view! { <Tag tone text=progress.word() /> }.into_any()
}

/// A number of leads that was counted up to a maximum.
fn counted(leads: i64, most: i64) -> String {
    let number = grouped(leads.min(most));
    if leads > most { format!("over {number}") } else { number }
}
