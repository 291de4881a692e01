//! Every server function, and every act of one, called by everybody.

use super::{
    cast::{Cast, Findings, INVITED_MEMBER, INVITED_USER, Person, Verdict},
    ids::Ids,
    table::FUNCTIONS,
};
use crate::support::{Answer, actor::refusal};
use accord::{
    accounts::model::Permission::{ChangeFlows, Invite, ManageAccount, See},
    partners::model::PartnerPermission::ManageUsers,
    server::Audience::{self, Account, Invited, Partner, PartnerPeople},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// A call: the function, for whom this input is, the input, and the status for who may, in this order.
pub struct Cell {
    pub path: &'static str,
    pub audience: Audience,
    pub input: &'static str,
    pub done: u16,
}

const fn cell(path: &'static str, audience: Audience, input: &'static str, done: u16) -> Cell {
    Cell { path, audience, input, done }
}

const LIST: &str = "/fn/invitations/team/list";
const INVITE: &str = "/fn/invitations/team/invite";
const ACT: &str = "/fn/invitations/team/act";
const NO_CRITERIA: &str =
    r#"{"flow_id":"{flow_id}","source_id":null,"version":1,"rows":{"join":"and","rows":[],"reason":""}}"#;

#[rustfmt::skip]
pub const CELLS: &[Cell] = &[
    cell("/fn/flows/sources/list", Account(See), r#"{"flow_id":"{flow_id}"}"#, 200),
    cell("/fn/flows/sources/switch", Account(ChangeFlows), r#"{"flow_id":"{flow_id}","source_id":"{source_id}","on":true}"#, 200),
    cell("/fn/flows/sources/turn-on", Account(ChangeFlows), r#"{"flow_id":"{flow_id}","source_id":"{waiting_id}","turn_on":true}"#, 200),
    cell("/fn/flows/sources/add", Account(ChangeFlows), r#"{"flow_id":"{flow_id}","entity_id":"{entity_id}"}"#, 200),
    cell("/fn/flows/sources/create", Account(ChangeFlows), r#"{"flow_id":"{flow_id}","name":"A new form"}"#, 200),
    cell("/fn/flows/sources/map", Account(ChangeFlows), r#"{"flow_id":"{flow_id}","source_id":"{custom_id}","version":1,"rows":[]}"#, 200),
    cell("/fn/flows/criteria/save", Account(ChangeFlows), NO_CRITERIA, 200),
    cell("/fn/flows/criteria/save", Account(ChangeFlows), r#"{"flow_id":"{flow_id}","source_id":"{custom_id}","version":2,"rows":{"join":"and","rows":[],"reason":""}}"#, 200),
    cell("/fn/invitations/send", Account(Invite), r#"{"flow_id":"{flow_id}","email":"one@more.example","note":""}"#, 200),
    cell("/fn/invitations/act", Account(Invite), r#"{"invitation_id":"{invitation_id}","act":"Resend"}"#, 200),
    cell("/fn/invitations/act", Account(Invite), r#"{"invitation_id":"{invitation_id}","act":"InviteAgain"}"#, 200),
    cell("/fn/invitations/accept", Invited, r#"{"invitation_id":"{invitation_id}","account_id":"{account_id}"}"#, 200),
    cell("/fn/invitations/decline", Invited, r#"{"invitation_id":"{invitation_id}","reason":""}"#, 200),
    cell("/fn/invitations/join", Invited, r#"{"invitation_id":"{user_invitation}"}"#, 200),
    cell("/fn/invitations/join", Invited, r#"{"invitation_id":"{member_invitation}"}"#, 200),
    cell(LIST, Account(See), r#"{"team":{"Account":"{account_id}"}}"#, 200),
    cell(LIST, PartnerPeople, r#"{"team":{"Partner":"{partner_id}"}}"#, 200),
    cell(INVITE, Account(ManageAccount), r#"{"team":{"Account":"{account_id}"},"email":"one@member.example","role":"viewer"}"#, 200),
    cell(INVITE, Partner(ManageUsers), r#"{"team":{"Partner":"{partner_id}"},"email":"one@user.example","role":"partner_user"}"#, 200),
    cell(ACT, Account(ManageAccount), r#"{"team":{"Account":"{account_id}"},"act":{"SetRole":["{spare_member}","viewer","manager"]}}"#, 200),
    cell(ACT, Account(ManageAccount), r#"{"team":{"Account":"{account_id}"},"act":{"Remove":["{spare_member}",[]]}}"#, 200),
    cell(ACT, Account(ManageAccount), r#"{"team":{"Account":"{account_id}"},"act":{"Resend":"{member_invitation}"}}"#, 200),
    cell(ACT, Account(ManageAccount), r#"{"team":{"Account":"{account_id}"},"act":{"Revoke":"{member_invitation}"}}"#, 200),
    cell(ACT, Partner(ManageUsers), r#"{"team":{"Partner":"{partner_id}"},"act":{"SetRole":["{spare_user}","partner_user","partner_admin"]}}"#, 200),
    cell(ACT, Partner(ManageUsers), r#"{"team":{"Partner":"{partner_id}"},"act":{"Remove":["{spare_user}",[]]}}"#, 200),
    cell(ACT, Partner(ManageUsers), r#"{"team":{"Partner":"{partner_id}"},"act":{"Resend":"{user_invitation}"}}"#, 200),
    cell(ACT, Partner(ManageUsers), r#"{"team":{"Partner":"{partner_id}"},"act":{"Revoke":"{user_invitation}"}}"#, 200),
];

impl Cell {
    pub async fn call(&self, person: &Person, ids: &Ids) -> Answer {
        let input: Value = serde_json::from_str(&ids.fill(self.input)).unwrap();
        person.actor.call(self.path.trim_start_matches("/fn/"), &input).await
    }
}

#[test]
fn every_function_of_the_table_is_tried() {
    let name = |path: &str, audience: Audience| format!("{path} {audience:?}");
    let tried: BTreeSet<_> = CELLS.iter().map(|cell| name(cell.path, cell.audience)).collect();
    let table: BTreeSet<_> = FUNCTIONS.iter().map(|(path, audience)| name(path, *audience)).collect();
    assert_eq!(tried, table);
}

#[tokio::test]
async fn who_may_not_is_kept_out_by_every_function_and_changes_nothing() {
    let cast = Cast::meet().await;
    let (mut before, mut findings) = (cast.fingerprint().await, Findings::default());
    for cell in CELLS {
        for person in &cast.people {
            let verdict = person.verdict_on(cell.audience, cell.input);
            if verdict == Verdict::In {
                continue;
            }
            let answer = cell.call(person, &cast.ids).await;
            let expected = match verdict {
                Verdict::Refused => (403, "NotAllowed"),
                Verdict::SignIn => (401, "SignedOut"),
                _ => (404, "NotFound"),
            };
            let is_right = (answer.status.as_u16(), refusal(&answer).as_str()) == expected;
            findings.note(is_right, || {
                format!("{} {} {}: {} {}", person.who, cell.path, cell.input, answer.status, answer.body)
            });
        }
        let changed = cast.changed_since(&mut before).await;
        findings.note(changed.is_empty(), || format!("{} {} changed {changed:?}", cell.path, cell.input));
    }
    findings.assert_none();
}

async fn calls_all(who: &str) {
    let (cast, mut findings) = (Cast::meet().await, Findings::default());
    let person = cast.person(who);
    for cell in CELLS {
        if person.verdict_on(cell.audience, cell.input) != Verdict::In {
            continue;
        }

        let answer = cell.call(person, &cast.ids).await;
        let told = || format!("{who} {} {}: {} {}", cell.path, cell.input, answer.status, answer.body);
        findings.note(answer.status == cell.done, told);
    }
    findings.assert_none();
}

#[tokio::test]
async fn an_admin_calls_what_an_admin_may() {
    calls_all("the Admin").await;
}

#[tokio::test]
async fn a_manager_calls_what_a_manager_may() {
    calls_all("the Manager").await;
}

#[tokio::test]
async fn a_viewer_calls_what_a_viewer_may() {
    calls_all("the Viewer").await;
}

#[tokio::test]
async fn a_partner_admin_calls_what_a_partner_admin_may() {
    calls_all("the Partner Admin").await;
}

#[tokio::test]
async fn people_on_two_sides_call_what_they_may_from_either() {
    calls_all("the Viewer who is Partner Admin").await;
    calls_all("the Viewer who is connected Admin").await;
}

#[tokio::test]
async fn who_is_invited_to_join_joins() {
    calls_all(INVITED_USER).await;
    calls_all(INVITED_MEMBER).await;
}
