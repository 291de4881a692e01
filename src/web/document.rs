//! The HTML document around every page.

use crate::server::{Cx, session, site};
use axum::http::request::Parts;
use leptos::{config::LeptosOptions, hydration::HydrationScripts, nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};

/// Holds `light` or `dark`; any other value means the system's choice.
pub const THEME_COOKIE: &str = "accord-theme";

/// A link is fetched when it is pressed, some 100 ms before the click that follows. Not earlier: what was fetched is out
/// of date once an island changes something. Files are not fetched.
const PREFETCH: &str = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"href_matches":"/*.*"}}]},"eagerness":"conservative"}]}"#;

/// The stream ends when the server stops. The browser reconnects by itself, and then the page reloads.
const RELOAD: &str = "{ let gone = false; const alive = new EventSource('/dev/reload'); \
                      alive.onerror = () => { gone = true }; alive.onopen = () => { if (gone) location.reload() } }";

pub(super) fn document(
    options: LeptosOptions,
    island: Option<&'static str>,
    body: impl Fn() -> AnyView + Send + 'static,
) -> impl IntoView {
    provide_meta_context();
    let parts = use_context::<Parts>();
    let cx = parts.as_ref().and_then(|parts| parts.extensions.get::<Cx>());
    let theme = parts
        .as_ref()
        .and_then(|parts| session::cookie(&parts.headers, THEME_COOKIE))
        .filter(|theme| matches!(*theme, "light" | "dark"))
        .map(ToOwned::to_owned);
    let reloads = cx.is_some_and(|cx| cx.state.config.reload);
    // Public pages need no scripts.
    let is_signed_in = cx.is_some_and(|cx| cx.viewer.is_some());
    let island = island.filter(|_| is_signed_in);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="style" />
                {island.map(|island| view! {
                    <HydrationScripts options=options.clone() islands=true />
                    {packs(&options, island)}
                })}
                {is_signed_in.then(|| view! { <script type="speculationrules" nonce=use_nonce()>{PREFETCH}</script> })}
                {reloads.then(|| view! { <script nonce=use_nonce()>{RELOAD}</script> })}
                <MetaTags />
            </head>
            <body>
                {body()}
            </body>
        </html>
    }
}

/// Fetches the code of the island at once; the script asks for it only when it runs.
fn packs(options: &LeptosOptions, island: &str) -> impl IntoView + use<> {
    let link = |name| view! { <link rel="preload" r#as="fetch" crossorigin="anonymous" href=format!("/{}/{name}", options.site_pkg_dir) /> };
    site::packs(options, island).iter().map(link).collect_view()
}
