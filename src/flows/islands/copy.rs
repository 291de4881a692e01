//! Copy buttons, which are hidden until this island marks the page as able to copy.

use js_sys::{Promise, futures::JsFuture};
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    // The generated bindings have no clipboard.
    #[wasm_bindgen(js_namespace = ["navigator", "clipboard"], js_name = writeText, catch)]
    fn write_text(text: &str) -> Result<Promise, JsValue>;
}

/// Copies a text. Returns false if the browser does not allow it, such as when the click was too long ago.
pub async fn copy(text: &str) -> bool {
    match write_text(text) {
        Ok(writing) => JsFuture::from(writing).await.is_ok(),
        Err(_) => false,
    }
}

/// Makes every `[data-copy]` button of the page work.
#[island(lazy)]
pub fn CopyButtons() -> impl IntoView {
    Effect::new(|_| {
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
        if let Some(root) = document.document_element() {
            let _marked = root.set_attribute("data-copies", "");
        }
        let on_click = Closure::<dyn Fn(web_sys::Event)>::new(|event: web_sys::Event| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let Some(button) = target.and_then(|target| target.closest("[data-copy]").ok().flatten()) else { return };
            if write_text(&button.get_attribute("data-copy").unwrap_or_default()).is_ok() {
                let _marked = button.set_attribute("data-copied", "");
                set_timeout(
                    move || {
                        let _unmarked = button.remove_attribute("data-copied");
                    },
                    std::time::Duration::from_secs(2),
                );
            }
        });
        let _listening = document.add_event_listener_with_callback("click", on_click.as_ref().unchecked_ref());
        on_click.forget();
    });
    view! { <span class="sr-only" aria-hidden="true"></span> }
}
