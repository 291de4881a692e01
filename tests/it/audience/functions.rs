//! Every server function, with every action it has, called by everyone.

use super::{
    fixture::{Access, Findings, Fixture, INVITED_MEMBER, INVITED_USER, Person},
    ids::Ids,
    table::FUNCTIONS,
};
use crate::support::{Response, actor::problem_name};
use accord::{
    accounts::model::Permission::{ChangeFlows, Invite, ManageAccount, See},
    partners::model::PartnerPermission::ManageUsers,
    server::Audience::{self, Account, Invited, Partner, PartnerPeople},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// A call: the function, its audience, the input, and the status for people with permission, in this order.
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
    cell("/fn/flows/sources/list", Account(See), r#"{"flow_id":"{flow_id}","shown":{"search":"","page":1}}"#, 200),
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
    cell("/fn/invitations/link", Account(Invite), r#"{"invitation_id":"{invitation_id}"}"#, 200),
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
    pub async fn call(&self, person: &Person, ids: &Ids) -> Response {
        let input: Value = serde_json::from_str(&ids.fill(self.input)).unwrap();
        person.actor.call(self.path.trim_start_matches("/fn/"), &input).await
    }
}

#[test]
fn every_function_of_the_table_is_tested() {
    let name = |path: &str, audience: Audience| format!("{path} {audience:?}");
    let tried: BTreeSet<_> = CELLS.iter().map(|cell| name(cell.path, cell.audience)).collect();
    let table: BTreeSet<_> = FUNCTIONS.iter().map(|(path, audience)| name(path, *audience)).collect();
    assert_eq!(tried, table);
}

#[tokio::test]
async fn every_function_rejects_people_without_permission_and_changes_nothing() {
    let fixture = Fixture::new().await;
    let (mut before, mut findings) = (fixture.fingerprint().await, Findings::default());
    for cell in CELLS {
        for person in &fixture.people {
            let access = person.access_with(cell.audience, cell.input);
            if access == Access::Allowed {
                continue;
            }
            let response = cell.call(person, &fixture.ids).await;
            let expected = match access {
                Access::Forbidden => (403, "NotAllowed"),
                Access::SignIn => (401, "SignedOut"),
                _ => (404, "NotFound"),
            };
            let is_right = (response.status.as_u16(), problem_name(&response).as_str()) == expected;
            findings.check(is_right, || {
                format!("{} {} {}: {} {}", person.who, cell.path, cell.input, response.status, response.body)
            });
        }
        let changed = fixture.changed_since(&mut before).await;
        findings.check(changed.is_empty(), || format!("{} {} changed {changed:?}", cell.path, cell.input));
    }
    findings.assert_none();
}

async fn call_all_allowed(who: &str) {
    let (fixture, mut findings) = (Fixture::new().await, Findings::default());
    let person = fixture.person(who);
    for cell in CELLS {
        if person.access_with(cell.audience, cell.input) != Access::Allowed {
            continue;
        }

        let response = cell.call(person, &fixture.ids).await;
        let finding = || format!("{who} {} {}: {} {}", cell.path, cell.input, response.status, response.body);
        findings.check(response.status == cell.done, finding);
    }
    findings.assert_none();
}

#[tokio::test]
async fn an_admin_can_call_every_function_an_admin_may() {
    call_all_allowed("the Admin").await;
}

#[tokio::test]
async fn a_manager_can_call_every_function_a_manager_may() {
    call_all_allowed("the Manager").await;
}

#[tokio::test]
async fn a_viewer_can_call_every_function_a_viewer_may() {
    call_all_allowed("the Viewer").await;
}

#[tokio::test]
async fn a_partner_admin_can_call_every_function_a_partner_admin_may() {
    call_all_allowed("the Partner Admin").await;
}

#[tokio::test]
async fn people_on_two_sides_can_call_what_either_side_may() {
    call_all_allowed("the Viewer who is Partner Admin").await;
    call_all_allowed("the Viewer who is connected Admin").await;
}

#[tokio::test]
async fn invitees_can_join() {
    call_all_allowed(INVITED_USER).await;
    call_all_allowed(INVITED_MEMBER).await;
}
