//! Plain form posts to pages: one table of who handles which, one way to answer. Refused, the page itself is rendered
//! again with what was typed and why it was refused, with the status of the refusal.

use crate::{
    accounts,
    base::{AppError, paths},
    entities, flows, identity, invitations, partners,
    server::{
        AppState, Cx, Fault,
        form::{Fields, PostResult, Posted, Refused},
    },
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Extension, RawPathParams, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::future::BoxFuture;
use std::{collections::BTreeMap, str::FromStr};
use tower::ServiceExt;

/// A form posted to a page.
#[derive(Debug, Clone)]
pub struct Post {
    pub cx: Cx,
    pub fields: Fields,
    pub headers: HeaderMap,
    params: BTreeMap<String, String>,
}

impl Post {
    /// Shows the page again with these rows in the form.
    pub fn again_with(self, rows: impl IntoIterator<Item = (String, String)>) -> PostResult {
        Err(Fault::Again(self.fields.with_rows(rows)))
    }

    /// A segment of the path.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// An id in the path; what is no id leads nowhere.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<I, Fault> {
        self.param(name).parse().map_err(|_| Fault::NOT_FOUND)
    }
}

type Handler = fn(Post) -> BoxFuture<'static, PostResult>;

macro_rules! handlers {
    ($($path:literal => $handler:path,)+) => {
        /// Page and handler. A page's forms are told apart by their hidden name, inside the handler.
        pub const POSTS: &[(&str, Handler)] = &[$(($path, |post| Box::pin($handler(post)))),+];
    };
}

handlers! {
    "/" => super::attention::post_home,
    "/signup" => identity::pages::post_sign_up,
    "/signup/sent" => identity::pages::post_send_again,
    "/forgot" => identity::pages::post_forgot,
    "/reset/{token}" => identity::pages::post_reset,
    "/me" => identity::pages::post_me,
    "/signin" => identity::pages::post_sign_in,
    "/signout" => identity::pages::post_sign_out,
    "/verify/{token}" => identity::pages::post_verify,
    "/switch" => identity::pages::post_switch,
    "/theme" => identity::pages::post_theme,
    "/flows" => flows::pages::post_flows,
    "/flows/new" => flows::pages::post_new_flow,
    "/flows/{flow_id}/sources" => flows::pages::post_sources,
    "/flows/{flow_id}/remove" => flows::pages::post_remove_flow,
    "/flows/{flow_id}/fields" => flows::pages::post_fields,
    "/flows/{flow_id}/acceptance-criteria" => flows::pages::post_flow_criteria,
    "/flows/{flow_id}/sources/add" => flows::pages::post_add_source,
    "/flows/{flow_id}/sources/add/new" => flows::pages::post_new_source,
    "/flows/{flow_id}/sources/add/invite" => invitations::pages::post_invite,
    "/flows/{flow_id}/sources/add/custom" => flows::pages::post_custom_source,
    "/flows/{flow_id}/sources/{source_id}" => flows::pages::post_source_mappings,
    "/flows/{flow_id}/sources/{source_id}/acceptance-criteria" => flows::pages::post_source_criteria,
    "/flows/{flow_id}/sources/{source_id}/authentication" => flows::pages::post_source_authentication,
    "/flows/{flow_id}/sources/{source_id}/docs" => flows::pages::post_source_docs,
    "/flows/{flow_id}/sources/{source_id}/remove" => flows::pages::post_remove_source,
    "/invitations" => invitations::pages::post_invitations,
    "/i/{token}" => invitations::pages::post_link_ending,
    "/stop/{token}" => invitations::pages::post_stop,
    "/invitations/{invitation_id}" => invitations::pages::post_invitation,
    "/invitations/{invitation_id}/company" => invitations::pages::post_company,
    "/invitations/{invitation_id}/address" => invitations::pages::post_address,
    "/invitations/{invitation_id}/remove" => invitations::pages::post_remove_invited,
    "/invitations/{invitation_id}/revoke" => invitations::pages::post_revoke,
    "/invitations/{invitation_id}/link" => invitations::pages::post_link,
    "/invitations/{invitation_id}/signup" => invitations::pages::post_sign_up,
    "/invitations/{invitation_id}/decline" => invitations::pages::post_decline,
    "/recipients" => invitations::pages::post_recipients,
    "/sources/invite" => invitations::pages::post_invite_source,
    "/recipients/invite" => invitations::pages::post_invite_recipient,
    "/partners/new" => partners::pages::post_new_partner,
    "/partners/{partner_id}" => partners::pages::post_partner,
    "/partners/{partner_id}/sources" => partners::pages::post_partner_sources,
    "/partners/{partner_id}/sources/assign" => partners::pages::post_assign_sources,
    "/partners/{partner_id}/connect" => partners::pages::post_connect_partner,
    "/partners/{partner_id}/remove" => partners::pages::post_remove_partner,
    "/portal/{partner_id}/profile" => partners::pages::post_profile,
    "/settings" => accounts::pages::post_settings,
    "/settings/members" => accounts::pages::post_members,
    "/settings/members/invite" => accounts::pages::post_invite_member,
    "/partners/{partner_id}/users" => partners::pages::post_users,
    "/partners/{partner_id}/invites" => partners::pages::post_invites,
    "/partners/{partner_id}/invites/new" => partners::pages::post_invite_user,
    "/portal/{partner_id}/users" => partners::pages::post_portal_users,
    "/portal/{partner_id}/invites" => partners::pages::post_portal_invites,
    "/portal/{partner_id}/invites/new" => partners::pages::post_portal_invite,
    "/settings/keys" => accounts::pages::post_api_keys,
    "/settings/keys/{key_id}/revoke" => accounts::pages::post_revoke_api_key,
    "/connections/{connection_id}/disconnect" => entities::pages::post_disconnect,
    "/settings/subscription" => accounts::pages::post_subscription,
}

/// Posts whose path is no page that could be shown again.
const WITHOUT_PAGE: &[&str] = &[paths::SIGN_OUT, paths::SWITCH_ACCOUNT, paths::THEME];

/// Adds the posts to the pages. `pages` renders a page again when its form was refused.
pub fn with_posts(app: Router<AppState>, pages: &Router) -> Router<AppState> {
    POSTS.iter().fold(app, |app, (path, handler)| {
        let (pages, handler) = (pages.clone(), *handler);
        let answer = move |State(state), Extension(cx), params: RawPathParams, headers: HeaderMap, request: Request| {
            answer(state, cx, params, headers, request, handler, pages.clone())
        };
        app.route(path, post(answer))
    })
}

async fn answer(
    state: AppState,
    cx: Cx,
    params: RawPathParams,
    headers: HeaderMap,
    request: Request,
    handler: Handler,
    pages: Router,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, 1 << 20).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut fields = read(&headers, &bytes);
    let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut retry_after = None;
    let error = match fields.clone() {
        None => AppError::Refused(crate::base::Problem::RequestUnreadable),
        Some(posted) => {
            match handler(Post { cx: cx.clone(), fields: posted, headers: headers.clone(), params }).await {
                Ok(posted) => return posted.respond(&state),
                Err(Fault::Again(changed)) => {
                    fields = Some(changed);
                    AppError::Invalid(Vec::new())
                }
                Err(fault) => {
                    retry_after = fault.retry_after();
                    fault.report()
                }
            }
        }
    };
    if error == AppError::SignedOut {
        let next = parts.uri.path_and_query().map_or(paths::HOME, |path| path.as_str());
        let next = if WITHOUT_PAGE.contains(&next) { paths::HOME } else { next };
        return Posted::to(paths::sign_in_and_back(next)).respond(&state);
    }
    if WITHOUT_PAGE.contains(&parts.uri.path()) {
        return Refused(error).into_response();
    }
    let mut again = Request::new(Body::empty());
    *again.method_mut() = Method::GET;
    *again.uri_mut() = parts.uri;
    *again.headers_mut() = headers;
    again.headers_mut().remove(header::CONTENT_LENGTH);
    again.headers_mut().remove(header::CONTENT_TYPE);
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    again.extensions_mut().insert(cx);
    again.extensions_mut().insert(fields.unwrap_or_default().back(error));
    let mut page = pages.oneshot(again).await.into_response();
    // The page may have its own reason not to be there any more; that status stays.
    if page.status() == StatusCode::OK {
        *page.status_mut() = status;
    }
    if let Some(seconds) = retry_after {
        page.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    page
}

fn read(headers: &HeaderMap, body: &Bytes) -> Option<Fields> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    kind.starts_with("application/x-www-form-urlencoded").then(|| Fields::parse(body)).flatten()
}
