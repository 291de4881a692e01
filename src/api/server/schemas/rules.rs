//! The schemas of rules, mappings and fields, written by hand because rules are recursive.

use crate::rules::{
    AcceptanceCriteria, MAX_LIST, MAX_REASON, MAX_RULES, MAX_VALUE, Mapping, Node, Operator, Rule, RuleSet,
    StandardField,
};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type,
        schema::{AdditionalProperties, SchemaType},
    },
};

type Schemas = Vec<(String, RefOr<Schema>)>;

macro_rules! written {
    ($($name:ident: [$($inner:ident),*], $schema:expr;)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(all: &mut Schemas) {
                let inner: [(&str, fn() -> RefOr<Schema>, fn(&mut Schemas)); _] =
                    [$((stringify!($inner), <$inner as PartialSchema>::schema, <$inner as ToSchema>::schemas)),*];
                for (name, schema, schemas) in inner {
                    all.push((name.to_owned(), schema()));
                    schemas(all);
                }
            }
        }
    )+};
}

written! {
    Rule: [Operator], closed()
        .description(Some("One test of one field. Operators that only look at the field take no `rhv`."))
        .property("lhv", text(1, 64, r"^lead\.[a-z0-9_.]+$", "The field to test, such as `lead.state`."))
        .required("lhv")
        .property("op", reference("Operator"))
        .required("op")
        .property("rhv", nullable_text(MAX_LIST, "The value to compare with, at most 10,000 characters unless it is a list; can contain `{{lead.field}}` templates, except in a pattern or wildcard. A value that no lead can match is refused. A list is separated by commas, semicolons or lines; an entry that contains one of these is in double quotes. A range is written `18-65`, `18+` or `1980-01-01 to 1989-12-31`."))
        .examples([serde_json::json!({ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" })]);
    Node: [Rule], OneOfBuilder::new()
        .description(Some("A rule or a group of rules."))
        .item(reference("Rule"))
        .item(reference("RuleSet"));
    RuleSet: [Node], closed()
        .description(Some("Rules and groups, joined by `and` or `or`, nested at most five deep. An empty set passes."))
        .property("op", ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["and", "or"])))
        .required("op")
        .property("rules", ArrayBuilder::new().items(reference("Node")).max_items(Some(MAX_RULES)))
        .required("rules");
    AcceptanceCriteria: [RuleSet], closed()
        .description(Some("The rules leads must meet."))
        .property("rule_set", reference("RuleSet"))
        .required("rule_set")
        .property("reason", nullable_text(MAX_REASON, "The reason sent to the seller instead of the failed rule."))
        .examples([serde_json::json!({
            "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] },
            "reason": "We buy leads from California only",
        })]);
    Mapping: [RuleSet], closed()
        .description(Some("Sets a field from the submission, usually from the seller's own parameter."))
        .property("property", text(1, 64, r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", "The field to set."))
        .required("property")
        .property("value", text(0, MAX_VALUE, r"^[^\u0000]*$", "Text with `{{parameter}}` templates."))
        .required("value")
        .property("rule_set", OneOfBuilder::new()
            .description(Some("When the mapping applies; always, if null or left out."))
            .item(ObjectBuilder::new().schema_type(Type::Null))
            .item(reference("RuleSet")))
        .examples([serde_json::json!({ "property": "state", "value": "{{st}}" })]);
    StandardField: [], ObjectBuilder::new()
        .description(Some("A field that every account can use in its flows."))
        .property("name", ObjectBuilder::new().schema_type(Type::String))
        .required("name")
        .property("label", ObjectBuilder::new().schema_type(Type::String))
        .required("label")
        .property("type", ObjectBuilder::new().schema_type(Type::String))
        .required("type")
        .property("description", ObjectBuilder::new().schema_type(Type::String))
        .required("description")
        .property("examples", ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::String)))
        .required("examples");
}

fn closed() -> ObjectBuilder {
    ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn reference(name: &str) -> Ref {
    Ref::from_schema_name(name)
}

fn text(least: usize, most: usize, pattern: &str, what: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(least))
        .max_length(Some(most))
        .pattern(Some(pattern))
        .description(Some(what))
}

fn nullable_text(most: usize, what: &str) -> ObjectBuilder {
    text(0, most, r"^[^\u0000]*$", what).schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}
