//! Demo data for development.

use super::operator::{NewActor, tell};
use crate::{
    base::Secret,
    flows,
    identity::server as identity,
    server::{
        AppState, Cx, Fault, Place, Viewer,
        commands::{self, Database, Failure},
        config::Config,
        db,
    },
};
use std::sync::Arc;

/// The password of all demo sign-ins; development only.
pub const PASSWORD: &str = "accord demo";

/// A demo account.
#[derive(Debug)]
pub struct Demo {
    pub company: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub what: &'static str,
    plan: &'static str,
    trustedform: bool,
}

pub const ACTORS: &[Demo] = &[
    Demo {
        company: "Bright Solar",
        name: "Bea Buyer",
        email: "buyer@example.com",
        what: "buys leads, has LeadConduit Base",
        plan: "base",
        trustedform: false,
    },
    Demo {
        company: "Proof Media",
        name: "Tom Trusted",
        email: "trusted@example.com",
        what: "has TrustedForm only",
        plan: "none",
        trustedform: true,
    },
    Demo {
        company: "Lead Harbor",
        name: "Lea Seller",
        email: "seller@example.com",
        what: "sells leads, has LeadConduit Pro",
        plan: "pro",
        trustedform: false,
    },
];

/// `accord seed`
pub async fn run(config: Config) -> Result<(), Failure> {
    if config.is_production() {
        return Err("Demo data is for development; this is production.".into());
    }
    let database = Database::open(&config).await?;
    db::migrate(&database.owner).await?;
    let state = commands::state(config, &database).await?;
    println!(
        "{}",
        if first_start(&state).await? {
            "The demo data is there."
        } else {
            "There is data already; nothing was added."
        }
    );
    state.pool.close().await;
    database.close().await
}

/// Fills an empty database; whether it was empty.
pub async fn first_start(state: &AppState) -> Result<bool, Failure> {
    let cx = state.system().await.map_err(|fault| tell(&fault))?;
    if !is_empty(&cx).await? {
        return Ok(false);
    }
    for demo in ACTORS {
        let new = NewActor {
            company: demo.company.to_owned(),
            name: demo.name.to_owned(),
            email: demo.email.to_owned(),
            password: Secret::new(PASSWORD),
            plan: demo.plan.to_owned(),
            trustedform: demo.trustedform,
        };
        let (newcomer, account) = new.parse()?;
        let viewer = Viewer {
            session_id: state.make_id(cx.now),
            user_id: state.make_id(cx.now),
            name: newcomer.name.clone(),
            email: newcomer.email.shown().to_owned(),
            email_key: newcomer.email.key().to_owned(),
            active: None,
            places: Vec::new(),
            partners: Vec::new(),
        };
        let made = identity::create_with_account(&cx, newcomer, account.clone()).await;
        let (account_id, user_id, _) = made.map_err(|fault| tell(&fault))?;
        if demo.plan == "base" {
            let place = Place {
                account_id,
                name: account.name,
                role: crate::accounts::model::Role::Admin,
                plan: account.plan,
                trustedform: account.trustedform,
            };
            let viewer = Arc::new(Viewer { user_id, places: vec![place], ..viewer });
            first_flow(&Cx { viewer: Some(viewer), ..cx.clone() }).await.map_err(|fault| tell(&fault))?;
        }
    }
    Ok(true)
}

async fn is_empty(cx: &Cx) -> Result<bool, Failure> {
    let mut conn = cx.read().await.map_err(|fault| tell(&fault))?;
    Ok(!sqlx::query_scalar!(r#"select exists (select from users) as "any!""#).fetch_one(&mut *conn).await?)
}

async fn first_flow(cx: &Cx) -> Result<(), Fault> {
    let account_id = cx.active_place()?.account_id;
    let fields = ["first_name", "last_name", "email", "phone_1", "state", "postal_code"].map(str::to_owned).to_vec();
    cx.write((account_id, fields), |tx, (account_id, fields)| {
        Box::pin(async move {
            let flow = flows::server::create(tx, account_id, "Solar California", &fields).await?;
            flows::server::create_source(tx, flow, "Website form").await
        })
    })
    .await?;
    Ok(())
}
