//! Reading: examples, both syntaxes and the JSON form as one tree, messages, bounds, and that what is printed reads back.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::ast::{HEIGHT, Interval, Operator, Step, Unit};
use super::examples::EXAMPLES;
use super::query::Shape;
use super::{
    Aliases, Clock, Expr, FilterError, Kind, Place, Position, Query, Scope, check, eval, eval::settle, json, matches,
    parser,
};
use crate::moment::Moment;

fn parse(text: &str) -> Expr {
    parser::expression(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn query(text: &str) -> Query {
    parser::query(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> String {
    parser::expression(text).expect_err(text).to_string()
}

#[test]
fn every_example_is_read_and_printed_alike() {
    for (number, text) in EXAMPLES {
        let expr = parse(text);
        assert_eq!(parse(&expr.to_string()), expr, "{number}: {expr}");
    }
}

#[test]
fn the_same_said_in_other_words_is_one_tree() {
    for (one, other) in [
        ("a.b = 1 and c = 2 or d", "((a.b eq 1) AND (c = 2)) OR d"),
        ("not a = 1 and b", "(not (a = 1)) and b"),
        ("a and b and c", "a and (b and c)"),
        ("a + b * c - d", "(a + (b * c)) - d"),
        ("a - b - c", "(a - b) - c"),
        ("-a.b < -0.5", "(-a.b) < (-0.5)"),
        ("x is not null", "not x is null"),
        ("x isnotnull", "not (x isnull)"),
        ("x is true", "x = true"),
        ("x is not true", "not x = true"),
        ("tags not includes 'done'", "NOT tags contains \"done\""),
        ("includes(tags, 'a')", "tags includes 'a'"),
        ("m in ('a', 'b')", "m IN ['a', 'b']"),
        ("m not in ('a')", "not m in ['a']"),
        ("scores[\"Answer quality\"] > 0.2", "scores.\"Answer quality\" > 0.2"),
        ("\"odd name\" = 1", "`odd name` = 1"),
        ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
        ("interval 7 days", "interval '7 day'"),
        ("x = 'it''s'", r"x = 'it\'s'"),
        ("x <> 1 -- a comment\n and y", "x != 1 and y"),
        (".5 < 007", "0.5 < 7"),
    ] {
        assert_eq!(parse(one), parse(other), "{one}");
    }
    for (one, other) in [("a and (b or c)", "a and b or c"), ("m = \"gpt-4\"", "m = `gpt-4`"), ("-(a + b)", "-a + b")] {
        assert_ne!(parse(one), parse(other), "{one}");
    }
}

#[test]
fn double_quotes_are_names_where_a_field_begins_and_texts_elsewhere() {
    let text = |text: &str| Kind::Literal(text.into());
    let path = |keys: &[&str]| Kind::Path(keys.iter().map(|key| Step::Key((*key).to_owned())).collect());
    let sides = |source: &str| match parse(source).kind {
        Kind::Binary(_, left, right) => (left.kind, right.kind),
        other => panic!("{other:?}"),
    };
    assert_eq!(sides("\"a b\" = \"c d\""), (path(&["a b"]), text("c d")));
    assert_eq!(sides("metadata.\"a.b\" = 'x'"), (path(&["metadata", "a.b"]), text("x")));
    assert_eq!(sides("x = \"odd\".y"), (path(&["x"]), path(&["odd", "y"])));
    assert_eq!(
        parse("x ? \"high\" : \"low\"").kind,
        Kind::If(vec![(parse("x"), parse("'high'"))], Box::new(parse("'low'")))
    );
}

#[test]
fn messages_say_where_what_was_found_and_what_would_fit() {
    for (text, message) in [
        ("", "line 1, column 1: found the end where a field, a value or \"(\" should be"),
        ("scores.A >", "line 1, column 11: found the end where a field, a value or \"(\" should be"),
        (
            "scores.A > 0.5 an tags",
            "line 1, column 16: found an where an operator such as and, or, =, or the end should be; did you mean and?",
        ),
        ("a = 1\n  and (b = 2", "line 2, column 13: found the end where \")\" to close what \"(\" opens should be"),
        ("a < b < c", "line 1, column 7: comparisons do not chain; write a < b and b < c, or put one in parentheses"),
        ("x = 'ü", "line 1, column 5: the text that begins here has no end; close it with '"),
        ("lowr(x) = 'a'", "line 1, column 1: there is no function lowr; did you mean lower?"),
        ("round(x, 1, 2)", "line 1, column 1: round takes 1 or 2 arguments, not 3"),
        (
            "created > now() - interval 7 dayz",
            "line 1, column 30: found dayz where one of year, month, week, day, hour, minute, second, millisecond, microsecond should be; did you mean day?",
        ),
        ("a = and", "line 1, column 5: found and where a field or a value should be"),
        ("a is b", "line 1, column 6: found b where null, not null, true or false should be"),
        ("tags[x]", "line 1, column 6: found x where a place such as 0 or -1, or a key in quotes should be"),
        ("a ; b", "line 1, column 5: found b where an operator such as and, or, =, or the end should be"),
        ("a # b", "line 1, column 3: '#' means nothing here; texts stand in '…', odd names in \"…\""),
        ("a in b + 1", "line 1, column 1: in wants a list such as ('a', 'b'), or a field that holds one"),
        ("x > 1e999", "line 1, column 5: 1e999 is out of the range of numbers"),
        (
            "x = 2h",
            "line 1, column 6: a number such as 2 cannot be followed by a letter; names with digits first stand in \"…\"",
        ),
        (
            "a ? b",
            "line 1, column 6: found the end where \":\" and what holds otherwise, after \"?\" and what holds then, should be",
        ),
    ] {
        assert_eq!(error(text), message, "{text}");
    }
    let place = parser::expression("ü = 1 and\n b >").expect_err("an error").position;
    assert_eq!(place, Some(Position { offset: 14, line: 2, column: 5 }));
}

#[test]
fn messages_about_queries_name_the_clause_that_was_meant() {
    let error = |text: &str| parser::query(text).expect_err(text).to_string();
    assert!(error("select: * | fliter: a").contains("did you mean filter?"));
    assert!(
        error("select: * | from: project_logs('x') trace")
            .contains("a shape (spans, traces, summary) should be; did you mean traces?")
    );
    assert_eq!(error("filter: a | filter: b"), "line 1, column 13: filter is given twice");
    assert!(error("select: * | limit: -1").contains("a whole number of rows"));
    assert!(error("select: * | limit: 'x'").contains("found 'x'"));
    assert!(error("SELECT * FROM a('x') JOIN b('y')").contains("join is not offered"));
    assert!(error("WITH x AS (SELECT 1) SELECT * FROM x").contains("with is not offered"));
}

#[test]
fn clauses_sql_and_json_are_one_query() {
    let native = query(
        "select: id, scores.Preference as pref | from: project_logs('p1') traces | filter: tags includes 'triage' and error is null | sort: created desc | limit: 100 | cursor: 'c'",
    );
    let sql = query(
        "SELECT id, scores.Preference AS pref FROM project_logs('p1', shape => 'traces') WHERE tags INCLUDES 'triage' AND error IS NULL ORDER BY created DESC LIMIT 100 OFFSET 'c'",
    );
    let ident = |name: Value| json!({"op": "ident", "name": name, "loc": {"start": {"line": 1, "col": 1}}});
    let tree = json!({
        "select": [{"expr": ident(json!(["id"]))}, {"expr": ident(json!(["scores", "Preference"])), "alias": "pref"}],
        "from": {"op": "function", "name": ident(json!(["project_logs"])), "args": [{"op": "literal", "value": "p1"}], "shape": "traces"},
        "filter": [
            {"op": "includes", "haystack": ident(json!(["tags"])), "needle": {"op": "literal", "value": "triage"}},
            {"btql": "error is null"},
        ],
        "sort": [{"expr": {"btql": "created"}, "dir": "desc"}],
        "limit": 100, "cursor": "c", "where": "is ignored", "preview_length": null,
    });
    let tree = json::query(&tree).expect("a query");
    assert_eq!(native, sql);
    assert_eq!(native, tree);
    assert_eq!(native.from.as_ref().and_then(|from| from.shape), Some(Shape::Traces));
    assert_eq!(query(&native.to_string()), native);
    let lines = native.to_string().replace(" | ", "\n");
    assert_eq!(query(&lines), native, "new lines part clauses as well");
}

#[test]
fn whole_queries_of_the_paper_are_read() {
    for text in [
        "select: * | from: project_logs('<pid>') traces | filter: scores.Preference > 0.75 | limit: 100",
        "from: project_logs('<pid>') | dimensions: day(created) as d | measures: count(1) as n, avg(scores.Preference) as pref | sort: d desc",
        "dimensions: score | measures: avg(value) as avg_value, count(1) as n | from: experiment('<eid>') | unpivot: scores as (score, value)",
        "SELECT id, created, scores.Preference AS pref FROM project_logs('<pid>') WHERE tags INCLUDES 'triage' ORDER BY created DESC LIMIT 100",
        "select: * | from: project_logs('<id>') summary | filter: (a) AND (b) | preview_length: 1024 | sort: _pagination_key DESC | limit: 50 | cursor: 'x'",
        "select: * | from: project_logs(\"a\", 'b') | unpivot: tags as (tag) | sample: 25% seed 7 | preview_length: -1",
        "infer: metadata.model | from: experiment('e') | comparison_key: input | custom_columns: input.q as q | pivot: avg(x)",
        "select: a ? limit : 3 | from: dataset('d')",
        "span_filter: a | trace_filter: b | final_filter: n > 1 | weighted_scores: a",
    ] {
        let read = query(text);
        let again = query(&read.to_string());
        assert_eq!(again, Query { unread: vec![], ..read }, "{text}");
    }
    let grouped =
        query("SELECT day(created) AS d, count(1) AS n FROM project_logs('p') GROUP BY d, tags[0] HAVING n > 3");
    let same = query(
        "from: project_logs('p') | dimensions: day(created) as d, tags[0] | measures: count(1) as n | final_filter: n > 3",
    );
    assert_eq!(grouped, same);
    assert_eq!(
        query("SELECT * FROM x('p') UNPIVOT (v FOR k IN (scores))"),
        query("select: * | from: x('p') | unpivot: scores as (k, v)")
    );
    assert!(
        parser::is_query("select: *") && parser::is_query("SELECT a FROM b('c')") && !parser::is_query("select = 1")
    );
    assert!(!parser::is_query("filter ? a : b") && !parser::is_query("scores.x > 1"));
}

#[test]
fn what_the_sdks_send_for_the_spans_of_a_trace_is_read() {
    let ident = |name: &[&str]| json!({"op": "ident", "name": name});
    let literal = |value: Value| json!({"op": "literal", "value": value});
    let tree = json!({"op": "and", "children": [
        {"op": "eq", "left": ident(&["root_span_id"]), "right": literal(json!("r"))},
        {"op": "or", "children": [
            {"op": "isnull", "expr": ident(&["span_attributes", "purpose"])},
            {"op": "ne", "left": ident(&["span_attributes", "purpose"]), "right": literal(json!("scorer"))},
        ]},
        {"op": "in", "left": ident(&["span_attributes", "type"]), "right": literal(json!(["llm", "tool"]))},
        {"op": "isnotnull", "expr": ident(&["error"])},
        {"op": "ge", "left": {"op": "sub", "left": ident(&["metrics", "end"]), "right": ident(&["metrics", "start"])}, "right": literal(json!(-1.5))},
        {"op": "singlespanfilter", "expr": {"op": "not", "expr": {"op": "neg", "expr": {"op": "star"}}}},
        {"op": "if", "conds": [{"cond": {"btql": "a"}, "then": literal(json!({"k": [null]}))}], "else": {"op": "interval", "value": 2, "unit": "days"}},
        {"op": "function", "name": ident(&["round"]), "args": [{"expr": ident(&["scores", "A"]), "alias": "x"}, literal(json!(1))]},
    ]});
    let text = "root_span_id = 'r' and (span_attributes.purpose is null or span_attributes.purpose != 'scorer') \
        and span_attributes.type in ['llm', 'tool'] and error is not null and metrics.end - metrics.start >= -1.5 \
        and any_span(not -(*)) and (a ? {'k': [null]} : interval 2 days) and round(scores.A, 1)";
    assert_eq!(json::expression(&tree).expect("an expression"), parse(text));
}

#[test]
fn messages_about_trees_say_where_in_the_tree() {
    let error = |tree: Value| json::query(&tree).expect_err("an error").to_string();
    let ident = json!({"op": "ident", "name": ["a"]});
    for (tree, message) in [
        (json!([]), "is no query; one is an object or a text"),
        (json!({"filter": {"op": "equals"}}), "/filter/op: there is no op \"equals\""),
        (
            json!({"filter": {"op": "isnul", "expr": ident}}),
            "/filter/op: there is no op \"isnul\"; did you mean isnull?",
        ),
        (json!({"filter": {"op": "eq", "left": ident}}), "/filter: right is missing"),
        (
            json!({"filter": [ident, {"btql": "a >"}]}),
            "/filter/1/btql: line 1, column 4: found the end where a field, a value or \"(\" should be",
        ),
        (json!({"filter": {"op": "and", "children": [ident, {"op": "not"}]}}), "/filter/children/1: expr is missing"),
        (
            json!({"filter": {"op": "ident", "name": [0]}}),
            "/filter/name: is no list of names and places that begins with a name",
        ),
        (
            json!({"filter": {"op": "matchingspansfilter", "expr": ident}}),
            "/filter: matchingspansfilter is not offered",
        ),
        (json!({"limit": -1}), "/limit: is no whole number of rows"),
        (json!({"from": {"op": "function", "name": ident, "args": [7]}}), "/from/args/0: is no id as a literal text"),
        (
            json!({"select": [{"expr": {"op": "function", "name": "nope"}}]}),
            "/select/0/expr: there is no function nope",
        ),
    ] {
        assert_eq!(error(tree.clone()), message, "{tree}");
    }
}

#[test]
fn size_and_depth_are_bounded_wherever_they_arise() {
    let deep = [
        format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000)),
        "not ".repeat(100_000) + "a",
        "- ".repeat(100_000) + "a",
        "[".repeat(100_000),
        "a ? ".repeat(50_000) + "b",
        "lower(".repeat(50_000),
        "a + ".repeat(50_000) + "a",
        "x".repeat(1 << 20),
        format!("a = '{}'", "x".repeat(1 << 20)),
        "{'a':".repeat(50_000),
        "a in (".repeat(50_000),
    ];
    // As small as a stack gets here.
    let check = move || deep.iter().for_each(|text| assert!(parser::expression(text).is_err()));
    std::thread::Builder::new().stack_size(1 << 20).spawn(check).expect("a thread").join().expect("no overflow");
    // Long is fine as long as it is flat.
    parse(&("a or ".repeat(50_000) + "a"));
    parse(&format!("id in ({})", vec!["'x'"; 50_000].join(", ")));
    parse(&("a ? b : ".repeat(20_000) + "c"));

    let mut tree = json!({"op": "ident", "name": ["a"]});
    for _ in 0..=HEIGHT {
        tree = json!({"op": "neg", "expr": tree});
    }
    assert!(json::expression(&tree).expect_err("too deep").to_string().contains("nested deeper"));
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["created", "_xact_id", "input", "tags"]).prop_map(str::to_owned),
        4 => "[a-z_][a-z0-9_]{0,5}",
        2 => prop::sample::select(vec!["and", "In", "true", "interval", "select", "filter", "not", "match", "lt", "__bt_assignments"]).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => "[\"'`\\\\.\\[ %|:]{1,4}",
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![3 => name().prop_map(Step::Key), 1 => (-3..9_i64).prop_map(Step::Index)];
    (name(), prop::collection::vec(step, 0..3))
        .prop_map(|(first, rest)| std::iter::once(Step::Key(first)).chain(rest).collect())
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no such number", |number| number.is_finite()).prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        "[\"'`\\\\%\n|]{0,5}".prop_map(Value::from),
    ]
}

/// Numbers that are near each other where fractions lose precision.
fn number() -> impl Strategy<Value = Value> {
    let large = 1_i64 << 53;
    prop_oneof![
        (0..4_i64).prop_map(move |more| Value::from(large + more)),
        (0..4_i64).prop_map(move |more| Value::from((large + more) as f64)),
        scalar(),
    ]
}

fn made(kind: Kind) -> Expr {
    Expr::new(kind, Position::START).expect("not too high")
}

fn expr() -> impl Strategy<Value = Expr> {
    let operator = prop::sample::select(vec![
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::GreaterOrEqual,
        Operator::Like,
        Operator::Ilike,
        Operator::Match,
        Operator::In,
        Operator::Includes,
        Operator::Add,
        Operator::Subtract,
        Operator::Multiply,
        Operator::Divide,
        Operator::Modulo,
    ]);
    let leaf = prop_oneof![
        3 => steps().prop_map(|steps| made(Kind::Path(steps))),
        3 => scalar().prop_map(|value| made(Kind::Literal(value))),
        1 => (any::<i32>(), prop::sample::select(Unit::ALL.to_vec()))
            .prop_map(|(count, unit)| made(Kind::Interval(Interval { count: i64::from(count), unit }))),
        1 => Just(made(Kind::Star)),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let one = || inner.clone().prop_map(Box::new);
        let some = |least| prop::collection::vec(inner.clone(), least..4);
        prop_oneof![
            (operator.clone(), one(), one()).prop_map(|(operator, left, right)| match (operator, &right.kind) {
                (Operator::In, Kind::Path(_) | Kind::List(_) | Kind::Call { .. }) =>
                    made(Kind::Binary(operator, left, right)),
                (Operator::In, _) => made(Kind::Binary(operator, left, Box::new(made(Kind::List(vec![*right]))))),
                _ => made(Kind::Binary(operator, left, right)),
            }),
            some(1).prop_map(|parts| Expr::and(parts, Position::START).expect("parts")),
            some(1).prop_map(|parts| Expr::or(parts, Position::START).expect("parts")),
            one().prop_map(|inner| made(Kind::Not(inner))),
            one().prop_map(|inner| made(Kind::IsNull(inner))),
            one().prop_map(|inner| made(Kind::AnySpan(inner))),
            inner.clone().prop_map(|inner| Expr::negative(inner, Position::START).expect("not too high")),
            some(0).prop_map(|items| made(Kind::List(items))),
            prop::collection::vec(("\\PC{0,4}", inner.clone()), 0..3).prop_map(|entries| made(Kind::Object(entries))),
            some(1).prop_map(|arguments| made(Kind::Call { name: "coalesce".into(), distinct: false, arguments })),
            (
                prop::sample::select(vec![
                    "day",
                    "week",
                    "month",
                    "year",
                    "lower",
                    "len",
                    "to_integer",
                    "to_date",
                    "to_interval",
                    "to_string"
                ]),
                inner.clone()
            )
                .prop_map(|(name, argument)| made(Kind::Call {
                    name: name.into(),
                    distinct: false,
                    arguments: vec![argument]
                })),
            (
                prop::sample::select(vec!["substring", "round", "date_trunc", "nullif", "json_extract"]),
                inner.clone(),
                inner.clone()
            )
                .prop_map(|(name, one, two)| made(Kind::Call {
                    name: name.into(),
                    distinct: false,
                    arguments: vec![one, two]
                })),
            one().prop_map(|inner| made(Kind::Call { name: "count".into(), distinct: true, arguments: vec![*inner] })),
            (prop::collection::vec((inner.clone(), inner.clone()), 1..3), inner.clone()).prop_map(
                |(branches, otherwise)| Expr::choice(branches, otherwise, Position::START).expect("not too high")
            ),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_printed_reads_back_as_the_same(expr in expr()) {
        let text = expr.to_string();
        let read = parser::expression(&text);
        prop_assert_eq!(read.as_ref(), Ok(&expr), "{}", text);
    }

    #[test]
    fn every_expression_has_an_answer_on_every_row(expr in expr()) {
        let Ok(checked) = check(&expr, Place::Row, &Aliases::default()) else { return Ok(()) };
        let row = json!({"id": "a", "created": "2026-01-05T09:00:00.000000Z", "_xact_id": "1000198257225170955", "input": "hi", "tags": ["t"]});
        let scope = Scope { row: row.as_object().expect("a row"), clock: Clock { now: Moment(i64::MIN), tz_offset: i32::MAX } };
        let settled = settle(&checked, std::iter::once(scope.row), scope.clock).expect("settled");
        prop_assert_eq!(matches(&checked, scope), matches(&settled, scope));
        let _ = eval::value(&checked, scope);
    }

    #[test]
    fn orders_of_values_do_not_contradict_themselves(values in prop::collection::vec(number(), 0..60)) {
        let mut sorted = values;
        sorted.sort_by(eval::order);
        prop_assert!(sorted.is_sorted_by(|left, right| eval::order(left, right).is_le()));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}", words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..20)) {
        for text in [&text, &words.join(" "), &format!("{} {text}", words.concat())] {
            if let Ok(expr) = parser::expression(text).map_err(check_place(text)) {
                let again = parser::expression(&expr.to_string());
                prop_assert_eq!(again.as_ref(), Ok(&expr), "{}", text);
            }
            if let Ok(query) = parser::query(text).map_err(check_place(text)) {
                let printed = query.to_string();
                let again = parser::query(&printed).map(|again| Query { unread: query.unread.clone(), ..again });
                prop_assert_eq!(again.as_ref(), Ok(&query), "{} as {}", text, printed);
            }
        }
    }
}

/// A place is within its text.
fn check_place(text: &str) -> impl Fn(FilterError) + '_ {
    move |error| {
        let offset = error.position.expect("a place").offset as usize;
        assert!(offset <= text.chars().count(), "{error}");
    }
}

const WORDS: [&str; 44] = [
    "a", "tags", "'x'", "\"y\"", "`z`", "1", "-2.5", "(", ")", "[", "]", "{", "}", ",", ".", ":", "?", "=", "<", "+",
    "-", "*", "%", "|", "not", "and", "or", "is", "null", "in", "like", "includes", "interval", "day", "count(",
    "distinct", "select", "from", "filter", "group by", "limit", "unpivot", "as", ";",
];
