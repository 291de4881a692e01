//! `/leads/erase`: removes a person's data from all leads of the account, after a confirmation.

use crate::{
    accounts::model::Permission,
    base::{AccountId, AppError, FormState, Problem, paths},
    leads::{
        routes::Message,
        server::{
            erase,
            export::{self, Count},
            search::{Person, Search},
        },
    },
    reports::parts::grouped,
    server::Fault,
    ui::{Button, ButtonKind, Field, FormActions, LinkButton, PageHeader, Panel},
    web::{Confirm, ConfirmForm, PageResult, Post, PostResult, Redirect, Screen, Visit, consequences},
};
use leptos::prelude::*;

/// The form on the list that leads to the confirmation.
pub fn entrance() -> AnyView {
    let lead = "Removes everything personal from all leads with an email address or phone number, for you and for the \
                sellers. Figures and prices stay.";
    view! { <Panel title="Erase a person" lead>{ask(String::new(), None)}</Panel> }.into_any()
}

fn ask(value: String, error: Option<String>) -> AnyView {
    view! {
        <form class="form" method="get" action=paths::ERASE_PERSON>
            <Field label="Email or phone of the person" name="person" value error=MaybeProp::from(error) autocomplete="off" maxlength=320 required=true />
            <FormActions>
                <Button kind=ButtonKind::Danger>"Erase a person"</Button>
            </FormActions>
        </form>
    }
    .into_any()
}

pub async fn erase_person_page(visit: Visit) -> PageResult {
    let account_id = visit.cx.active_membership()?.account_id;
    visit.cx.actor(account_id, Permission::ManageAccount)?;
    let rejected = visit.form("erase");
    let typed = rejected.value_or("person", &visit.query("person")).trim().to_owned();
    let breadcrumb = vec![("Leads".to_owned(), paths::LEADS.to_owned())];
    let Some(person) = Person::find(account_id, &typed) else {
        return Ok(ask_again(breadcrumb, typed, &rejected));
    };
    let search = Search { person: Some(person), ..Search::new(account_id) };
    let count = {
        let mut conn = visit.cx.read().await?;
        export::count(&mut conn, &search).await?
    };
    let confirm = Confirm::new(format!("Erase {typed}?"), breadcrumb, paths::LEADS.to_owned());
    let confirm = confirm.form(
        &visit,
        ConfirmForm {
            name: "erase",
            action: paths::ERASE_PERSON.to_owned(),
            acting: account_id,
            hidden: Some(("person", typed)),
            body: consequences(effects(count)),
            button: "Erase",
        },
    );
    Ok(confirm.screen("Erase a person", "leads"))
}

fn ask_again(breadcrumb: Vec<(String, String)>, typed: String, rejected: &FormState) -> Screen {
    let is_wrong = rejected.was_submitted() || !typed.is_empty();
    let error = is_wrong.then(|| Problem::PersonUnreadable.sentence().to_owned());
    Screen::app(
        "Erase a person",
        "leads",
        view! {
            <PageHeader title="Erase a person" breadcrumb />
            {ask(typed, error)}
            <p class="actions"><LinkButton href=paths::LEADS>"Back"</LinkButton></p>
        },
    )
}

fn effects(count: Count) -> Vec<String> {
    let leads = match (count.leads, count.has_more) {
        (0, false) => "No lead has this address or number.".to_owned(),
        (1, false) => "1 lead loses everything personal, here and for its seller.".to_owned(),
        (leads, false) => format!("{} leads lose everything personal, here and for their sellers.", grouped(leads)),
        (leads, true) => {
            format!("More than {} leads lose everything personal, here and for their sellers.", grouped(leads))
        }
    };
    let others = [
        "Kept posts that could not be read are removed if they contain it.",
        "Outcomes, reasons, prices, times and figures stay. The activity records the number of leads, and no data.",
        "This cannot be undone.",
    ];
    std::iter::once(leads).chain(others.map(ToOwned::to_owned)).collect()
}

pub async fn post_erase_person(post: Post) -> PostResult {
    let account_id: AccountId = post.fields.acting_account(&post.cx)?;
    erase::require(&post.cx, account_id)?;
    let person = Person::find(account_id, post.fields.get("person").trim());
    let person = person.ok_or_else(|| Fault::from(AppError::invalid("person", Problem::PersonUnreadable)))?;
    let erased = erase::erase(&post.cx, account_id, &person).await?;
    let message = match (erased.leads, erased.has_more) {
        (0, _) => Message::NobodyErased,
        (_, false) => Message::PersonErased,
        (_, true) => Message::PersonPartlyErased,
    };
    Ok(Redirect::to(paths::LEADS).with_message(message))
}
