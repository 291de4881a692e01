//! Pages are compressed where their length tells a stranger nothing.

use crate::support::stage::Stage;
use accord::base::paths;
use axum::{body::Body, http::Method};

#[tokio::test]
async fn a_page_is_compressed_unless_another_site_may_have_asked_for_it() {
    let (stage, _) = Stage::connected().await;
    let page = format!("{}?q=guess", paths::flow_sources(stage.flow));
    let visitor = stage.app.visitor("", "", "");
    for (site, for_viewer) in [
        (Some("same-origin"), true),
        (Some("none"), true),
        (Some("same-site"), false),
        (Some("cross-site"), false),
        (Some("nonsense"), false),
        (None, false),
    ] {
        let headers: Vec<_> =
            [("accept-encoding", "gzip, br")].into_iter().chain(site.map(|site| ("sec-fetch-site", site))).collect();
        let response = stage.buyer.send(Method::GET, &page, &headers, Body::empty()).await.expect(200);
        assert_eq!(response.headers.contains_key("content-encoding"), for_viewer, "{site:?}");
        // Without a cookie there is no secret to guess, but only an old browser does not say who asks.
        let response = visitor.send(Method::GET, paths::SIGN_UP, &headers, Body::empty()).await.expect(200);
        assert_eq!(response.headers.contains_key("content-encoding"), for_viewer || site.is_none(), "{site:?}");
    }
}

#[tokio::test]
async fn what_shows_a_secret_is_never_compressed() {
    let stage = Stage::pending().await;
    let headers = [("accept-encoding", "gzip"), ("sec-fetch-site", "none")];
    let invitee = stage.app.visitor("", "", "");
    let opened = invitee.send(Method::GET, &stage.link, &headers, Body::empty()).await;
    assert!(!opened.headers.contains_key("content-encoding"));
    let page = invitee.send(Method::GET, opened.location(), &headers, Body::empty()).await.expect(200);
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(!page.headers.contains_key("content-encoding"));

    // A page that is usually compressed, but shows a secret this once.
    let acting = stage.buyer.account().to_string();
    let form = format!("form=create-key&as={acting}&name=CRM");
    let content = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
    let headers = [("accept-encoding", "gzip"), ("sec-fetch-site", "same-origin")];
    let before = stage.buyer.send(Method::GET, paths::API_KEYS, &headers, Body::empty()).await.expect(200);
    assert_eq!(before.header("content-encoding"), "gzip");
    let headers = [headers, content].concat();
    let shown = stage.buyer.send(Method::POST, paths::API_KEYS, &headers, Body::from(form)).await.expect(200);
    assert!(shown.body.contains("accord_") && !shown.headers.contains_key("content-encoding"));
}
