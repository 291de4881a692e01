//! The wrapper around every server function: it provides the `Cx` and sets the status of the response.

use super::{Cx, Fault};
use crate::base::AppError;
use axum::http::{StatusCode, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// Runs the body of a server function. An error sets its own status instead of 500.
pub async fn call<T, F>(work: impl FnOnce(Cx) -> F) -> Result<T, AppError>
where
    F: Future<Output = Result<T, Fault>>,
{
    let Some(cx) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Cx>().cloned()) else {
        return Err(Fault::Broken("a server function ran without a request".to_owned()).report());
    };
    let response = use_context::<ResponseOptions>();
    let result = match cx.check_entry() {
        Ok(()) => work(cx.clone()).await,
        Err(fault) => Err(fault),
    };
    let proved = result.and_then(|value| cx.require_proof().map(|()| value));
    proved.map_err(|fault| {
        let headers = fault.headers();
        let error = fault.report();
        if let (Some(response), Ok(status)) = (response, StatusCode::from_u16(error.status())) {
            response.set_status(status);
            for (name, value) in headers {
                response.insert_header(name, value);
            }
        }
        error
    })
}
