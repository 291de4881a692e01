//! Reads the current values of a form in the browser. The form itself is the only state, so the values are never stale.

use leptos::wasm_bindgen::JsCast;
use std::collections::BTreeMap;
use web_sys::{Event, FormData, HtmlFormElement};

/// The fields of the event's form by name, as a plain submit would send them.
pub fn form_values(event: &Event) -> BTreeMap<String, String> {
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let form = element.and_then(|element| element.closest("form").ok().flatten());
    let form = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let Some(data) = form.and_then(|form| FormData::new_with_form(&form).ok()) else { return BTreeMap::new() };
    let Ok(Some(entries)) = js_sys::try_iter(&data) else { return BTreeMap::new() };
    entries
        .filter_map(|entry| {
            let pair = js_sys::Array::from(&entry.ok()?);
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}
