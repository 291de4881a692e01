//! Demo data for development.

use super::operator::{AccountArgs, message};
use crate::{
    base::{AccountId, EmailAddress, Secret, SourceId},
    flows::{self, server::Assignment},
    identity::server as identity,
    invitations::{
        self,
        server::{CompanyInvite, Target},
    },
    leads::{self, server::Submission},
    partners::{
        model::PartnerRole,
        server::{self as partners, Details},
    },
    rules::AcceptanceCriteria,
    server::{
        AppState, Cx, Fault, Tx,
        commands::{self, Database, Failure},
        config::Config,
        db, session,
    },
};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use time::Duration;

/// The password of all demo sign-ins; development only.
pub const PASSWORD: &str = "accord demo";

/// A demo account.
#[derive(Debug)]
pub struct DemoAccount {
    pub company: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub description: &'static str,
    plan: &'static str,
    trustedform: bool,
}

pub const DEMO_ACCOUNTS: &[DemoAccount] = &[
    DemoAccount {
        company: "Bright Solar",
        name: "Bea Buyer",
        email: "buyer@example.com",
        description: "buys leads, has LeadConduit Base",
        plan: "base",
        trustedform: false,
    },
    DemoAccount {
        company: "Proof Media",
        name: "Tom Trusted",
        email: "trusted@example.com",
        description: "has TrustedForm only",
        plan: "none",
        trustedform: true,
    },
    DemoAccount {
        company: "Lead Harbor",
        name: "Lea Seller",
        email: "seller@example.com",
        description: "sells leads, has LeadConduit Pro",
        plan: "pro",
        trustedform: false,
    },
];

/// `accord seed`
pub async fn run(config: Config) -> Result<(), Failure> {
    if config.is_production() {
        return Err("Demo data is for development only, but this is production.".into());
    }
    let database = Database::open(&config).await?;
    db::migrate(&database.owner).await?;
    let state = commands::state(config, &database).await?;
    println!(
        "{}",
        if seed_if_empty(&state).await? { "Demo data added." } else { "The database is not empty. Nothing was added." }
    );
    state.close().await;
    database.close().await
}

/// Adds the demo data to an empty database. Returns whether it was empty.
pub async fn seed_if_empty(state: &AppState) -> Result<bool, Failure> {
    let cx = state.system().await.map_err(|fault| message(&fault))?;
    if !is_empty(&cx).await? {
        return Ok(false);
    }
    for demo in DEMO_ACCOUNTS {
        let new = AccountArgs {
            company: demo.company.to_owned(),
            name: demo.name.to_owned(),
            email: demo.email.to_owned(),
            password: Secret::new(PASSWORD),
            plan: demo.plan.to_owned(),
            trustedform: demo.trustedform,
        };
        let (newcomer, account) = new.parse()?;
        let created = identity::create_with_account(&cx, newcomer, account).await;
        let (account_id, user_id, _) = created.map_err(|fault| message(&fault))?;
        let cx = session::act_as(&cx, user_id, account_id).await.map_err(|fault| message(&fault))?;
        let seeded = match demo.plan {
            "base" => seed_flow(&cx).await,
            "pro" => seed_recipient(&cx).await,
            _ => Ok(()),
        };
        seeded.map_err(|fault| message(&fault))?;
        end_session(&cx).await.map_err(|fault| message(&fault))?;
    }
    Ok(true)
}

async fn end_session(cx: &Cx) -> Result<(), Fault> {
    session::end(&mut *cx.read().await?, cx.viewer()?.session()?).await
}

async fn is_empty(cx: &Cx) -> Result<bool, Failure> {
    let mut conn = cx.read().await.map_err(|fault| message(&fault))?;
    Ok(!sqlx::query_scalar!(r#"select exists (select from users) as "any!""#).fetch_one(&mut *conn).await?)
}

/// A buyer the demo seller has invited to receive its leads.
const RECIPIENT: &str = "leads@roofing.example";

async fn seed_recipient(cx: &Cx) -> Result<(), Fault> {
    let target = Target::Recipient(cx.active_membership()?.account_id);
    let invite = CompanyInvite::parse(target, RECIPIENT, "We have leads from homeowners in your region.")?;
    cx.write(invite, |tx, invite| Box::pin(invitations::server::send(tx, invite))).await?;
    Ok(())
}

/// The demo partner's user: email, name, and the partner's name.
pub const PARTNER: (&str, &str, &str) = ("partner@example.com", "Pia Partner", "Golden State Leads");

/// Adds a flow with a custom source, and a partner whose source has sent leads for some weeks.
async fn seed_flow(cx: &Cx) -> Result<(), Fault> {
    let account_id = cx.active_membership()?.account_id;
    let hash = cx.state.passwords.hash(&Secret::new(PASSWORD)).await?;
    let (flow, source) = cx
        .write((account_id, hash), |tx, (account_id, hash)| {
            Box::pin(async move {
                let flow =
                    flows::server::create(tx, account_id, "Solar California", &FIELDS.map(str::to_owned)).await?;
                flows::server::create_source(tx, flow, "Website form").await?;
                let source = flows::server::create_source(tx, flow, "Golden State form").await?;
                flows::server::set_source_criteria(tx, flow, source, 1, Some(california()?)).await?;
                seed_partner(tx, account_id, source, &hash).await?;
                Ok((flow, source))
            })
        })
        .await?;
    // Oldest first, with ids of their own, because an id has the time of its lead and never goes back.
    let mut past = cx.state.clone();
    past.ids = Arc::default();
    for number in (0..60_i64).rev() {
        // Every ninth lead is from another state, and some days have more leads than others.
        let state = if number % 9 == 4 { "NV" } else { "CA" };
        let at = cx.now - Duration::hours(number * 11 + (number * number) % 7);
        let body = format!("first_name=Maria&last_name=Garcia&email=maria{number}%40example.com&state={state}");
        let past_cx = Cx { state: past.clone(), now: at, viewer: None, ..cx.clone() };
        let lead = Submission::form(flow, source, &body);
        leads::server::submit(&past_cx, lead).await?;
    }
    Ok(())
}

const FIELDS: [&str; 6] = ["first_name", "last_name", "email", "phone_1", "state", "postal_code"];

fn california() -> Result<AcceptanceCriteria, Fault> {
    let criteria = json!({
        "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] },
        "reason": "We buy leads from California only",
    });
    serde_json::from_value(criteria).map_err(|error| Fault::Broken(error.to_string()))
}

/// Adds a partner with its source and its user.
async fn seed_partner(tx: &mut Tx, account_id: AccountId, source: SourceId, hash: &str) -> Result<(), Fault> {
    let (address, person, name) = PARTNER;
    let partner = partners::create(tx, account_id, Details::parse(name, "goldenstate.example", Some(""))?).await?;
    let wanted = Assignment { sources: vec![source], moves: BTreeMap::new() };
    flows::server::assign(tx, partner, wanted).await?;
    let email = EmailAddress::parse(address).map_err(|problem| Fault::field("email", problem.into()))?;
    let user_id = identity::create_person(tx, person, &email, hash).await?;
    partners::people::add(tx, account_id, partner, user_id, PartnerRole::PartnerAdmin).await?;
    Ok(())
}
