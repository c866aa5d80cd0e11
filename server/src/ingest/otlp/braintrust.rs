//! Braintrust's own attributes: each names a field of the row. `…_json` holds JSON as text, as the Go, Java, Ruby and .NET clients write
//! it; a name below a field, such as `braintrust.metadata.user`, is one entry of it.

use serde_json::Value;

use super::attributes::{Attributes, unpack, unpack_structure};
use super::draft::Draft;

/// Attributes that say where a span goes, not what it is.
const ADDRESS: [&str; 4] = ["braintrust.parent", "braintrust.org", "braintrust.app_url", "braintrust.api_url"];

pub(super) fn read(attributes: &mut Attributes, draft: &mut Draft) {
    for key in ADDRESS {
        attributes.take(key);
    }
    draft.input(value(attributes, "input"));
    draft.output(value(attributes, "output"));
    draft.expected = value(attributes, "expected");
    draft.error = attributes.take("braintrust.error").map(unpack_structure);
    draft.tags = value(attributes, "tags").map(tags);
    fields(attributes, "scores", &mut draft.scores);
    fields(attributes, "metadata", &mut draft.metadata);
    fields(attributes, "metrics", &mut draft.metrics);
    fields(attributes, "context", &mut draft.context);
    fields(attributes, "span_attributes", &mut draft.span_attributes);
}

/// A field that may hold anything.
fn value(attributes: &mut Attributes, field: &str) -> Option<Value> {
    let packed = attributes.take(&format!("braintrust.{field}_json")).map(unpack);
    let plain = attributes.take(&format!("braintrust.{field}")).map(unpack_structure);
    packed.or(plain)
}

/// A field that is an object.
fn fields(attributes: &mut Attributes, field: &str, into: &mut serde_json::Map<String, Value>) {
    if let Some(value) = value(attributes, field)
        && let Some(other) = Draft::merge(into, value)
    {
        // No object: kept where people look for what they cannot find.
        into.entry("value").or_insert(other);
    }
    for (key, value) in attributes.take_under(&format!("braintrust.{field}.")) {
        into.entry(key).or_insert_with(|| unpack_structure(value));
    }
}

/// Tags as an array, or as one text with commas.
fn tags(value: Value) -> Value {
    match value {
        Value::String(text) => text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(Value::from).collect(),
        other => other,
    }
}
