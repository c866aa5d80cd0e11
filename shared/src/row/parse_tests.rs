use serde_json::json;

use super::*;
use crate::ids::MemberId;
use crate::review::state::ReviewStatus;
use crate::row::{Mode, RowWrite};

fn read(value: Value) -> Result<Parsed, Refusal> {
    parse(&value.to_string(), &mut || "made".into())
}

fn row(value: Value) -> (RowWrite, Vec<String>) {
    let parsed = read(value).expect("a row");
    let left_out = parsed.left_out.iter().map(ToString::to_string).collect();
    match parsed.write {
        Write::Row(write) => (*write, left_out),
        Write::Comment(_) => panic!("a comment"),
    }
}

#[test]
fn m10_control_keys_are_no_data() {
    let (write, left_out) = row(json!({
        "id": "0494", "_is_merge": true, "project_id": "p", "log_id": "g", "scores": {"correctness": 1, "thumbs": null},
        "_merge_paths": [["a"]], "_array_delete": [], "tags": null, "facets": {"x": 1}}));
    assert_eq!(
        Value::Object(write.fields),
        json!({"scores": {"correctness": 1, "thumbs": null}, "tags": null, "facets": {"x": 1}})
    );
    assert_eq!(write.mode, Mode::Merge { paths: vec![vec!["a".into()]], array_delete: vec![] });
    assert!(left_out.is_empty());
}

#[test]
fn a_bad_score_costs_only_itself() {
    let (write, left_out) =
        row(json!({"id": "a", "scores": {"a": "NaN", "b": 0.5, "c": true, "d": 1.5, "e": {}, "\u{7}": 1}}));
    assert_eq!(write.fields["scores"], json!({"b": 0.5, "c": 1}));
    assert_eq!(left_out.len(), 4);
    assert!(
        left_out.contains(&"scores.a: \"NaN\" is not a number from 0 to 1; it was left out".to_owned()),
        "{left_out:?}"
    );
}

#[test]
fn wrong_shapes_are_left_out_and_named() {
    let (write, left_out) = row(json!({"id": "a", "metadata": 4, "tags": "x", "created": "soon", "input": 1}));
    assert_eq!(Value::Object(write.fields), json!({"input": 1}));
    assert_eq!(left_out.len(), 3);
}

#[test]
fn a_wrong_identity_costs_the_row() {
    for wrong in [json!({"id": 5}), json!({"id": ""}), json!({"id": "a", "span_parents": "b"}), json!([1]), json!("x")]
    {
        assert!(read(wrong.clone()).is_err(), "{wrong}");
    }
    assert!(read(json!({"id": "x".repeat(1025)})).is_err());
    let deep = format!("{{\"id\":\"a\",\"input\":{}{}}}", "[".repeat(110), "]".repeat(110));
    assert_eq!(
        parse(&deep, &mut String::new).expect_err("too deep").to_string(),
        "row: is nested deeper than 100 levels"
    );
}

#[test]
fn comments_are_rows_that_speak_of_rows() {
    let comment = json!({"id": "c", "created": "2026-11-23T09:09:51.135929+00:00", "project_id": "p", "log_id": "g",
        "origin": {"id": "0494"}, "comment": {"text": "nice"}, "_audit_source": "app", "_audit_metadata": {"user_id": "u9"}});
    match read(comment).expect("a comment").write {
        Write::Comment(comment) => assert_eq!((comment.row_id.as_str(), comment.text.as_str()), ("0494", "nice")),
        Write::Row(_) => panic!("a row"),
    }
    assert!(read(json!({"id": "c", "origin": {"id": "a"}, "comment": {"text": " "}})).is_err());
}

#[test]
fn review_keys_leave_the_metadata() {
    let member = MemberId::new();
    let (write, left_out) = row(json!({"id": "a", "_is_merge": true, "metadata": {
        "~__bt_review_lists": {"__bt_default_review_list": {"status": "pending"}}, "~__bt_assignments": [member.to_string()]}}));
    assert!(write.fields.is_empty() && left_out.is_empty());
    assert_eq!((write.status, write.assignees), (Some(ReviewStatus::Awaiting), Some(vec![member])));
    let (write, _) = row(json!({"id": "a", "metadata": {"~__bt_review_lists": {}, "k": 1}}));
    assert_eq!((write.status, write.assignees), (Some(ReviewStatus::None), None));
    let (write, left_out) =
        row(json!({"id": "a", "metadata": {"~__bt_review_lists": {"__bt_default_review_list": {"status": "later"}}}}));
    assert_eq!((write.status, left_out.len()), (None, 1));
}

#[test]
fn halves_of_characters_cost_nothing() {
    let half = r#"{"id":"a","input":"cut \ud83d","output":"\ud83d\ude00 \\ud83d","x":"\udc00\ud83d\ud83d\ude00"}"#;
    let parsed = parse(half, &mut String::new).expect("a row");
    let Write::Row(write) = parsed.write else { panic!("a comment") };
    assert_eq!(write.fields["input"], "cut \u{fffd}");
    assert_eq!(write.fields["output"], "\u{1f600} \\ud83d");
    assert_eq!(write.fields["x"], "\u{fffd}\u{fffd}\u{1f600}");
}

#[test]
fn feedback_leaves_the_row() {
    let (write, left_out) =
        row(json!({"id": "a", "_is_merge": true, "_audit_source": "external", "_audit_metadata": {"user_id": "u"},
        "scores": {"Failure": ["late"], "x": 1}, "expected": "good", "tags": ["t"]}));
    let feedback = write.feedback.as_ref().expect("feedback");
    assert!(write.is_only_review() && left_out.is_empty());
    assert_eq!((feedback.scores.len(), &feedback.expected, feedback.tags.len()), (2, &Some(json!("good")), 1));
    let (folded, _) = row(
        json!({"id": "a", "_audit_source": "external", "input": 1, "expected": 2, "scores": {"x": 1, "y": "late"}}),
    );
    assert!(!folded.is_only_review());
    assert_eq!(Value::Object(folded.fields), json!({"input": 1, "expected": 2, "scores": {"x": 1}}));
    assert_eq!(folded.feedback.expect("feedback").scores.len(), 2);
}
