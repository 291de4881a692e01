use leptos::prelude::*;

use super::{Icon, icon, some};

/// What every control shares: the ids that tie label, help and error to it.
#[derive(Clone)]
pub(super) struct Frame {
    pub id: String,
    pub label: String,
    pub help: String,
    pub error: MaybeProp<String>,
    pub optional_mark: bool,
}

impl Frame {
    /// The id is the name unless a page with two such fields gives its own.
    pub fn new(id: String, name: &str, label: String, help: String, error: MaybeProp<String>) -> Self {
        let id = some(id).unwrap_or_else(|| name.to_owned());
        Self { id, label, help, error, optional_mark: false }
    }

    pub fn optional(mut self, mark: bool) -> Self {
        self.optional_mark = mark;
        self
    }

    /// Names help and error for `aria-describedby`, each only while it is there.
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

    /// A field refused by the server takes the focus; the browser picks the first of several.
    pub fn refused(&self) -> bool {
        self.error.get_untracked().is_some()
    }

    /// Error and help, below the control and in this order, so that what must be mended is read first.
    pub fn notes(&self) -> impl IntoView + use<> {
        let Self { id, help, error, .. } = self.clone();
        let help_id = format!("{id}-help");
        view! {
            {move || error.get().map(|text| view! { <p class="field-error" id=format!("{id}-error")>{icon(Icon::Warning)} <span>{text}</span></p> })}
            {some(help).map(|text| view! { <p class="field-help" id=help_id>{text}</p> })}
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

/// A one-line input with its label, help and error.
///
/// A field rendered with an error takes the focus, so give `autofocus` only to a form without errors.
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
            placeholder=some(placeholder)
            autocomplete=some(autocomplete)
            inputmode=some(inputmode)
            list=some(list)
            maxlength=maxlength.map(|most| most.to_string())
            required=required
            readonly=readonly
            autofocus=autofocus || frame.refused()
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
        />
    };
    frame.around(control)
}

/// A password input; it never shows a value again, and lets password managers fill, suggest and paste.
///
/// `autocomplete` is `current-password` when signing in and `new-password` when choosing one.
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

/// A text of several lines.
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
            placeholder=some(placeholder)
            maxlength=maxlength.map(|most| most.to_string())
            required=required
            readonly=readonly
            autofocus=autofocus || frame.refused()
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
            inner_html=escape(&value)
        ></textarea>
    };
    frame.around(control)
}

/// The renderer writes the children of a `<textarea>` unescaped, so a typed `</textarea>` would end it: never put text
/// into one by hand.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A value the form carries unseen.
#[component]
pub fn HiddenField(#[prop(into)] name: String, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_markup_stays_text() {
        let owner = Owner::new_root(None);
        owner.set();
        let html = view! { <TextArea label="Note" name="note" value="</textarea><b>&amp;" /> }.to_html();
        assert!(html.contains(">&lt;/textarea>&lt;b>&amp;amp;</textarea>"), "{html}");
    }

    #[test]
    fn a_refused_field_is_described_by_its_error_and_takes_the_focus() {
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
