//! Equality, order and arithmetic.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::Clock;
use super::time::{self, Length};
use super::value::Val;
use crate::filter::ast::{Interval, Operator};

/// Whether two values are the same. Numbers are compared as numbers, times with texts as times.
pub(super) fn equal(left: &Val<'_>, right: &Val<'_>, clock: Clock) -> bool {
    match (left, right) {
        (Val::Json(left), Val::Json(right)) => json_equal(left, right),
        _ => compare(left, right, clock) == Some(Ordering::Equal),
    }
}

/// The order of two values, if they have one.
pub(super) fn compare(left: &Val<'_>, right: &Val<'_>, clock: Clock) -> Option<Ordering> {
    match (left, right) {
        (Val::Json(left), Val::Json(right)) => match (&**left, &**right) {
            (Value::Number(left), Value::Number(right)) => numbers(left, right),
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
            _ => None,
        },
        (Val::Moment(left), Val::Moment(right)) => Some(left.cmp(right)),
        (Val::Moment(left), Val::Json(right)) => Some(left.cmp(&time::parse(right.as_str()?, clock.tz_offset)?)),
        (Val::Xact(left), Val::Xact(right)) => Some(left.cmp(right)),
        (Val::Xact(left), Val::Json(right)) => {
            let right = right.as_i64().or_else(|| right.as_str()?.parse().ok())?;
            Some(left.cmp(&right))
        }
        (Val::Length(left), Val::Length(right)) => Some(left.micros_about().cmp(&right.micros_about())),
        (Val::Length(left), Val::Json(right)) => {
            let right = Length::of(Interval::read(right.as_str()?)?);
            Some(left.micros_about().cmp(&right.micros_about()))
        }
        (Val::Json(_), Val::Moment(_) | Val::Xact(_) | Val::Length(_)) => {
            compare(right, left, clock).map(Ordering::reverse)
        }
        _ => None,
    }
}

/// Equality of JSON in which 1 is 1.0.
pub(super) fn json_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => numbers(left, right) == Some(Ordering::Equal),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| json_equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| json_equal(left, right)))
        }
        (left, right) => left == right,
    }
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// An order of numbers in which whole ones beyond the precision of fractions stay apart, and no three contradict each other.
pub(super) fn total(left: &Number, right: &Number) -> Ordering {
    let rough = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
    let exact = |number: &Number| whole(number).unwrap_or(rough(number) as i128);
    rough(left).total_cmp(&rough(right)).then_with(|| exact(left).cmp(&exact(right)))
}

/// Null when there is no answer: of what is no number, of a division by zero, beyond the range.
pub(super) fn arithmetic<'a>(operator: Operator, left: &Val<'_>, right: &Val<'_>, clock: Clock) -> Val<'a> {
    let subtracts = operator == Operator::Subtract;
    let plain = matches!(operator, Operator::Add | Operator::Subtract);
    match (left, right) {
        (Val::Json(left), Val::Json(right)) => match (&**left, &**right) {
            (Value::Number(left), Value::Number(right)) => {
                calculate(operator, left, right).map_or(Val::NULL, Val::owned)
            }
            _ => Val::NULL,
        },
        (Val::Moment(moment), Val::Length(length)) if plain => {
            let length = if subtracts { length.negative() } else { *length };
            time::add(*moment, length, clock.tz_offset).map_or(Val::NULL, Val::Moment)
        }
        (Val::Length(length), Val::Moment(moment)) if operator == Operator::Add => {
            time::add(*moment, *length, clock.tz_offset).map_or(Val::NULL, Val::Moment)
        }
        (Val::Moment(left), Val::Moment(right)) if subtracts => {
            Val::Length(Length::micros(left.0.saturating_sub(right.0)))
        }
        (Val::Length(left), Val::Length(right)) if plain => {
            Val::Length(left.plus(if subtracts { right.negative() } else { *right }))
        }
        _ => Val::NULL,
    }
}

fn calculate(operator: Operator, left: &Number, right: &Number) -> Option<Value> {
    if let Some((left, right)) = whole(left).zip(whole(right)) {
        let exact = match operator {
            Operator::Add => left.checked_add(right),
            Operator::Subtract => left.checked_sub(right),
            Operator::Multiply => left.checked_mul(right),
            Operator::Modulo => left.checked_rem(right),
            _ => None,
        };
        let fits = |number: &Number| number.is_i64() || number.is_u64();
        if let Some(exact) = exact.and_then(Number::from_i128).filter(fits) {
            return Some(Value::Number(exact));
        }
    }
    let (left, right) = (left.as_f64()?, right.as_f64()?);
    let number = match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Modulo => left % right,
        _ => return None,
    };
    Number::from_f64(number).map(Value::Number)
}
