//! Aggregates: what each remembers of the rows of a group.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::{Number, Value, json};

use super::sample::hash;
use crate::filter::ast::{Expr, Kind};
use crate::filter::error::FilterError;
use crate::filter::eval;

/// What is asked of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aggregate {
    /// How many rows; with an argument, where it is not null.
    Count,
    /// How many different values.
    Distinct,
    /// Of numbers; true counts as 1, false as 0.
    Sum,
    /// The mean of numbers.
    Average,
    /// The first in the order of values.
    Least,
    /// The last.
    Greatest,
    /// The value below which this part of the numbers is, between two of them by their distance.
    Percentile(f64),
}

impl Aggregate {
    /// Reads a call: what is asked, and of what (`None`: of the row itself).
    pub fn read(
        name: &str,
        distinct: bool,
        arguments: &[Expr],
        at: &Expr,
    ) -> Result<(Self, Option<Expr>), FilterError> {
        let argument = arguments.first().filter(|argument| argument.kind != Kind::Star).cloned();
        if distinct && name != "count" {
            return Err(FilterError::at(at.at, format!("distinct goes with count, not with {name}")));
        }
        let aggregate = match name {
            "count" if distinct => Self::Distinct,
            "count" => return Ok((Self::Count, argument.filter(|argument| !is_constant(argument)))),
            "count_distinct" => Self::Distinct,
            "sum" => Self::Sum,
            "avg" => Self::Average,
            "min" => Self::Least,
            "max" => Self::Greatest,
            "percentile" => {
                let part = arguments.get(1).and_then(|part| match &part.kind {
                    Kind::Literal(Value::Number(part)) => part.as_f64(),
                    _ => None,
                });
                let part = part.filter(|part| (0.0..=1.0).contains(part)).ok_or_else(|| {
                    FilterError::at(at.at, "percentile wants a part from 0 to 1, such as percentile(duration, 0.95)")
                })?;
                Self::Percentile(part)
            }
            other => return Err(FilterError::at(at.at, format!("{other} is no aggregate"))),
        };
        match argument {
            Some(argument) => Ok((aggregate, Some(argument))),
            None => Err(FilterError::at(at.at, format!("{name} wants an expression; * goes with count"))),
        }
    }
}

/// `count(1)` counts rows.
fn is_constant(expr: &Expr) -> bool {
    matches!(&expr.kind, Kind::Literal(value) if !value.is_null())
}

/// What an aggregate remembers.
#[derive(Debug, Clone)]
pub(super) enum Tally {
    Count(u64),
    Distinct(HashSet<u128>),
    Sum(Total),
    Average(Total),
    Extreme(Option<Value>, Ordering),
    Percentile(Vec<f64>, f64),
}

impl Tally {
    pub(super) fn new(aggregate: Aggregate) -> Self {
        match aggregate {
            Aggregate::Count => Self::Count(0),
            Aggregate::Distinct => Self::Distinct(HashSet::new()),
            Aggregate::Sum => Self::Sum(Total::default()),
            Aggregate::Average => Self::Average(Total::default()),
            Aggregate::Least => Self::Extreme(None, Ordering::Less),
            Aggregate::Greatest => Self::Extreme(None, Ordering::Greater),
            Aggregate::Percentile(part) => Self::Percentile(Vec::new(), part),
        }
    }

    /// Counts a value that is there; how many values more are held.
    pub(super) fn add(&mut self, value: &Value) -> usize {
        match self {
            Self::Count(count) => *count += 1,
            Self::Distinct(seen) => return usize::from(seen.insert(fingerprint(&key_of(value)))),
            Self::Sum(total) | Self::Average(total) => total.add(value),
            Self::Extreme(best, wanted) => {
                if best.as_ref().is_none_or(|best| eval::order(value, best) == *wanted) {
                    *best = Some(value.clone());
                }
            }
            Self::Percentile(values, _) => {
                values.extend(number(value));
                return 1;
            }
        }
        0
    }

    pub(super) fn value(self) -> Value {
        match self {
            Self::Count(count) => json!(count),
            Self::Distinct(seen) => json!(seen.len()),
            Self::Sum(total) => total.sum(),
            Self::Average(total) => total.mean(),
            Self::Extreme(best, _) => best.unwrap_or_default(),
            Self::Percentile(values, part) => percentile(values, part).map_or(Value::Null, |value| json!(value)),
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        other => other.as_f64(),
    }
}

/// A sum that does not depend on the order of its parts as far as it can: whole numbers are exact, fractions keep what rounding
/// took away (Neumaier).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Total {
    count: u64,
    whole: i128,
    sum: f64,
    lost: f64,
    fractions: bool,
}

impl Total {
    pub(super) fn add(&mut self, value: &Value) {
        let whole = match value {
            Value::Bool(flag) => Some(i128::from(*flag)),
            other => other.as_i64().map(i128::from).or_else(|| other.as_u64().map(i128::from)),
        };
        match (whole, number(value)) {
            // At most 2^64 each, so billions of them fit.
            (Some(whole), _) => self.whole += whole,
            (None, Some(number)) => {
                self.fractions = true;
                let sum = self.sum + number;
                let larger = self.sum.abs() >= number.abs();
                self.lost += if larger { (self.sum - sum) + number } else { (number - sum) + self.sum };
                self.sum = sum;
            }
            (None, None) => return,
        }
        self.count += 1;
    }

    fn about(self) -> f64 {
        self.whole as f64 + (self.sum + self.lost)
    }

    /// Null of nothing.
    pub(super) fn sum(self) -> Value {
        match (self.count, self.fractions) {
            (0, _) => Value::Null,
            (_, false) => Number::from_i128(self.whole)
                .filter(|number| number.is_i64() || number.is_u64())
                .map_or_else(|| json!(self.about()), Value::Number),
            _ => json!(self.about()),
        }
    }

    /// Null of nothing.
    pub(super) fn mean(self) -> Value {
        if self.count == 0 { Value::Null } else { json!(self.about() / self.count as f64) }
    }
}

fn percentile(mut values: Vec<f64>, part: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let place = part * (values.len().checked_sub(1)?) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let (low, high) = (*values.get(below)?, *values.get(above)?);
    Some(low + (high - low) * (place - place.floor()))
}

/// A value as a text that equal values share: numbers by their size, keys of objects sorted.
pub(super) fn key_of(value: &Value) -> String {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => (float as i64).to_string(),
            _ => number.to_string(),
        },
        Value::Array(items) => format!("[{}]", items.iter().map(key_of).collect::<Vec<_>>().join(",")),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            let entries = entries.into_iter().map(|(name, value)| format!("{}:{}", json!(name), key_of(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

fn fingerprint(key: &str) -> u128 {
    (u128::from(hash(1, key)) << 64) | u128::from(hash(2, key))
}
