//! Evaluation on a row in memory.
//!
//! Comparisons are two-valued: with a missing or null side they are false, and `not` of them is true. Values of different kinds are not
//! equal and not ordered. Only `true` holds; nothing else does.

mod compare;
mod functions;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod value;

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::ast::{Expr, Kind, Operator, Step};
use super::error::FilterError;
use crate::moment::Moment;
use compare::{compare, equal};
pub use text::{each_word, like_parts, words};
pub use time::parse as parse_time;
use value::Val;

/// What an expression is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The row, as the API tells it.
    pub row: &'a Map<String, Value>,
    /// What `now()` is.
    pub clock: Clock,
}

/// The present, and where days begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// What `now()` is.
    pub now: Moment,
    /// Minutes behind UTC, as JavaScript counts them: 480 is US Pacific standard time.
    pub tz_offset: i32,
}

/// Whether a row is such. `any_span` must have been settled before.
pub fn matches<'a>(expr: &'a Expr, scope: Scope<'a>) -> bool {
    scope.holds(expr)
}

/// What an expression is worth on a row.
pub fn value<'a>(expr: &'a Expr, scope: Scope<'a>) -> Value {
    scope.eval(expr).into_json()
}

/// The same where it is counted with: lengths of time are seconds.
pub fn measured<'a>(expr: &'a Expr, scope: Scope<'a>) -> Value {
    match scope.eval(expr) {
        Val::Length(length) => json!(length.micros_about() as f64 / 1e6),
        other => other.into_json(),
    }
}

/// An order of all values: nothing last, then kinds apart, then by size. It is total, whatever numbers meet.
pub fn order(left: &Value, right: &Value) -> std::cmp::Ordering {
    let rank = |value: &Value| match value {
        Value::Bool(_) => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
        Value::Array(_) => 3,
        Value::Object(_) => 4,
        Value::Null => 5,
    };
    let equal_kinds = match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => compare::total(left, right),
        _ => std::cmp::Ordering::Equal,
    };
    rank(left).cmp(&rank(right)).then(equal_kinds)
}

/// The same expression on the spans of one trace: each `any_span` is the constant that it is on this trace.
pub fn settle<'a>(
    expr: &Expr,
    trace: impl Iterator<Item = &'a Map<String, Value>> + Clone,
    clock: Clock,
) -> Result<Expr, FilterError> {
    expr.map(&mut |expr| match &expr.kind {
        Kind::AnySpan(inner) => {
            let found = trace.clone().any(|row| matches(inner, Scope { row, clock }));
            Expr::new(Kind::Literal(found.into()), expr.at).map(Some)
        }
        _ => Ok(None),
    })
}

impl<'a> Scope<'a> {
    fn holds(self, expr: &'a Expr) -> bool {
        match &expr.kind {
            Kind::And(parts) => parts.iter().all(|part| self.holds(part)),
            Kind::Or(parts) => parts.iter().any(|part| self.holds(part)),
            Kind::Not(inner) => !self.holds(inner),
            Kind::IsNull(inner) => self.eval(inner).is_null(),
            // A long list is not made anew for every row.
            Kind::Binary(Operator::In, left, right) if matches!(right.kind, Kind::List(_)) => {
                let left = self.eval(left);
                let is = |item: &'a Expr| {
                    let item = self.eval(item);
                    !item.is_null() && (equal(&left, &item, self.clock) || holds_element(&left, &item))
                };
                !left.is_null() && right.kind.children().any(is)
            }
            Kind::Binary(operator, left, right) if !operator.is_arithmetic() => {
                let (left, right) = (self.eval(left), self.eval(right));
                !left.is_null() && !right.is_null() && self.compares(*operator, &left, &right)
            }
            _ => self.eval(expr).holds(),
        }
    }

    /// Of two sides that are there.
    fn compares(self, operator: Operator, left: &Val<'_>, right: &Val<'_>) -> bool {
        let ordering = || compare(left, right, self.clock);
        match operator {
            Operator::Equal => equal(left, right, self.clock),
            Operator::NotEqual => !equal(left, right, self.clock),
            Operator::Less => ordering().is_some_and(std::cmp::Ordering::is_lt),
            Operator::LessOrEqual => ordering().is_some_and(std::cmp::Ordering::is_le),
            Operator::Greater => ordering().is_some_and(std::cmp::Ordering::is_gt),
            Operator::GreaterOrEqual => ordering().is_some_and(std::cmp::Ordering::is_ge),
            Operator::Like => text::like(left, right, false),
            Operator::Ilike => text::like(left, right, true),
            Operator::Match => text::has_words(left, right),
            Operator::In => self.is_in(left, right),
            Operator::Includes => includes(left, right, self.clock),
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Modulo => false,
        }
    }

    /// An element of the list; a list is in another when they share an element, as `tags in ('a')` is read.
    fn is_in(self, left: &Val<'_>, right: &Val<'_>) -> bool {
        let Some(Value::Array(items)) = right.as_json() else { return false };
        items.iter().filter(|item| !item.is_null()).any(|item| {
            let item = Val::from(item);
            equal(left, &item, self.clock) || holds_element(left, &item)
        })
    }

    fn eval(self, expr: &'a Expr) -> Val<'a> {
        match &expr.kind {
            Kind::Literal(value) => Val::from(value),
            Kind::List(items) => Val::owned(items.iter().map(|item| self.eval(item).into_json()).collect()),
            Kind::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.clone(), self.eval(value).into_json()));
                Val::owned(Value::Object(entries.collect()))
            }
            Kind::Interval(interval) => Val::Length(time::Length::of(*interval)),
            Kind::Path(steps) => self.path(steps),
            Kind::Star => Val::NULL,
            Kind::Call { name, arguments, .. } => {
                let arguments = arguments.iter().map(|argument| self.eval(argument)).collect();
                functions::call(name, arguments, self)
            }
            Kind::Negative(inner) => match self.eval(inner) {
                Val::Length(length) => Val::Length(length.negative()),
                other => compare::arithmetic(Operator::Subtract, &Val::owned(json!(0)), &other, self.clock),
            },
            Kind::Binary(operator, left, right) if operator.is_arithmetic() => {
                compare::arithmetic(*operator, &self.eval(left), &self.eval(right), self.clock)
            }
            Kind::If(branches, otherwise) => {
                let chosen = branches.iter().find(|(condition, _)| self.holds(condition));
                self.eval(chosen.map_or(&**otherwise, |(_, then)| then))
            }
            Kind::Not(_) | Kind::IsNull(_) | Kind::Binary(..) | Kind::And(_) | Kind::Or(_) => {
                Val::owned(self.holds(expr).into())
            }
            // Settled before; alone a row is its own trace.
            Kind::AnySpan(inner) => Val::owned(self.holds(inner).into()),
        }
    }

    fn path(self, steps: &[Step]) -> Val<'a> {
        let Some((Step::Key(first), rest)) = steps.split_first() else { return Val::NULL };
        match (first.as_str(), rest.is_empty()) {
            ("created", true) => match self.text("created").and_then(|text| text.parse().ok()) {
                Some(moment) => Val::Moment(moment),
                None => Val::NULL,
            },
            ("_xact_id", true) => match self.text("_xact_id").and_then(|text| text.parse().ok()) {
                Some(xact) => Val::Xact(xact),
                None => Val::NULL,
            },
            ("comment", true) => self.comments().map_or(Val::NULL, |text| Val::owned(text.into())),
            ("disagreement", true) => self.disagreement().map_or(Val::NULL, |distance| Val::owned(json!(distance))),
            ("duration" | "latency", true) => {
                let metric = |name: &str| self.row.get("metrics").and_then(|metrics| metrics.get(name));
                match metric("start").and_then(Value::as_f64).zip(metric("end").and_then(Value::as_f64)) {
                    Some((start, end)) => Val::owned(json!(end - start)),
                    None => Val::NULL,
                }
            }
            _ => {
                let found = rest.iter().try_fold(self.row.get(first), |value, step| {
                    let value = value?;
                    Some(match step {
                        Step::Key(key) => value.get(key),
                        Step::Index(place) => value.as_array().and_then(|items| {
                            let place = if *place < 0 { items.len() as i64 + place } else { *place };
                            items.get(usize::try_from(place).ok()?)
                        }),
                    })
                });
                found.flatten().map_or(Val::NULL, Val::from)
            }
        }
    }

    /// The largest distance between what was logged for a score and what people decided; none where only one of them spoke.
    fn disagreement(self) -> Option<f64> {
        let number = |of: &Value, name: &str| of.get(name).and_then(Value::as_f64);
        let shown = self.row.get("scores")?;
        let judged = self.row.get("judge_scores")?.as_object()?;
        let distances =
            judged.iter().filter_map(|(name, logged)| Some((logged.as_f64()? - number(shown, name)?).abs()));
        distances.reduce(f64::max)
    }

    fn text(self, field: &str) -> Option<&'a str> {
        self.row.get(field).and_then(Value::as_str)
    }

    /// Texts of all comments.
    fn comments(self) -> Option<String> {
        let comments = self.row.get("comments")?.as_array()?;
        let texts: Vec<&str> =
            comments.iter().filter_map(|comment| comment.get("text").and_then(Value::as_str)).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }
}

/// Whether a list holds a value.
fn holds_element(list: &Val<'_>, value: &Val<'_>) -> bool {
    match (list.as_json(), value.as_json()) {
        (Some(Value::Array(items)), Some(value)) => items.iter().any(|item| compare::json_equal(item, value)),
        _ => false,
    }
}

/// A list holds a value, an object a key or a value, a text a part.
fn includes(haystack: &Val<'_>, needle: &Val<'_>, clock: Clock) -> bool {
    let is = |item: &Value| !item.is_null() && equal(&Val::from(item), needle, clock);
    match haystack.as_json() {
        Some(Value::Array(items)) => items.iter().any(is),
        Some(Value::Object(map)) => {
            needle.as_text().is_some_and(|key| map.contains_key(key.as_ref())) || map.values().any(is)
        }
        Some(Value::String(text)) => needle.as_text().is_some_and(|part| text.contains(part.as_ref())),
        _ => false,
    }
}

impl<'a> From<&'a Value> for Val<'a> {
    fn from(value: &'a Value) -> Self {
        Self::Json(Cow::Borrowed(value))
    }
}
