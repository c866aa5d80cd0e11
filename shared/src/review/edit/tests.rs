use automerge::{ActorId, ObjType, ROOT, ReadDoc};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ids::DocumentId;
use crate::review::read::{conflicts, read};
use crate::review::seed::seed;
use crate::review::state::{Assignment, StatusEntry};

const NOW: Moment = Moment(1_795_500_000_123_000);

fn document() -> Automerge {
    seed(DocumentId::new()).with_actor(ActorId::random())
}

fn member() -> (MemberId, Reviewer) {
    let id = MemberId::new();
    (id, Reviewer::Member(id))
}

fn comment(author: &Reviewer, text: &str) -> Comment {
    Comment {
        author: author.clone(),
        at: NOW,
        text: text.to_owned(),
        edited_at: None,
        deleted: false,
        resolved: false,
        parent: None,
        anchor: Some(json!({"field": "output", "start": 3, "end": 9, "quote": "two or more words"})),
        source: Some("api".to_owned()),
    }
}

/// An edit of every kind, in an order that makes sense.
fn everything() -> Vec<Edit> {
    let (mei, reviewer) = member();
    let external = Reviewer::External("shopper-17".to_owned());
    let id = "6f0c2c6e-6b1d-4d0e-9a47-0d8e2a3a9a11".to_owned();
    vec![
        Edit::OpenReviewer { reviewer: reviewer.clone() },
        Edit::OpenFields { names: vec!["What went wrong".to_owned()] },
        Edit::SetScore { reviewer: reviewer.clone(), score: "Tone".to_owned(), judgement: Judgement::Number(1.0) },
        Edit::SetScore { reviewer: external, score: "Helpful".to_owned(), judgement: Judgement::Number(0.25) },
        Edit::SetScore {
            reviewer: reviewer.clone(),
            score: "Failure".to_owned(),
            judgement: Judgement::Options(["late".to_owned(), "rude".to_owned()].into()),
        },
        Edit::SetNote { reviewer: reviewer.clone(), score: "Tone".to_owned(), text: "Warm, brief.".to_owned() },
        Edit::SetExpected { value: json!({"answer": "You can return them for 30 days.", "n": 3, "tags": ["a", "b"]}) },
        Edit::MergeExpected { path: vec!["route".to_owned(), "team".to_owned()], value: json!("returns") },
        Edit::SetField { name: "What went wrong".to_owned(), text: "Nothing — it read the order 👟.".to_owned() },
        Edit::AddTag { tag: "golden".to_owned() },
        Edit::RemoveTag { tag: "noise".to_owned() },
        Edit::AddComment { id: id.clone(), comment: comment(&reviewer, "Check the size table.") },
        Edit::EditComment { id: id.clone(), text: "Check the size table, please.".to_owned(), at: NOW },
        Edit::ResolveComment { id, resolved: true },
        Edit::SetStatus { by: reviewer.clone(), at: NOW, value: ReviewStatus::InProgress },
        Edit::Assign { member: mei, by: reviewer.clone(), at: NOW },
        Edit::Complete { reviewer, at: NOW },
    ]
}

#[test]
fn one_change_holds_all_edits_and_reads_back() {
    let mut doc = document();
    let edits = everything();
    let change = apply(&mut doc, &edits, NOW, Some("feedback")).expect("edits").expect("a change");
    assert_eq!((change.timestamp(), change.message()), (NOW.as_seconds(), Some("feedback")));
    assert_eq!(doc.get_heads(), [change.hash()]);

    let state = read(&doc);
    let Edit::OpenReviewer { reviewer } = &edits[0] else { panic!("the first edit opens") };
    assert_eq!(state.scores[reviewer]["Tone"], Judgement::Number(1.0));
    assert_eq!(state.scores[reviewer]["Failure"], Judgement::Options(["late".to_owned(), "rude".to_owned()].into()));
    assert_eq!(state.notes[reviewer]["Tone"], "Warm, brief.");
    let value =
        json!({"answer": "You can return them for 30 days.", "n": 3, "tags": ["a", "b"], "route": {"team": "returns"}});
    assert_eq!((state.expected.set, &state.expected.value), (true, &value));
    assert_eq!(state.fields["What went wrong"], "Nothing — it read the order 👟.");
    assert_eq!(state.tags, [("golden".to_owned(), true), ("noise".to_owned(), false)].into());
    let remark = state.comments.values().next().expect("a comment");
    assert_eq!((remark.text.as_str(), remark.resolved), ("Check the size table, please.", true));
    assert_eq!(remark.anchor.as_ref().expect("an anchor")["start"], json!(3));
    assert_eq!(remark.edited_at, Some(NOW));
    assert_eq!(
        state.status,
        StatusEntry { value: ReviewStatus::InProgress, by: Some(reviewer.clone()), at: Some(NOW) }
    );
    assert_eq!(state.assignees.values().next(), Some(&Assignment { by: reviewer.clone(), at: NOW }));
    assert_eq!(state.completed[reviewer], NOW);
    let json = serde_json::to_value(&state).expect("state is JSON");
    assert_eq!(serde_json::from_value::<crate::review::state::ReviewState>(json).expect("state"), state);
}

#[test]
fn r8_repeated_edits_write_nothing() {
    let mut doc = document();
    let edits = everything();
    apply(&mut doc, &edits, NOW, None).expect("edits").expect("a change");
    // An edited comment is not the one that was added, and a repeated first text would undo the edit; all else repeats.
    let later = Moment(NOW.0 + 60_000_000);
    for edit in edits.iter().filter(|edit| !matches!(edit, Edit::SetExpected { .. })) {
        assert_eq!(apply(&mut doc, std::slice::from_ref(edit), later, None).expect("edit"), None, "{edit:?}");
    }
    assert_eq!(apply(&mut doc, &[], later, None).expect("no edits"), None);
}

#[test]
fn opposite_edits_take_back() {
    let mut doc = document();
    let edits = everything();
    apply(&mut doc, &edits, NOW, None).expect("edits");
    let (Edit::Assign { member, .. }, Edit::Complete { reviewer, .. }) = (&edits[15], &edits[16]) else {
        panic!("the last edits assign and complete")
    };
    let back = [
        Edit::SetScore { reviewer: reviewer.clone(), score: "Tone".to_owned(), judgement: Judgement::Withdrawn },
        Edit::UnsetExpected,
        Edit::SetField { name: "What went wrong".to_owned(), text: String::new() },
        Edit::ClearTag { tag: "golden".to_owned() },
        Edit::DeleteComment { id: "6f0c2c6e-6b1d-4d0e-9a47-0d8e2a3a9a11".to_owned() },
        Edit::Unassign { member: *member },
        Edit::Uncomplete { reviewer: reviewer.clone() },
    ];
    apply(&mut doc, &back, NOW, None).expect("edits").expect("a change");
    let state = read(&doc);
    assert_eq!(state.scores[reviewer]["Tone"], Judgement::Withdrawn);
    assert!(!state.expected.set && state.expected.value.is_null());
    assert!(state.fields.is_empty() && state.assignees.is_empty() && state.completed.is_empty());
    assert_eq!(state.tags, [("noise".to_owned(), false)].into());
    assert!(state.comments.values().all(|comment| comment.deleted));
}

#[test]
fn whole_numbers_are_integers_prose_is_text_words_are_scalars() {
    let mut doc = document();
    let value = json!({"prose": "one two three", "word": "two words", "float": 1.0, "half": 0.5, "lines": "a\nb"});
    apply(&mut doc, &[Edit::SetExpected { value }], NOW, None).expect("edit");
    let (_, expected) = doc.get(ROOT, schema::EXPECTED).expect("get").expect("expected");
    let (_, value) = doc.get(&expected, schema::VALUE).expect("get").expect("value");
    let held = |name: &str| doc.get(&value, name).expect("get").expect("held").0.into_owned();
    assert_eq!(held("prose").to_objtype(), Some(ObjType::Text));
    assert_eq!(held("lines").to_objtype(), Some(ObjType::Text));
    assert!(held("word").is_str() && held("float").is_int() && held("half").is_f64());
}

#[test]
fn a_whole_string_is_shared_text_and_is_edited_in_place() {
    let mut doc = document();
    apply(&mut doc, &[Edit::SetExpected { value: json!("Paris") }], NOW, None).expect("edit");
    let mut other = doc.fork();
    apply(&mut doc, &[Edit::SetExpected { value: json!("Paris, France") }], NOW, None).expect("edit");
    apply(&mut other, &[Edit::SetExpected { value: json!("Oh, Paris") }], NOW, None).expect("edit");
    doc.merge(&mut other).expect("merge");
    assert_eq!(read(&doc).expected.value, json!("Oh, Paris, France"));
    assert!(conflicts(&doc).is_empty());
}

#[test]
fn different_keys_merge_and_one_key_conflicts() {
    let mut doc = document();
    apply(&mut doc, &[Edit::SetExpected { value: json!({"a": 1, "b": 1, "l": [1, 2, 3]}) }], NOW, None).expect("edit");
    let mut other = doc.fork();
    apply(&mut doc, &[Edit::SetExpected { value: json!({"a": 2, "b": 1, "l": [1, 2, 4]}) }], NOW, None).expect("edit");
    apply(&mut other, &[Edit::SetExpected { value: json!({"a": 3, "b": 9, "l": [0, 2, 3]}) }], NOW, None)
        .expect("edit");
    doc.merge(&mut other).expect("merge");
    let value = read(&doc).expected.value;
    assert_eq!((&value["b"], &value["l"]), (&json!(9), &json!([0, 2, 4])));
    let found = conflicts(&doc);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "/expected/value/a");
    assert_eq!(found[0].values[0], value["a"], "the shown value comes first");
    let mut values = found[0].values.clone();
    values.sort_by_key(ToString::to_string);
    assert_eq!(values, [json!(2), json!(3)]);
}

#[test]
fn the_last_judge_is_the_one_who_knew_the_others() {
    let mut doc = document();
    let judge = |doc: &mut Automerge, reviewer: &Reviewer, number: f64| {
        let edit = Edit::SetScore {
            reviewer: reviewer.clone(),
            score: "Tone".to_owned(),
            judgement: Judgement::Number(number),
        };
        apply(doc, &[edit], NOW, None).expect("edit");
    };
    let ((_, first), (_, second)) = (member(), member());
    judge(&mut doc, &second, 0.5);
    assert!(read(&doc).latest.is_empty(), "one judge needs no order");
    judge(&mut doc, &first, 0.25);
    assert_eq!(read(&doc).latest["Tone"], first);
    judge(&mut doc, &second, 0.75);
    assert_eq!(read(&doc).latest["Tone"], second);
}

#[test]
fn refused_edits_write_nothing_and_say_what_would_be_right() {
    let mut doc = document();
    let heads = doc.get_heads();
    let (_, reviewer) = member();
    let deep = (0..schema::JSON_DEPTH + 1).fold(json!(1), |inner, _| json!([inner]));
    let refused = [
        (Edit::AddTag { tag: "a\tb".to_owned() }, "tag \"a\\tb\" holds a control character: leave it out"),
        (
            Edit::SetScore { reviewer: reviewer.clone(), score: "Tone".to_owned(), judgement: Judgement::Number(1.5) },
            "score \"Tone\" takes a number from 0 to 1, not 1.5",
        ),
        (
            Edit::SetScore {
                reviewer: reviewer.clone(),
                score: "Tone".to_owned(),
                judgement: Judgement::Number(f64::NAN),
            },
            "score \"Tone\" takes a number from 0 to 1, not NaN",
        ),
        (
            Edit::SetExpected { value: json!({"id": 9_007_199_254_740_993_u64}) },
            "expected value at \"/id\" is 9007199254740993, beyond 2^53, where digits are lost: write it as text",
        ),
        (Edit::SetExpected { value: deep }, "expected value at \"/0/0/0/0/0/0/0/0\" is nested deeper than 8 levels"),
        (Edit::AddComment { id: "c".to_owned(), comment: comment(&reviewer, " \n") }, "a comment needs some text"),
        (Edit::DeleteComment { id: "none".to_owned() }, "no comment \"none\" in this review"),
        (
            Edit::SetField { name: "Notes".to_owned(), text: "x".repeat(schema::TEXT_UNITS + 1) },
            "free-form score has 65537 characters: at most 65536 are kept",
        ),
    ];
    for (edit, text) in refused {
        let before = Edit::AddTag { tag: "kept out".to_owned() };
        let error = apply(&mut doc, &[before, edit.clone()], NOW, None).expect_err("must be refused");
        assert_eq!(error.to_string(), text);
        assert_eq!(doc.get_heads(), heads, "{edit:?}");
    }
    assert_eq!(read(&doc), Default::default());
}

/// JSON as a model may have written it, within the sizes of the schema.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..9_007_199_254_740_991).prop_map(Value::from),
        (0.1..0.9).prop_map(Value::from),
        "[a-zé👋 ]{0,12}".prop_map(Value::from),
        "[a-c ]{0,20}\n[a-c ]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-d]", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_expected_value_reads_back_after_any_other(values in proptest::collection::vec(json_value(), 1..5)) {
        let mut doc = document();
        for value in values {
            apply(&mut doc, &[Edit::SetExpected { value: value.clone() }], NOW, None).expect("edit");
            prop_assert_eq!(read(&doc).expected.value, value.clone());
            prop_assert_eq!(apply(&mut doc, &[Edit::SetExpected { value }], NOW, None).expect("edit"), None);
        }
        let saved = doc.save();
        prop_assert_eq!(crate::review::load(&saved).expect("loads").get_heads(), doc.get_heads());
    }
}
