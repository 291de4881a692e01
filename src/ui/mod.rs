//! The design system: generic components without product words, styled by the files of the same names in `style/`.
//!
//! Components that islands may use are compiled for browser and server and kept small. All others are server-only.

// [both]
mod banner;
mod button;
mod choice;
mod code;
mod dialog;
mod field;
mod form;
mod form_data;
mod icon;
mod progress;
mod table;
mod tag;
mod time_ago;

pub use banner::{Banner, EmptyState, StatusMessage};
pub use button::{Button, ButtonKind, IconButton, LinkButton, SwitchForm};
pub use choice::{Card, Checkbox, Choice, RadioCards, Select};
pub use code::{CodeBlock, CopyButton};
pub use dialog::{Dialog, Menu};
pub use field::{Field, HiddenField, PasswordField, TextArea, growing_field};
pub use form::{ErrorSummary, FormActions};
pub use form_data::form_values;
pub use icon::{Icon, icon};
pub use progress::{ProgressBar, Skeleton, Spinner};
pub use table::{Cell, Column, DataTable, Pagination, Sorted};
pub use tag::{Tag, Tone};
pub use time_ago::TimeAgo;

#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
pub use page::*;

/// Optional attributes and texts are passed as empty strings; this omits them from the markup.
pub(crate) fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
