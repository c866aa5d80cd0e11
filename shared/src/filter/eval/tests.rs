//! Every example of the paper on rows that tell them apart, functions, and what `null` does.

use std::ops::Add as _;

use serde_json::{Map, Value, json};

use super::{Clock, Scope, settle, value};
use crate::filter::check::{Aliases, Place, check};
use crate::filter::examples::EXAMPLES;
use crate::filter::{Expr, matches, parser};
use crate::moment::Moment;

const CLOCK: Clock = Clock { now: Moment(1_731_150_000_000_000), tz_offset: 0 };

/// Rows by their letter: `r` is a root that was much reviewed, `l` a model call, `s` a scorer, `e` an empty row.
fn rows() -> Vec<(char, Map<String, Value>)> {
    let rows = [
        (
            'r',
            json!({
                "id": "a", "span_id": "ff89b8ce6faf9b29", "root_span_id": "402f…", "is_root": true,
                "created": "2024-11-09T10:00:00.000000Z", "_xact_id": "1000198257225170956",
                "input": {"question": "What is 1+1?"}, "output": "two", "expected": {"Sentiment": "positive", "Topics": ["billing"]},
                "error": null, "tags": ["first", "triage", "last"],
                "scores": {"Preference": 0.8, "Factuality": 0.4, "Answer quality": 1, "human/reasoning": 0, "A": 0.65, "B": 0.3},
                "metadata": {
                    "model": "gpt-4", "user": {"id": "u1"}, "user-id": "u1", "field.name": 1, "models": [{"name": "x"}],
                    "is_production": true, "count": 12, "description": "now 50% off", "email": "Ann@Example.com",
                    "config": "{\"environment\":\"production\"}", "a": null,
                    "~__bt_review_lists": {"__bt_default_review_list": {"status": "PENDING"}},
                },
                "metrics": {"start": 1.0, "end": 7.5, "tokens": 1200}, "span_attributes": {"name": "root", "type": "task"},
                "comments": [{"text": "That is wrong."}], "__bt_assignments": ["<user id>"],
                "origin": {"object_type": "dataset"}, "facets": {"topic": "billing"},
            }),
        ),
        (
            'l',
            json!({
                "id": "b", "span_id": "l", "root_span_id": "402f…", "is_root": false,
                "created": "2024-01-20T10:00:00.000000Z", "_xact_id": "1000198257225170955",
                "input": "How about a test of our refund policy? x", "output": "Sorry, no", "expected": "Sorry, no",
                "error": {"type": "server"}, "tags": ["triage", "resolved", "production"],
                "scores": {"Preference": null, "Factuality": 0.5, "human/reasoning": 0.5, "A": 0.9, "B": 0.8},
                "metadata": {"model": "gpt-4-turbo", "count": 3, "a": 1},
                "metrics": {"start": 1.0, "end": 2.0, "tokens": 900}, "span_attributes": {"name": "call", "type": "llm"},
            }),
        ),
        (
            's',
            json!({
                "id": "c", "span_id": "s", "root_span_id": "other", "is_root": true, "created": "2023-05-01T00:00:00.000000Z",
                "error": {"type": "timeout"}, "tags": ["done"], "metadata": {"count": 21},
                "span_attributes": {"name": "score", "type": "score", "purpose": "scorer"}, "metrics": {"tokens": 0},
            }),
        ),
        ('e', json!({"id": "d", "metadata": null, "tags": [], "scores": null})),
    ];
    rows.into_iter().map(|(name, row)| (name, row.as_object().cloned().expect("a row"))).collect()
}

fn read(text: &str) -> Expr {
    let expr = parser::expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    check(&expr, Place::Row, &Aliases::default()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Letters of the rows that match, each row with the rows of its trace.
fn found(text: &str) -> String {
    let (expr, rows) = (read(text), rows());
    let trace = |row: &Map<String, Value>| {
        let root = row.get("root_span_id").cloned();
        rows.iter().map(|(_, row)| row).filter(move |row| row.get("root_span_id") == root.as_ref())
    };
    let is = |row: &Map<String, Value>| -> bool {
        let settled = settle(&expr, trace(row).collect::<Vec<_>>().into_iter(), CLOCK).expect("settled");
        matches(&settled, Scope { row, clock: CLOCK })
    };
    rows.iter().filter(|(_, row)| is(row)).map(|(name, _)| *name).collect()
}

#[test]
fn every_example_of_the_paper_finds_its_rows() {
    let expected = [
        "r", "l", "r", "se", "rl", "r", "l", "r", "rl", "rl", "", "r", "l", "rl", "rl", "rl", "rl", "rle", "rse", "rl",
        "rl", "e", "r", "r", "", "r", "l", "l", "rl", "rl", "lse", "r", "r", "r", "r", "r", "r", "r", "r", "rls", "r",
        "l", "rse", "r", "r", "l", "l", "rse", "r", "l", "rl", "r", "r", "re", "ls", "rle", "rl", "l", "r", "r", "r",
        "r", "r", "r", "se", "r", "l", "r", "rle", "rs", "rl", "rl", "r", "r", "r", "r", "r", "", "rl", "r", "r", "r",
        "r", "", "rlse",
    ];
    let mut wrong = Vec::new();
    for (number, text) in EXAMPLES.iter().filter(|(number, _)| *number != 11) {
        let right = expected[*number as usize - 1];
        let seen = found(text);
        if seen != right {
            wrong.push(format!("{number}: {text} finds {seen:?}, not {right:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_that_are_none_are_refused_with_what_was_meant() {
    let error = |text: &str| {
        let expr = parser::expression(text).expect("readable");
        check(&expr, Place::Row, &Aliases::default()).expect_err(text).to_string()
    };
    assert_eq!(
        error("abs_diff > 0.2"),
        "line 1, column 1: there is no field abs_diff; fields are scores.…, metadata.…, tags, input and so on, and texts stand in quotes"
    );
    assert_eq!(
        error("id = 'a' and\nscore.Tone > 1"),
        "line 2, column 1: there is no field score; did you mean scores?"
    );
    assert_eq!(
        error("avg(scores.Tone) > 1"),
        "line 1, column 1: avg is about many rows; it stands in measures, not here"
    );
    assert_eq!(
        error("any_span(any_span(error is null))"),
        "line 1, column 10: any_span stands inside any_span; one is enough"
    );
    assert!(error("* = 1").contains("only in select"));
    assert!(error(&"id = 'a' or ".repeat(1500).add("true")).contains("more than 2000 parts"));
    read(&format!("metadata.x in ({})", vec!["'a'"; 40_000].join(",")));
}

#[test]
fn columns_lend_their_names_when_no_field_has_them() {
    let query =
        parser::query("select: metadata.category, scores.A as tags, input.x, output.x, 1 + 1 as two").expect("a query");
    let aliases = Aliases::of(&query.select);
    let resolved = |text: &str| {
        check(&parser::expression(text).expect("readable"), Place::Row, &aliases).map(|expr| expr.to_string())
    };
    assert_eq!(resolved("category.sub = 'a'").as_deref(), Ok("metadata.category.sub = 'a'"));
    assert_eq!(resolved("tags is null and two = 2").as_deref(), Ok("tags is null and (1 + 1) = 2"));
    assert!(resolved("x = 1").expect_err("two columns").to_string().contains("several columns are called x"));
}

#[test]
fn comparisons_are_two_valued_and_kinds_do_not_mix() {
    for (text, is) in [
        ("metadata.nothing = 1", false),
        ("not metadata.nothing = 1", true),
        ("metadata.nothing != 1", false),
        ("not metadata.nothing != 1", true),
        ("metadata.nothing < 1 or metadata.nothing >= 1", false),
        ("null = null", false),
        ("null is null", true),
        ("metadata.nothing in ('a')", false),
        ("metadata.nothing not in ('a')", true),
        ("metadata.model in []", false),
        ("metadata.nothing includes 'a'", false),
        ("'1' = 1", false),
        ("'1' != 1", true),
        ("'1' < 2", false),
        ("1 = 1.0", true),
        ("9007199254740993 = 9007199254740992", false),
        ("[1, {'a': 2}] = [1.0, {'a': 2}]", true),
        ("false < true", true),
        ("1 ? true : false", false),
        ("1", false),
        ("1 / 0 is null", true),
        ("7 % 2 = 1 and 7 / 2 = 3.5 and -7 % 2 = -1", true),
        ("9223372036854775807 + 1 > 9223372036854775807", true),
        ("'a' + 1 is null", true),
        ("input includes 'question'", true),
        ("input includes 'What is 1+1?'", true),
        ("output includes 'w'", true),
        ("_xact_id = 1000198257225170956 and _xact_id < '1000198257225170957'", true),
        ("metadata.model in (metadata.model, 'x')", true),
        ("'triage' in tags", true),
    ] {
        let rows = rows();
        assert_eq!(matches(&read(text), Scope { row: &rows[0].1, clock: CLOCK }), is, "{text}");
    }
}

#[test]
fn functions_answer_or_are_null() {
    for (text, right) in [
        ("lower('ÄB')", json!("äb")),
        ("upper(metadata.model)", json!("GPT-4")),
        ("upper(1)", json!(null)),
        ("concat('a', 1, null, true)", json!("a1true")),
        ("substring('häuser', 2, 3)", json!("äus")),
        ("substring('abc', 2)", json!("bc")),
        ("substring('abc', -1, 3)", json!("a")),
        ("len('häß')", json!(3)),
        ("len({'a': 1})", json!(1)),
        ("len(null)", json!(null)),
        ("coalesce(metadata.nothing, 2)", json!(2)),
        ("nullif(1, 1)", json!(null)),
        ("nullif(1, null)", json!(1)),
        ("least(3, null, 2)", json!(2)),
        ("greatest('a', 'b')", json!("b")),
        ("greatest('a', 1)", json!(null)),
        ("round(0.25, 1)", json!(0.3)),
        ("round(1234, -2)", json!(1200.0)),
        ("to_string({'a': [1]})", json!("{\"a\":[1]}")),
        ("to_integer('12.7')", json!(12)),
        ("to_number('x')", json!(null)),
        ("to_boolean('TRUE')", json!(true)),
        ("json_extract('{\"a.b\": 1}', 'a.b')", json!(1)),
        ("json_extract('no', 'a')", json!(null)),
        ("day(created)", json!("2024-11-09T00:00:00.000000Z")),
        ("date_trunc('15 minutes', '2024-11-09T10:29:00Z')", json!("2024-11-09T10:15:00.000000Z")),
        ("current_date()", json!("2024-11-09T00:00:00.000000Z")),
        ("now() - created", json!("3600 seconds")),
        ("created + interval '1 month'", json!("2024-12-09T10:00:00.000000Z")),
        ("to_interval('2 hours') > interval 90 minutes", json!(true)),
        ("to_datetime(0)", json!("1970-01-01T00:00:00.000000Z")),
        ("-interval 1 second + interval 3 seconds", json!("2 seconds")),
        ("duration", json!(6.5)),
        ("search('wrong POSITIVE')", json!(false)),
        ("search('wrong')", json!(true)),
        ("tags[1]", json!("triage")),
        ("[1, scores.B]", json!([1, 0.3])),
    ] {
        let rows = rows();
        assert_eq!(value(&read(text), Scope { row: &rows[0].1, clock: CLOCK }), right, "{text}");
    }
}
