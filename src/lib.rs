//! Accord: where lead buyers and lead sellers connect. The list of modules is the table of contents;
//! docs/architecture.md is the map. `[both]` is compiled for browser and server, `[ssr]` for the server only.

// The types of views nest as deep as the markup does.
#![recursion_limit = "256"]

pub mod base;
pub mod ui;

pub mod accounts;
#[cfg(feature = "ssr")]
pub mod activity;
#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod deliveries;
pub mod entities;
pub mod flows;
#[cfg(feature = "ssr")]
pub mod identity;
pub mod invitations;
#[cfg(feature = "ssr")]
pub mod leads;
pub mod partners;
#[cfg(feature = "ssr")]
pub mod reports;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod development;
#[cfg(feature = "ssr")]
pub mod home;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod web;

/// Hydrates the islands of a server-rendered page.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
