//! What the operators of rules do, beside the rule editor.

use crate::ui::{KeyValues, Panel};
use leptos::prelude::*;

/// What a person needs to know about each kind of operator.
const HELP: &[(&str, &str)] = &[
    (
        "is equal to, is included in",
        "Upper and lower case, accents written in two ways, and spellings of one value are the same: California is CA, 1,000 is 1000. 02134 also accepts 02134-1021; 02134-1021 accepts only itself.",
    ),
    (
        "Lists",
        "Separate values with commas, semicolons or lines. Put a value that contains one of these in double quotes: \"Smith, Jr.\".",
    ),
    (
        "is less than, is greater than",
        "Compares numbers, dates and times. Signs and units such as $, %, k and years are understood.",
    ),
    (
        "is between",
        "Both ends belong to the range: 18-65, 18+, $10,000 - $20,000, 1980 to 1989, between 1/1/1980 and 12/31/1989. A year, a month or a day at an end counts as a whole.",
    ),
    ("includes", "The value contains this text anywhere."),
    ("matches wildcard", "The whole value, where * is any text and ? is one character: J*n matches John."),
    (
        "matches pattern",
        "A regular expression, found anywhere in the value: ^J.*n$ matches John. Slashes around it are optional.",
    ),
    (
        "format is valid",
        "The value can be read as its type. A blank value passes; add is not blank if the field is required.",
    ),
    (
        "Blank values",
        "Rules with not (except is not blank), is blank and format is valid accept a blank value. Other rules reject it and tell the seller that the field is missing.",
    ),
];

/// Explains the operators below the rule editor.
pub fn rule_help() -> impl IntoView {
    let items = HELP.iter().map(|(operator, text)| ((*operator).to_owned(), (*text).into_any())).collect();
    view! {
        <Panel title="How rules compare">
            <KeyValues items />
        </Panel>
    }
}
