//! The room's emails.

use crate::{
    base::{DeliveryId, FlowId, paths},
    server::mail::{Letter, Link},
};

/// A delivery has failed for an hour.
pub fn failing(flow_id: FlowId, id: DeliveryId, name: &str, flow: &str, since: &str, why: &str) -> Letter {
    Letter::new(
        &format!("Leads of {flow} are not being delivered"),
        &format!("{name} has not taken a lead for an hour"),
    )
    .preheader("Accord keeps trying.")
    .text(&format!(
        "No lead of {flow} has reached {name} since {since}. Each lead is tried for a day, less and less often. After \
             that you can send it again."
    ))
    .facts([("Delivery", name), ("Flow", flow), ("Last answer", why)])
    .button("See the delivery", Link::path(paths::delivery(flow_id, id)))
    .why("You received this email because you're an Admin of the company that owns this flow.")
}

/// The destination answered that it is gone.
pub fn gone(flow_id: FlowId, id: DeliveryId, name: &str, flow: &str) -> Letter {
    Letter::new(&format!("{name} no longer takes leads of {flow}"), &format!("{name} was turned off"))
        .preheader("Its server answered that it is gone.")
        .text(&format!(
            "The server of {name} answered 410, which means that it is gone for good. Accord turned the delivery off. \
             Leads that wait stay for seven days: turn the delivery on again to send them."
        ))
        .facts([("Delivery", name), ("Flow", flow)])
        .button("See the delivery", Link::path(paths::delivery(flow_id, id)))
        .why("You received this email because you're an Admin of the company that owns this flow.")
}
