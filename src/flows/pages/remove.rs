//! The confirmation pages for removing a source and for archiving or deleting a flow. Each lists the consequences, with
//! names and numbers.

use super::{add::find_editable_flow, crumbs};
use crate::{
    accounts::model::Permission,
    base::{FlowId, SourceId, paths},
    entities::model::SourceTag,
    flows::{
        model::SourceRow,
        routes::Message,
        server::{
            self, RemovalOutcome,
            queries::{self, LeadCount},
        },
    },
    invitations::server as invitations,
    reports::{self, parts::grouped},
    ui::Checkbox,
    web::{Confirm, ConfirmForm, PageResult, Post, PostResult, Redirect, Visit, consequences},
};
use leptos::prelude::*;

pub async fn remove_source_page(visit: Visit) -> PageResult {
    let (flow_id, source_id): (FlowId, SourceId) = (visit.id("flow_id")?, visit.id("source_id")?);
    let mut conn = visit.cx.read().await?;
    let (flow, source, _) = server::find_source_for(&mut conn, flow_id, source_id, Permission::ChangeFlows).await?;
    let row = reports::server::find_source(&mut conn, flow.account_id, flow_id, source_id, visit.cx.now).await?;
    let has_duplicate = queries::has_duplicate(&mut conn, flow_id, source_id).await?;
    let is_last = queries::is_last_use(&mut conn, flow.account_id, source.entity_id, source_id).await?;
    let leads = queries::count_leads_of_source(&mut conn, flow.account_id, source_id).await?;
    let back = visit.form("remove");
    let revoke = (is_last && is_open(&row)).then(|| {
        let help = "No other flow uses this source. The invitation link stops working immediately.";
        let checked = back.error.is_none() || back.values.contains_key("revoke");
        view! { <Checkbox label="Also revoke the invitation" name="revoke" checked help /> }
    });
    let effects = consequences(source_effects(&row, is_last, has_duplicate, leads));
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
        .lead(format!("It will be removed from flow {}.", flow.name))
        .form(&visit, form);
    Ok(confirm.screen(title, "flows"))
}

/// True if the invitation can still be accepted or renewed.
fn is_open(row: &SourceRow) -> bool {
    matches!(row.tag, SourceTag::ConnectionPending | SourceTag::Expired)
}

/// What becomes of the leads, with their number of all time, which includes those that the account no longer keeps.
fn leads_kept(LeadCount { leads, test_leads }: LeadCount) -> Option<String> {
    let number = |count: i64, noun: &str| {
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{} {noun}{plural}", grouped(count)))
    };
    let received: Vec<_> = [number(leads, "lead"), number(test_leads, "test lead")].into_iter().flatten().collect();
    (!received.is_empty()).then(|| {
        format!(
            "It has received {}. Leads are kept for as long as the account keeps leads, with the current flow and source names.",
            received.join(" and ")
        )
    })
}

fn source_effects(row: &SourceRow, is_last: bool, has_duplicate: bool, leads: LeadCount) -> Vec<String> {
    let mut lines = Vec::new();
    if row.tag.may_send() {
        lines.push("Its Submission URL stops accepting leads.".to_owned());
    }
    if row.tag == SourceTag::AccountSource && row.duplicate_of.is_none() && !has_duplicate {
        lines.push(format!(
            "{} immediately loses access to the Submission Docs of this flow. You stay connected.",
            row.name
        ));
    }
    if let Some(setup) = setup(row) {
        lines.push(format!("{setup} permanently deleted."));
    }
    lines.extend(leads_kept(leads));
    if has_duplicate {
        lines.push("Its duplicate replaces it and stays off until you turn it on.".to_owned());
    }
    if is_open(row) && !is_last {
        lines.push("The invitation stays open because other flows use it.".to_owned());
    }
    lines
}

fn setup(row: &SourceRow) -> Option<String> {
    match (row.mappings, row.rules) {
        (0, 0) => None,
        (mappings, 0) => Some(format!("{} {}", count(mappings, "mapping"), are(mappings))),
        (0, rules) => Some(format!("{} {}", count(rules, "rule"), are(rules))),
        (mappings, rules) => Some(format!("{} and {} are", count(mappings, "mapping"), count(rules, "rule"))),
    }
}

fn are(count: u32) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn count(count: u32, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

pub async fn remove_flow_page(visit: Visit) -> PageResult {
    let flow = find_editable_flow(&visit).await?;
    let mut conn = visit.cx.read().await?;
    let all = reports::server::SourceQuery::ALL;
    let rows = reports::server::list_sources(&mut conn, flow.account_id, flow.id, all, visit.cx.now).await?;
    let had_leads = queries::had_leads(&mut conn, flow.account_id, flow.id).await?;
    let leads = queries::count_leads_of_flow(&mut conn, flow.account_id, flow.id).await?;
    let word = if had_leads { "Archive" } else { "Delete" };
    let lead = if had_leads {
        "It will be turned off and hidden. You can restore it with its sources, mappings and rules."
    } else {
        "It has no leads, so it will be deleted with its fields, sources, mappings and rules. This can't be undone."
    };
    let form = ConfirmForm {
        name: "remove",
        action: paths::remove_flow(flow.id),
        acting: flow.account_id,
        hidden: None,
        body: consequences(flow_effects(&rows, leads)),
        button: word,
    };
    let title = format!("{word} {}", flow.name);
    let confirm = Confirm::new(format!("{title}?"), crumbs(flow.id, &flow.name), paths::flow_sources(flow.id))
        .lead(lead)
        .form(&visit, form);
    Ok(confirm.screen(title, "flows"))
}

fn flow_effects(rows: &[SourceRow], leads: LeadCount) -> Vec<String> {
    let mut lines = Vec::new();
    let live = || rows.iter().filter(|row| row.duplicate_of.is_none());
    if live().any(|row| row.tag.may_send()) {
        lines.push("It stops accepting leads.".to_owned());
    }
    let sellers: Vec<_> =
        live().filter(|row| row.tag == SourceTag::AccountSource).map(|row| row.name.as_str()).collect();
    if !sellers.is_empty() {
        let lose = if sellers.len() == 1 { "loses" } else { "lose" };
        lines.push(format!("{} immediately {lose} access to its Submission Docs.", names(&sellers)));
    }
    let invited: Vec<_> = live().filter(|row| is_open(row)).map(|row| row.name.as_str()).collect();
    if !invited.is_empty() {
        let subject = if invited.len() == 1 { "The invitation to" } else { "The invitations to" };
        let verb = if invited.len() == 1 { "stays" } else { "stay" };
        lines.push(format!("{subject} {} {verb} open.", names(&invited)));
    }
    lines.extend(leads_kept(leads));
    lines
}

/// The first names, then the number of the rest.
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
    Ok(Redirect::to(paths::flow_sources(flow_id)).with_message(Message::SourceRemoved))
}

pub async fn post_remove_flow(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    let outcome = post.cx.write(flow_id, |tx, flow| Box::pin(server::remove_flow(tx, flow))).await?;
    Ok(Redirect::to(paths::FLOWS).with_message(match outcome {
        RemovalOutcome::Archived => Message::FlowArchived,
        RemovalOutcome::Deleted => Message::FlowDeleted,
    }))
}

#[cfg(test)]
mod tests {
    use super::{LeadCount, leads_kept, names};

    #[test]
    fn leads_and_test_leads_are_counted_in_one_sentence() {
        let sentence = |leads, test_leads| leads_kept(LeadCount { leads, test_leads });
        assert_eq!(sentence(0, 0), None);
        for ((leads, test_leads), begins) in [
            ((3, 4), "It has received 3 leads and 4 test leads. "),
            ((1, 1), "It has received 1 lead and 1 test lead. "),
            ((0, 1), "It has received 1 test lead. "),
            ((1_200, 0), "It has received 1,200 leads. "),
        ] {
            let shown = sentence(leads, test_leads).unwrap();
            assert!(shown.starts_with(begins), "{shown}");
        }
    }

    #[test]
    fn a_few_names_are_listed_and_the_rest_counted() {
        assert_eq!(names(&["A"]), "A");
        assert_eq!(names(&["A", "B", "C"]), "A, B and C");
        assert_eq!(names(&["A", "B", "C", "D", "E", "F", "G"]), "A, B, C, D, E and 2 more");
    }
}
