//! Properties of merging that clients rely on.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Mode, Row, RowWrite, Write, apply, parse};
use crate::moment::Moment;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4).prop_map(Value::from),
        "[ab]".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn fields() -> impl Strategy<Value = Map<String, Value>> {
    let tags = prop::collection::vec("[abc]", 0..3).prop_map(|tags| json!(tags));
    (
        prop::collection::btree_map(prop_oneof![Just("input"), Just("output"), Just("extra")], value(), 0..3),
        prop::option::of(tags),
    )
        .prop_map(|(map, tags)| {
            let mut map: Map<String, Value> = map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            map.extend(tags.map(|tags| ("tags".to_owned(), tags)));
            map
        })
}

fn write(fields: Map<String, Value>, control: Value) -> RowWrite {
    let mut row = fields;
    row.insert("id".into(), "a".into());
    row.extend(control.as_object().cloned().unwrap_or_default());
    match parse(&Value::Object(row).to_string(), &mut String::new).expect("a valid row").write {
        Write::Row(write) => *write,
        Write::Comment(_) => unreachable!("no comment was made"),
    }
}

fn any_write() -> impl Strategy<Value = RowWrite> {
    let control = prop_oneof![
        3 => Just(json!({})),
        6 => Just(json!({"_is_merge": true})),
        2 => Just(json!({"_is_merge": true, "_merge_paths": [["input", "a"], ["tags"]]})),
        2 => Just(json!({"_is_merge": true, "_array_delete": [{"path": ["tags"], "delete": ["a"]}]})),
        1 => Just(json!({"_object_delete": true})),
    ];
    (fields(), control).prop_map(|(fields, control)| write(fields, control))
}

fn run(stored: Option<Row>, writes: &[RowWrite], now: i64) -> Option<Row> {
    writes.iter().fold(stored, |row, write| apply(row, write, None, Moment(now)))
}

/// What a client does to two writes of one row before it sends them: the same merge, on the first write's fields.
fn pre_merge(first: &RowWrite, second: &RowWrite) -> RowWrite {
    let row = apply(
        Some(run(None, &[RowWrite { mode: Mode::Replace, ..first.clone() }], 0).expect("a row")),
        second,
        None,
        Moment(0),
    );
    RowWrite { fields: row.expect("a row").logged, ..first.clone() }
}

proptest! {
    #[test]
    fn r8_a_repeated_write_changes_nothing(stored in prop::option::of(fields()), write in any_write()) {
        let stored = stored.and_then(|fields| run(None, &[self::write(fields, json!({}))], 1));
        let once = run(stored, std::slice::from_ref(&write), 2);
        // A write that both removes and adds a tag moves it to the end: the set stays, the order may not.
        let again = run(once.clone(), &[write], 3);
        let sorted = |row: Option<Row>| row.map(|mut row| {
            if let Some(Value::Array(tags)) = row.logged.get_mut("tags") {
                tags.sort_by_key(ToString::to_string);
            }
            row
        });
        prop_assert_eq!(sorted(once), sorted(again));
    }

    #[test]
    fn a_clients_own_merge_agrees_with_ours(first in fields(), second in fields(), third in fields()) {
        let writes = [write(first, json!({})), write(second, json!({"_is_merge": true})), write(third, json!({"_is_merge": true}))];
        let one_by_one = run(None, &writes, 5);
        let sent_as_one = run(None, &[pre_merge(&pre_merge(&writes[0], &writes[1]), &writes[2])], 5);
        prop_assert_eq!(one_by_one, sent_as_one);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,200}", tail in "[\\\\u d8f{}\":]{0,40}") {
        let _ = parse(&format!("{text}{tail}"), &mut String::new);
        let _ = parse(&format!("{{\"id\":\"{tail}\",\"input\":{text}}}"), &mut String::new);
    }
}
