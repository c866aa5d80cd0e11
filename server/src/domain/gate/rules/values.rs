//! What values places take.

use automerge::ScalarValue;
use concord_shared::moment::Moment;
use concord_shared::review::schema;
use concord_shared::score::value::check as check_score;
use concord_shared::score::{Score, ScoreKind};
use serde_json::{Number, Value};

/// 2000-01-01 in milliseconds: nobody judged before, whatever their clock says.
const EARLIEST_MILLIS: i64 = 946_684_800_000;

/// How far a clock may be ahead: a day.
const AHEAD_MILLIS: i64 = 86_400_000;

/// How far a number may be from its option's: clients round to six digits.
const OPTION_TOLERANCE: f64 = 1e-6;

/// Why a value is refused: what would be right.
pub(super) type Wrong = String;

/// A value in a few words.
pub(super) fn shown(value: &ScalarValue) -> String {
    match value {
        ScalarValue::Str(text) => format!("{:?}", text.chars().take(64).collect::<String>()),
        ScalarValue::Bytes(_) => "bytes".to_owned(),
        ScalarValue::Counter(_) => "a counter".to_owned(),
        ScalarValue::Timestamp(_) => "a time".to_owned(),
        ScalarValue::Unknown { .. } => "a value of an unknown type".to_owned(),
        ScalarValue::F64(number) => number.to_string(),
        other => other.to_string(),
    }
}

/// A judgement that is a scalar: a number, an option's name, or null.
pub(super) fn judgement(score: &Score, value: &ScalarValue) -> Result<(), Wrong> {
    let json = match value {
        ScalarValue::Null => Value::Null,
        ScalarValue::Int(number) => Value::from(*number),
        ScalarValue::Uint(number) => Value::from(*number),
        ScalarValue::F64(number) if number.is_finite() => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        ScalarValue::Str(text) => Value::from(text.as_str()),
        other => return Err(format!("score {:?} takes a number, an option or null, not {}", score.name, shown(other))),
    };
    if let (ScoreKind::Categorical { options }, Some(number)) = (&score.kind, json.as_f64()) {
        let near = |value: f64| (value - number).abs() <= OPTION_TOLERANCE;
        if options.iter().filter_map(|option| option.value).any(near) {
            return Ok(());
        }
    }
    check_score(score, &json).map(drop).map_err(|invalid| invalid.to_string())
}

/// A scalar of a JSON tree.
pub(super) fn json(value: &ScalarValue) -> Result<(), Wrong> {
    let whole = |fits: bool| if fits { Ok(()) } else { Err(beyond(value)) };
    match value {
        ScalarValue::Null | ScalarValue::Boolean(_) => Ok(()),
        ScalarValue::Int(number) => whole((-schema::INTEGER..=schema::INTEGER).contains(number)),
        ScalarValue::Uint(number) => whole(*number <= schema::INTEGER.unsigned_abs()),
        ScalarValue::F64(number) if number.is_finite() => Ok(()),
        ScalarValue::F64(number) => Err(format!("{number} has no JSON form: write null or text")),
        ScalarValue::Str(text) if text.len() <= schema::JSON_STR_BYTES => Ok(()),
        ScalarValue::Str(text) => {
            Err(format!("the text has {} bytes: at most {} are kept", text.len(), schema::JSON_STR_BYTES))
        }
        ScalarValue::Timestamp(_) => Err("a time has no JSON form: write it as RFC 3339 text".to_owned()),
        ScalarValue::Bytes(_) => Err("bytes have no JSON form: write them as base64 text".to_owned()),
        ScalarValue::Counter(_) => Err("a counter has no JSON form: write a number".to_owned()),
        ScalarValue::Unknown { .. } => Err("the value has an unknown type".to_owned()),
    }
}

fn beyond(value: &ScalarValue) -> Wrong {
    format!("{} is beyond 2^53, where JavaScript loses digits: write it as text", shown(value))
}

/// A moment of the writer's clock.
pub(super) fn at(value: &ScalarValue, now: Moment) -> Result<(), Wrong> {
    match value {
        ScalarValue::Timestamp(millis)
            if (EARLIEST_MILLIS..=now.as_millis().saturating_add(AHEAD_MILLIS)).contains(millis) =>
        {
            Ok(())
        }
        ScalarValue::Timestamp(millis) => {
            Err(format!("{} is before 2000 or more than a day ahead: set the clock", Moment::from_millis(*millis)))
        }
        other => Err(format!("takes a time (in JavaScript a `Date`), not {}", shown(other))),
    }
}

/// The name of the writer.
pub(super) fn signature(value: &ScalarValue, me: &str) -> Result<(), Wrong> {
    match value {
        ScalarValue::Str(text) if text == me => Ok(()),
        other => Err(format!("takes the writer's own key {me:?} as a scalar string, not {}", shown(other))),
    }
}

/// True or false.
pub(super) fn flag(value: &ScalarValue) -> Result<bool, Wrong> {
    match value {
        ScalarValue::Boolean(flag) => Ok(*flag),
        other => Err(format!("takes true or false, not {}", shown(other))),
    }
}

/// A scalar string of moderate length.
pub(super) fn string(value: &ScalarValue) -> Result<&str, Wrong> {
    match value {
        ScalarValue::Str(text) if text.len() <= schema::STR_BYTES => Ok(text),
        ScalarValue::Str(text) => {
            Err(format!("the text has {} bytes: at most {} are kept", text.len(), schema::STR_BYTES))
        }
        other => Err(format!("takes a scalar string (in JavaScript an `ImmutableString`), not {}", shown(other))),
    }
}
