//! The questions before something goes: a source from its flow, a flow to the archive or for good. Each says what will
//! happen, with names and numbers.

use super::{add::changeable_flow, crumbs};
use crate::{
    accounts::model::Permission,
    base::{FlowId, SourceId, paths},
    entities::model::SourceTag,
    flows::{
        model::SourceRow,
        routes::Message,
        server::{self, Gone, queries},
    },
    invitations::server as invitations,
    reports,
    server::Fault,
    ui::Checkbox,
    web::{Confirm, ConfirmForm, PageResult, Post, PostResult, Redirect, Visit, consequences},
};
use leptos::prelude::*;

pub async fn remove_source_page(visit: Visit) -> PageResult {
    let (flow_id, source_id): (FlowId, SourceId) = (visit.id("flow_id")?, visit.id("source_id")?);
    let mut conn = visit.cx.read().await?;
    let (flow, source, _) = server::find_source_for(&mut conn, flow_id, source_id, Permission::ChangeFlows).await?;
    let rows = reports::server::list_sources(&mut conn, flow.account_id, flow_id, None, visit.cx.now).await?;
    let is_last = queries::is_last_use(&mut conn, flow.account_id, source.entity_id, source_id).await?;
    let has_heir = rows.iter().any(|row| row.duplicate_of == Some(source_id));
    let row = rows.into_iter().find(|row| row.id == source_id).ok_or(Fault::NOT_FOUND)?;
    let back = visit.form("remove");
    let revoke = (is_last && is_open(&row)).then(|| {
        let help = "No other flow uses this source. Its link is dead at once, and says so.";
        let checked = back.error.is_none() || back.values.contains_key("revoke");
        view! { <Checkbox label="Also revoke the invitation" name="revoke" checked help /> }
    });
    let effects = consequences(losses(&row, is_last, has_heir));
    let form = ConfirmForm {
        name: "remove",
        action: paths::remove_source(flow_id, source_id),
        acting: flow.account_id,
        hidden: None,
        body: view! { {effects} {revoke} }.into_any(),
        button: "Remove",
    };
    let title = format!("Remove {}", source.name);
    let cancel = paths::flow_sources(flow_id);
    let confirm = Confirm::new(format!("{title}?"), crumbs(flow_id, &flow.name), cancel)
        .lead(format!("It will be no source of the flow {} any more.", flow.name))
        .form(&visit, form);
    Ok(confirm.screen(title, "flows"))
}

/// Its invitation can still be accepted, or renewed.
fn is_open(row: &SourceRow) -> bool {
    matches!(row.tag, SourceTag::ConnectionPending | SourceTag::Expired)
}

fn losses(row: &SourceRow, is_last: bool, has_heir: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if row.tag.may_send() {
        lines.push("Leads sent to its Submission URL are refused from then on.".to_owned());
    }
    if row.tag == SourceTag::AccountSource && row.duplicate_of.is_none() && !has_heir {
        lines.push(format!(
            "{} loses access to the Submission Docs of this flow at once. You stay connected.",
            row.name
        ));
    }
    if let Some(set_up) = set_up(row) {
        lines.push(format!("{set_up} lost for good."));
    }
    if row.leads > 0 {
        lines.push(format!("{}, with the names they have.", stay(row.leads.into())));
    }
    if has_heir {
        lines.push("Its duplicate takes its place, and is off until you switch it on.".to_owned());
    }
    if is_open(row) && !is_last {
        lines.push("The invitation stays open: other flows use it.".to_owned());
    }
    lines
}

fn set_up(row: &SourceRow) -> Option<String> {
    match (row.mappings, row.rules) {
        (0, 0) => None,
        (mappings, 0) => Some(format!("{} {}", count(mappings.into(), "mapping"), are(mappings))),
        (0, rules) => Some(format!("{} {}", count(rules.into(), "rule"), are(rules))),
        (mappings, rules) => {
            Some(format!("{} and {} are", count(mappings.into(), "mapping"), count(rules.into(), "rule")))
        }
    }
}

fn are(count: u32) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn count(count: i64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn stay(leads: i64) -> String {
    if leads == 1 { "1 lead stays".to_owned() } else { format!("{leads} leads stay") }
}

pub async fn remove_flow_page(visit: Visit) -> PageResult {
    let flow = changeable_flow(&visit).await?;
    let mut conn = visit.cx.read().await?;
    let rows = reports::server::list_sources(&mut conn, flow.account_id, flow.id, None, visit.cx.now).await?;
    let leads = queries::count_leads(&mut conn, flow.account_id, flow.id).await?;
    let word = if leads > 0 { "Archive" } else { "Delete" };
    let lead = if leads > 0 {
        "It is off and hidden until you restore it. Sources, mappings and rules are kept."
    } else {
        "It has no leads: it is deleted, with its fields, sources, mappings and rules. This cannot be undone."
    };
    let form = ConfirmForm {
        name: "remove",
        action: paths::remove_flow(flow.id),
        acting: flow.account_id,
        hidden: None,
        body: consequences(flow_losses(&rows, leads)),
        button: word,
    };
    let title = format!("{word} {}", flow.name);
    let confirm = Confirm::new(format!("{title}?"), crumbs(flow.id, &flow.name), paths::flow_sources(flow.id))
        .lead(lead)
        .form(&visit, form);
    Ok(confirm.screen(title, "flows"))
}

fn flow_losses(rows: &[SourceRow], leads: i64) -> Vec<String> {
    let mut lines = Vec::new();
    let live = || rows.iter().filter(|row| row.duplicate_of.is_none());
    if live().any(|row| row.tag.may_send()) {
        lines.push("Leads sent to it are refused from then on.".to_owned());
    }
    let sellers: Vec<_> =
        live().filter(|row| row.tag == SourceTag::AccountSource).map(|row| row.name.as_str()).collect();
    if !sellers.is_empty() {
        let lose = if sellers.len() == 1 { "loses" } else { "lose" };
        lines.push(format!("{} {lose} access to its Submission Docs at once.", names(&sellers)));
    }
    let invited: Vec<_> = live().filter(|row| is_open(row)).map(|row| row.name.as_str()).collect();
    if !invited.is_empty() {
        let stays = if invited.len() == 1 { "The invitation to" } else { "The invitations to" };
        let verb = if invited.len() == 1 { "stays" } else { "stay" };
        lines.push(format!("{stays} {} {verb} open.", names(&invited)));
    }
    if leads > 0 {
        lines.push(format!("{}, with the names they have.", stay(leads)));
    }
    lines
}

/// A few names, then how many more.
fn names(all: &[&str]) -> String {
    const SHOWN: usize = 5;
    match all {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] if all.len() <= SHOWN => format!("{} and {last}", first.join(", ")),
        _ => {
            format!("{} and {} more", all.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", "), all.len() - SHOWN)
        }
    }
}

pub async fn post_remove_source(post: Post) -> PostResult {
    let (flow_id, source_id): (FlowId, SourceId) = (post.id("flow_id")?, post.id("source_id")?);
    post.fields.acting_account(&post.cx)?;
    let input = (flow_id, source_id, post.fields.is_checked("revoke"));
    post.cx
        .write(input, |tx, (flow, source, revoke)| Box::pin(invitations::remove_source(tx, flow, source, revoke)))
        .await?;
    Ok(Redirect::to(paths::flow_sources(flow_id)).saying(Message::SourceRemoved))
}

pub async fn post_remove_flow(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let gone = post.cx.write(flow_id, |tx, flow| Box::pin(server::remove_flow(tx, flow))).await?;
    Ok(Redirect::to(paths::FLOWS).saying(match gone {
        Gone::Archived => Message::FlowArchived,
        Gone::Deleted => Message::FlowDeleted,
    }))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_few_names_are_said_and_the_others_counted() {
        assert_eq!(names(&["A"]), "A");
        assert_eq!(names(&["A", "B", "C"]), "A, B and C");
        assert_eq!(names(&["A", "B", "C", "D", "E", "F", "G"]), "A, B, C, D, E and 2 more");
    }
}
