//! [ssr] The room's routes, their audiences, and the messages after its forms.

use super::pages;
use crate::{
    accounts::model::Permission::{ChangeFlows, See},
    base::paths,
    web::{Audience::Account, Routes, messages, page},
};

messages! {
    /// The messages after the room's forms.
    Message {
        DeliverySaved "delivery-saved" "Delivery saved.",
        DeliveryOn "delivery-on" "The delivery is on.",
        DeliveryPaused "delivery-paused" "The delivery is paused. Leads wait for up to seven days.",
        DeliveryOff "delivery-off" "The delivery is off. New leads don't wait for it.",
        DeliveryRemoved "delivery-removed" "Delivery removed.",
        LeadSentAgain "lead-sent-again" "The lead is being sent again.",
        LeadsSentAgain "leads-sent-again" "The failed leads are being sent again.",
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages([
            page(paths::FLOW_DELIVERIES, Account(See), pages::deliveries_page),
            page(paths::NEW_DELIVERY, Account(ChangeFlows), pages::new_delivery_page).form(
                "delivery",
                Account(ChangeFlows),
                pages::post_new_delivery,
            ),
            page(paths::DELIVERY, Account(See), pages::delivery_page)
                .form("delivery", Account(ChangeFlows), pages::post_delivery)
                .form("switch", Account(ChangeFlows), pages::post_switch)
                .form("test", Account(ChangeFlows), pages::post_test)
                .form("rotate", Account(ChangeFlows), pages::post_rotate)
                .form("again", Account(ChangeFlows), pages::post_again)
                .form("all-again", Account(ChangeFlows), pages::post_all_again),
            page(paths::REMOVE_DELIVERY, Account(ChangeFlows), pages::remove_delivery_page).form(
                "remove",
                Account(ChangeFlows),
                pages::post_remove_delivery,
            ),
        ])
        .messages::<Message>()
}
