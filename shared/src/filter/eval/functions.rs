//! Functions of one row (compat 4.3). What has no answer is null.

use serde_json::{Number, Value, json};

use super::compare::{compare, equal};
use super::time;
use super::value::Val;
use super::{Scope, text};
use crate::filter::ast::{Interval, Step, Unit};
use crate::moment::Moment;

/// Longest text that a function makes; beyond it there is no answer.
const TEXT_BYTES: usize = 16 << 20;

pub(super) fn call<'a>(name: &str, arguments: Vec<Val<'a>>, scope: Scope<'a>) -> Val<'a> {
    let mut arguments = arguments.into_iter();
    let mut next = || arguments.next().unwrap_or(Val::NULL);
    let offset = scope.clock.tz_offset;
    match name {
        "now" | "current_timestamp" => Val::Moment(scope.clock.now),
        "current_date" => cut(&Val::Moment(scope.clock.now), Some(one(Unit::Day)), offset),
        "date_trunc" => {
            let unit = next();
            let every = unit.as_text().and_then(|text| Unit::read(&text).map(one).or_else(|| Interval::read(&text)));
            cut(&next(), every, offset)
        }
        "second" | "minute" | "hour" | "day" | "week" | "month" | "year" => {
            cut(&next(), Unit::read(name).map(one), offset)
        }
        "to_date" => cut(&moment(&next(), offset).map_or(Val::NULL, Val::Moment), Some(one(Unit::Day)), offset),
        "to_datetime" => moment(&next(), offset).map_or(Val::NULL, Val::Moment),
        "to_interval" => match next() {
            length @ Val::Length(_) => length,
            other => match other.as_text().and_then(|text| Interval::read(&text)) {
                Some(interval) => Val::Length(time::Length::of(interval)),
                None => Val::NULL,
            },
        },
        "lower" => of_text(&next(), str::to_lowercase),
        "upper" => of_text(&next(), str::to_uppercase),
        "concat" => concat(arguments),
        "substring" => substring(&next(), &next(), arguments.next()),
        "len" => len(&next()),
        "search" => search(scope, &next()),
        "json_extract" => json_extract(&next(), &next()),
        "coalesce" => arguments.find(|value| !value.is_null()).unwrap_or(Val::NULL),
        "nullif" => {
            let (value, unless) = (next(), next());
            if !unless.is_null() && equal(&value, &unless, scope.clock) { Val::NULL } else { value }
        }
        "least" => extreme(arguments, scope, std::cmp::Ordering::is_lt),
        "greatest" => extreme(arguments, scope, std::cmp::Ordering::is_gt),
        "round" => round(&next(), arguments.next()),
        "to_string" => to_text(next()),
        "to_boolean" => to_boolean(&next()),
        "to_integer" => number(&next()).map(f64::trunc).map_or(Val::NULL, whole),
        "to_number" => match next() {
            Val::Json(value) if value.is_number() => Val::Json(value),
            other => {
                number(&other).and_then(Number::from_f64).map_or(Val::NULL, |number| Val::owned(Value::Number(number)))
            }
        },
        // Aggregates are refused before.
        _ => Val::NULL,
    }
}

fn one(unit: Unit) -> Interval {
    Interval { count: 1, unit }
}

fn cut<'a>(value: &Val<'_>, every: Option<Interval>, offset: i32) -> Val<'a> {
    let cut = moment(value, offset).zip(every).and_then(|(moment, every)| time::truncate(moment, every, offset));
    cut.map_or(Val::NULL, Val::Moment)
}

/// A time, a text that is one, or Unix seconds.
fn moment(value: &Val<'_>, offset: i32) -> Option<Moment> {
    match value {
        Val::Moment(moment) => Some(*moment),
        Val::Json(json) => match &**json {
            Value::String(text) => time::parse(text, offset),
            Value::Number(seconds) => Moment::from_seconds(seconds.as_f64()?),
            _ => None,
        },
        _ => None,
    }
}

fn of_text<'a>(value: &Val<'_>, change: impl Fn(&str) -> String) -> Val<'a> {
    value.as_text().map_or(Val::NULL, |text| Val::owned(change(&text).into()))
}

fn concat<'a>(values: impl Iterator<Item = Val<'a>>) -> Val<'a> {
    let mut all = String::new();
    for value in values.filter(|value| !value.is_null()) {
        if let Value::String(text) = to_text(value).into_json() {
            all.push_str(&text);
        }
        if all.len() > TEXT_BYTES {
            return Val::NULL;
        }
    }
    Val::owned(all.into())
}

/// From a place that counts from 1.
fn substring<'a>(value: &Val<'_>, from: &Val<'_>, count: Option<Val<'_>>) -> Val<'a> {
    let (Some(text), Some(from)) = (value.as_text(), from.as_f64()) else { return Val::NULL };
    let count = match count.map(|count| count.as_f64()) {
        None => f64::INFINITY,
        Some(Some(count)) => count,
        Some(None) => return Val::NULL,
    };
    // As in SQL, places before the first count as well.
    let (begin, end) = ((from - 1.0).max(0.0), (from - 1.0 + count).max(0.0));
    let taken: String = text.chars().take(end as usize).skip(begin as usize).collect();
    Val::owned(taken.into())
}

fn len<'a>(value: &Val<'_>) -> Val<'a> {
    let length = match value.as_json() {
        Some(Value::Array(items)) => items.len(),
        Some(Value::Object(map)) => map.len(),
        Some(Value::String(text)) => text.chars().count(),
        _ => return Val::NULL,
    };
    Val::owned(json!(length))
}

/// Words anywhere in what was logged and said.
fn search<'a>(scope: Scope<'a>, query: &Val<'_>) -> Val<'a> {
    const SEARCHED: [&str; 6] = ["input", "output", "expected", "error", "metadata", "comment"];
    let field = |name: &&str| scope.path(&[Step::Key((*name).to_owned())]);
    Val::owned(SEARCHED.iter().map(field).any(|value| text::has_words(&value, query)).into())
}

fn json_extract<'a>(value: &Val<'_>, key: &Val<'_>) -> Val<'a> {
    let Some(key) = key.as_text() else { return Val::NULL };
    let found = match value.as_json() {
        Some(Value::String(text)) => {
            serde_json::from_str::<Value>(text).ok().and_then(|mut value| Some(value.get_mut(&*key)?.take()))
        }
        Some(other) => other.get(&*key).cloned(),
        None => None,
    };
    found.map_or(Val::NULL, Val::owned)
}

fn extreme<'a>(
    values: impl Iterator<Item = Val<'a>>,
    scope: Scope<'a>,
    better: impl Fn(std::cmp::Ordering) -> bool,
) -> Val<'a> {
    let there = values.filter(|value| !value.is_null());
    let best = there.reduce(|best, value| match compare(&value, &best, scope.clock) {
        Some(ordering) if better(ordering) => value,
        Some(_) => best,
        None => Val::NULL,
    });
    best.unwrap_or(Val::NULL)
}

fn round<'a>(value: &Val<'_>, places: Option<Val<'_>>) -> Val<'a> {
    let places = places.map_or(Some(0.0), |places| places.as_f64());
    let (Some(number), Some(places)) = (value.as_f64(), places) else { return Val::NULL };
    let scale = 10_f64.powf(places.clamp(-300.0, 300.0).trunc());
    let rounded = (number * scale).round() / scale;
    if rounded.is_finite() { Val::owned(json!(rounded)) } else { Val::owned(json!(number)) }
}

fn to_text(value: Val<'_>) -> Val<'_> {
    match value {
        Val::Json(json) if matches!(*json, Value::Null | Value::String(_)) => Val::Json(json),
        Val::Json(json) => Val::owned(json.to_string().into()),
        other => Val::owned(other.into_json()),
    }
}

fn to_boolean<'a>(value: &Val<'_>) -> Val<'a> {
    let flag = match value.as_json() {
        Some(Value::Bool(flag)) => Some(*flag),
        Some(Value::Number(number)) => number.as_f64().map(|number| number != 0.0),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Some(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    };
    flag.map_or(Val::NULL, |flag| Val::owned(flag.into()))
}

fn number(value: &Val<'_>) -> Option<f64> {
    match value {
        Val::Xact(xact) => Some(*xact as f64),
        Val::Moment(moment) => Some(moment.0 as f64 / 1e6),
        Val::Length(length) => Some(length.micros_about() as f64 / 1e6),
        Val::Json(json) => match &**json {
            Value::Number(number) => number.as_f64(),
            Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
            Value::String(text) => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()),
            _ => None,
        },
    }
}

fn whole<'a>(number: f64) -> Val<'a> {
    /// Beyond it not every whole number is one.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    if number.abs() <= LARGEST { Val::owned(json!(number as i64)) } else { Val::NULL }
}
