//! Checking a value for a score, with hints for the person who sent it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Score, ScoreKind, ScoreOption};
use crate::review::state::Judgement;

/// Longest text of a free-form score, in bytes.
pub const FREE_FORM_BYTES: usize = 64 * 1024;

/// Why a value is refused: names the score, says what it takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("score {score:?} {reason}")]
pub struct InvalidScore {
    /// The score's name, cut to 128 bytes.
    pub score: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl InvalidScore {
    fn new(score: &str, reason: impl Into<String>) -> Self {
        Self { score: score.chars().take(128).collect(), reason: reason.into() }
    }
}

/// The score of that name, or a refusal with the nearest names.
pub fn find<'a>(scores: &'a [Score], name: &str) -> Result<&'a Score, InvalidScore> {
    scores.iter().find(|score| score.name == name).ok_or_else(|| {
        let hint = hint(name, scores.iter().map(|score| score.name.as_str()));
        InvalidScore::new(name, format!("is not configured in this project{hint}"))
    })
}

/// What `value` means for `score`. Null withdraws. Free-form scores hold text and go through [`check_text`].
///
/// A plain categorical score takes the number of an option, as documents store it, not the option's name.
pub fn check(score: &Score, value: &Value) -> Result<Judgement, InvalidScore> {
    if value.is_null() {
        return Ok(Judgement::Withdrawn);
    }
    let wrong = |reason: String| InvalidScore::new(&score.name, reason);
    match &score.kind {
        ScoreKind::Slider | ScoreKind::Online => match value.as_f64().filter(|number| (0.0..=1.0).contains(number)) {
            Some(number) => Ok(Judgement::Number(number + 0.0)),
            None => Err(wrong(format!("takes a number from 0 to 1 or null, not {}", shown(value)))),
        },
        ScoreKind::Categorical { options } => {
            let given = value.as_f64();
            let option = options.iter().filter_map(|option| option.value).find(|number| Some(*number) == given);
            option.map(Judgement::Number).ok_or_else(|| {
                wrong(format!("takes the number of an option ({}) or null, not {}", numbered(options), shown(value)))
            })
        }
        ScoreKind::Expected { options, multi } => match (value, multi) {
            (Value::String(name), false) => chosen(score, options, name).map(Judgement::Option),
            (Value::String(name), true) => Ok(Judgement::Options(BTreeSet::from([chosen(score, options, name)?]))),
            (Value::Array(names), true) => names
                .iter()
                .map(|name| match name {
                    Value::String(name) => chosen(score, options, name),
                    other => Err(wrong(format!("takes a list of option names, not {}", shown(other)))),
                })
                .collect::<Result<_, _>>()
                .map(Judgement::Options),
            (other, false) => Err(wrong(format!("takes one option name or null, not {}", shown(other)))),
            (other, true) => Err(wrong(format!("takes a list of option names or null, not {}", shown(other)))),
        },
        ScoreKind::Weighted { .. } | ScoreKind::Minimum { .. } | ScoreKind::Maximum { .. } => {
            let parts: Vec<String> = score.kind.parts().take(8).map(|part| format!("{part:?}")).collect();
            Err(wrong(format!("is computed from {}: judge those", parts.join(", "))))
        }
        ScoreKind::FreeForm { .. } => Err(wrong("is free-form: it holds text, not a judgement".to_owned())),
    }
}

/// The text for a free-form score; null clears it.
pub fn check_text(score: &Score, value: &Value) -> Result<String, InvalidScore> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) if text.len() <= FREE_FORM_BYTES => Ok(text.clone()),
        Value::String(text) => {
            let reason = format!("takes at most {FREE_FORM_BYTES} bytes of text, not {}", text.len());
            Err(InvalidScore::new(&score.name, reason))
        }
        other => Err(InvalidScore::new(&score.name, format!("takes text or null, not {}", shown(other)))),
    }
}

/// A number for a name that no configuration knows: feedback and SDKs may send any score within 0 to 1.
pub fn check_unconfigured(name: &str, value: &Value) -> Result<Judgement, InvalidScore> {
    match value {
        Value::Null => Ok(Judgement::Withdrawn),
        other => match other.as_f64().filter(|number| (0.0..=1.0).contains(number)) {
            Some(number) => Ok(Judgement::Number(number + 0.0)),
            None => {
                let reason =
                    format!("is not configured, so it takes a number from 0 to 1 or null, not {}", shown(other));
                Err(InvalidScore::new(name, reason))
            }
        },
    }
}

/// `; did you mean "Tone"?` for the nearest candidate, a list of them all when none is near, or nothing without any.
pub fn hint<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.take(200).collect();
    let lowered = wanted.to_lowercase();
    // Long input cannot be near any name and would cost a quadratic comparison.
    let near =
        candidates.iter().filter(|_| wanted.len() <= 256).map(|name| (distance(&lowered, &name.to_lowercase()), *name));
    match near.min_by_key(|(distance, _)| *distance) {
        Some((distance, name)) if distance <= 2.max(wanted.chars().count() / 3) => format!("; did you mean {name:?}?"),
        _ if candidates.is_empty() => String::new(),
        _ => {
            let more = if candidates.len() > 8 { ", …" } else { "" };
            let listed: Vec<String> = candidates.iter().take(8).map(|name| format!("{name:?}")).collect();
            format!("; there are {}{more}", listed.join(", "))
        }
    }
}

fn chosen(score: &Score, options: &[ScoreOption], name: &str) -> Result<String, InvalidScore> {
    if options.iter().any(|option| option.name == name) {
        return Ok(name.to_owned());
    }
    let cut: String = name.chars().take(64).collect();
    let hint = hint(name, options.iter().map(|option| option.name.as_str()));
    Err(InvalidScore::new(&score.name, format!("has no option {cut:?}{hint}")))
}

fn numbered(options: &[ScoreOption]) -> String {
    let shown =
        options.iter().take(8).filter_map(|option| option.value.map(|value| format!("{}: {value}", option.name)));
    shown.collect::<Vec<_>>().join(", ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) => format!("{:?}", text.chars().take(40).collect::<String>()),
        other => other.to_string(),
    }
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::config::parse;
    use serde_json::json;

    fn categorical(config: Value) -> Score {
        let list = json!([{"name": "Good", "value": 1}, {"name": "So-so", "value": 0.3}, {"name": "Bad", "value": 0}]);
        parse("Quality", "categorical", &list, &config).expect("a valid configuration")
    }

    #[test]
    fn sliders_take_zero_to_one() {
        let slider = parse("Tone", "slider", &Value::Null, &Value::Null).expect("valid");
        assert_eq!(check(&slider, &json!(0.25)), Ok(Judgement::Number(0.25)));
        assert_eq!(check(&slider, &json!(1)), Ok(Judgement::Number(1.0)));
        assert_eq!(check(&slider, &Value::Null), Ok(Judgement::Withdrawn));
        for value in [json!(1.01), json!(-0.1), json!("0.5"), json!(true), json!("NaN"), json!([1])] {
            assert!(check(&slider, &value).is_err(), "{value}");
        }
    }

    #[test]
    fn categorical_scores_take_the_number_of_an_option() {
        let score = categorical(Value::Null);
        assert_eq!(check(&score, &json!(0.3)), Ok(Judgement::Number(0.3)));
        let refusal = check(&score, &json!("Good")).expect_err("a name").to_string();
        assert!(refusal.contains("Good: 1") && refusal.contains("\"Quality\""), "{refusal}");
        assert!(check(&score, &json!(0.5)).is_err());
    }

    #[test]
    fn write_to_expected_takes_option_names() {
        let one = categorical(json!({"destination": "expected"}));
        assert_eq!(check(&one, &json!("Bad")), Ok(Judgement::Option("Bad".into())));
        assert!(check(&one, &json!("bda")).expect_err("misspelt").to_string().contains("did you mean \"Bad\"?"));
        assert!(check(&one, &json!(["Bad"])).is_err());

        let several = categorical(json!({"destination": "expected", "multi_select": true}));
        let both = Judgement::Options(BTreeSet::from(["Bad".to_owned(), "Good".to_owned()]));
        assert_eq!(check(&several, &json!(["Good", "Bad", "Good"])), Ok(both));
        assert!(check(&several, &json!([1])).is_err());
    }

    #[test]
    fn free_form_scores_take_text() {
        let score = parse("Why", "free-form", &Value::Null, &Value::Null).expect("valid");
        assert_eq!(check_text(&score, &json!("because")), Ok("because".to_owned()));
        assert_eq!(check_text(&score, &Value::Null), Ok(String::new()));
        assert!(check_text(&score, &json!(1)).is_err() && check(&score, &json!("because")).is_err());
        assert!(check_text(&score, &json!("x".repeat(FREE_FORM_BYTES + 1))).is_err());
    }

    #[test]
    fn unknown_scores_are_answered_with_the_nearest_name() {
        let scores = [categorical(Value::Null)];
        assert!(find(&scores, "Quality").is_ok());
        assert!(find(&scores, "qualty").expect_err("unknown").to_string().contains("did you mean \"Quality\"?"));
        assert!(find(&scores, "Something else").expect_err("unknown").to_string().contains("there are \"Quality\""));
        assert!(find(&[], &"x".repeat(10_000)).expect_err("unknown").to_string().len() < 400);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
