//! The Authentication tab of a source: whether authentication is required, and the credential.

use super::{
    credential::{self, FormTarget},
    source::{SourcePage, load},
};
use crate::{
    base::{FlowId, SourceId, paths},
    flows::{
        islands::CopyButtons,
        routes::Message,
        server::{access, credentials, queries::Source},
    },
    partners::model::PartnerPermission,
    server::Fault,
    ui::{Banner, Panel, SwitchForm, Tone},
    web::{PageResult, Post, PostResult, Posted, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

const REQUIRE: &str = "authentication";

pub async fn source_authentication_page(visit: Visit) -> PageResult {
    let SourcePage { flow, source, may_change, head, .. } = load(&visit, "authentication").await?;
    let mut conn = visit.cx.read().await?;
    let access = access::find(&mut conn, flow.id, source.id).await?;
    let active = credentials::find_active(&mut conn, flow.account_id, source.id, visit.cx.now).await?;
    let required = access.require_authentication;
    let warning = (required && active.current.is_none()).then(|| missing_credential(&source));
    let errors = form_errors(&visit.form(REQUIRE));
    let action = paths::source_authentication(flow.id, source.id);
    let acting = Some(flow.account_id);
    let may_rotate = access.may_in_account(PartnerPermission::RotateCredential);
    let target = FormTarget { action: action.clone(), acting, may_rotate };
    let meaning = if required {
        "Leads sent without the credential or an API key of the connected account are refused and not stored."
    } else {
        "Anyone with the Submission URL can send leads. \"Last used\" shows whether the sender already authenticates."
    };
    Ok(Screen::app(
        format!("Authentication of {}", source.name),
        "flows",
        view! {
            {head}
            <CopyButtons />
            <Panel title="Authentication" lead="Ask senders for a username and secret.">
                {errors}
                <form class="actions" method="post" action=action>
                    {form_identity(REQUIRE, acting)}
                    <SwitchForm label="Require authentication" checked=required name="require" disabled=!may_change />
                    <span>"Require authentication"</span>
                </form>
                <p class="muted">{meaning}</p>
                {warning}
            </Panel>
            <Panel title="Credential" lead="The sending system uses it for HTTP Basic authentication.">
                {credential::panel(&visit, active, &target)}
            </Panel>
        },
    ))
}

/// Warns that authentication is required while there is no credential; only API keys of a connected account work then.
fn missing_credential(source: &Source) -> AnyView {
    let title = if source.connected {
        format!("Until you create a credential, only API keys of {} can send leads.", source.name)
    } else {
        "No one can send leads until you create a credential.".to_owned()
    };
    view! { <Banner tone=Tone::Warning title /> }.into_any()
}

pub async fn post_require_authentication(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let (flow_id, source_id): (FlowId, SourceId) = (post.id("flow_id")?, post.id("source_id")?);
    let on = post.fields.get("require") == "on";
    let input = (flow_id, source_id, on);
    post.cx.write(input, |tx, (flow, source, on)| Box::pin(credentials::require(tx, flow, source, on))).await?;
    let message = if on { Message::AuthenticationOn } else { Message::AuthenticationOff };
    Ok(Redirect::to(paths::source_authentication(flow_id, source_id)).with_message(message))
}

pub async fn post_create_credential(post: Post) -> PostResult<Posted> {
    let (flow_id, source_id) = permitted_source(&post).await?;
    credential::create(post, flow_id, source_id).await
}

pub async fn post_rotate_credential(post: Post) -> PostResult<Posted> {
    let (flow_id, source_id) = permitted_source(&post).await?;
    credential::rotate(post, flow_id, source_id).await
}

pub async fn post_end_credential(post: Post) -> PostResult {
    let (flow_id, source_id) = permitted_source(&post).await?;
    credential::end(post, flow_id, source_id, paths::source_authentication(flow_id, source_id)).await
}

/// The source from the path, if the account may rotate its credential. This page is for the account; the partner's
/// users have the Submission Docs.
async fn permitted_source(post: &Post) -> Result<(FlowId, SourceId), Fault> {
    post.fields.acting_account(&post.cx)?;
    let (flow_id, source_id) = (post.id("flow_id")?, post.id("source_id")?);
    let mut conn = post.cx.read().await?;
    let access = access::find(&mut conn, flow_id, source_id).await?;
    access.require_in_account(&post.cx, PartnerPermission::RotateCredential)?;
    Ok((flow_id, source_id))
}
