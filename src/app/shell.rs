//! The document around every page, and the routes of all pages.

use super::{home, mailbox, screen};
use crate::{
    accounts, activity, api, entities, flows, identity, invitations, leads, partners,
    server::{Cx, session},
    ui::Gallery,
};
use axum::http::request::Parts;
use leptos::{config::LeptosOptions, hydration::HydrationScripts, nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

/// `light`, `dark`; anything else is the system's choice.
pub const THEME_COOKIE: &str = "accord-theme";

/// The stream ends with the server; the browser looks for it again by itself.
const RELOAD: &str = "{ let gone = false; const alive = new EventSource('/dev/reload'); \
                      alive.onerror = () => { gone = true }; alive.onopen = () => { if (gone) location.reload() } }";

pub fn shell(options: LeptosOptions) -> impl IntoView {
    let parts = use_context::<Parts>();
    let theme = parts
        .as_ref()
        .and_then(|parts| session::cookie(&parts.headers, THEME_COOKIE))
        .filter(|theme| matches!(*theme, "light" | "dark"))
        .map(ToOwned::to_owned);
    let reloads =
        parts.as_ref().and_then(|parts| parts.extensions.get::<Cx>()).is_some_and(|cx| cx.state.config.reload);
    let lively = parts.is_some_and(|parts| is_signed_in(&parts) && has_islands(parts.uri.path()));
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="style" />
                {lively.then(|| view! { <HydrationScripts options=options.clone() islands=true /> })}
                {reloads.then(|| view! { <script nonce=use_nonce()>{RELOAD}</script> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Only pages where a person acts repeatedly carry script; all others are complete without.
fn has_islands(path: &str) -> bool {
    let ends = ["/users", "/invites", "/settings/members", "/settings/keys", "/link"];
    path == "/" || path.starts_with("/flows") || ends.iter().any(|end| path.ends_with(end))
}

fn is_signed_in(parts: &Parts) -> bool {
    parts.extensions.get::<Cx>().is_some_and(|cx| cx.viewer.is_some())
}

#[component]
fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=screen::nowhere>
                <Route path=path!("/") view=home::Home ssr=SsrMode::Async />
                <Route path=path!("/signup") view=identity::pages::SignUp ssr=SsrMode::Async />
                <Route path=path!("/signup/sent") view=identity::pages::SignUpSent ssr=SsrMode::Async />
                <Route path=path!("/signin") view=identity::pages::SignIn ssr=SsrMode::Async />
                <Route path=path!("/verify/:token") view=identity::pages::Verify ssr=SsrMode::Async />
                <Route path=path!("/forgot") view=identity::pages::Forgot ssr=SsrMode::Async />
                <Route path=path!("/forgot/sent") view=identity::pages::ForgotSent ssr=SsrMode::Async />
                <Route path=path!("/reset/:token") view=identity::pages::Reset ssr=SsrMode::Async />
                <Route path=path!("/me") view=identity::pages::Me ssr=SsrMode::Async />
                <Route path=path!("/flows") view=flows::pages::Flows ssr=SsrMode::Async />
                <Route path=path!("/flows/new") view=flows::pages::NewFlow ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources") view=flows::pages::Sources ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/fields") view=flows::pages::FlowFields ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/acceptance-criteria") view=flows::pages::FlowCriteria ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/leads") view=leads::pages::FlowLeads ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/remove") view=flows::pages::RemoveFlow ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/add") view=flows::pages::AddSource ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/add/new") view=flows::pages::NewSource ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/add/invite") view=invitations::pages::InvitePartner ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/add/custom") view=flows::pages::CustomSource ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/:source_id") view=flows::pages::SourceMappings ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/:source_id/acceptance-criteria") view=flows::pages::SourceCriteria ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/:source_id/authentication") view=flows::pages::SourceAuthentication ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/:source_id/performance") view=flows::pages::SourcePerformance ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/:source_id/remove") view=flows::pages::RemoveSource ssr=SsrMode::Async />
                <Route path=path!("/flows/:flow_id/sources/:source_id/docs") view=flows::pages::SubmissionDoc ssr=SsrMode::Async />
                <Route path=path!("/submission-docs") view=flows::pages::SubmissionDocs ssr=SsrMode::Async />
                <Route path=path!("/buyers") view=partners::pages::Buyers ssr=SsrMode::Async />
                <Route path=path!("/portal/:partner_id") view=partners::pages::PortalPerformance ssr=SsrMode::Async />
                <Route path=path!("/portal/:partner_id/leads") view=leads::pages::PortalLeads ssr=SsrMode::Async />
                <Route path=path!("/portal/:partner_id/docs") view=partners::pages::PortalDocs ssr=SsrMode::Async />
                <Route path=path!("/portal/:partner_id/profile") view=partners::pages::PortalProfile ssr=SsrMode::Async />
                <Route path=path!("/invitations") view=invitations::pages::Invitations ssr=SsrMode::Async />
                <Route path=path!("/recipients") view=invitations::pages::Recipients ssr=SsrMode::Async />
                <Route path=path!("/sources/invite") view=invitations::pages::InviteSource ssr=SsrMode::Async />
                <Route path=path!("/recipients/invite") view=invitations::pages::InviteRecipient ssr=SsrMode::Async />
                <Route path=path!("/i/:token") view=invitations::pages::OpenLink ssr=SsrMode::Async />
                <Route path=path!("/invitations/:invitation_id") view=invitations::pages::Invitation ssr=SsrMode::Async />
                <Route path=path!("/invitations/:invitation_id/signup") view=invitations::pages::SignUpToAccept ssr=SsrMode::Async />
                <Route path=path!("/invitations/:invitation_id/decline") view=invitations::pages::Decline ssr=SsrMode::Async />
                <Route path=path!("/invitations/:invitation_id/company") view=invitations::pages::CompanyToAccept ssr=SsrMode::Async />
                <Route path=path!("/invitations/:invitation_id/address") view=invitations::pages::SendToAnotherAddress ssr=SsrMode::Async />
                <Route path=path!("/invitations/:invitation_id/remove") view=invitations::pages::RemoveInvited ssr=SsrMode::Async />
                <Route path=path!("/invitations/:invitation_id/revoke") view=invitations::pages::Revoke ssr=SsrMode::Async />
                <Route path=path!("/invitations/:invitation_id/link") view=invitations::pages::CopyLink ssr=SsrMode::Async />
                <Route path=path!("/stop/:token") view=invitations::pages::StopInvitations ssr=SsrMode::Async />
                <Route path=path!("/sources") view=entities::pages::Sources ssr=SsrMode::Async />
                <Route path=path!("/connections") view=entities::pages::Connections ssr=SsrMode::Async />
                <Route path=path!("/connections/:connection_id/disconnect") view=entities::pages::Disconnect ssr=SsrMode::Async />
                <Route path=path!("/partners") view=partners::pages::Partners ssr=SsrMode::Async />
                <Route path=path!("/partners/new") view=partners::pages::NewPartner ssr=SsrMode::Async />
                <Route path=path!("/partners/:partner_id") view=partners::pages::PartnerOverview ssr=SsrMode::Async />
                <Route path=path!("/partners/:partner_id/sources") view=partners::pages::PartnerSources ssr=SsrMode::Async />
                <Route path=path!("/partners/:partner_id/sources/assign") view=partners::pages::AssignSources ssr=SsrMode::Async />
                <Route path=path!("/partners/:partner_id/connect") view=partners::pages::ConnectPartner ssr=SsrMode::Async />
                <Route path=path!("/partners/:partner_id/remove") view=partners::pages::RemovePartner ssr=SsrMode::Async />
                <Route path=path!("/activity") view=activity::pages::Activity ssr=SsrMode::Async />
                <Route path=path!("/settings") view=accounts::pages::Settings ssr=SsrMode::Async />
                <Route path=path!("/settings/members") view=accounts::pages::Members ssr=SsrMode::Async />
                <Route path=path!("/settings/members/invite") view=accounts::pages::InviteMember ssr=SsrMode::Async />
                <Route path=path!("/partners/:partner_id/users") view=partners::pages::Users ssr=SsrMode::Async />
                <Route path=path!("/partners/:partner_id/invites") view=partners::pages::Invites ssr=SsrMode::Async />
                <Route path=path!("/partners/:partner_id/invites/new") view=partners::pages::InviteUser ssr=SsrMode::Async />
                <Route path=path!("/portal/:partner_id/users") view=partners::pages::PortalUsers ssr=SsrMode::Async />
                <Route path=path!("/portal/:partner_id/invites") view=partners::pages::PortalInvites ssr=SsrMode::Async />
                <Route path=path!("/portal/:partner_id/invites/new") view=partners::pages::PortalInvite ssr=SsrMode::Async />
                <Route path=path!("/settings/keys") view=accounts::pages::ApiKeys ssr=SsrMode::Async />
                <Route path=path!("/settings/keys/:key_id/revoke") view=accounts::pages::RevokeApiKey ssr=SsrMode::Async />
                <Route path=path!("/settings/subscription") view=accounts::pages::Subscription ssr=SsrMode::Async />
                <Route path=path!("/api/docs") view=api::pages::ApiDocs ssr=SsrMode::Async />
                <Route path=path!("/dev/mailbox") view=mailbox::Mailbox ssr=SsrMode::Async />
                <Route path=path!("/dev/mailbox/:mail_id") view=mailbox::Mail ssr=SsrMode::Async />
                <Route path=path!("/dev/gallery") view=GalleryPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

#[component]
fn GalleryPage() -> impl IntoView {
    screen::screen(async |visit| {
        if visit.cx.state.config.is_production() {
            return Err(crate::server::Fault::NOT_FOUND);
        }
        Ok(screen::Screen::wide("Gallery", view! { <Gallery /> }))
    })
}
