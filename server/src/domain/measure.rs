//! What follows from a row and its review: the line of lists, the scores that filters read, and what metrics count. Pure; the
//! stored forms of all three equal this function of what is stored (rules R3, R5).

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::ids::{MemberId, Reviewer};
use concord_shared::metric::{CounterKey, Counters, ScoreCount, Source};
use concord_shared::review::effective::{self, Effective, Logged, effective};
use concord_shared::review::state::{Judgement, ReviewState, ReviewStatus};
use concord_shared::score::{Score, ScoreKind};
use serde_json::Value;

use super::line::{Judged, LoggedLine, Overlay};
use super::search::label;

/// Everything that is derived from one row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Derived {
    /// What the review lays over the line; `None` without a review.
    pub overlay: Option<Overlay>,
    /// Effective numbers.
    pub scores: Vec<RowScore>,
    /// What the row adds to the counters of its object. A deleted row adds nothing.
    pub counted: Counters,
    /// What is true of it, as [`label::labels`] has it.
    pub labels: BTreeSet<String>,
    /// Whether `counted` follows from the line alone, as it does for most rows: then it need not be spelt out.
    pub as_logged: bool,
}

/// One effective number, as filters and extremes read it.
#[derive(Debug, Clone, PartialEq)]
pub struct RowScore {
    /// Name of the score.
    pub score: String,
    /// 0 to 1.
    pub value: f64,
    /// Where it comes from.
    pub source: Source,
}

/// Derives. `is_root` and `deleted` are those of the row.
pub fn derive(
    line: &LoggedLine,
    is_root: bool,
    deleted: bool,
    review: Option<&ReviewState>,
    scores: &[Score],
) -> Derived {
    if deleted {
        let overlay = review.map(|state| overlay(line, state, scores).0);
        return Derived { overlay, as_logged: true, ..Derived::default() };
    }
    let mut counted = Counters::new();
    counted.add(CounterKey::Rows, 1);
    counted.add(CounterKey::Traces, i64::from(is_root));
    counted.add(CounterKey::Errors, i64::from(line.error.is_some()));
    for (name, value) in &line.scores {
        if let Some(number) = value {
            counted.add_given(name, Source::Logged, Some(*number));
        }
    }
    let (overlay, shown) = match review {
        Some(state) => {
            count_review(&mut counted, state);
            let (overlay, shown) = overlay(line, state, scores);
            (Some(overlay), shown)
        }
        None => (None, logged_scores(line, scores)),
    };
    for shown in &shown {
        counted.add_number(&shown.score, shown.value);
    }
    let options = count_options(&mut counted, &shown, review, scores);
    let as_logged = review.is_none() && options == 0 && !is_computed(line, scores);
    let labels = label::labels(line, overlay.as_ref(), review);
    Derived { overlay, scores: shown, counted, labels, as_logged }
}

/// Whether what follows from a row without a review depends on the configuration of scores: a number may be an option, or a part
/// of a computed score.
pub fn needs_configuration(line: &LoggedLine, scores: &[Score]) -> bool {
    scores.iter().flat_map(Score::reads).any(|name| line.scores.contains_key(name))
}

/// Whether a row without a review shows more or less than it logged.
fn is_computed(line: &LoggedLine, scores: &[Score]) -> bool {
    let mut computed = scores.iter().filter(|score| score.kind.is_computed());
    computed.any(|score| score.reads().any(|name| line.scores.contains_key(name)))
}

fn logged_scores(line: &LoggedLine, scores: &[Score]) -> Vec<RowScore> {
    if is_computed(line, scores) {
        return numbers(&effective(logged(line), None, scores));
    }
    let scores = line.scores.iter();
    scores
        .filter_map(|(name, value)| Some(RowScore { score: name.clone(), value: (*value)?, source: Source::Logged }))
        .collect()
}

/// Lists show neither `expected` nor `metadata`.
fn logged(line: &LoggedLine) -> Logged<'_> {
    Logged { scores: &line.scores, expected: &Value::Null, metadata: &Value::Null, tags: &line.tags }
}

/// The scores of a line as lists show it: those of its overlay, or, without a review, what was logged and what follows from it.
pub fn shown_scores(line: &LoggedLine, scores: &[Score]) -> BTreeMap<String, Option<f64>> {
    if !is_computed(line, scores) {
        return line.scores.clone();
    }
    let shown = effective(logged(line), None, scores).scores;
    shown.into_iter().map(|(name, score)| (name, score.value)).collect()
}

fn numbers(shown: &Effective<'_>) -> Vec<RowScore> {
    let numbers = shown.scores.iter().filter_map(|(name, score)| {
        let source = match score.source {
            effective::Source::Logged => Source::Logged,
            effective::Source::External => Source::External,
            effective::Source::Human => Source::Human,
        };
        Some(RowScore { score: name.clone(), value: score.value?, source })
    });
    numbers.collect()
}

/// The overlay of a line, and the effective numbers.
fn overlay(line: &LoggedLine, state: &ReviewState, scores: &[Score]) -> (Overlay, Vec<RowScore>) {
    let shown = effective(logged(line), Some(state), scores);
    let numbers = numbers(&shown);
    let human: Vec<Judged> = members(state)
        .flat_map(|(member, judgements)| {
            judgements.iter().filter_map(move |(score, judgement)| {
                Some(Judged {
                    reviewer: Reviewer::Member(member),
                    score: score.clone(),
                    value: judged_value(judgement)?,
                })
            })
        })
        .collect();
    let finished = state.completed.keys().filter_map(member_of);
    let reviewers: BTreeSet<MemberId> =
        human.iter().filter_map(|judged| member_of(&judged.reviewer)).chain(finished).collect();
    let overlay = Overlay {
        scores: shown.scores.into_iter().map(|(name, score)| (name, score.value)).collect(),
        human,
        tags: shown.tags,
        status: state.status.value,
        reviewers: reviewers.into_iter().collect(),
        comments: state.comments.values().filter(|comment| !comment.deleted).count() as u32,
        assignees: state.assignees.keys().copied().collect(),
    };
    (overlay, numbers)
}

fn member_of(reviewer: &Reviewer) -> Option<MemberId> {
    match reviewer {
        Reviewer::Member(member) => Some(*member),
        Reviewer::External(_) => None,
    }
}

fn members(state: &ReviewState) -> impl Iterator<Item = (MemberId, &BTreeMap<String, Judgement>)> {
    state.scores.iter().filter_map(|(reviewer, judgements)| Some((member_of(reviewer)?, judgements)))
}

fn judged_value(judgement: &Judgement) -> Option<Value> {
    match judgement {
        Judgement::Number(number) => Some(Value::from(*number)),
        Judgement::Option(option) => Some(Value::from(option.as_str())),
        Judgement::Options(options) if options.is_empty() => None,
        Judgement::Options(options) => Some(options.iter().map(String::as_str).collect()),
        Judgement::Withdrawn => None,
    }
}

/// What is counted of a review whatever the row logged.
fn count_review(counted: &mut Counters, state: &ReviewState) {
    for (reviewer, judgements) in &state.scores {
        for (score, judgement) in judgements {
            let number = match judgement {
                Judgement::Number(number) => Some(*number),
                Judgement::Option(_) => None,
                Judgement::Options(options) if !options.is_empty() => None,
                Judgement::Options(_) | Judgement::Withdrawn => continue,
            };
            match reviewer {
                Reviewer::Member(member) => {
                    counted.add_given(score, Source::Human, number);
                    counted.add(CounterKey::Score(score.clone(), ScoreCount::Reviewer(*member)), 1);
                }
                Reviewer::External(_) => counted.add_given(score, Source::External, number),
            }
        }
    }
    counted.add(CounterKey::Expected, i64::from(state.expected.set));
    counted.add(CounterKey::Comments, state.comments.values().filter(|comment| !comment.deleted).count() as i64);
    if state.status.value != ReviewStatus::None {
        counted.add(CounterKey::Status(state.status.value), 1);
    }
    for member in state.assignees.keys() {
        counted.add(CounterKey::Assigned(*member), 1);
        counted.add(CounterKey::Waiting(*member), i64::from(state.status.value != ReviewStatus::Complete));
    }
}

/// Rows by effective option. A number is the option that has it, if one has; of scores that write to expected, every option that
/// a member chose counts, or, where none judged, that an end user chose. Returns how many there are.
fn count_options(counted: &mut Counters, shown: &[RowScore], review: Option<&ReviewState>, scores: &[Score]) -> usize {
    let mut found = 0;
    for score in scores {
        match &score.kind {
            ScoreKind::Categorical { options } => {
                let value = shown.iter().find(|shown| shown.score == score.name).map(|shown| shown.value);
                let option = options.iter().find(|option| option.value.is_some() && option.value == value);
                if let Some(option) = option {
                    found += 1;
                    counted.add(CounterKey::Score(score.name.clone(), ScoreCount::Option(option.name.clone())), 1);
                }
            }
            ScoreKind::Expected { .. } => {
                let Some(state) = review else { continue };
                let chosen = chosen_options(state, &score.name);
                if !chosen.is_empty() {
                    counted.add(CounterKey::Score(score.name.clone(), ScoreCount::Rows), 1);
                }
                found += chosen.len();
                for option in chosen {
                    counted.add(CounterKey::Score(score.name.clone(), ScoreCount::Option(option.to_owned())), 1);
                }
            }
            ScoreKind::Slider
            | ScoreKind::FreeForm { .. }
            | ScoreKind::Weighted { .. }
            | ScoreKind::Minimum { .. }
            | ScoreKind::Maximum { .. }
            | ScoreKind::Online => {}
        }
    }
    found
}

fn chosen_options<'a>(state: &'a ReviewState, score: &str) -> BTreeSet<&'a str> {
    let (mut human, mut external) = (BTreeSet::new(), BTreeSet::new());
    for (reviewer, judgements) in &state.scores {
        let chosen = if matches!(reviewer, Reviewer::Member(_)) { &mut human } else { &mut external };
        match judgements.get(score) {
            Some(Judgement::Option(option)) => drop(chosen.insert(option.as_str())),
            Some(Judgement::Options(options)) => chosen.extend(options.iter().map(String::as_str)),
            Some(Judgement::Number(_) | Judgement::Withdrawn) | None => {}
        }
    }
    if human.is_empty() { external } else { human }
}

#[cfg(test)]
mod tests {
    use concord_shared::metric::{Extremes, metrics_data};
    use concord_shared::moment::Moment;
    use concord_shared::review::state::Comment;
    use concord_shared::row::{Write, apply, parse};
    use concord_shared::score::ScoreOption;
    use serde_json::json;

    use super::*;

    fn line(row: Value) -> LoggedLine {
        match parse(&row.to_string(), &mut String::new).expect("a row").write {
            Write::Row(write) => LoggedLine::of(&apply(None, &write, None, Moment(0)).expect("a row")),
            Write::Comment(_) => panic!("a comment"),
        }
    }

    fn option(name: &str, value: f64) -> ScoreOption {
        ScoreOption { name: name.into(), value: Some(value) }
    }

    #[test]
    fn a_line_holds_what_lists_show() {
        let line = line(json!({"id": "a", "input": "hi", "output": {"role": "assistant", "content": "yo"},
            "span_attributes": {"name": "root", "type": "task", "exec_counter": 3}, "metadata": {"model": "large-4"},
            "metrics": {"start": 10.0, "end": 12.5, "prompt_tokens": 3, "completion_tokens": 4, "estimated_cost": 0.25},
            "scores": {"Judge": 0.5, "Broken": null}, "tags": ["t"], "error": {"message": "late"}}));
        assert_eq!(
            (line.name.as_deref(), line.kind.as_deref(), line.model.as_deref()),
            (Some("root"), Some("task"), Some("large-4"))
        );
        assert_eq!((line.duration, line.tokens, line.cost, line.order), (Some(2.5), Some(7), Some(0.25), 3));
        assert_eq!((line.output_preview.as_deref(), line.error.as_deref()), (Some("yo"), Some("late")));
        let derived = derive(&line, true, false, None, &[]);
        assert_eq!(derived.scores.len(), 1);
        assert_eq!(derived.counted.get(&CounterKey::Errors), 1);
    }

    #[test]
    fn r5_a_review_counts_where_it_overrules() {
        let (noor, mei) = (MemberId::new(), MemberId::new());
        let scores = [
            Score {
                name: "Correctness".into(),
                kind: ScoreKind::Categorical { options: vec![option("fail", 0.0), option("pass", 1.0)] },
                combine: Default::default(),
                object_types: vec![],
            },
            Score {
                name: "Failure".into(),
                kind: ScoreKind::Expected { options: vec![option("late", 0.0)], multi: true },
                combine: Default::default(),
                object_types: vec![],
            },
        ];
        let line = line(json!({"id": "a", "scores": {"Correctness": 0.0}, "tags": ["x"]}));
        let mut state = ReviewState::default();
        for member in [noor, mei] {
            state
                .scores
                .entry(Reviewer::Member(member))
                .or_default()
                .insert("Correctness".into(), Judgement::Number(1.0));
        }
        let late = Judgement::Options(BTreeSet::from(["late".to_owned()]));
        state.scores.entry(Reviewer::Member(mei)).or_default().insert("Failure".into(), late);
        state
            .scores
            .entry(Reviewer::External("u".into()))
            .or_default()
            .insert("Correctness".into(), Judgement::Number(0.0));
        state.status.value = ReviewStatus::Awaiting;
        state
            .assignees
            .insert(mei, concord_shared::review::state::Assignment { by: Reviewer::Member(noor), at: Moment(0) });
        let comment = |deleted| Comment {
            author: Reviewer::Member(noor),
            at: Moment(0),
            text: "hm".into(),
            edited_at: None,
            deleted,
            resolved: false,
            parent: None,
            anchor: None,
            source: None,
        };
        state.comments = [("1".to_owned(), comment(false)), ("2".to_owned(), comment(true))].into();

        let derived = derive(&line, true, false, Some(&state), &scores);
        assert_eq!(derived.scores, [RowScore { score: "Correctness".into(), value: 1.0, source: Source::Human }]);
        let overlay = derived.overlay.expect("a review");
        assert_eq!((overlay.human.len(), overlay.reviewers.len(), overlay.comments), (3, 2, 1));
        let data = metrics_data(&derived.counted, &Extremes::new());
        let correctness = &data["scores"]["Correctness"];
        assert_eq!((&correctness["count"], &correctness["mean"]), (&json!(1), &json!(1.0)));
        assert_eq!(correctness["options"], json!({"pass": 1}));
        assert_eq!(correctness["by_source"]["human"], json!({"count": 2, "mean": 1.0}));
        assert_eq!(correctness["by_source"]["logged"], json!({"count": 1, "mean": 0.0}));
        assert_eq!(data["scores"]["Failure"]["options"], json!({"late": 1}));
        assert_eq!((&data["review"]["awaiting"], &data["comments"]), (&json!(1), &json!(1)));
        assert!(
            derive(&line, true, true, Some(&state), &scores).counted.is_empty(),
            "a deleted row counts for nothing"
        );
    }
}
