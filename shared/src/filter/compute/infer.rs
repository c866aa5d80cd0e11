//! What values are found at paths of rows (`infer`): kinds, how often, and which are the most frequent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::tally::key_of;

/// Most paths that are told apart.
const PATHS: usize = 500;

/// Most different values of one path.
const VALUES: usize = 100;

/// Longest value that is kept, in bytes.
const VALUE_BYTES: usize = 200;

/// Deepest path.
const DEPTH: usize = 6;

/// Values at one path.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// How many rows have something there.
    pub count: u64,
    /// `string`, `number` and the like.
    pub kinds: BTreeSet<&'static str>,
    values: BTreeMap<String, (Value, u64)>,
    /// There are more values than are kept.
    pub more: bool,
}

impl Facts {
    /// Values with how often they were seen, the most frequent first.
    pub fn values(&self) -> Vec<(&Value, u64)> {
        let mut values: Vec<_> = self.values.values().map(|(value, count)| (value, *count)).collect();
        values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        values
    }

    fn see(&mut self, value: &Value) {
        let key = key_of(value);
        if key.len() > VALUE_BYTES {
            self.more = true;
        } else if let Some((_, count)) = self.values.get_mut(&key) {
            *count += 1;
        } else if self.values.len() < VALUES {
            self.values.insert(key, (value.clone(), 1));
        } else {
            self.more = true;
        }
    }
}

/// What was seen so far, by path.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<Vec<String>, Facts>);

impl Seen {
    /// Looks at what a row has at a path, and below it.
    pub fn row(&mut self, row: &Map<String, Value>, path: &[String]) {
        match path.split_first() {
            None => row.iter().for_each(|(name, value)| self.value(&mut vec![name.clone()], value)),
            Some((first, rest)) => {
                let found = rest.iter().try_fold(row.get(first), |value, key| Some(value?.get(key)));
                if let Some(value) = found.flatten() {
                    self.value(&mut path.to_vec(), value);
                }
            }
        }
    }

    fn value(&mut self, path: &mut Vec<String>, value: &Value) {
        let kind = match value {
            Value::Null => return,
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        if self.0.len() >= PATHS && !self.0.contains_key(path) {
            return;
        }
        let facts = self.0.entry(path.clone()).or_default();
        facts.count += 1;
        facts.kinds.insert(kind);
        match value {
            Value::Array(items) => items.iter().filter(|item| !item.is_object()).for_each(|item| facts.see(item)),
            Value::Object(map) if path.len() < DEPTH => {
                for (key, value) in map {
                    path.push(key.clone());
                    self.value(path, value);
                    path.pop();
                }
            }
            Value::Object(_) => facts.more = true,
            scalar => facts.see(scalar),
        }
    }

    /// By path.
    pub fn paths(&self) -> impl Iterator<Item = (&[String], &Facts)> {
        self.0.iter().map(|(path, facts)| (path.as_slice(), facts))
    }

    /// As rows of an answer.
    pub(super) fn rows(&self) -> Vec<Map<String, Value>> {
        let row = |(path, facts): (&[String], &Facts)| {
            let values: Vec<Value> =
                facts.values().into_iter().map(|(value, count)| json!({"value": value, "count": count})).collect();
            let row = json!({"name": path, "type": facts.kinds, "count": facts.count, "top_values": values, "more": facts.more});
            match row {
                Value::Object(row) => row,
                _ => Map::new(),
            }
        };
        self.paths().map(row).collect()
    }
}
