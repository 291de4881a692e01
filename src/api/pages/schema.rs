//! Shows the schemas of the document in words.

use leptos::prelude::*;
use serde_json::Value;

/// The name of the referenced schema.
pub fn name_of_reference(schema: &Value) -> Option<String> {
    schema["$ref"].as_str()?.rsplit('/').next().map(ToOwned::to_owned)
}

/// A valid value: the example of the schema, or one built from its required properties. None if there is no schema.
pub fn example(api: &Value, schema: &Value, depth: u8) -> Option<Value> {
    let schema = match name_of_reference(schema) {
        Some(name) => &api["components"]["schemas"][name],
        None => schema,
    };
    if schema.is_null() || depth > 4 {
        return None;
    }
    let given = [&schema["example"], &schema["examples"][0], &schema["enum"][0]];
    if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
        return Some(given.clone());
    }
    if schema["type"] == "array" {
        return Some(Value::Array(example(api, &schema["items"], depth + 1).into_iter().collect()));
    }
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = required.iter().filter_map(Value::as_str);
    Some(
        named
            .filter_map(|name| Some((name.to_owned(), example(api, &schema["properties"][name], depth + 1)?)))
            .collect(),
    )
}

/// The type in words, with links to referenced schemas.
pub fn type_of(schema: &Value) -> AnyView {
    if let Some(name) = name_of_reference(schema) {
        return view! { <a href=format!("#schema-{name}")>{name.clone()}</a> }.into_any();
    }
    let kinds: Vec<&Value> =
        ["oneOf", "anyOf", "allOf"].iter().filter_map(|word| schema[word].as_array()).flatten().collect();
    if !kinds.is_empty() {
        let last = kinds.len() - 1;
        let listed = kinds.into_iter().enumerate().map(|(index, kind)| {
            view! { {type_of(kind)} {(index < last).then_some(" or ")} }
        });
        return listed.collect_view().into_any();
    }
    if has_type(schema, "array") {
        let or_null = has_type(schema, "null").then_some(" or null");
        return view! { "array of " {type_of(&schema["items"])} {or_null} }.into_any();
    }
    let words = [word_of(schema), limits(schema)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    words.join(", ").into_any()
}

fn has_type(schema: &Value, word: &str) -> bool {
    match &schema["type"] {
        Value::Array(words) => words.iter().any(|one| one == word),
        one => one == word,
    }
}

/// A description in the document.
pub fn prose(description: &Value) -> AnyView {
    in_words(description.as_str().unwrap_or_default())
}

/// Text with names in backticks shown as code.
pub fn in_words(text: &str) -> AnyView {
    let parts = text.split('`').enumerate().map(|(index, part)| match index % 2 {
        0 => part.to_owned().into_any(),
        _ => view! { <code>{part.to_owned()}</code> }.into_any(),
    });
    parts.collect_view().into_any()
}

fn word_of(schema: &Value) -> String {
    let base = match &schema["type"] {
        Value::String(word) => word.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any value".to_owned(),
    };
    match schema["format"].as_str() {
        Some("date-time") => base.replace("string", "time, RFC 3339"),
        Some("date") => base.replace("string", "day"),
        _ => base,
    }
}

fn limits(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    let between = |least: &str, most: &str, unit: &str| match (&schema[least], &schema[most]) {
        (Value::Null, Value::Null) => None,
        (least, Value::Null) => Some(format!("from {least}{unit}")),
        (Value::Null, most) => Some(format!("up to {most}{unit}")),
        (least, most) => Some(format!("{least} to {most}{unit}")),
    };
    between("minimum", "maximum", "").or_else(|| between("minLength", "maxLength", " characters")).unwrap_or_default()
}

/// The properties of an object, or the type of any other schema.
pub fn shape(schema: &Value) -> AnyView {
    let Some(properties) = schema["properties"].as_object() else {
        return view! { <p>{type_of(schema)}</p> }.into_any();
    };
    let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let rows = properties.iter().map(|(name, property)| {
        let is_needed = if required(name) { "required, " } else { "" };
        let what = prose(&property["description"]);
        view! {
            <dt><code>{name.clone()}</code>" "<small>{is_needed}{type_of(property)}</small></dt>
            <dd>{what}</dd>
        }
    });
    view! { <dl class="api-properties">{rows.collect_view()}</dl> }.into_any()
}
