//! Whole queries over small traces with what they answer, the three forms of one query as one tree, and sums held against naive ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::run::Answer;
use super::{Compute, Run};
use crate::filter::eval::Clock;
use crate::filter::{json, parser};
use crate::moment::Moment;

const CLOCK: Clock = Clock { now: Moment(1_731_150_000_000_000), tz_offset: 0 };

type Row = Map<String, Value>;

fn rows(value: Value) -> Vec<Row> {
    let Value::Array(rows) = value else { panic!("no list") };
    rows.into_iter().map(|row| row.as_object().cloned().expect("a row")).collect()
}

/// Three traces, the newest first; the second has a model call and a tool call.
fn traces() -> Vec<Vec<Row>> {
    vec![
        rows(
            json!([{"id": "r3", "span_id": "s3", "root_span_id": "t3", "is_root": true, "created": "2026-11-25T09:00:00Z", "_xact_id": "0000000000000000003",
            "input": "x".repeat(200), "tags": ["b", "c"], "scores": {"Preference": 0.5}, "metadata": {"model": "small"}}]),
        ),
        rows(json!([
            {"id": "r2", "span_id": "s2", "root_span_id": "t2", "is_root": true, "created": "2026-11-24T10:00:00Z", "_xact_id": "0000000000000000001",
             "input": "Hi", "tags": ["a", "b"], "scores": {"Preference": 1.0, "Tone": 0.2}, "metadata": {"model": "large"},
             "metrics": {"start": 10.0, "end": 15.0}, "span_attributes": {"name": "answer", "type": "task"}},
            {"id": "c2", "span_id": "m2", "root_span_id": "t2", "is_root": false, "created": "2026-11-24T10:00:01Z", "_xact_id": "0000000000000000002",
             "scores": {"Tone": 0.6}, "metrics": {"start": 11.0, "end": 13.0, "prompt_tokens": 7, "completion_tokens": 5, "estimated_cost": 0.25, "time_to_first_token": 0.5},
             "span_attributes": {"name": "call", "type": "llm"}},
            {"id": "o2", "span_id": "o2", "root_span_id": "t2", "is_root": false, "created": "2026-11-24T10:00:02Z", "_xact_id": "0000000000000000002",
             "error": "broke", "metrics": {"start": 13.0, "end": 14.0}, "span_attributes": {"name": "find", "type": "tool"}},
        ])),
        rows(
            json!([{"id": "r1", "span_id": "s1", "root_span_id": "t1", "is_root": true, "created": "2026-11-24T08:00:00Z", "_xact_id": "0000000000000000001",
            "input": {"q": 1}, "tags": ["a"], "scores": {"Preference": 0.25}, "metadata": {"model": "large"}, "error": "late"}]),
        ),
    ]
}

fn answer_of(query: &crate::filter::Query) -> Result<Answer, String> {
    let compute = Compute::of(query).map_err(|error| error.to_string())?;
    let mut run = Run::new(Arc::new(compute), CLOCK);
    for trace in traces() {
        if run.trace(trace).map_err(|error| error.to_string())? == super::Flow::Full {
            break;
        }
    }
    run.finish().map_err(|error| error.to_string())
}

fn answer(text: &str) -> Answer {
    let query = parser::query(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(Compute::is_needed(&query), "{text}");
    answer_of(&query).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Rows of the answer.
fn told(text: &str) -> Value {
    Value::Array(answer(text).rows.into_iter().map(Value::Object).collect())
}

#[test]
fn whole_queries_of_the_paper_are_answered() {
    for (text, right) in [
        (
            "from: project_logs('p') | dimensions: day(created) as d | measures: count(1) as n, avg(scores.Preference) as pref | sort: d desc",
            json!([{"d": "2026-11-25T00:00:00.000000Z", "n": 1, "pref": 0.5}, {"d": "2026-11-24T00:00:00.000000Z", "n": 4, "pref": 0.625}]),
        ),
        (
            "dimensions: score | measures: avg(value) as avg_value, count(1) as n | from: experiment('e') | unpivot: scores as (score, value)",
            json!([{"score": "Preference", "avg_value": 1.75 / 3.0, "n": 3}, {"score": "Tone", "avg_value": 0.4, "n": 2}]),
        ),
        (
            "SELECT score, max(value) AS best FROM project_logs('p') UNPIVOT (value FOR score IN (scores)) WHERE is_root AND score != 'Tone' GROUP BY score HAVING count(1) > 2 ORDER BY best DESC LIMIT 5",
            json!([{"score": "Preference", "best": 1.0}]),
        ),
        (
            "select: id, tag | from: project_logs('p') | unpivot: tags as (tag) | filter: tag != 'b' | sort: tag, id | limit: 2",
            json!([{"id": "r1", "tag": "a"}, {"id": "r2", "tag": "a"}]),
        ),
        (
            "measures: count(*) as rows, count(error) as errors, count_distinct(metadata.model) as models, sum(is_root) as roots, \
             avg(error is null ? 0 : 1) as rate, min(created) as first, percentile(scores.Preference, 0.5) as middle, sum(metrics.nothing) as nothing \
             | from: project_logs('p')",
            json!([{"rows": 5, "errors": 2, "models": 2, "roots": 3, "rate": 0.4, "first": "2026-11-24T08:00:00.000000Z", "middle": 0.5, "nothing": null}]),
        ),
        (
            "measures: count(1) as n, avg(scores.x) as x | from: project_logs('p') | filter: id = 'none'",
            json!([{"n": 0, "x": null}]),
        ),
        (
            "dimensions: metadata.model, error is not null as failed | measures: count(1) as n | pivot: n | from: project_logs('p') | filter: is_root",
            json!([{"model": "large", "false_n": 1, "true_n": 1}, {"model": "small", "false_n": 1, "true_n": null}]),
        ),
        (
            "SELECT * FROM project_logs('p') UNPIVOT (value FOR score IN (scores)) PIVOT(avg(value) FOR score IN (ANY)) WHERE is_root GROUP BY metadata.model",
            json!([{"model": "large", "Preference_avg(value)": 0.625, "Tone_avg(value)": 0.2}, {"model": "small", "Preference_avg(value)": 0.5, "Tone_avg(value)": null}]),
        ),
        (
            "dimensions: metadata.model as m | measures: sum(scores.Preference) / count(1) as mean | from: project_logs('p') summary | sort: mean desc | final_filter: mean > 0.1",
            json!([{"m": "large", "mean": 0.625}, {"m": "small", "mean": 0.5}]),
        ),
        (
            "select: root_span_id, scores.Tone, metrics.duration as took | from: project_logs('p') summary | filter: any_span(error is not null) | sort: scores.Preference",
            json!([{"root_span_id": "t1", "Tone": null, "took": null}, {"root_span_id": "t2", "Tone": 0.4, "took": 5}]),
        ),
        (
            "infer: metadata.model | from: project_logs('p')",
            json!([{"name": ["metadata", "model"], "type": ["string"], "count": 3, "more": false,
                "top_values": [{"value": "large", "count": 2}, {"value": "small", "count": 1}]}]),
        ),
        (
            "select: id | from: project_logs('p') traces | filter: error is not null | span_filter: span_attributes.type = 'tool' or is_root",
            json!([{"id": "r2"}, {"id": "o2"}, {"id": "r1"}]),
        ),
    ] {
        assert_eq!(told(text), right, "{text}");
    }
}

#[test]
fn a_summary_is_a_trace_with_its_sums_and_the_beginning_of_its_texts() {
    let rows = told(
        "select: * | from: project_logs('p') summary | filter: span_attributes.type = 'llm' | preview_length: 1 | custom_columns: len(input) as length",
    );
    let row = &rows[0];
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    assert_eq!(row["id"], "r2");
    assert_eq!((&row["input"], &row["length"]), (&json!("H…"), &json!(2)), "columns see whole values");
    assert_eq!(row["scores"], json!({"Preference": 1, "Tone": 0.4}));
    assert_eq!(row["_xact_id"], "0000000000000000002");
    assert_eq!(
        row["metrics"],
        json!({"prompt_tokens": 7, "completion_tokens": 5, "prompt_cached_tokens": null, "prompt_cache_creation_tokens": null,
            "total_tokens": 12, "estimated_cost": 0.25, "llm_calls": 1, "tool_calls": 1, "errors": 1, "llm_errors": 0, "tool_errors": 1,
            "start": 10.0, "end": 15.0, "duration": 5, "llm_duration": 2, "time_to_first_token": 0.5})
    );
    let info = json!({"name": "answer", "type": "task", "cached": false, "has_error": true, "in_progress": false});
    assert_eq!(row["span_type_info"], info);
    let cut = |text: &str| told(text)[0]["input"].as_str().map(|input| input.chars().count());
    assert_eq!(cut("from: project_logs('p') summary | limit: 1"), Some(125));
    assert_eq!(cut("from: project_logs('p') summary | limit: 1 | preview_length: -1"), Some(200));
}

#[test]
fn samples_are_the_same_for_the_same_seed() {
    let ids = |text: &str| {
        let rows = answer(&format!("select: id | from: project_logs('p') | {text}")).rows;
        rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("sample: 2 seed 1"), ids("sample: 2 seed 1"));
    assert_eq!(ids("sample: 2").len(), 2);
    assert_eq!((ids("sample: 100%").len(), ids("sample: 0%").len(), ids("sample: 50").len()), (5, 0, 5));
    let parts: Vec<_> = (0..40).map(|seed| ids(&format!("sample: 40% seed {seed}"))).collect();
    let taken: usize = parts.iter().map(Vec::len).sum();
    assert!((40..120).contains(&taken), "about 80 of 200: {taken}");
    assert!(parts.iter().any(|part| *part != parts[0]), "seeds differ");
    let counted = told("measures: count(1) as n | from: project_logs('p') | sample: 3 seed 4");
    assert_eq!(counted, json!([{"n": 3}]), "measures are of the sample");
}

#[test]
fn the_same_query_as_text_sql_and_tree_is_one_tree() {
    let native = "from: project_logs('p') | dimensions: day(created) as d, metadata.model | measures: count(1) as n, percentile(duration, 0.9) as p \
        | filter: error is null | final_filter: n > 3 | sort: n desc | limit: 7 | sample: 25% seed 3 | unpivot: scores as (k, v)";
    let sql = "SELECT day(created) AS d, metadata.model, count(1) AS n, percentile(duration, 0.9) AS p FROM project_logs('p') \
        TABLESAMPLE BERNOULLI (25 PERCENT) REPEATABLE (3) UNPIVOT (v FOR k IN (scores)) WHERE error IS NULL GROUP BY d, metadata.model HAVING n > 3 ORDER BY n DESC LIMIT 7";
    let ident = |name: Value| json!({"op": "ident", "name": name});
    let call =
        |name: &str, args: Value| json!({"op": "function", "name": {"op": "ident", "name": [name]}, "args": args});
    let number = |number: Value| json!({"op": "literal", "value": number});
    let tree = json!({
        "from": {"op": "function", "name": ident(json!(["project_logs"])), "args": [{"op": "literal", "value": "p"}]},
        "dimensions": [{"expr": call("day", json!([ident(json!(["created"]))])), "alias": "d"}, {"expr": ident(json!(["metadata", "model"]))}],
        "measures": [{"expr": call("count", json!([number(json!(1))])), "alias": "n"},
            {"expr": call("percentile", json!([ident(json!(["duration"])), number(json!(0.9))])), "alias": "p"}],
        "filter": {"op": "isnull", "expr": ident(json!(["error"]))},
        "final_filter": {"op": "gt", "left": ident(json!(["n"])), "right": number(json!(3))},
        "sort": [{"expr": ident(json!(["n"])), "dir": "desc"}],
        "limit": 7,
        "sample": {"method": {"type": "rate", "value": 0.25}, "seed": 3},
        "unpivot": [{"expr": ident(json!(["scores"])), "alias": ["k", "v"]}],
    });
    let native = parser::query(native).expect("clauses");
    assert_eq!(native, parser::query(sql).expect("sql"));
    assert_eq!(native, json::query(&tree).expect("a tree"));
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let refused = |text: &str| {
        let query = parser::query(&format!("from: project_logs('p') | {text}"))
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        answer_of(&query).expect_err(text)
    };
    for (text, part) in [
        (
            "dimensions: tags | measures: avg(scores.x) + input",
            "input is neither a dimension nor inside an aggregate such as avg(input)",
        ),
        ("dimensions: tags | sort: created", "created is neither a dimension"),
        ("measures: count(1), count(1)", "two columns are called count(1)"),
        ("select: id | measures: count(1)", "select does not go with dimensions"),
        ("measures: percentile(duration, 95)", "a part from 0 to 1"),
        ("measures: sum(distinct duration)", "distinct goes with count"),
        ("measures: sum(*)", "* stands for all fields"),
        ("measures: avg(any_span(error))", "any_span is about whole traces"),
        ("measures: avg(sum(duration))", "sum is about many rows"),
        ("dimensions: tags | measures: count(1) as n | pivot: m", "m is neither; did you mean n?"),
        ("measures: count(1) | weighted_scores: a", "weighted_scores is not offered"),
        ("measures: count(1) | comparison_key: input", "comparison_key is not offered"),
        ("unpivot: tags as (tag) | filter: tga = 'a'", "there is no field tga; did you mean tag?"),
        ("infer: metadata | measures: count(1)", "infer stands alone"),
    ] {
        let message = refused(text);
        assert!(message.contains(part), "{text}: {message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sums_of_groups_are_those_of_a_naive_count(values in prop::collection::vec((0..5_u8, prop::option::of(-50..50_i32), any::<bool>()), 0..80)) {
        let query = parser::query("dimensions: metadata.k | measures: count(1) as n, count(metadata.v) as some, sum(metadata.v) as sum, \
            count(distinct metadata.v) as kinds, max(metadata.v) as max, sum(metadata.b) as yes | from: project_logs('p')").expect("a query");
        let mut run = Run::new(Arc::new(Compute::of(&query).expect("a plan")), CLOCK);
        // Whole numbers and fractions that are whole are one number.
        let number = |value: i32| if value % 2 == 0 { json!(value) } else { json!(f64::from(value)) };
        let mut groups: BTreeMap<u8, Vec<(Option<i32>, bool)>> = BTreeMap::new();
        for (place, (key, value, flag)) in values.iter().enumerate() {
            groups.entry(*key).or_default().push((*value, *flag));
            let row = json!({"id": place.to_string(), "root_span_id": "t", "metadata": {"k": key, "v": value.map(number), "b": flag}});
            run.trace(rows(json!([row]))).expect("taken");
        }
        let told = run.finish().expect("an answer").rows;
        prop_assert_eq!(told.len(), groups.len());
        for (row, (key, group)) in told.iter().zip(groups) {
            let some: Vec<i32> = group.iter().filter_map(|(value, _)| *value).collect();
            let mut kinds = some.clone();
            kinds.sort_unstable();
            kinds.dedup();
            prop_assert_eq!(&row["k"], &json!(key));
            prop_assert_eq!(&row["n"], &json!(group.len()));
            prop_assert_eq!(&row["some"], &json!(some.len()));
            prop_assert_eq!(row["sum"].as_f64(), (!some.is_empty()).then(|| some.iter().map(|value| f64::from(*value)).sum()));
            prop_assert_eq!(&row["kinds"], &json!(kinds.len()));
            prop_assert_eq!(row["max"].as_f64(), some.iter().max().map(|value| f64::from(*value)));
            prop_assert_eq!(&row["yes"], &json!(group.iter().filter(|(_, flag)| *flag).count()));
        }
    }
}
