//! Columns of an answer, and its schema.

use concord_shared::filter::compute::preview;
use concord_shared::filter::eval::{self, Clock, Scope};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value, json};

use super::plan::Plan;

/// A row of the answer.
pub fn shown(plan: &Plan, row: Map<String, Value>, clock: Clock) -> Value {
    let mut shown = columns(plan, row, clock);
    if let Some(length) = plan.preview {
        preview::cut(&mut shown, length);
    }
    Value::Object(shown)
}

fn columns(plan: &Plan, row: Map<String, Value>, clock: Clock) -> Map<String, Value> {
    if plan.select.is_empty() {
        return row;
    }
    let scope = Scope { row: &row, clock };
    let columns: Vec<(String, Value)> = plan
        .select
        .iter()
        .map(|column| (column.alias.clone().unwrap_or_default(), eval::value(&column.expr, scope)))
        .collect();
    let mut shown = if plan.whole { row } else { Map::new() };
    shown.extend(columns);
    shown
}

/// What the columns are, in their order, as JSON Schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema(Vec<(String, Value)>);

impl Schema {
    /// Of the columns that were asked for, then of the fields that the rows have.
    pub fn of(mut names: Vec<String>, rows: &[Value]) -> Self {
        let mut columns: Vec<(String, Value)> = Vec::new();
        for row in rows.iter().filter_map(Value::as_object) {
            names.extend(row.keys().filter(|key| !names.contains(key)).cloned().collect::<Vec<_>>());
        }
        for name in names {
            let values = rows.iter().filter_map(|row| row.get(&name));
            let mut kinds: Vec<&str> = values.map(kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let schema = match kinds.as_slice() {
                [] => json!({}),
                [one] => json!({"type": one}),
                several => json!({"type": several}),
            };
            columns.push((name, schema));
        }
        Self(columns)
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The command line shows columns in the order of `properties`, which maps of JSON values do not keep here.
impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Properties<'a>(&'a [(String, Value)]);
        impl Serialize for Properties<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|(name, schema)| (name, schema)))
            }
        }
        struct Items<'a>(&'a [(String, Value)]);
        impl Serialize for Items<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("type", "object")?;
                map.serialize_entry("properties", &Properties(self.0))?;
                map.end()
            }
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("type", "array")?;
        map.serialize_entry("items", &Items(&self.0))?;
        map.end()
    }
}
