//! The metrics of an object as they are shown: means, deviations, histograms, made from counters.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::counters::{CounterKey, Counters, ScoreCount, Source};
use crate::review::state::ReviewStatus;

/// Smallest and largest effective number by score.
pub type Extremes = BTreeMap<String, (f64, f64)>;

/// Counters of one score, gathered from the keys that name it.
#[derive(Default)]
struct ScoreTally {
    rows: i64,
    numbers: i64,
    sum: i64,
    squares: i128,
    bins: [i64; 10],
    options: Map<String, Value>,
    given: [(i64, i64, i64); 3],
    reviewers: Map<String, Value>,
}

impl ScoreTally {
    fn take(&mut self, count: &ScoreCount, n: i64) {
        match count {
            ScoreCount::Rows => self.rows = n,
            ScoreCount::Numbers => self.numbers = n,
            ScoreCount::Sum => self.sum = n,
            ScoreCount::SquaresHigh => self.squares += i128::from(n) * 1_000_000_000,
            ScoreCount::SquaresLow => self.squares += i128::from(n),
            ScoreCount::Bin(bin) => self.bins[usize::from(*bin).min(9)] = n,
            ScoreCount::Option(option) => drop(self.options.insert(option.clone(), n.into())),
            ScoreCount::Given(source) => self.given[*source as usize].0 = n,
            ScoreCount::GivenNumbers(source) => self.given[*source as usize].1 = n,
            ScoreCount::GivenSum(source) => self.given[*source as usize].2 = n,
            ScoreCount::Reviewer(member) => drop(self.reviewers.insert(member.to_string(), n.into())),
        }
    }

    /// Sample deviation; none below two numbers. Exact up to the square root, so equal numbers deviate by zero.
    fn deviation(&self) -> Option<f64> {
        let (n, sum) = (i128::from(self.numbers), i128::from(self.sum));
        let spread = n.checked_mul(self.squares)?.checked_sub(sum.checked_mul(sum)?)?;
        (n >= 2).then(|| (spread as f64 / (n * (n - 1)) as f64).max(0.0).sqrt() / 1e9)
    }

    fn into_json(self, extremes: Option<&(f64, f64)>) -> Value {
        let given = |source: Source| {
            let (count, numbers, sum) = self.given[source as usize];
            json!({"count": count, "mean": mean(sum, numbers)})
        };
        json!({
            "count": self.rows,
            "mean": mean(self.sum, self.numbers),
            "min": extremes.map(|(min, _)| min),
            "max": extremes.map(|(_, max)| max),
            "stddev": self.deviation(),
            "histogram": self.bins,
            "by_source": {"human": given(Source::Human), "external": given(Source::External), "logged": given(Source::Logged)},
            "options": self.options,
            "reviewers": self.reviewers,
        })
    }
}

fn mean(sum: i64, count: i64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64 / 1e9)
}

/// The `data` of a metrics snapshot. A score whose every count is zero is absent.
pub fn metrics_data(counters: &Counters, extremes: &Extremes) -> Value {
    let mut scores: BTreeMap<&str, ScoreTally> = BTreeMap::new();
    let mut assigned = Map::new();
    for (key, n) in counters.iter() {
        match key {
            CounterKey::Score(name, count) => scores.entry(name).or_default().take(count, *n),
            CounterKey::Assigned(member) => drop(assigned.insert(member.to_string(), (*n).into())),
            _ => {}
        }
    }
    let scores: Map<String, Value> =
        scores.into_iter().map(|(name, tally)| (name.to_owned(), tally.into_json(extremes.get(name)))).collect();
    let status = |status| counters.get(&CounterKey::Status(status));
    json!({
        "rows": counters.get(&CounterKey::Rows),
        "scores": scores,
        "review": {
            "awaiting": status(ReviewStatus::Awaiting),
            "in_progress": status(ReviewStatus::InProgress),
            "complete": status(ReviewStatus::Complete),
            "assigned": assigned,
        },
        "comments": counters.get(&CounterKey::Comments),
        "expected": counters.get(&CounterKey::Expected),
    })
}

/// How far reviews have come, of counters of rows: by status, and by the member whom they wait for.
pub fn review_data(counters: &Counters) -> Value {
    let waiting = counters.iter().filter_map(|(key, n)| match key {
        CounterKey::Waiting(member) => Some((member.to_string(), Value::from(*n))),
        _ => None,
    });
    let waiting: Map<String, Value> = waiting.collect();
    let status = |status| counters.get(&CounterKey::Status(status));
    json!({
        "awaiting": status(ReviewStatus::Awaiting),
        "in_progress": status(ReviewStatus::InProgress),
        "complete": status(ReviewStatus::Complete),
        "waiting": waiting,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_values() {
        let mut counters = Counters::new();
        counters.add(CounterKey::Rows, 3);
        for number in [0.0, 0.5, 1.0] {
            counters.add_number("Tone", number);
            counters.add_given("Tone", Source::Human, Some(number));
        }
        let data = metrics_data(&counters, &Extremes::from([("Tone".into(), (0.0, 1.0))]));
        let tone = &data["scores"]["Tone"];
        assert_eq!((&tone["count"], &tone["mean"], &tone["stddev"]), (&json!(3), &json!(0.5), &json!(0.5)));
        assert_eq!(tone["histogram"], json!([1, 0, 0, 0, 0, 1, 0, 0, 0, 1]));
        assert_eq!(tone["by_source"]["human"], json!({"count": 3, "mean": 0.5}));
        assert_eq!(tone["by_source"]["logged"], json!({"count": 0, "mean": null}));
    }

    #[test]
    fn equal_values_do_not_deviate() {
        let mut counters = Counters::new();
        (0..7).for_each(|_| counters.add_number("a", 1.0 / 3.0));
        let deviation = metrics_data(&counters, &Extremes::new())["scores"]["a"]["stddev"].clone();
        assert_eq!(deviation, json!(0.0));
        let mut one = Counters::new();
        one.add_number("a", 0.3);
        let data = metrics_data(&one, &Extremes::new());
        assert_eq!((&data["scores"]["a"]["stddev"], &data["scores"]["a"]["histogram"][3]), (&json!(null), &json!(1)));
    }
}
