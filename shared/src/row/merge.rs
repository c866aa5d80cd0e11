//! The merge rules M1 to M13: one stored row and one write make the next stored row.

use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::model::{ArrayDelete, Mode, Row, RowWrite, Spans};
use crate::moment::Moment;

/// Applies one write. `None`: there is nothing to store, because something was deleted that never was.
///
/// `parent` is the place of the row that the write names as `_parent_id`, if that row is known (rule M13). Writing the same thing
/// again gives the same row, whatever `now` is: what the server makes up is kept from the first time.
pub fn apply(stored: Option<Row>, write: &RowWrite, parent: Option<&Spans>, now: Moment) -> Option<Row> {
    match &write.mode {
        Mode::Delete => stored.map(|row| Row { deleted: true, ..row }),
        Mode::Replace => {
            let created = write.created.or(stored.map(|row| row.created)).unwrap_or(now);
            Some(fresh(write, parent, created))
        }
        Mode::Merge { paths, array_delete } => match stored.filter(|row| !row.deleted) {
            // M2: inserted as is. A deleted row is as good as none: merging into it must not bring its old values back.
            None => Some(fresh(write, parent, write.created.unwrap_or(now))),
            Some(mut row) => {
                for removal in array_delete {
                    remove(&mut row.logged, removal);
                }
                merge_top(&mut row.logged, &write.fields, paths);
                Some(row) // M7: `created` and the place in the trace stay as stored.
            }
        },
    }
}

/// A row that owes nothing to a stored one.
fn fresh(write: &RowWrite, parent: Option<&Spans>, created: Moment) -> Row {
    Row { id: write.id.clone(), spans: place(write, parent), created, logged: write.fields.clone(), deleted: false }
}

/// Where a new row stands. What the client left out follows from what it said, never from chance, so that a retry agrees.
pub fn place(write: &RowWrite, parent: Option<&Spans>) -> Spans {
    let span_id = write.span_id.clone().unwrap_or_else(|| write.id.clone());
    if let Some(parent_id) = &write.parent_id {
        // The parent may come later; then its ids are taken to be the default ones.
        let (parent_span, root) = parent.map_or((parent_id, parent_id), |spans| (&spans.span_id, &spans.root_span_id));
        return Spans { span_id, root_span_id: root.clone(), span_parents: vec![parent_span.clone()] };
    }
    let span_parents = write.span_parents.clone().unwrap_or_default();
    let root_span_id = write.root_span_id.clone().unwrap_or_else(|| span_parents.first().unwrap_or(&span_id).clone());
    Spans { span_id, root_span_id, span_parents }
}

/// Merges the top level, where `tags` is a union (rule M4) unless a path says otherwise (rule M5).
fn merge_top(stored: &mut Map<String, Value>, incoming: &Map<String, Value>, paths: &[Vec<String>]) {
    let paths: Vec<&[String]> = paths.iter().map(Vec::as_slice).collect();
    for (key, value) in incoming {
        let below = below(&paths, key);
        match (stored.get_mut(key), value) {
            (Some(Value::Array(old)), Value::Array(new)) if key == "tags" && !replaces(&below) => union(old, new),
            _ => merge_key(stored, key, value, &below),
        }
    }
}

/// One key of an object: objects are merged, everything else is overwritten (rules M3, M6).
fn merge_key(stored: &mut Map<String, Value>, key: &str, value: &Value, paths: &[&[String]]) {
    match stored.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(value.clone());
        }
        Entry::Occupied(mut entry) => match (entry.get_mut(), value) {
            (Value::Object(old), Value::Object(new)) if !replaces(paths) => {
                for (key, value) in new {
                    merge_key(old, key, value, &below(paths, key));
                }
            }
            (old, _) => *old = value.clone(),
        },
    }
}

/// The rests of those paths that go through `key`.
fn below<'a>(paths: &[&'a [String]], key: &str) -> Vec<&'a [String]> {
    let through = |path: &&'a [String]| path.split_first().filter(|(first, _)| *first == key).map(|(_, rest)| rest);
    paths.iter().filter_map(through).collect()
}

/// Whether a path ends here.
fn replaces(paths: &[&[String]]) -> bool {
    paths.iter().any(|rest| rest.is_empty())
}

/// Stored order first, then what is new.
fn union(old: &mut Vec<Value>, new: &[Value]) {
    for value in new {
        if !old.contains(value) {
            old.push(value.clone());
        }
    }
}

/// Takes values out of the array at a path (rule M8); a path that leads to no array changes nothing.
fn remove(row: &mut Map<String, Value>, removal: &ArrayDelete) {
    let Some((first, rest)) = removal.path.split_first() else { return };
    let target = rest.iter().try_fold(row.get_mut(first), |at, key| Some(at?.as_object_mut()?.get_mut(key)));
    if let Some(Some(Value::Array(items))) = target {
        items.retain(|item| !removal.delete.contains(item));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::row::{Write, parse};

    fn write(value: Value) -> RowWrite {
        match parse(&value.to_string(), &mut || "made".into()).expect("a valid row").write {
            Write::Row(write) => *write,
            Write::Comment(_) => panic!("a comment"),
        }
    }

    fn stored(value: Value) -> Row {
        apply(None, &write(value), None, Moment(7)).expect("a row")
    }

    fn logged(row: &Row) -> Value {
        Value::Object(row.logged.clone())
    }

    fn merged(first: Value, second: Value) -> Row {
        apply(Some(stored(first)), &write(second), None, Moment(9)).expect("a row")
    }

    #[test]
    fn m1_a_plain_write_replaces_the_row() {
        let row = merged(json!({"id": "a", "input": 1, "output": 2}), json!({"id": "a", "output": 3}));
        assert_eq!(logged(&row), json!({"output": 3}));
        assert_eq!(row.created, Moment(7), "what the server made up stays");
    }

    #[test]
    fn m5_worked_example() {
        let row = merged(
            json!({"id": "foo", "input": {"a": {"b": 10}, "c": {"d": 20}}, "output": {"a": 20}}),
            json!({"id": "foo", "_is_merge": true, "_merge_paths": [["input", "a"], ["output"]],
                   "input": {"a": {"q": 30}, "c": {"e": 30}, "bar": "baz"}, "output": {"d": 40}}),
        );
        assert_eq!(
            logged(&row),
            json!({"input": {"a": {"q": 30}, "c": {"d": 20, "e": 30}, "bar": "baz"}, "output": {"d": 40}})
        );
    }

    #[test]
    fn m3_m6_objects_merge_arrays_and_nulls_overwrite() {
        let row = merged(
            json!({"id": "a", "scores": {"x": 1, "y": 0.5}, "metadata": {"list": [1, 2], "keep": true}}),
            json!({"id": "a", "_is_merge": true, "scores": {"x": null}, "metadata": {"list": [3]}}),
        );
        assert_eq!(logged(&row), json!({"scores": {"x": null, "y": 0.5}, "metadata": {"list": [3], "keep": true}}));
    }

    #[test]
    fn m4_tags_unite_unless_a_path_replaces_them() {
        let first = json!({"id": "a", "tags": ["b", "a"], "metadata": {"tags": ["b"]}});
        let union = merged(
            first.clone(),
            json!({"id": "a", "_is_merge": true, "tags": ["c", "b"], "metadata": {"tags": ["c"]}}),
        );
        assert_eq!(logged(&union), json!({"tags": ["b", "a", "c"], "metadata": {"tags": ["c"]}}));
        let whole = merged(first, json!({"id": "a", "_is_merge": true, "_merge_paths": [["tags"]], "tags": ["c"]}));
        assert_eq!(whole.tags(), ["c"]);
    }

    #[test]
    fn m8_values_leave_before_others_come() {
        let row = merged(
            json!({"id": "a", "tags": ["foo", "bar"], "metadata": {"a": {"b": [1, 2, 3]}}}),
            json!({"id": "a", "_is_merge": true, "tags": ["new"],
                   "_array_delete": [{"path": ["tags"], "delete": ["foo"]}, {"path": ["metadata", "a", "b"], "delete": [2]},
                                     {"path": ["output", "none"], "delete": [2]}]}),
        );
        assert_eq!(logged(&row), json!({"tags": ["bar", "new"], "metadata": {"a": {"b": [1, 3]}}}));
    }

    #[test]
    fn m7_a_merge_moves_nothing() {
        let row = merged(
            json!({"id": "a", "span_id": "s", "root_span_id": "r", "span_parents": ["p"], "created": "2026-11-23T09:00:00Z"}),
            json!({"id": "a", "_is_merge": true, "span_id": "s2", "root_span_id": "r2", "created": "2026-11-24T09:00:00Z"}),
        );
        assert_eq!(row.spans, Spans { span_id: "s".into(), root_span_id: "r".into(), span_parents: vec!["p".into()] });
        assert_eq!(row.created.to_string(), "2026-11-23T09:00:00.000000Z");
    }

    #[test]
    fn m9_deleted_rows_come_back_only_whole() {
        let gone = merged(json!({"id": "a", "input": 1}), json!({"id": "a", "_object_delete": true}));
        assert!(gone.deleted);
        let back = apply(Some(gone), &write(json!({"id": "a", "_is_merge": true, "output": 2})), None, Moment(9));
        assert_eq!(logged(&back.expect("a row")), json!({"output": 2}));
        assert_eq!(apply(None, &write(json!({"id": "a", "_object_delete": true})), None, Moment(9)), None);
    }

    #[test]
    fn m12_the_root_is_the_one_without_parents() {
        let python = stored(json!({"id": "a", "span_id": "s", "root_span_id": "r", "span_parents": null}));
        assert!(python.is_root() && python.spans.root_span_id == "r");
        let bare = stored(json!({"id": "a", "input": 1}));
        assert_eq!((bare.spans.span_id.as_str(), bare.spans.root_span_id.as_str(), bare.is_root()), ("a", "a", true));
    }

    #[test]
    fn m13_a_child_follows_its_parent() {
        let parent = Spans { span_id: "ps".into(), root_span_id: "pr".into(), span_parents: vec![] };
        let child =
            apply(None, &write(json!({"id": "c", "_parent_id": "p"})), Some(&parent), Moment(1)).expect("a row");
        assert_eq!(
            child.spans,
            Spans { span_id: "c".into(), root_span_id: "pr".into(), span_parents: vec!["ps".into()] }
        );
        let orphan = apply(None, &write(json!({"id": "c", "_parent_id": "p"})), None, Moment(1)).expect("a row");
        assert_eq!(orphan.spans.root_span_id, "p");
    }
}
