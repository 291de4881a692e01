//! What stands in a form right now, in the browser: the form itself is the state, so nothing typed can differ from it.

use leptos::wasm_bindgen::JsCast;
use std::collections::BTreeMap;
use web_sys::{Event, FormData, HtmlFormElement};

/// The fields of the form that an event came from, by name; what a plain post would send.
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
