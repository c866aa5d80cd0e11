//! The fields of a row while conventions fill them. Who comes first is right: Braintrust's own attributes before all others.

use serde_json::{Map, Value};

use super::attributes::Attributes;

/// The row so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub input: Option<Value>,
    pub output: Option<Value>,
    pub expected: Option<Value>,
    pub error: Option<Value>,
    pub tags: Option<Value>,
    pub scores: Map<String, Value>,
    pub metadata: Map<String, Value>,
    pub metrics: Map<String, Value>,
    pub context: Map<String, Value>,
    pub span_attributes: Map<String, Value>,
}

impl Draft {
    /// Sets what is not set yet.
    pub(super) fn input(&mut self, value: Option<Value>) {
        self.input = self.input.take().or(value);
    }

    /// Sets what is not set yet.
    pub(super) fn output(&mut self, value: Option<Value>) {
        self.output = self.output.take().or(value);
    }

    /// What kind of span it is, unless that is known.
    pub(super) fn kind(&mut self, kind: &str) {
        self.span_attributes.entry("type").or_insert_with(|| kind.into());
    }

    /// Moves attributes into metadata under shorter names.
    pub(super) fn describe(&mut self, attributes: &mut Attributes, names: &[(&str, &[&str])]) {
        for (name, keys) in names {
            if let Some(value) = attributes.take_first(keys) {
                self.metadata.entry(*name).or_insert(value);
            }
        }
    }

    /// Moves attributes into metrics under Braintrust's names; what is no number is left out.
    pub(super) fn measure(&mut self, attributes: &mut Attributes, names: &[(&str, &[&str])]) {
        for (name, keys) in names {
            if let Some(number) = attributes.take_first(keys).and_then(number) {
                self.metrics.entry(*name).or_insert(number);
            }
        }
    }

    /// Adds the entries of an object, or nothing if it is none; then it is given back.
    pub(super) fn merge(into: &mut Map<String, Value>, value: Value) -> Option<Value> {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    into.entry(key).or_insert(value);
                }
                None
            }
            other => Some(other),
        }
    }
}

/// A number, or a text that is one.
pub(super) fn number(value: Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value),
        Value::String(text) => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from),
        _ => None,
    }
}
