//! Rows out of the entries of an object or the elements of a list.

use serde_json::{Map, Value};

use super::{TooMuch, UNPIVOTED};
use crate::filter::eval::{Clock, Scope, value};
use crate::filter::query::Unpivot;

/// Takes a row.
type Each<'a> = &'a mut dyn FnMut(&Map<String, Value>) -> Result<(), TooMuch>;

/// Gives every row that a row becomes, one `unpivot` after the other. What is neither object nor list becomes no row.
pub(super) fn unpivoted(
    row: &mut Map<String, Value>,
    unpivots: &[Unpivot],
    clock: Clock,
    made: &mut usize,
    each: Each<'_>,
) -> Result<(), TooMuch> {
    let Some((first, rest)) = unpivots.split_first() else { return each(row) };
    let entries: Vec<(Value, Value)> = match value(&first.expr, Scope { row, clock }) {
        Value::Object(map) => map.into_iter().map(|(key, value)| (key.into(), value)).collect(),
        Value::Array(items) => items.into_iter().enumerate().map(|(place, item)| (place.into(), item)).collect(),
        _ => return Ok(()),
    };
    *made += entries.len();
    if *made > UNPIVOTED {
        return Err(TooMuch::Unpivoted);
    }
    // A name may hide a field of the row, which comes back afterwards.
    let names = [Some(first.value.clone()), first.key.clone()];
    let hidden: Vec<_> = names.iter().flatten().map(|name| (name.clone(), row.get(name).cloned())).collect();
    for (key, value) in entries {
        if let Some(name) = &first.key {
            row.insert(name.clone(), key);
        }
        row.insert(first.value.clone(), value);
        unpivoted(row, rest, clock, made, each)?;
    }
    for (name, value) in hidden {
        match value {
            Some(value) => drop(row.insert(name, value)),
            None => drop(row.remove(&name)),
        }
    }
    Ok(())
}
