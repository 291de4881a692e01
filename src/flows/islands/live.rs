//! One event stream per visible page. It is closed while the page is hidden, because six open streams use up a
//! browser's connections to one host. Everything is fetched again when the page becomes visible.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, closure::Closure};
use std::{cell::RefCell, rc::Rc};
use web_sys::EventSource;

/// Calls `changed` for each event of the stream at `path`. Browser only; does nothing on the server.
pub fn follow(path: String, changed: impl Fn() + Clone + 'static) {
    Effect::new(move |_| {
        let stream: Rc<RefCell<Option<EventSource>>> = Rc::default();
        open(&stream, &path, changed.clone());
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
        let (path, changed, page) = (path.clone(), changed.clone(), document.clone());
        let on_visibility = Closure::<dyn Fn()>::new(move || {
            if page.hidden() {
                if let Some(stream) = stream.take() {
                    stream.close();
                }
            } else if stream.borrow().is_none() {
                changed();
                open(&stream, &path, changed.clone());
            }
        });
        let callback = on_visibility.as_ref().unchecked_ref();
        let _listening = document.add_event_listener_with_callback("visibilitychange", callback);
        // Islands live as long as the page, so the listener needs no cleanup.
        on_visibility.forget();
    });
}

fn open(stream: &Rc<RefCell<Option<EventSource>>>, path: &str, changed: impl Fn() + 'static) {
    let Ok(source) = EventSource::new(path) else { return };
    let on_event = Closure::<dyn Fn()>::new(changed);
    let _listening = source.add_event_listener_with_callback("sources", on_event.as_ref().unchecked_ref());
    on_event.forget();
    stream.replace(Some(source));
}
