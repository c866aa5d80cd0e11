use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::ids::MemberId;
use crate::moment::Moment;
use crate::review::state::{Assignment, ReviewStatus};
use crate::score::ScoreOption;

fn member(number: u128) -> Reviewer {
    Reviewer::Member(MemberId(Uuid::from_u128(number)))
}

fn external(name: &str) -> Reviewer {
    Reviewer::External(name.to_owned())
}

fn score(name: &str, kind: ScoreKind, combine: Combine) -> Score {
    Score { name: name.to_owned(), kind, combine, object_types: vec![] }
}

fn expecting(name: &str, options: &[&str], multi: bool) -> Score {
    let options = options.iter().map(|name| ScoreOption { name: (*name).to_owned(), value: None }).collect();
    score(name, ScoreKind::Expected { options, multi }, Combine::Mean)
}

fn judged(judgements: &[(Reviewer, &str, Judgement)]) -> ReviewState {
    let mut state = ReviewState::default();
    for (reviewer, name, judgement) in judgements {
        state.scores.entry(reviewer.clone()).or_default().insert((*name).to_owned(), judgement.clone());
    }
    state
}

/// The score `name` of a row that logged 0.1 for `Tone`.
fn shown(state: &ReviewState, name: &str, scores: &[Score]) -> Option<EffectiveScore> {
    let logged = BTreeMap::from([("Tone".to_owned(), Some(0.1)), ("Broken".to_owned(), None)]);
    let row = Logged { scores: &logged, expected: &Value::Null, metadata: &Value::Null, tags: &[] };
    effective(row, Some(state), scores).scores.get(name).copied()
}

fn as_shown(value: f64, source: Source) -> Option<EffectiveScore> {
    Some(EffectiveScore { value: Some(value), source })
}

#[test]
fn members_stand_over_end_users_over_what_was_logged() {
    use Judgement::{Number, Withdrawn};
    let none = judged(&[]);
    assert_eq!(shown(&none, "Tone", &[]), as_shown(0.1, Source::Logged));
    assert_eq!(shown(&none, "Broken", &[]), Some(EffectiveScore { value: None, source: Source::Logged }));
    let users = judged(&[(external("a"), "Tone", Number(0.5)), (external("b"), "Tone", Number(1.0))]);
    assert_eq!(shown(&users, "Tone", &[]), as_shown(0.75, Source::External));
    let both = judged(&[(external("a"), "Tone", Number(0.5)), (member(1), "Tone", Number(0.25))]);
    assert_eq!(shown(&both, "Tone", &[]), as_shown(0.25, Source::Human));
    let withdrawn = judged(&[(external("a"), "Tone", Number(0.5)), (member(1), "Tone", Withdrawn)]);
    assert_eq!(shown(&withdrawn, "Tone", &[]), as_shown(0.5, Source::External));
    let all_withdrawn = judged(&[(member(1), "Tone", Withdrawn), (member(1), "New", Withdrawn)]);
    assert_eq!(shown(&all_withdrawn, "Tone", &[]), as_shown(0.1, Source::Logged));
    assert_eq!(shown(&all_withdrawn, "New", &[]), None);
}

#[test]
fn each_combining_rule_has_its_say() {
    use Judgement::Number;
    let mut state = judged(&[
        (member(1), "Tone", Number(0.0)),
        (member(2), "Tone", Number(1.0)),
        (member(3), "Tone", Number(0.0)),
        (member(4), "Tone", Number(0.5)),
    ]);
    state.latest.insert("Tone".to_owned(), member(2));
    let by = |rule| shown(&state, "Tone", &[score("Tone", ScoreKind::Slider, rule)]);
    assert_eq!(by(Combine::Mean), as_shown(0.375, Source::Human));
    assert_eq!(by(Combine::Median), as_shown(0.25, Source::Human));
    assert_eq!(by(Combine::Majority), as_shown(0.0, Source::Human));
    assert_eq!(by(Combine::Latest), as_shown(1.0, Source::Human));
}

#[test]
fn choices_for_expected_give_no_number_and_odd_numbers_count() {
    let options = vec![ScoreOption { name: "good".to_owned(), value: Some(1.0) }];
    let categorical = score("Tone", ScoreKind::Categorical { options }, Combine::Mean);
    let state = judged(&[
        (member(1), "Tone", Judgement::Number(0.4)),
        (member(1), "Failure", Judgement::Option("late".to_owned())),
    ]);
    assert_eq!(shown(&state, "Tone", &[categorical]), as_shown(0.4, Source::Human));
    assert_eq!(shown(&state, "Failure", &[expecting("Failure", &["late"], false)]), None);
}

#[test]
fn expected_tags_fields_and_words_are_laid_over() {
    let mut state = ReviewState::default();
    state.expected.set = true;
    state.expected.value = json!("Paris");
    state.tags = [("noise".to_owned(), false), ("golden".to_owned(), true), ("kept".to_owned(), true)].into();
    state.fields = [("Why".to_owned(), "too long".to_owned()), ("Gone".to_owned(), "x".to_owned())].into();
    state.status.value = ReviewStatus::Awaiting;
    let mei = MemberId(Uuid::from_u128(7));
    state.assignees.insert(mei, Assignment { by: member(1), at: Moment(0) });
    let path = vec!["review".to_owned(), "why".to_owned()];
    let scores = [score("Why", ScoreKind::FreeForm { path }, Combine::Mean)];

    let (logged_scores, tags) = (BTreeMap::new(), ["kept".to_owned(), "noise".to_owned()]);
    let (expected, metadata) = (json!("London"), json!({"env": "prod", "review": "none yet"}));
    let row = Logged { scores: &logged_scores, expected: &expected, metadata: &metadata, tags: &tags };
    let shown = effective(row, Some(&state), &scores);
    assert_eq!(*shown.expected, json!("Paris"));
    assert_eq!(shown.tags, ["kept", "golden"]);
    let lists = json!({DEFAULT_LIST: {"status": "PENDING"}});
    assert_eq!(
        *shown.metadata,
        json!({"env": "prod", "review": {"why": "too long"}, REVIEW_LISTS: lists, ASSIGNMENTS: [mei.to_string()]})
    );

    let untouched = effective(row, None, &scores);
    assert!(matches!(untouched.metadata, Cow::Borrowed(_)) && matches!(untouched.expected, Cow::Borrowed(_)));
    let stale = json!({REVIEW_LISTS: {}, "a": 1});
    let row = Logged { metadata: &stale, ..row };
    assert_eq!(*effective(row, Some(&ReviewState::default()), &scores).metadata, json!({"a": 1}));
}

#[test]
fn a_choice_joins_what_is_expected() {
    let failure = expecting("Failure", &["rude", "late", "wrong"], true);
    let route = expecting("Route", &["billing", "returns"], false);
    let only = [failure.clone()];
    let both = [failure.clone(), route.clone()];
    let late = Judgement::Option("late".to_owned());
    let two = Judgement::Options(["late".to_owned(), "rude".to_owned()].into());
    let next = |current: Value, chosen: &Judgement, scores: &[Score]| {
        append_to_expected(&current, &failure, chosen, scores).map(|edit| match edit {
            Edit::SetExpected { value } => value,
            other => panic!("unexpected {other:?}"),
        })
    };
    assert_eq!(next(Value::Null, &late, &only), Some(json!("late")));
    assert_eq!(next(Value::Null, &two, &only), Some(json!(["rude", "late"])), "in the order of the configuration");
    assert_eq!(next(Value::Null, &late, &both), Some(json!({"Failure": "late"})));
    assert_eq!(next(json!({"a": 1}), &late, &only), Some(json!({"a": 1, "Failure": "late"})));
    assert_eq!(next(json!("rude"), &late, &only), Some(json!("late")));
    assert_eq!(next(json!(["rude"]), &two, &both), Some(json!(["rude", "late"])));
    assert_eq!(next(json!("Dear sir"), &late, &only), Some(json!({"value": "Dear sir", "Failure": "late"})));
    assert_eq!(next(json!([1]), &late, &only), Some(json!({"value": [1], "Failure": "late"})));

    let withdrawn = Judgement::Withdrawn;
    assert_eq!(next(json!({"a": 1, "Failure": "late"}), &withdrawn, &only), Some(json!({"a": 1})));
    assert_eq!(next(json!({"Failure": "late"}), &withdrawn, &only), Some(Value::Null));
    assert_eq!(next(json!("late"), &withdrawn, &only), Some(Value::Null));
    assert_eq!(next(json!("Dear sir"), &withdrawn, &only), None);
    assert_eq!(next(json!("late"), &late, &only), None, "nothing changes");
    assert_eq!(next(Value::Null, &Judgement::Number(1.0), &only), None);
}
