//! Attributes of a span as JSON, from which each convention takes what it knows; what nobody takes becomes metadata.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use serde_json::{Map, Value};

/// Attributes of one span, resource, scope or event. Libraries keep to 128 by default; an indexed conversation may have many more.
pub const ATTRIBUTES: usize = 4096;

/// Attributes by name.
#[derive(Debug, Clone, Default)]
pub struct Attributes(BTreeMap<String, Value>);

impl Attributes {
    /// Reads them; of a name that is given twice the later value counts. `false`: there were more than [`ATTRIBUTES`], which are left out.
    pub fn read(pairs: &[KeyValue]) -> (Self, bool) {
        let read = pairs.iter().take(ATTRIBUTES).map(|pair| (pair.key.clone(), json(pair.value.as_ref())));
        (Self(read.collect()), pairs.len() <= ATTRIBUTES)
    }

    /// Looks without taking.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Takes one.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key).filter(|value| !value.is_null())
    }

    /// Takes the first of several names for one thing; the others say the same and go.
    pub fn take_first(&mut self, keys: &[&str]) -> Option<Value> {
        let mut found = None;
        for key in keys {
            let taken = self.take(key);
            found = found.or(taken);
        }
        found
    }

    /// Takes all whose names begin so, with what follows.
    pub fn take_under(&mut self, prefix: &str) -> Vec<(String, Value)> {
        let keys = self.0.range(prefix.to_owned()..).map(|(key, _)| key);
        let keys: Vec<String> = keys.take_while(|key| key.starts_with(prefix)).cloned().collect();
        let taken = keys.into_iter().filter_map(|key| Some((key[prefix.len()..].to_owned(), self.0.remove(&key)?)));
        taken.filter(|(rest, value)| !rest.is_empty() && !value.is_null()).collect()
    }

    /// What is left.
    pub fn rest(self) -> Map<String, Value> {
        self.0.into_iter().collect()
    }
}

/// A value as JSON. Numbers that JSON cannot write are texts, as Python's SDK sends them; bytes are base64.
pub fn json(value: Option<&AnyValue>) -> Value {
    let pairs = |pairs: &[KeyValue]| pairs.iter().map(|pair| (pair.key.clone(), json(pair.value.as_ref()))).collect();
    match value.and_then(|value| value.value.as_ref()) {
        None | Some(Any::StringValueStrindex(_)) => Value::Null,
        Some(Any::StringValue(text)) => Value::from(text.as_str()),
        Some(Any::BoolValue(flag)) => Value::from(*flag),
        Some(Any::IntValue(number)) => Value::from(*number),
        Some(Any::DoubleValue(number)) => match serde_json::Number::from_f64(*number) {
            Some(number) => Value::Number(number),
            None if number.is_nan() => Value::from("NaN"),
            None => Value::from(if *number > 0.0 { "Infinity" } else { "-Infinity" }),
        },
        Some(Any::ArrayValue(list)) => list.values.iter().map(|value| json(Some(value))).collect(),
        Some(Any::KvlistValue(list)) => Value::Object(pairs(&list.values)),
        Some(Any::BytesValue(bytes)) => Value::from(STANDARD.encode(bytes)),
    }
}

/// JSON inside a text, for attributes that are declared to hold it; another text stays as it is.
pub fn unpack(value: Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other,
    }
}

/// JSON inside a text where plain text is as likely: only objects and arrays are unpacked, so that the answer `"42"` stays a text.
pub fn unpack_structure(value: Value) -> Value {
    match value {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => unpack(Value::String(text)),
        other => other,
    }
}
