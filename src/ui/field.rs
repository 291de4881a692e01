use leptos::prelude::*;

use super::{Icon, icon, non_empty};

/// Shared by all controls: label, help and error, and the ids that link them to the control.
#[derive(Clone)]
pub(super) struct Frame {
    pub id: String,
    pub label: String,
    pub help: String,
    pub error: MaybeProp<String>,
    pub optional_mark: bool,
}

impl Frame {
    /// The id defaults to the name; pages with two fields of the same name set it.
    pub fn new(id: String, name: &str, label: String, help: String, error: MaybeProp<String>) -> Self {
        let id = non_empty(id).unwrap_or_else(|| name.to_owned());
        Self { id, label, help, error, optional_mark: false }
    }

    pub fn optional(mut self, mark: bool) -> Self {
        self.optional_mark = mark;
        self
    }

    /// The value of `aria-describedby`: the ids of help and error, while they are shown.
    pub fn described_by(&self) -> impl Fn() -> Option<String> + Send + Sync + 'static + use<> {
        let Self { id, help, error, .. } = self.clone();
        let help = if help.is_empty() { String::new() } else { format!("{id}-help") };
        move || match (error.get().is_some(), help.is_empty()) {
            (true, true) => Some(format!("{id}-error")),
            (true, false) => Some(format!("{id}-error {help}")),
            (false, true) => None,
            (false, false) => Some(help.clone()),
        }
    }

    pub fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + 'static + use<> {
        let error = self.error;
        move || error.get().map(|_| "true")
    }

    /// A field with an error gets the focus; with several, the browser picks the first.
    pub fn has_error(&self) -> bool {
        self.error.get_untracked().is_some()
    }

    /// Error and help, below the control. The error is first, so it is read first.
    pub fn notes(&self) -> impl IntoView + use<> {
        let Self { id, help, error, .. } = self.clone();
        let help_id = format!("{id}-help");
        view! {
            {move || error.get().map(|text| view! { <p class="field-error" id=format!("{id}-error")>{icon(Icon::Warning)} <span>{text}</span></p> })}
            {non_empty(help).map(|text| view! { <p class="field-help" id=help_id>{text}</p> })}
        }
    }

    /// Label above, control, then error and help.
    pub fn around(self, control: impl IntoView) -> impl IntoView {
        let notes = self.notes();
        view! {
            <div class="field">
                <label class="field-label" for=self.id>
                    {self.label}
                    {self.optional_mark.then(|| view! { <span class="field-optional">" (optional)"</span> })}
                </label>
                {control}
                {notes}
            </div>
        }
    }
}

/// A one-line input with label, help and error.
///
/// A field with an error gets the focus, so set `autofocus` only in forms without errors.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] id: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional, into)] help: String,
    #[prop(optional, into)] placeholder: String,
    #[prop(optional, into)] autocomplete: String,
    #[prop(optional, into)] inputmode: String,
    #[prop(optional, into)] list: String,
    #[prop(optional_no_strip, into)] maxlength: Option<u32>,
    #[prop(optional)] required: bool,
    #[prop(optional)] optional_mark: bool,
    #[prop(optional)] readonly: bool,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let frame = Frame::new(id, &name, label, help, error).optional(optional_mark);
    let control = view! {
        <input
            class="input"
            id=frame.id.clone()
            name=name
            type=kind
            value=value
            placeholder=non_empty(placeholder)
            autocomplete=non_empty(autocomplete)
            inputmode=non_empty(inputmode)
            list=non_empty(list)
            maxlength=maxlength.map(|max| max.to_string())
            required=required
            readonly=readonly
            autofocus=autofocus || frame.has_error()
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
        />
    };
    frame.around(control)
}

/// A password input. It never contains a previous value, and works with password managers and pasting.
///
/// Set `autocomplete` to `current-password` for sign-in and `new-password` for choosing one.
#[component]
pub fn PasswordField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] id: String,
    #[prop(default = "current-password")] autocomplete: &'static str,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional, into)] help: String,
    #[prop(optional_no_strip, into)] maxlength: Option<u32>,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    view! {
        <Field
            label
            name
            id
            kind="password"
            autocomplete
            error
            help
            maxlength
            required
            autofocus
        />
    }
}

/// A multi-line text field.
#[component]
pub fn TextArea(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] id: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional, into)] help: String,
    #[prop(optional, into)] placeholder: String,
    #[prop(default = 4)] rows: u32,
    #[prop(optional_no_strip, into)] maxlength: Option<u32>,
    #[prop(optional)] required: bool,
    #[prop(optional)] optional_mark: bool,
    #[prop(optional)] readonly: bool,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let frame = Frame::new(id, &name, label, help, error).optional(optional_mark);
    let control = view! {
        <textarea
            class="input"
            id=frame.id.clone()
            name=name
            rows=rows.to_string()
            placeholder=non_empty(placeholder)
            maxlength=maxlength.map(|max| max.to_string())
            required=required
            readonly=readonly
            autofocus=autofocus || frame.has_error()
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
            inner_html=escape(&value)
        ></textarea>
    };
    frame.around(control)
}

/// A text field in a row of controls, without help of its own. It has one line and grows with what is entered.
pub fn growing_field<I, D>(
    name: String,
    label: &'static str,
    value: &str,
    invalid: I,
    described: D,
) -> impl IntoView + use<I, D>
where
    I: Fn() -> Option<&'static str> + Send + 'static,
    D: Fn() -> Option<String> + Send + 'static,
{
    view! { <textarea class="input input-growing" id=name.clone() name=name rows="1" aria-label=label autocomplete="off" aria-invalid=invalid aria-describedby=described inner_html=escape(value)></textarea> }
}

/// Escapes text for a `<textarea>`. The renderer does not escape its children, so a typed `</textarea>` would end it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A hidden field.
#[component]
pub fn HiddenField(#[prop(into)] name: String, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_area_is_escaped() {
        let owner = Owner::new_root(None);
        owner.set();
        let html = view! { <TextArea label="Note" name="note" value="</textarea><b>&amp;" /> }.to_html();
        assert!(html.contains(">&lt;/textarea>&lt;b>&amp;amp;</textarea>"), "{html}");
    }

    #[test]
    fn a_field_with_an_error_is_described_by_it_and_gets_the_focus() {
        let owner = Owner::new_root(None);
        owner.set();
        let html =
            view! { <Field label="Name" name="name" value="?" help="As written." error="Too short" /> }.to_html();
        for part in
            [r#"aria-describedby="name-error name-help""#, r#"aria-invalid="true""#, " autofocus", r#"value="?""#]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}
