//! The parts that all forms share.

use crate::{
    base::{AccountId, FormState, PartnerId},
    ui::{Banner, ErrorSummary, HiddenField, Tone},
};
use leptos::prelude::*;

/// Shown above a rejected form: links to all wrong fields, or the message for the whole form.
pub fn form_errors(back: &FormState) -> AnyView {
    let errors: Vec<(String, String)> =
        back.field_errors().into_iter().map(|error| (error.field, error.problem.sentence().to_owned())).collect();
    if !errors.is_empty() {
        return view! { <ErrorSummary errors /> }.into_any();
    }
    back.summary()
        .map(|sentence| view! { <div role="alert"><Banner tone=Tone::Danger title=sentence /></div> })
        .into_any()
}

/// The hidden fields of every form: its name and the account it acts for.
pub fn form_identity(form: &'static str, acting: Option<AccountId>) -> AnyView {
    view! {
        <HiddenField name="form" value=form />
        {acting.map(|account| view! { <HiddenField name="as" value=account.to_string() /> })}
    }
    .into_any()
}

/// The hidden fields of forms about a partner, which people on either side can submit.
pub fn partner_identity(form: &'static str, partner: PartnerId) -> AnyView {
    view! {
        <HiddenField name="form" value=form />
        <HiddenField name="partner" value=partner.to_string() />
    }
    .into_any()
}
