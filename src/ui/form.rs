use leptos::prelude::*;

use super::{Icon, icon};

/// The errors of a rejected form, as pairs of field id and sentence. Each one links to its field.
///
/// It is announced immediately, while the focus goes to the first field with an error (see `Field`).
#[component]
pub fn ErrorSummary(
    errors: Vec<(String, String)>,
    #[prop(default = "Fix these to continue".to_owned(), into)] title: String,
) -> impl IntoView {
    let items = errors
        .into_iter()
        .map(|(field, sentence)| {
            if field.is_empty() {
                view! { <li>{sentence}</li> }.into_any()
            } else {
                view! {
                    <li>
                        <a href=format!("#{field}")>{sentence}</a>
                    </li>
                }
                .into_any()
            }
        })
        .collect::<Vec<_>>();
    (!items.is_empty()).then(|| {
        view! {
            <div class="banner tone-danger" role="alert" tabindex="-1">
                {icon(Icon::Warning)}
                <div class="banner-body">
                    <p class="banner-title">{title}</p>
                    <ul>{items}</ul>
                </div>
            </div>
        }
    })
}

/// The buttons at the end of a form, the primary one first.
#[component]
pub fn FormActions(children: Children) -> impl IntoView {
    view! { <div class="form-actions">{children()}</div> }
}
