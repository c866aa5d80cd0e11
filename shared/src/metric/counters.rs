//! Counters: what is counted, and sums of what was counted.

use std::collections::BTreeMap;
use std::collections::btree_map;

use serde::{Deserialize, Serialize};

use crate::ids::MemberId;
use crate::review::state::ReviewStatus;

/// One thing that is counted. Its text form is JSON, which keeps any score name apart from what surrounds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterKey {
    /// Rows that are not deleted.
    Rows,
    /// Rows that are roots of traces.
    Traces,
    /// Rows that logged an error.
    Errors,
    /// Comments that are not deleted.
    Comments,
    /// Rows whose review set `expected`.
    Expected,
    /// Rows by review status; `none` is not counted.
    Status(ReviewStatus),
    /// Rows assigned to a member.
    Assigned(MemberId),
    /// Something about one score, by its name.
    Score(String, ScoreCount),
    /// Rows assigned to a member whose review is not complete.
    Waiting(MemberId),
}

/// What is counted of one score.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreCount {
    /// Rows with an effective value, options without number included.
    Rows,
    /// Rows with an effective number.
    Numbers,
    /// Sum of the effective numbers, in billionths.
    Sum,
    /// Sum of their squares in billionths of billionths, whole billions of it: together with `SquaresLow` it is exact, which a
    /// rounded square is not, and equal values then have a deviation of exactly zero.
    SquaresHigh,
    /// The rest below a billion.
    SquaresLow,
    /// Rows by tenth: 0 is [0, 0.1), 9 is [0.9, 1].
    Bin(u8),
    /// Rows by effective option.
    Option(String),
    /// Values given by one kind of source, each judgement counted.
    Given(Source),
    /// Numbers among them.
    GivenNumbers(Source),
    /// Sum of these numbers, in billionths.
    GivenSum(Source),
    /// Judgements of one member.
    Reviewer(MemberId),
}

/// Where a score's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Logged with the row.
    Logged,
    /// Feedback of an end user.
    External,
    /// A member.
    Human,
}

impl Source {
    /// All, from the weakest to the one that overrules the others.
    pub const ALL: [Self; 3] = [Self::Logged, Self::External, Self::Human];

    /// The word in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Logged => "logged",
            Self::External => "external",
            Self::Human => "human",
        }
    }

    /// Reads the word that [`Self::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }
}

/// One, as a counter of billionths has it.
const ONE: f64 = 1e9;

/// A score in billionths. Scores are from 0 to 1; anything else was refused long before.
pub fn billionths(score: f64) -> i64 {
    (score.clamp(0.0, 1.0) * ONE).round() as i64
}

impl CounterKey {
    /// The text that the database holds.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("keys hold texts and numbers only")
    }

    /// Reads the text that [`Self::to_text`] writes.
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Counters by key. A key that counts zero is absent, so equality of maps is equality of counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters(BTreeMap<CounterKey, i64>);

impl Counters {
    /// Nothing counted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts `n` more.
    pub fn add(&mut self, key: CounterKey, n: i64) {
        match self.0.entry(key) {
            btree_map::Entry::Vacant(entry) => {
                if n != 0 {
                    entry.insert(n);
                }
            }
            btree_map::Entry::Occupied(mut entry) => {
                *entry.get_mut() += n;
                if *entry.get() == 0 {
                    entry.remove();
                }
            }
        }
    }

    /// Counts one effective number of a score.
    pub fn add_number(&mut self, score: &str, number: f64) {
        let value = billionths(number);
        let square = value * value; // at most 10^18, which fits
        let mut add = |count, n| self.add(CounterKey::Score(score.to_owned(), count), n);
        add(ScoreCount::Rows, 1);
        add(ScoreCount::Numbers, 1);
        add(ScoreCount::Sum, value);
        add(ScoreCount::SquaresHigh, square / 1_000_000_000);
        add(ScoreCount::SquaresLow, square % 1_000_000_000);
        add(ScoreCount::Bin((value / 100_000_000).min(9) as u8), 1);
    }

    /// Counts one value that somebody gave; `number` if it is one.
    pub fn add_given(&mut self, score: &str, source: Source, number: Option<f64>) {
        let mut add = |count, n| self.add(CounterKey::Score(score.to_owned(), count), n);
        add(ScoreCount::Given(source), 1);
        if let Some(number) = number {
            add(ScoreCount::GivenNumbers(source), 1);
            add(ScoreCount::GivenSum(source), billionths(number));
        }
    }

    /// The count of a key; zero when it was never counted.
    pub fn get(&self, key: &CounterKey) -> i64 {
        self.0.get(key).copied().unwrap_or(0)
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (key, n) in &other.0 {
            match self.0.get_mut(key) {
                // Nearly always: then the key need not be copied.
                Some(count) if *count != -n => *count += n,
                _ => self.add(key.clone(), *n),
            }
        }
    }

    /// `self - other`: added to `other` it gives `self`.
    pub fn minus(mut self, other: &Self) -> Self {
        for (key, n) in &other.0 {
            self.add(key.clone(), -n);
        }
        self
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of keys.
    pub fn iter(&self) -> btree_map::Iter<'_, CounterKey, i64> {
        self.0.iter()
    }

    /// As stored beside a row: what this row has added to its object's counters.
    pub fn to_text(&self) -> String {
        serde_json::to_string(&self.0.iter().collect::<Vec<_>>()).expect("keys and counts are plain")
    }

    /// Reads the text that [`Self::to_text`] writes.
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str::<Vec<(CounterKey, i64)>>(text).ok().map(|counts| counts.into_iter().collect())
    }
}

impl FromIterator<(CounterKey, i64)> for Counters {
    fn from_iter<T: IntoIterator<Item = (CounterKey, i64)>>(counts: T) -> Self {
        let mut counters = Self::new();
        for (key, n) in counts {
            counters.add(key, n);
        }
        counters
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = CounterKey> {
        prop_oneof![
            Just(CounterKey::Rows),
            Just(CounterKey::Status(ReviewStatus::Awaiting)),
            Just(CounterKey::Assigned(MemberId(uuid::Uuid::nil()))),
            Just(CounterKey::Waiting(MemberId(uuid::Uuid::nil()))),
            ("\\PC{0,6}", 0..10u8).prop_map(|(name, bin)| CounterKey::Score(name, ScoreCount::Bin(bin))),
            ("[a\\[\"\\]\t]{0,4}", "\\PC{0,4}")
                .prop_map(|(name, option)| CounterKey::Score(name, ScoreCount::Option(option))),
            Just(CounterKey::Score("a".into(), ScoreCount::Given(Source::Human))),
        ]
    }

    fn counters() -> impl Strategy<Value = Counters> {
        prop::collection::vec((key(), -3..4i64), 0..8).prop_map(|counts| counts.into_iter().collect())
    }

    proptest! {
        #[test]
        fn r5_differences_add_up_in_any_order(a in counters(), b in counters(), c in counters()) {
            let (first, second) = (b.clone().minus(&a), c.clone().minus(&b));
            for deltas in [[&first, &second], [&second, &first]] {
                let mut sum = a.clone();
                deltas.iter().for_each(|delta| sum.merge(delta));
                prop_assert_eq!(&sum, &c);
            }
        }

        #[test]
        fn texts_read_back(counters in counters()) {
            prop_assert_eq!(Counters::from_text(&counters.to_text()), Some(counters.clone()));
            for (key, _) in counters.iter() {
                prop_assert_eq!(CounterKey::from_text(&key.to_text()), Some(key.clone()));
            }
        }
    }

    #[test]
    fn key_texts_are_what_the_database_holds() {
        assert_eq!(CounterKey::Rows.to_text(), r#""rows""#);
        assert_eq!(CounterKey::Score("Tone".into(), ScoreCount::Bin(3)).to_text(), r#"{"score":["Tone",{"bin":3}]}"#);
    }
}
