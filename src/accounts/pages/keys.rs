//! `/settings/keys`: the account's API keys. Each is shown once, when it is created.

use super::{head, membership};
use crate::{
    accounts::{
        model::Permission,
        routes::Message,
        server::{
            keys,
            queries::{self, ApiKey},
        },
    },
    base::{AccountId, ApiKeyId, FormState, Problem, paths},
    flows::islands::CopyButtons,
    identity::server::parse::line,
    server::{Fault, clock},
    ui::{
        Banner, Button, ButtonKind, Cell, CodeBlock, Column, DataTable, EmptyState, Field, FormActions, Icon,
        LinkButton, Panel, StatusMessage, Tag, TimeAgo, Tone,
    },
    web::{
        Confirm, ConfirmForm, PageResult, Post, PostResult, Posted, Redirect, Screen, Visit, consequences, form_errors,
        form_identity,
    },
};
use leptos::prelude::*;
use time::OffsetDateTime;

const CREATE: &str = "create-key";
/// Rows listed: all active keys and the latest revoked ones.
const LIST_LIMIT: i64 = 200;
const LEAD: &str = "API keys let your systems act for this account, with a Manager's permissions, and send leads to \
                    the buyers you are connected with.";

pub async fn api_keys_page(visit: Visit) -> PageResult {
    let membership = membership(&visit)?;
    visit.cx.actor(membership.account_id, Permission::ManageAccount)?;
    let rows = {
        let mut conn = visit.cx.read().await?;
        queries::list_api_keys(&mut conn, membership.account_id, LIST_LIMIT).await?
    };
    let (created, back) = created_key(&visit);
    let create = match membership.plan {
        Some(_) => create_form(&back, membership.account_id),
        None => needs_plan(&back),
    };
    let list = if rows.is_empty() {
        view! { <EmptyState icon=Icon::Key title="No API keys yet" /> }.into_any()
    } else {
        table(rows, visit.cx.now)
    };
    Ok(Screen::app(
        "API keys",
        "settings",
        view! {
            {head("keys", membership.role)}
            {created}
            <Panel title="Create an API key" lead=LEAD>
                <p><a href=paths::API_DOCS>"See the API documentation"</a></p>
                {create}
            </Panel>
            <Panel title="API keys">{list}</Panel>
        },
    ))
}

fn create_form(back: &FormState, account_id: AccountId) -> AnyView {
    view! {
        <form class="form" method="post" action=paths::API_KEYS novalidate>
            {form_identity(CREATE, Some(account_id))}
            {form_errors(back)}
            <Field label="Key name" name="name" value=back.value("name") error=back.error("name") help="The system that will use it." autocomplete="off" maxlength=100u32 required=true />
            <FormActions><Button kind=ButtonKind::Primary>"Create API key"</Button></FormActions>
        </form>
    }
    .into_any()
}

fn needs_plan(back: &FormState) -> AnyView {
    let errors = back.error.is_none().then(|| {
        view! { <Banner tone=Tone::Info title=Problem::ApiKeysNeedPlan.sentence() /> }
    });
    view! { {form_errors(back)}{errors}<p class="actions"><LinkButton href=paths::SUBSCRIPTION>"Subscription"</LinkButton></p> }
        .into_any()
}

/// The new key, shown only in the response to the form that created it, and the form's state for this page.
fn created_key(visit: &Visit) -> (Option<AnyView>, FormState) {
    let back = visit.form(CREATE);
    let Some(key) = back.values.get("key").filter(|_| back.was_accepted()).cloned() else { return (None, back) };
    let created = view! {
        <StatusMessage text="API key created." />
        <Banner tone=Tone::Positive title="Copy the key now. You won't see it again.">
            <p>"Use it as the password for HTTP Basic authentication, with the username API."</p>
        </Banner>
        <CodeBlock code=key label="API key" />
        <CopyButtons />
    };
    (Some(created.into_any()), FormState::default())
}

fn table(rows: Vec<ApiKey>, now: OffsetDateTime) -> AnyView {
    let head = ["Name", "Created", "Last used", "Actions"].map(Column::new).to_vec();
    let rows = rows.into_iter().map(|row| view! { <tr>{cells(row, now)}</tr> }).collect_view();
    view! { <DataTable caption="API keys" head>{rows}</DataTable> }.into_any()
}

fn cells(row: ApiKey, now: OffsetDateTime) -> impl IntoView {
    let ApiKey { id, name, prefix, made_by, created_at, last_used_at, revoked_at, .. } = row;
    let by = made_by.map(|by| view! { <span class="cell-note">"by " {by}</span> });
    let last = match last_used_at {
        Some(at) => moment(at, now),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    let action = match revoked_at {
        Some(at) => {
            view! { <Tag tone=Tone::Neutral icon=Icon::Cross text="Revoked" /> <span class="cell-note">{moment(at, now)}</span> }
                .into_any()
        }
        None => {
            let of = format!(" the key {name}");
            view! { <a class="button button-small" href=paths::revoke_api_key(id)>"Revoke" <span class="sr-only">{of}</span></a> }
                .into_any()
        }
    };
    view! {
        <Cell label="Name">
            <span class="cell-title">{name}</span>
            <span class="cell-note"><code>{format!("{prefix}…")}</code></span>
        </Cell>
        <Cell label="Created">{moment(created_at, now)}{by}</Cell>
        <Cell label="Last used">{last}</Cell>
        <Cell label="Actions">{action}</Cell>
    }
}

fn moment(at: OffsetDateTime, now: OffsetDateTime) -> AnyView {
    let at = clock::display_time(at, now);
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}

/// The response is the page itself, so that the key appears in no URL, cookie or browser history.
pub async fn post_api_keys(post: Post) -> PostResult<Posted> {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::ManageAccount)?;
    let name =
        line(post.fields.get("name"), Problem::ApiKeyNameMissing).map_err(|problem| Fault::field("name", problem))?;
    let created = post
        .cx
        .write((account_id, name), |tx, (account_id, name)| {
            Box::pin(async move { keys::create(tx, account_id, &name).await })
        })
        .await?;
    Ok(post.show_once([("key".to_owned(), created.key.reveal().to_owned())]))
}

/// The confirmation page before a key is revoked.
pub async fn revoke_api_key_page(visit: Visit) -> PageResult {
    visit.cx.viewer()?;
    let id: ApiKeyId = visit.id("key_id")?;
    let key = {
        let mut conn = visit.cx.read().await?;
        queries::find_api_key(&mut conn, id).await?.ok_or(Fault::NOT_FOUND)?
    };
    visit.cx.actor(key.account_id, Permission::ManageAccount)?;
    let breadcrumb = vec![("API keys".to_owned(), paths::API_KEYS.to_owned())];
    let question = format!("Revoke the API key {}?", key.name);
    let confirm = Confirm::new(question, breadcrumb, paths::API_KEYS.to_owned());
    let effects = [
        "Systems that use it lose access immediately.",
        "This cannot be undone. Systems that should keep working need another key.",
    ];
    let confirm = match key.revoked_at {
        Some(_) => confirm.no_longer_open(Tone::Info, "This key is already revoked."),
        None => confirm.form(
            &visit,
            ConfirmForm {
                name: "revoke",
                action: paths::revoke_api_key(id),
                acting: key.account_id,
                hidden: None,
                body: consequences(effects.map(ToOwned::to_owned).to_vec()),
                button: "Revoke",
            },
        ),
    };
    Ok(confirm.screen("Revoke an API key", "settings"))
}

pub async fn post_revoke_api_key(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    let id: ApiKeyId = post.id("key_id")?;
    post.cx.write((account_id, id), |tx, (account_id, id)| Box::pin(keys::revoke(tx, account_id, id))).await?;
    Ok(Redirect::to(paths::API_KEYS).with_message(Message::ApiKeyRevoked))
}
