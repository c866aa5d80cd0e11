//! What a row shows once its review is laid over what was logged. Pure; the same here, in the database and in the app.
//!
//! A score shows the members' judgements combined by the score's rule; without any, the end users' likewise; without
//! any, what was logged. Withdrawn judgements count for nothing. Numbers are taken as they stand: one that matches no
//! option of today's configuration, because an option was changed or taken away, still counts and shows as a number.
//! Scores that write to `expected` give no number. Computed scores follow from what the others show. Scores without configuration combine by their mean.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::edit::Edit;
use super::state::{Judgement, ReviewState};
use crate::ids::Reviewer;
use crate::score::combine::combine;
use crate::score::computed::lay_computed;
use crate::score::{Combine, Score, ScoreKind};

/// Key under `metadata` that says on which review lists a row is.
pub const REVIEW_LISTS: &str = "~__bt_review_lists";
/// The one list there is.
pub const DEFAULT_LIST: &str = "__bt_default_review_list";
/// Key under `metadata` that lists who is asked to review.
pub const ASSIGNMENTS: &str = "~__bt_assignments";

/// What was logged, borrowed from the row.
#[derive(Debug, Clone, Copy)]
pub struct Logged<'a> {
    /// Scores by name; null is a score that was computed to nothing.
    pub scores: &'a BTreeMap<String, Option<f64>>,
    /// Null when absent.
    pub expected: &'a Value,
    /// An object, or null when absent.
    pub metadata: &'a Value,
    /// In their order.
    pub tags: &'a [String],
}

/// Where a score's number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The program that logged the row.
    Logged,
    /// End users.
    External,
    /// Members.
    Human,
}

/// A score as shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectiveScore {
    /// The number; `None` only for a logged null.
    pub value: Option<f64>,
    /// Where it comes from.
    pub source: Source,
}

/// A row as shown; borrows what no review touched.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective<'a> {
    /// By name.
    pub scores: BTreeMap<String, EffectiveScore>,
    /// The corrected output, else the logged one.
    pub expected: Cow<'a, Value>,
    /// With free-form scores at their paths, and the words of review lists and assignments.
    pub metadata: Cow<'a, Value>,
    /// Logged tags in their order without the removed ones, then the added ones by name.
    pub tags: Vec<String>,
}

/// Lays a review over a row.
pub fn effective<'a>(logged: Logged<'a>, state: Option<&'a ReviewState>, scores: &[Score]) -> Effective<'a> {
    let logged_scores = logged
        .scores
        .iter()
        .map(|(name, value)| (name.clone(), EffectiveScore { value: *value, source: Source::Logged }));
    let mut shown = Effective {
        scores: logged_scores.collect(),
        expected: Cow::Borrowed(logged.expected),
        metadata: Cow::Borrowed(logged.metadata),
        tags: logged.tags.to_vec(),
    };
    if let Some(state) = state {
        lay_scores(&mut shown.scores, state, scores);
    }
    lay_computed(&mut shown.scores, scores);
    let Some(state) = state else { return shown };
    if state.expected.set {
        shown.expected = Cow::Borrowed(&state.expected.value);
    }
    shown.tags.retain(|tag| state.tags.get(tag) != Some(&false));
    for (tag, _) in state.tags.iter().filter(|(_, added)| **added) {
        if !shown.tags.contains(tag) {
            shown.tags.push(tag.clone());
        }
    }
    lay_fields(&mut shown.metadata, state, scores);
    lay_words(&mut shown.metadata, state);
    shown
}

/// Numbers given to one score. Among the members' the last judge's comes last; the order of the others means nothing.
#[derive(Default)]
struct Given {
    external: Vec<f64>,
    human: Vec<f64>,
}

fn lay_scores(shown: &mut BTreeMap<String, EffectiveScore>, state: &ReviewState, scores: &[Score]) {
    let mut given: BTreeMap<&str, Given> = BTreeMap::new();
    for (reviewer, judgements) in &state.scores {
        for (name, judgement) in judgements {
            let Judgement::Number(number) = judgement else { continue };
            let all = given.entry(name).or_default();
            match reviewer {
                Reviewer::External(_) => all.external.push(*number),
                // Pushed at the end, below.
                Reviewer::Member(_) if state.latest.get(name) == Some(reviewer) => {}
                Reviewer::Member(_) => all.human.push(*number),
            }
        }
    }
    for (name, reviewer) in &state.latest {
        if let Some(Judgement::Number(number)) = state.scores.get(reviewer).and_then(|own| own.get(name)) {
            given.entry(name).or_default().human.push(*number);
        }
    }
    for (name, all) in given {
        let rule = scores.iter().find(|score| score.name == name).map_or(Combine::default(), |score| score.combine);
        let human = combine(rule, &all.human).map(|value| (value, Source::Human));
        if let Some((value, source)) = human.or_else(|| Some((combine(rule, &all.external)?, Source::External))) {
            shown.insert(name.to_owned(), EffectiveScore { value: Some(value), source });
        }
    }
}

/// Free-form texts at their paths; whatever is on the way and no object makes room.
fn lay_fields(metadata: &mut Cow<'_, Value>, state: &ReviewState, scores: &[Score]) {
    for score in scores {
        let ScoreKind::FreeForm { path } = &score.kind else { continue };
        let Some(text) = state.fields.get(&score.name).filter(|text| !text.is_empty()) else { continue };
        let mut place = metadata.to_mut();
        for name in path {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[name.as_str()];
        }
        *place = Value::String(text.clone());
    }
}

/// The review is the truth about lists and assignments: what a row logged about them is replaced, or taken away.
fn lay_words(metadata: &mut Cow<'_, Value>, state: &ReviewState) {
    let lists = state.status.value.list_word().map(|word| json!({DEFAULT_LIST: {"status": word}}));
    let assigned: Vec<String> = state.assignees.keys().map(ToString::to_string).collect();
    let assignments = (!assigned.is_empty()).then(|| json!(assigned));
    for (name, value) in [(REVIEW_LISTS, lists), (ASSIGNMENTS, assignments)] {
        match value {
            Some(value) => {
                let metadata = metadata.to_mut();
                if !metadata.is_object() {
                    *metadata = Value::Object(Map::new());
                }
                metadata[name] = value;
            }
            None if metadata.get(name).is_some() => {
                if let Value::Object(map) = metadata.to_mut() {
                    map.remove(name);
                }
            }
            None => {}
        }
    }
}

/// How a choice of a score that writes to expected joins what is expected already (`braintrust-compat` 3.3):
///
/// 1. nothing yet: the choice itself, or `{"<score>": choice}` when the project has several such scores;
/// 2. an object: the choice under the score's name, other keys untouched; a withdrawn one takes the key away;
/// 3. one of the score's own options, or a list of them: replaced; withdrawn: nothing is expected;
/// 4. anything else is kept: `{"value": <it>, "<score>": choice}`; withdrawn: left as it is.
///
/// `current` is the effective value, null for none. Returns what to write, or `None` if nothing changes. Options of a
/// multiple choice come in the order of the configuration.
pub fn append_to_expected(current: &Value, score: &Score, chosen: &Judgement, scores: &[Score]) -> Option<Edit> {
    let ScoreKind::Expected { options, .. } = &score.kind else { return None };
    let choice = match chosen {
        Judgement::Option(option) => Some(json!(option)),
        Judgement::Options(chosen) => {
            let known = options.iter().map(|option| &option.name).filter(|name| chosen.contains(*name));
            let unknown = chosen.iter().filter(|name| options.iter().all(|option| option.name != **name));
            Some(Value::from(known.chain(unknown).cloned().collect::<Vec<_>>()))
        }
        Judgement::Withdrawn => None,
        Judgement::Number(_) => return None,
    };
    let is_option = |value: &Value| value.as_str().is_some_and(|text| options.iter().any(|option| option.name == text));
    let own = match current {
        Value::Array(items) => !items.is_empty() && items.iter().all(is_option),
        other => is_option(other),
    };
    let alone = scores.iter().filter(|score| matches!(score.kind, ScoreKind::Expected { .. })).count() <= 1;
    let next = match (current, choice) {
        (Value::Object(map), Some(choice)) => {
            let mut map = map.clone();
            map.insert(score.name.clone(), choice);
            Value::Object(map)
        }
        (Value::Object(map), None) => {
            let mut map = map.clone();
            map.remove(&score.name);
            if map.is_empty() { Value::Null } else { Value::Object(map) }
        }
        (_, None) if own => Value::Null,
        (other, None) => other.clone(),
        (_, Some(choice)) if own => choice,
        (Value::Null, Some(choice)) if alone => choice,
        (Value::Null, Some(choice)) => json!({score.name.as_str(): choice}),
        (other, Some(choice)) => json!({"value": other, score.name.as_str(): choice}),
    };
    (next != *current).then_some(Edit::SetExpected { value: next })
}

#[cfg(test)]
mod tests;
