//! Notifies open pages of changes. An event holds a kind and an id, never content; pages fetch what they may see.
//!
//! A channel carries events within the process. One task sends them to other processes (`relay.rs`). No product
//! transaction contains a NOTIFY, which would hold a lock on the whole database until the commit
//! (docs/adr/0004-outbox.md has the figures).

mod relay;
mod streams;

pub use relay::relay;
pub use streams::{reload, stream};

use crate::base::{AccountId, FlowId};
use relay::Outbox;
use serde::{Deserialize, Serialize};
use streams::Seats;
use tokio::sync::broadcast;

/// A change that open pages are notified of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The sources of a flow changed: added, turned on or off, connected, email sent.
    FlowSources { account_id: AccountId, flow_id: FlowId },
    /// Events of other processes were lost, so every page must fetch again.
    Missed,
    /// This process is stopping, so its streams must end. Never sent to other processes.
    Stopping,
}

#[derive(Debug, Clone)]
pub struct Live {
    local: broadcast::Sender<Event>,
    outbox: Outbox,
    seats: Seats,
}

impl Default for Live {
    fn default() -> Self {
        Self { local: broadcast::channel(256).0, outbox: Outbox::default(), seats: Seats::default() }
    }
}

impl Live {
    /// Sends the event to the pages of this process immediately and to other processes shortly after. Having no
    /// listener is not an error.
    pub fn publish(&self, event: Event) {
        self.send_locally(event.clone());
        self.outbox.add(event);
    }

    /// Ends the streams of this process.
    pub fn close(&self) {
        self.send_locally(Event::Stopping);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.local.subscribe()
    }

    fn send_locally(&self, event: Event) {
        let _no_listener = self.local.send(event);
    }
}
