//! The part of `/settings` about how long leads are kept.

use crate::{
    accounts::{model::Permission, routes::Message},
    base::{AccountId, AppError, Problem, paths},
    leads::server::{queries::retention as queries, retention},
    reports::parts::grouped,
    server::Fault,
    ui::{Banner, Button, Checkbox, Field, FormActions, Panel, Tone},
    web::{Post, PostResult, Redirect, Visit, form_errors, form_identity},
};
use leptos::prelude::*;
use sqlx::PgConnection;

/// The checkbox that confirms that leads are removed. Its value is the number of days, so that it confirms no other one.
const CONFIRMED: &str = "confirmed";

/// What the form shows.
pub struct Retention {
    days: i32,
    /// The number of days that needs a confirmation, and how many leads are older.
    removal: Option<(i32, i64)>,
}

fn parse(text: &str) -> Option<i32> {
    text.trim().replace(',', "").parse().ok().filter(|days| retention::DAYS.contains(days))
}

pub async fn load(visit: &Visit, conn: &mut PgConnection, account_id: AccountId) -> Result<Retention, Fault> {
    let days = queries::find_days(conn, account_id).await?;
    let back = visit.form("retention");
    let wanted = parse(&back.value("lead_days")).filter(|_| back.error(CONFIRMED).is_some());
    let removal = match wanted {
        None => None,
        Some(wanted) => {
            let oldest = retention::horizon(wanted, visit.cx.now);
            let older = queries::count_before(conn, account_id, oldest, retention::MAX_COUNTED + 1).await?;
            Some((wanted, older))
        }
    };
    Ok(Retention { days, removal })
}

impl Retention {
    pub fn in_words(&self) -> String {
        format!("{} days", grouped(self.days.into()))
    }

    pub fn form(&self, visit: &Visit, account_id: AccountId) -> AnyView {
        let back = visit.form("retention");
        let lead = "Older leads are removed for good, for you and for your sellers. Figures stay.";
        let error = back.error(CONFIRMED);
        let days = back.value_or("lead_days", &self.days.to_string());
        let confirm = self.removal.map(|(days, older)| view! {
            <Banner tone=Tone::Warning title=effect(days, older) />
            <Checkbox label="Remove these leads for good" name=CONFIRMED value=days.to_string() error=MaybeProp::from(error) />
        });
        view! {
            <Panel title="Leads" lead>
                <form class="form" method="post" action=paths::SETTINGS novalidate>
                    {form_identity("retention", Some(account_id))}
                    {form_errors(&back)}
                    <Field label="Keep leads for" name="lead_days" value=days error=back.error("lead_days") help="7 to 1,830 days." inputmode="numeric" required=true />
                    {confirm}
                    <FormActions><Button>"Save days"</Button></FormActions>
                </form>
            </Panel>
        }
        .into_any()
    }
}

fn effect(days: i32, older: i64) -> String {
    let days = grouped(days.into());
    match older {
        1 => format!("1 lead is older than {days} days."),
        older if older > retention::MAX_COUNTED => {
            format!("More than {} leads are older than {days} days.", grouped(retention::MAX_COUNTED))
        }
        older => format!("{} leads are older than {days} days.", grouped(older)),
    }
}

pub async fn post_retention(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::ManageAccount)?;
    let days = parse(post.fields.get("lead_days")).ok_or(Problem::LeadDaysInvalid);
    let days = days.map_err(|problem| Fault::from(AppError::invalid("lead_days", problem)))?;
    let confirmed = post.fields.get(CONFIRMED).parse().ok();
    post.cx
        .write((account_id, days, confirmed), |tx, (account_id, days, confirmed)| {
            Box::pin(retention::change_days(tx, account_id, days, confirmed))
        })
        .await?;
    Ok(Redirect::to(paths::SETTINGS).with_message(Message::RetentionSaved))
}
