//! The confirmation page before a partner is archived or deleted.

use crate::{
    accounts::model::Permission,
    base::{PartnerId, Problem, paths},
    flows::server::RemovalOutcome,
    invitations::server::{self as invitations, Removal, queries::has_history},
    partners::{routes::Message, server::policy},
    reports::server::{PartnerRow, find_partner, forget_partner_orders},
    server::Fault,
    web::{Confirm, ConfirmForm, PageResult, Post, PostResult, Redirect, Visit, consequences},
};

pub async fn remove_partner_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    let (partner, _) = policy::find_in_account(&mut conn, id, Permission::ChangeFlows).await?;
    if partner.archived {
        return Err(Problem::PartnerArchived.into());
    }
    let account_id = partner.account_id;
    let row = find_partner(&mut conn, account_id, id, visit.cx.now).await?.ok_or(Fault::NOT_FOUND)?;
    let is_kept =
        partner.linked_account_id.is_some() || partner.had_leads || has_history(&mut conn, account_id, id).await?;
    drop(conn);
    let (outcome, word, lead, lines) = if is_kept {
        (RemovalOutcome::Archived, "Archive", "It will be hidden until you restore it.", archived(&row))
    } else {
        let lead = "It has no leads and was never invited, so it will be deleted permanently.";
        (RemovalOutcome::Deleted, "Delete", lead, deleted(&row))
    };
    let breadcrumb =
        vec![("Partners".to_owned(), paths::PARTNERS.to_owned()), (partner.name.clone(), paths::partner(id))];
    let title = format!("{word} {}", partner.name);
    let form = ConfirmForm {
        name: "remove",
        action: paths::remove_partner(id),
        acting: account_id,
        hidden: Some(("gone", form_value(outcome).to_owned())),
        body: consequences(lines),
        button: word,
    };
    let confirm = Confirm::new(format!("{title}?"), breadcrumb, paths::partner(id)).lead(lead).form(&visit, form);
    Ok(confirm.screen(title, "partners"))
}

fn archived(row: &PartnerRow) -> Vec<String> {
    let users = people(row.users, "loses access immediately", "lose access immediately");
    let invites = people(row.invites, "with an invitation can no longer join", "with invitations can no longer join");
    let sources = match row.sources {
        0 => None,
        1 => Some("Its source stays assigned and still accepts leads.".to_owned()),
        count => Some(format!("Its {count} sources stay assigned and still accept leads.")),
    };
    let restored = "If you restore it, its people and sources come back, but not its invitations.".to_owned();
    [users, invites, sources, Some(restored)].into_iter().flatten().collect()
}

fn deleted(row: &PartnerRow) -> Vec<String> {
    let users = people(row.users, "loses access immediately", "lose access immediately");
    let sources = match row.sources {
        0 => None,
        1 => Some("Its source no longer belongs to a partner but still accepts leads.".to_owned()),
        count => Some(format!("Its {count} sources no longer belong to a partner but still accept leads.")),
    };
    let warning = "This can't be undone.".to_owned();
    [users, sources, Some(warning)].into_iter().flatten().collect()
}

fn people(count: i64, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 person {one}.")),
        count => Some(format!("{count} people {many}.")),
    }
}

/// The value of the form's hidden field: what the person confirms.
fn form_value(outcome: RemovalOutcome) -> &'static str {
    match outcome {
        RemovalOutcome::Archived => "archive",
        RemovalOutcome::Deleted => "delete",
    }
}

pub async fn post_remove_partner(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    let id: PartnerId = post.id("partner_id")?;
    let confirmed = [RemovalOutcome::Archived, RemovalOutcome::Deleted]
        .into_iter()
        .find(|outcome| form_value(*outcome) == post.fields.get("gone"));
    let removed = post.cx.write((id, confirmed), |tx, (id, confirmed)| {
        Box::pin(invitations::remove_partner(tx, id, Removal::Confirmed(confirmed)))
    });
    let outcome = removed.await?;
    forget_partner_orders(&post.cx.state, account_id);
    Ok(match outcome {
        RemovalOutcome::Archived => Redirect::to(paths::partner(id)).with_message(Message::PartnerArchived),
        RemovalOutcome::Deleted => Redirect::to(paths::PARTNERS).with_message(Message::PartnerDeleted),
    })
}
