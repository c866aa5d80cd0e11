//! Conversations that are spelled out in names: `gen_ai.prompt.0.role`, `llm.input_messages.0.message.tool_calls.1.…`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Names are split no deeper; the rest is one key.
const DEPTH: usize = 16;

#[derive(Default)]
struct Node {
    leaf: Option<Value>,
    below: BTreeMap<String, Node>,
}

/// Builds the value that the names spell. Numbers are places in a list, in their order; gaps close.
pub(super) fn grow(items: Vec<(String, Value)>) -> Option<Value> {
    if items.is_empty() {
        return None;
    }
    let mut root = Node::default();
    for (path, value) in items {
        let node = path.splitn(DEPTH, '.').fold(&mut root, |node, key| node.below.entry(key.to_owned()).or_default());
        node.leaf = Some(value);
    }
    Some(root.into_value())
}

impl Node {
    fn into_value(self) -> Value {
        if self.below.is_empty() {
            return self.leaf.unwrap_or_default();
        }
        let numbered: Option<Vec<usize>> = self.below.keys().map(|key| key.parse().ok()).collect();
        match (numbered, self.leaf) {
            (Some(places), None) => {
                let mut items: Vec<(usize, Node)> = places.into_iter().zip(self.below.into_values()).collect();
                items.sort_by_key(|(place, _)| *place);
                items.into_iter().map(|(_, node)| node.into_value()).collect()
            }
            (_, leaf) => {
                let mut map: Map<String, Value> =
                    self.below.into_iter().map(|(key, node)| (key, node.into_value())).collect();
                if let Some(leaf) = leaf {
                    map.entry("value").or_insert(leaf);
                }
                Value::Object(map)
            }
        }
    }
}

/// Takes off the wrappers that a convention puts around each item: `{"message": {…}}` is the message.
pub(super) fn unwrap(value: Value, wrappers: &[&str]) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| unwrap(item, wrappers)).collect(),
        Value::Object(mut map) => {
            if map.len() == 1
                && let Some(key) = wrappers.iter().find(|key| map.contains_key(**key))
                && let Some(inner) = map.remove(*key)
            {
                return unwrap(inner, wrappers);
            }
            Value::Object(map.into_iter().map(|(key, value)| (key, unwrap(value, wrappers))).collect())
        }
        other => other,
    }
}
