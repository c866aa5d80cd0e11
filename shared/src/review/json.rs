//! JSON in and out of a document, at its `expected` value and in anchors of comments.

use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, Prop, ReadDoc, ScalarValue, ScalarValueRef, Value as Held, ValueRef};
use serde_json::{Map, Number, Value};

use super::schema;
use crate::moment::Moment;

/// Reading stops below this depth. Stored trees are no deeper than [`schema::JSON_DEPTH`].
const READ_DEPTH: usize = 16;

/// Why a JSON value cannot go into a document: where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path:?} {reason}")]
pub struct InvalidJson {
    /// JSON Pointer into the value.
    pub path: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// Prose is what two people may write together: three words or more, or several lines. It is stored as Text; shorter
/// strings are scalars, an operation instead of one a character. The web app draws the same line.
pub fn is_prose(text: &str) -> bool {
    text.contains('\n') || text.split_whitespace().nth(2).is_some()
}

/// A JSON Pointer (RFC 6901) with one more part.
pub fn pointer(parent: &str, part: &str) -> String {
    let mut path = String::with_capacity(parent.len() + part.len() + 1);
    path.push_str(parent);
    path.push('/');
    for character in part.chars() {
        match character {
            '~' => path.push_str("~0"),
            '/' => path.push_str("~1"),
            other => path.push(other),
        }
    }
    path
}

/// The value of an object as JSON.
pub fn read_json(doc: &impl ReadDoc, obj: &ObjId) -> Value {
    read_object(doc, obj, READ_DEPTH)
}

fn read_object(doc: &impl ReadDoc, obj: &ObjId, depth: usize) -> Value {
    match doc.object_type(obj) {
        _ if depth == 0 => Value::Null,
        Ok(ObjType::Text) => Value::String(doc.text(obj).unwrap_or_default()),
        Ok(ObjType::List) => Value::Array(
            doc.list_range(obj, ..)
                .map(|item| match &item.value {
                    ValueRef::Object(_) => read_object(doc, &item.id(), depth - 1),
                    ValueRef::Scalar(scalar) => scalar_json(scalar),
                })
                .collect(),
        ),
        Ok(ObjType::Map | ObjType::Table) => Value::Object(
            doc.map_range(obj, ..)
                .map(|item| {
                    let value = match &item.value {
                        ValueRef::Object(_) => read_object(doc, &item.id(), depth - 1),
                        ValueRef::Scalar(scalar) => scalar_json(scalar),
                    };
                    (item.key.into_owned(), value)
                })
                .collect(),
        ),
        Err(_) => Value::Null,
    }
}

/// A scalar as JSON: times as RFC 3339, bytes and what has no JSON form as null.
pub fn scalar_json(scalar: &ScalarValueRef<'_>) -> Value {
    match scalar {
        ScalarValueRef::Str(text) => Value::String(text.to_string()),
        ScalarValueRef::Int(number) => Value::from(*number),
        ScalarValueRef::Uint(number) => Value::from(*number),
        ScalarValueRef::F64(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        ScalarValueRef::Boolean(flag) => Value::Bool(*flag),
        ScalarValueRef::Timestamp(millis) => Value::String(Moment::from_millis(*millis).to_string()),
        ScalarValueRef::Counter(_)
        | ScalarValueRef::Bytes(_)
        | ScalarValueRef::Unknown { .. }
        | ScalarValueRef::Null => Value::Null,
    }
}

/// The value at `prop` as JSON; `None` if absent.
pub fn read_at(doc: &impl ReadDoc, obj: &ObjId, prop: impl Into<Prop>) -> Option<Value> {
    Some(match doc.get(obj, prop).ok()?? {
        (Held::Object(_), id) => read_json(doc, &id),
        (Held::Scalar(scalar), _) => scalar_json(&ScalarValueRef::from(scalar.into_owned())),
    })
}

/// Whether `value` may be written; sizes as in [`schema`].
pub fn check(value: &Value) -> Result<(), InvalidJson> {
    check_at(value, "", 0)
}

fn check_at(value: &Value, path: &str, depth: usize) -> Result<(), InvalidJson> {
    let wrong = |reason: String| Err(InvalidJson { path: path.to_owned(), reason });
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(number) => check_number(number).or_else(wrong),
        Value::String(text) if text.len() <= schema::JSON_STR_BYTES => Ok(()),
        Value::String(text) => {
            wrong(format!("has {} bytes of text: at most {} are kept", text.len(), schema::JSON_STR_BYTES))
        }
        Value::Array(_) | Value::Object(_) if depth >= schema::JSON_DEPTH => {
            wrong(format!("is nested deeper than {} levels", schema::JSON_DEPTH))
        }
        Value::Array(items) if items.len() > schema::JSON_ITEMS => {
            wrong(format!("has {} items: at most {} are kept", items.len(), schema::JSON_ITEMS))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check_at(item, &pointer(path, &index.to_string()), depth + 1)),
        Value::Object(map) if map.len() > schema::JSON_KEYS => {
            wrong(format!("has {} keys: at most {} are kept", map.len(), schema::JSON_KEYS))
        }
        Value::Object(map) => map.iter().try_for_each(|(name, item)| {
            let inner = pointer(path, name);
            schema::check_key(name)
                .map_err(|invalid| InvalidJson { path: inner.clone(), reason: invalid.to_string() })?;
            check_at(item, &inner, depth + 1)
        }),
    }
}

fn check_number(number: &Number) -> Result<(), String> {
    let exact = match (number.as_i64(), number.as_u64()) {
        (Some(int), _) => int.abs() <= schema::INTEGER,
        (None, Some(_)) => false,
        (None, None) => true,
    };
    if exact { Ok(()) } else { Err(format!("is {number}, beyond 2^53, where digits are lost: write it as text")) }
}

/// Writes `next` at `prop` of `parent`, which is a map or, for an existing index, a list. Writes only what differs, so
/// that people who edit other parts of the tree at the same moment keep their work. `next` has passed [`check`].
///
/// `shared` makes any string Text: the whole value of `expected` is always edited together.
pub(crate) fn write(
    tx: &mut Transaction<'_>,
    parent: &ObjId,
    prop: impl Into<Prop>,
    next: &Value,
    shared: bool,
) -> Result<(), AutomergeError> {
    let prop = prop.into();
    let current = tx.get(parent, prop.clone())?.map(|(held, id)| (held.to_objtype(), id));
    match (&current, next) {
        (Some((Some(ObjType::Map), id)), Value::Object(map)) => return write_map(tx, id, map),
        (Some((Some(ObjType::List), id)), Value::Array(items)) => return write_list(tx, id, items),
        (Some((Some(ObjType::Text), id)), Value::String(text)) => {
            return if tx.text(id)? == *text { Ok(()) } else { tx.update_text(id, text) };
        }
        _ => {}
    }
    match put_scalar(next, shared) {
        // automerge itself leaves an equal scalar alone, and settles a conflict that it wins.
        Some(scalar) => tx.put(parent, prop, scalar),
        None => {
            let id = tx.put_object(parent, prop, object_type(next))?;
            fill(tx, &id, next)
        }
    }
}

fn write_map(tx: &mut Transaction<'_>, obj: &ObjId, next: &Map<String, Value>) -> Result<(), AutomergeError> {
    let gone: Vec<String> = tx.keys(obj).filter(|name| !next.contains_key(name)).collect();
    for name in gone {
        tx.delete(obj, name)?;
    }
    next.iter().try_for_each(|(name, value)| write(tx, obj, name.as_str(), value, false))
}

/// Lists keep their common head and tail; what is between is written in place, then added or cut.
fn write_list(tx: &mut Transaction<'_>, obj: &ObjId, next: &[Value]) -> Result<(), AutomergeError> {
    let Value::Array(before) = read_json(tx, obj) else { return Ok(()) };
    let head = before.iter().zip(next).take_while(|(a, b)| a == b).count();
    let tail = before[head..].iter().rev().zip(next[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (before.len() - head - tail, next.len() - head - tail);
    for (index, value) in next.iter().enumerate().skip(head).take(old.min(new)) {
        write(tx, obj, index, value, false)?;
    }
    for _ in new..old {
        tx.delete(obj, head + new)?;
    }
    for (index, value) in next.iter().enumerate().take(head + new).skip(head + old) {
        insert(tx, obj, index, value)?;
    }
    Ok(())
}

fn insert(tx: &mut Transaction<'_>, list: &ObjId, index: usize, value: &Value) -> Result<(), AutomergeError> {
    match put_scalar(value, false) {
        Some(scalar) => tx.insert(list, index, scalar),
        None => {
            let id = tx.insert_object(list, index, object_type(value))?;
            fill(tx, &id, value)
        }
    }
}

fn fill(tx: &mut Transaction<'_>, obj: &ObjId, value: &Value) -> Result<(), AutomergeError> {
    match value {
        Value::String(text) => tx.splice_text(obj, 0, 0, text),
        Value::Object(map) => map.iter().try_for_each(|(name, item)| write(tx, obj, name.as_str(), item, false)),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| insert(tx, obj, index, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn object_type(value: &Value) -> ObjType {
    match value {
        Value::Object(_) => ObjType::Map,
        Value::Array(_) => ObjType::List,
        _ => ObjType::Text,
    }
}

/// The scalar that holds `value`, or `None` if it needs an object.
fn put_scalar(value: &Value, shared: bool) -> Option<ScalarValue> {
    match value {
        Value::Null => Some(ScalarValue::Null),
        Value::Bool(flag) => Some(ScalarValue::Boolean(*flag)),
        Value::Number(number) => Some(number_scalar(number.as_f64().unwrap_or_default(), number.as_i64())),
        Value::String(text) if shared || is_prose(text) => None,
        Value::String(text) => Some(ScalarValue::Str(text.as_str().into())),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number as JavaScript would write it: whole numbers are integers, so that 1 and 1.0 are the same value. `integer`: the
/// number, where it is known as one.
pub fn number_scalar(number: f64, integer: Option<i64>) -> ScalarValue {
    match integer {
        Some(integer) => ScalarValue::Int(integer),
        None if number.fract() == 0.0 && number.abs() <= schema::INTEGER as f64 => ScalarValue::Int(number as i64),
        None => ScalarValue::F64(number),
    }
}
