//! Summaries of experiments: means of what their traces scored and took, and how that compares with another
//! experiment, input by input. Scores are effective ones, so what people decided counts. Pure.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::rows::Outcome;

/// Most different inputs of an experiment that others are compared with; further ones count for the means only. 100,000 take
/// about 20 MB while a summary is made.
const COMPARED: usize = 100_000;

/// Numbers that differ by less are equal: means of the same values in another order are.
const SAME: f64 = 1e-9;

/// What is averaged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    /// The more the better, 0 to 1.
    Score(String),
    /// Seconds, tokens, dollars: the less the better.
    Cost(Metric),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Metric {
    Duration,
    Tokens,
    Dollars,
}

impl Metric {
    /// Name and unit as Braintrust's clients print them.
    fn shown(self) -> (&'static str, &'static str) {
        match self {
            Self::Duration => ("duration", "s"),
            Self::Tokens => ("tokens", "tok"),
            Self::Dollars => ("estimated_cost", "$"),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn value(self) -> f64 {
        self.sum / f64::from(self.count.max(1))
    }
}

/// By the place of a measure among those of its experiment; few, so searched one by one.
type Few = Vec<(usize, Mean)>;

/// What an experiment has come to, outcome by outcome.
#[derive(Debug, Default)]
pub struct Tally {
    measures: BTreeMap<Measure, usize>,
    means: Vec<Mean>,
    /// By the first half of a hash of what rows are matched by.
    by_key: HashMap<[u8; 16], Few>,
}

impl Tally {
    /// Counts a trace; `path` says what traces of two experiments are matched by, `None`: they are not.
    pub fn add(&mut self, outcome: &Outcome, path: Option<&[String]>) {
        let scores = outcome.scores.iter().map(|(name, value)| (Measure::Score(name.clone()), Some(*value)));
        let costs = [
            (Metric::Duration, outcome.duration),
            (Metric::Tokens, outcome.tokens.map(|tokens| tokens as f64)),
            (Metric::Dollars, outcome.cost),
        ];
        let costs = costs.map(|(metric, value)| (Measure::Cost(metric), value));
        let key = path.map(|path| key_of(&outcome.logged, path));
        for (measure, value) in scores.chain(costs) {
            let Some(value) = value.filter(|value| value.is_finite()) else { continue };
            let next = self.measures.len();
            let place = *self.measures.entry(measure).or_insert(next);
            if place == self.means.len() {
                self.means.push(Mean::default());
            }
            self.means[place].add(value);
            let Some(key) = key else { continue };
            if self.by_key.len() >= COMPARED && !self.by_key.contains_key(&key) {
                continue;
            }
            let few = self.by_key.entry(key).or_default();
            match few.iter_mut().find(|(known, _)| *known == place) {
                Some((_, mean)) => mean.add(value),
                None => {
                    let mut mean = Mean::default();
                    mean.add(value);
                    few.push((place, mean));
                }
            }
        }
    }

    fn of(few: &Few, place: usize) -> Option<f64> {
        few.iter().find(|(known, _)| *known == place).map(|(_, mean)| mean.value())
    }

    /// On how many inputs this one has a higher value than `base`, and on how many a lower one.
    fn moved(&self, base: &Self, place: usize, base_place: usize) -> (u64, u64) {
        let (mut higher, mut lower) = (0, 0);
        for (key, few) in &self.by_key {
            let before = base.by_key.get(key).and_then(|few| Self::of(few, base_place));
            let Some((now, before)) = Self::of(few, place).zip(before) else { continue };
            higher += u64::from(now > before + SAME);
            lower += u64::from(now < before - SAME);
        }
        (higher, lower)
    }

    /// `scores` and `metrics` of a summary, with exactly the keys that clients take.
    pub fn summary(&self, base: Option<&Self>) -> (Value, Value) {
        let (mut scores, mut metrics) = (Map::new(), Map::new());
        for (measure, place) in &self.measures {
            let mean = self.means[*place].value();
            let base = base.and_then(|base| Some((base, *base.measures.get(measure)?)));
            let (higher, lower) = base.map_or((0, 0), |(base, other)| self.moved(base, *place, other));
            let (name, mut entry, into) = match measure {
                Measure::Score(name) => {
                    let entry = json!({"score": mean, "improvements": higher, "regressions": lower});
                    (name.as_str(), entry, &mut scores)
                }
                Measure::Cost(metric) => {
                    let (name, unit) = metric.shown();
                    let entry = json!({"metric": mean, "unit": unit, "improvements": lower, "regressions": higher});
                    (name, entry, &mut metrics)
                }
            };
            entry["name"] = json!(name);
            if let Some((base, other)) = base {
                entry["diff"] = json!(mean - base.means[other].value());
            }
            into.insert(name.to_owned(), entry);
        }
        (Value::Object(scores), Value::Object(metrics))
    }
}

/// The value at a path as JSON with sorted keys, hashed: equal for equal JSON whatever the order of keys.
fn key_of(logged: &Map<String, Value>, path: &[String]) -> [u8; 16] {
    let mut names = path.iter();
    let first = names.next().and_then(|name| logged.get(name));
    let value = names.fold(first, |value, name| value?.get(name));
    let hash: [u8; 32] = Sha256::digest(sorted(value.unwrap_or(&Value::Null)).to_string()).into();
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            Value::Object(entries.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Reads a project's `comparison_key`: names joined by dots, such as `input.question`, quoted where they need it. Rows are
/// matched by their whole input when there is none, or one that is no such path.
pub fn comparison_path(settings: &Value) -> Vec<String> {
    let text = settings.get("comparison_key").and_then(Value::as_str).unwrap_or_default();
    let mut names = vec![String::new()];
    let mut quoted = false;
    for c in text.trim().chars() {
        match (c, names.last_mut()) {
            ('"', _) => quoted = !quoted,
            ('.', _) if !quoted => names.push(String::new()),
            (c, Some(name)) if quoted || c.is_alphanumeric() || c == '_' || c == '-' => name.push(c),
            _ => return vec!["input".to_owned()],
        }
    }
    let fields = ["input", "output", "expected", "metadata", "tags", "span_attributes"];
    if !quoted && fields.contains(&names[0].as_str()) && names.iter().all(|name| !name.is_empty()) {
        names
    } else {
        vec!["input".to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: &[(Value, f64, f64)]) -> Tally {
        let mut tally = Tally::default();
        for (input, score, duration) in rows {
            let logged = json!({"input": input}).as_object().expect("an object").clone();
            let scores = vec![("Tone".to_owned(), *score)];
            let outcome = Outcome { logged, scores, duration: Some(*duration), ..Outcome::default() };
            tally.add(&outcome, Some(&["input".to_owned()]));
        }
        tally
    }

    #[test]
    fn means_are_of_all_traces_and_comparisons_of_equal_inputs() {
        let before =
            tally(&[(json!("a"), 0.5, 1.0), (json!({"x": 1, "y": 2}), 0.5, 1.0), (json!("only here"), 0.0, 1.0)]);
        let now = tally(&[
            // Two trials of one input count as their mean.
            (json!("a"), 0.5, 2.0),
            (json!("a"), 1.0, 2.0),
            (json!({"y": 2, "x": 1}), 0.25, 0.5),
            (json!("new"), 0.25, 1.0),
        ]);
        let (scores, metrics) = now.summary(Some(&before));
        let tone = json!({"name": "Tone", "score": 0.5, "diff": 0.5 - 1.0 / 3.0, "improvements": 1, "regressions": 1});
        assert_eq!(scores, json!({"Tone": tone}));
        let duration = &metrics["duration"];
        assert_eq!(
            (&duration["metric"], &duration["unit"], &duration["diff"]),
            (&json!(1.375), &json!("s"), &json!(0.375))
        );
        assert_eq!((&duration["improvements"], &duration["regressions"]), (&json!(1), &json!(1)), "less is better");
        let (alone, _) = now.summary(None);
        assert_eq!(alone["Tone"], json!({"name": "Tone", "score": 0.5, "improvements": 0, "regressions": 0}));
    }

    #[test]
    fn comparison_keys_are_paths() {
        let path = |key: &str| comparison_path(&json!({"comparison_key": key})).join("|");
        assert_eq!(path("input.question"), "input|question");
        assert_eq!(path("metadata.\"odd key\".a"), "metadata|odd key|a");
        for text in ["", "lower(input)", "input.", "\"input", "nothing.at.all"] {
            assert_eq!(path(text), "input", "{text}");
        }
        assert_eq!(comparison_path(&Value::Null), ["input"]);
    }
}
