//! Reading a score configuration as the API writes it: `score_type`, `categories`, `config`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Combine, Score, ScoreKind, ScoreOption};
use crate::ids::ObjectType;

/// Longest name of a score or an option, in bytes: both are keys in documents, so every change that names one pays.
pub const NAME_BYTES: usize = 128;
/// Most options of one score: more no person can choose from, and each is drawn as a button.
pub const MAX_OPTIONS: usize = 100;
/// Deepest metadata path of a free-form score.
const PATH_DEPTH: usize = 8;

/// What is wrong with a configuration, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidConfig {
    /// The field of the request.
    pub field: &'static str,
    /// Why it is refused.
    pub reason: String,
}

fn wrong(field: &'static str, reason: impl Into<String>) -> InvalidConfig {
    InvalidConfig { field, reason: reason.into() }
}

/// All kinds.
pub const KINDS: &str = "slider, categorical, free-form, weighted, minimum, maximum, online";
/// Most scores that one is computed from.
pub const MAX_PARTS: usize = 100;

/// Reads a configuration, or says what is wrong with it. Keys of `config` that do not decide about values
/// (`visibility`, `condition`, `online`) are the API's to keep; [`super::shape`] looks at their form.
pub fn parse(name: &str, score_type: &str, categories: &Value, config: &Value) -> Result<Score, InvalidConfig> {
    check_name("name", "a score's name", name)?;
    if !matches!(config, Value::Null | Value::Object(_)) {
        return Err(wrong("config", "must be an object or null"));
    }
    let destination = text(config, "destination").map_err(|reason| wrong("config.destination", reason))?;
    let multi = flag(config, "multi_select").map_err(|reason| wrong("config.multi_select", reason))?;
    let kind = match score_type {
        "slider" => {
            no_categories(categories, "slider")?;
            if let Some(destination) = destination {
                let reason = format!("a slider writes its number under scores, not to {destination:?}; leave it out");
                return Err(wrong("config.destination", reason));
            }
            ScoreKind::Slider
        }
        "categorical" => match destination {
            None => ScoreKind::Categorical { options: options(categories, true)? },
            Some("expected") => ScoreKind::Expected { options: options(categories, false)?, multi },
            Some(other) => {
                let reason =
                    format!("{other:?} is not offered for a categorical score; write \"expected\" or leave it out");
                return Err(wrong("config.destination", reason));
            }
        },
        "free-form" => {
            no_categories(categories, "free-form")?;
            ScoreKind::FreeForm { path: metadata_path(destination, name)? }
        }
        "weighted" | "minimum" | "maximum" => {
            if let Some(destination) = destination {
                let reason = format!("a {score_type} score is computed and written nowhere, not to {destination:?}");
                return Err(wrong("config.destination", reason));
            }
            match score_type {
                "weighted" => ScoreKind::Weighted { weights: weights(name, categories)? },
                "minimum" => ScoreKind::Minimum { of: parts(name, score_type, categories)? },
                _ => ScoreKind::Maximum { of: parts(name, score_type, categories)? },
            }
        }
        "online" => {
            no_categories(categories, "online")?;
            ScoreKind::Online
        }
        other => {
            let shown: String = other.chars().take(40).collect();
            return Err(wrong("score_type", format!("{shown:?} is unknown; choose of {KINDS}")));
        }
    };
    if multi && !matches!(kind, ScoreKind::Expected { .. }) {
        let reason = "several choices need a categorical score with config.destination \"expected\"";
        return Err(wrong("config.multi_select", reason));
    }
    Ok(Score { name: name.to_owned(), kind, combine: aggregate(config)?, object_types: object_types(config)? })
}

/// 1 to 128 bytes, no control characters, nothing that JavaScript objects treat as special.
pub fn check_name(field: &'static str, what: &str, name: &str) -> Result<(), InvalidConfig> {
    if name.is_empty() || name.len() > NAME_BYTES {
        return Err(wrong(field, format!("{what} has 1 to {NAME_BYTES} bytes, not {}", name.len())));
    }
    if name.trim() != name {
        return Err(wrong(field, format!("{what} neither begins nor ends with a space")));
    }
    if name.chars().any(char::is_control) {
        return Err(wrong(field, format!("{what} has no control characters")));
    }
    if name == "__proto__" {
        return Err(wrong(field, format!("{what} cannot be \"__proto__\": no JavaScript client could read it")));
    }
    Ok(())
}

fn no_categories(categories: &Value, kind: &str) -> Result<(), InvalidConfig> {
    match categories {
        Value::Null => Ok(()),
        Value::Array(list) if list.is_empty() => Ok(()),
        _ => Err(wrong("categories", format!("a {kind} score has none; send null or make it categorical"))),
    }
}

fn options(categories: &Value, numbered: bool) -> Result<Vec<ScoreOption>, InvalidConfig> {
    let shape = "must be a list such as [{\"name\": \"Good\", \"value\": 1}, {\"name\": \"Bad\", \"value\": 0}]";
    let Some(list) = categories.as_array().filter(|list| !list.is_empty()) else {
        return Err(wrong("categories", shape));
    };
    if list.len() > MAX_OPTIONS {
        return Err(wrong("categories", format!("at most {MAX_OPTIONS} options, not {}", list.len())));
    }
    let mut names = BTreeSet::new();
    let mut options: Vec<ScoreOption> = Vec::with_capacity(list.len());
    for entry in list {
        let name = entry.get("name").and_then(Value::as_str).ok_or_else(|| wrong("categories", shape))?;
        check_name("categories", "an option's name", name)?;
        if !names.insert(name) {
            return Err(wrong("categories", format!("two options are called {name:?}; names must differ")));
        }
        let value = if numbered { Some(option_value(entry, name, &options)?) } else { None };
        options.push(ScoreOption { name: name.to_owned(), value });
    }
    Ok(options)
}

/// What each of other scores counts.
fn weights(name: &str, categories: &Value) -> Result<Vec<(String, f64)>, InvalidConfig> {
    let shape = "must be an object of scores and their weights such as {\"Correctness\": 0.7, \"Tone\": 0.3}";
    let Some(map) = categories.as_object().filter(|map| !map.is_empty()) else {
        return Err(wrong("categories", shape));
    };
    check_parts(name, "weighted", map.keys().map(String::as_str))?;
    let mut weights = Vec::with_capacity(map.len());
    for (part, weight) in map {
        let weight = weight.as_f64().filter(|weight| (0.0..=1e6).contains(weight));
        let weight = weight.ok_or_else(|| wrong("categories", format!("{part:?} needs a weight from 0 to 1000000")))?;
        weights.push((part.clone(), weight));
    }
    if weights.iter().all(|(_, weight)| *weight == 0.0) {
        return Err(wrong("categories", "all weights are 0; at least one score has to count"));
    }
    Ok(weights)
}

/// The scores of which the smallest or the largest is taken.
fn parts(name: &str, kind: &str, categories: &Value) -> Result<Vec<String>, InvalidConfig> {
    let shape = "must be a list of scores such as [\"Correctness\", \"Tone\"]";
    let list = categories.as_array().filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| wrong("categories", shape))?.iter().map(Value::as_str);
    let parts: Vec<&str> = list.collect::<Option<_>>().ok_or_else(|| wrong("categories", shape))?;
    check_parts(name, kind, parts.iter().copied())?;
    Ok(parts.into_iter().map(str::to_owned).collect())
}

fn check_parts<'a>(name: &str, kind: &str, parts: impl Iterator<Item = &'a str>) -> Result<(), InvalidConfig> {
    let mut seen = BTreeSet::new();
    for part in parts {
        check_name("categories", "a score's name", part)?;
        if part == name {
            return Err(wrong(
                "categories",
                format!("a {kind} score cannot be computed from itself; take {part:?} out"),
            ));
        }
        if !seen.insert(part) {
            return Err(wrong("categories", format!("{part:?} is named twice; once is enough")));
        }
    }
    if seen.len() > MAX_PARTS {
        return Err(wrong("categories", format!("at most {MAX_PARTS} scores, not {}", seen.len())));
    }
    Ok(())
}

/// Numbers must differ, since the option is recovered from the stored number.
fn option_value(entry: &Value, name: &str, before: &[ScoreOption]) -> Result<f64, InvalidConfig> {
    let value = entry.get("value").and_then(Value::as_f64).filter(|value| (0.0..=1.0).contains(value));
    let value = value.ok_or_else(|| wrong("categories", format!("{name:?} needs a value from 0 to 1")))?;
    match before.iter().find(|other| other.value == Some(value)) {
        Some(other) => {
            let reason = format!("{:?} and {name:?} both have the value {value}; values must differ", other.name);
            Err(wrong("categories", reason))
        }
        // -0.0 and 0.0 are equal but have different bits; store the one.
        None => Ok(value + 0.0),
    }
}

/// `metadata`, `metadata.a.b` or `metadata."odd key"`. Absent, and `metadata` alone (a text cannot replace the whole
/// object): below the score's own name.
fn metadata_path(destination: Option<&str>, name: &str) -> Result<Vec<String>, InvalidConfig> {
    let example = "write a path such as metadata.reason or metadata.\"odd key\"";
    let Some(destination) = destination.filter(|text| *text != "metadata") else {
        return Ok(vec![name.to_owned()]);
    };
    let bad = || wrong("config.destination", format!("{destination:?} is not a metadata path; {example}"));
    let mut rest = destination.strip_prefix("metadata.").ok_or_else(bad)?;
    let mut path = Vec::new();
    loop {
        let (key, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(bad)?,
            None => rest.split_at(rest.find('.').unwrap_or(rest.len())),
        };
        check_name("config.destination", "a key of the path", key)?;
        if key.starts_with("~__bt_") {
            return Err(wrong("config.destination", format!("{key:?} is reserved for the state of reviews")));
        }
        path.push(key.to_owned());
        if after.is_empty() {
            break;
        }
        rest = after.strip_prefix('.').ok_or_else(bad)?;
    }
    if path.len() > PATH_DEPTH {
        return Err(wrong("config.destination", format!("at most {PATH_DEPTH} keys deep")));
    }
    Ok(path)
}

fn aggregate(config: &Value) -> Result<Combine, InvalidConfig> {
    let expected = "write mean, median, majority or latest";
    match text(config, "aggregate").map_err(|reason| wrong("config.aggregate", format!("{reason}; {expected}")))? {
        None | Some("mean") => Ok(Combine::Mean),
        Some("median") => Ok(Combine::Median),
        Some("majority") => Ok(Combine::Majority),
        Some("latest") => Ok(Combine::Latest),
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            Err(wrong("config.aggregate", format!("{shown:?} is unknown; {expected}")))
        }
    }
}

fn text<'a>(config: &'a Value, key: &str) -> Result<Option<&'a str>, String> {
    match config.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err("must be text or null".to_owned()),
    }
}

fn object_types(config: &Value) -> Result<Vec<ObjectType>, InvalidConfig> {
    let shape = "must be a list of project_logs, experiment and dataset";
    match config.get("object_types") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => {
            let kinds = list.iter().map(|kind| kind.as_str().and_then(|kind| kind.parse().ok()));
            kinds.collect::<Option<_>>().ok_or_else(|| wrong("config.object_types", shape))
        }
        Some(_) => Err(wrong("config.object_types", shape)),
    }
}

fn flag(config: &Value, key: &str) -> Result<bool, String> {
    match config.get(key) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err("must be true, false or null".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(score_type: &str, categories: Value, config: Value) -> String {
        parse("Tone", score_type, &categories, &config).expect_err("must be refused").to_string()
    }

    #[test]
    fn the_offered_kinds_are_read() {
        let slider = parse("Tone", "slider", &Value::Null, &json!({"aggregate": "median"})).expect("slider");
        assert_eq!((slider.kind, slider.combine), (ScoreKind::Slider, Combine::Median));

        let list = json!([{"name": "Good", "value": 1}, {"name": "Bad", "value": 0}]);
        let good = |value| ScoreOption { name: "Good".into(), value };
        let bad = |value| ScoreOption { name: "Bad".into(), value };
        assert_eq!(
            parse("Q", "categorical", &list, &Value::Null).expect("categorical").kind,
            ScoreKind::Categorical { options: vec![good(Some(1.0)), bad(Some(0.0))] }
        );
        assert_eq!(
            parse("Q", "categorical", &list, &json!({"destination": "expected", "multi_select": true}))
                .expect("expected")
                .kind,
            ScoreKind::Expected { options: vec![good(None), bad(None)], multi: true }
        );
    }

    #[test]
    fn free_form_destinations_are_metadata_paths() {
        let path =
            |destination: Value| match parse("Why", "free-form", &Value::Null, &json!({"destination": destination})) {
                Ok(Score { kind: ScoreKind::FreeForm { path }, .. }) => path.join("|"),
                other => format!("{other:?}"),
            };
        assert_eq!(path(Value::Null), "Why");
        assert_eq!(path(json!("metadata")), "Why");
        assert_eq!(path(json!("metadata.a.b")), "a|b");
        assert_eq!(path(json!("metadata.\"odd. key\".c")), "odd. key|c");
        for text in
            ["expected", "metadata.", "metadata..a", "metadata.\"a", "metadata.\"a\"b", "metadata.~__bt_assignments"]
        {
            assert!(path(json!(text)).contains("config.destination"), "{text}");
        }
    }

    #[test]
    fn refusals_say_what_would_be_right() {
        assert!(refusal("stars", Value::Null, Value::Null).contains(KINDS));
        assert!(refusal("weighted", json!(["A"]), Value::Null).contains("{\"Correctness\": 0.7"));
        assert!(refusal("weighted", json!({"A": -1}), Value::Null).contains("\"A\" needs a weight from 0"));
        assert!(refusal("weighted", json!({"A": 0}), Value::Null).contains("at least one"));
        assert!(refusal("minimum", json!({"A": 1}), Value::Null).contains("[\"Correctness\", \"Tone\"]"));
        assert!(refusal("maximum", json!(["A", "A"]), Value::Null).contains("twice"));
        assert!(refusal("maximum", json!(["Tone"]), Value::Null).contains("itself"));
        assert!(refusal("maximum", json!(["A"]), json!({"destination": "expected"})).contains("config.destination"));
        assert!(refusal("categorical", Value::Null, Value::Null).contains("[{\"name\""));
        assert!(refusal("categorical", json!([{"name": "A", "value": 2}]), Value::Null).contains("from 0 to 1"));
        let twice = json!([{"name": "A", "value": 1}, {"name": "B", "value": 1}]);
        assert!(refusal("categorical", twice.clone(), Value::Null).contains("\"A\" and \"B\""));
        assert!(parse("Tone", "categorical", &twice, &json!({"destination": "expected"})).is_ok());
        let same = json!([{"name": "A", "value": 1}, {"name": "A", "value": 0}]);
        assert!(refusal("categorical", same, Value::Null).contains("names must differ"));
        assert!(refusal("slider", Value::Null, json!({"multi_select": true})).contains("config.multi_select"));
        assert!(refusal("slider", Value::Null, json!({"aggregate": "max"})).contains("majority"));
        assert!(refusal("slider", Value::Null, json!([])).contains("object or null"));
        for name in ["", " a", "a\nb", "__proto__", &"é".repeat(65)] {
            assert!(parse(name, "slider", &Value::Null, &Value::Null).is_err(), "{name:?}");
        }
        assert!(parse("a/b ~ ü", "slider", &Value::Null, &Value::Null).is_ok(), "escaping is the reader's task");
    }
}
