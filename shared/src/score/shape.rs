//! The form of those parts of a configuration that decide about no value: who sees a score, where and when it is asked, and what
//! automation does. They are kept as sent, unknown keys included; only what would be misread later is refused.

use serde_json::Value;

use super::config::InvalidConfig;

/// Most users, groups, object types or clauses of one list.
const MAX_ITEMS: usize = 100;
/// Longest id of a user or a group: UUIDs in practice.
const ID_BYTES: usize = 256;
/// The containers on whose rows a score can be asked.
const OBJECT_TYPES: [&str; 3] = ["project_logs", "experiment", "dataset"];

fn wrong(reason: impl Into<String>) -> InvalidConfig {
    InvalidConfig { field: "config", reason: reason.into() }
}

/// Checks `visibility`, `condition`, `object_types` and `online` of a configuration. Absent and null are fine everywhere.
pub fn check(config: &Value) -> Result<(), InvalidConfig> {
    if let Some(visibility) = object(config, "visibility", "{\"users\": [\"<user id>\"]}")? {
        for key in ["users", "groups"] {
            texts(visibility.get(key), &format!("visibility.{key}"), "ids", |id| (1..=ID_BYTES).contains(&id.len()))?;
        }
    }
    if let Some(condition) =
        object(config, "condition", "{\"when\": {\"clauses\": [\"…\"]}, \"behavior\": \"hidden\"}")?
    {
        if condition.get("behavior").is_some_and(|behavior| !matches!(behavior.as_str(), None | Some("hidden"))) {
            return Err(wrong("condition.behavior: the one there is is \"hidden\""));
        }
        if let Some(when) = object(condition, "when", "{\"clauses\": [\"…\"]}")? {
            for key in ["clauses", "subspan_clauses", "trace_clauses"] {
                let path = format!("condition.when.{key}");
                let clauses = list(when.get(key), &path, "expressions such as \"scores.Tone < 0.5\"")?;
                if let Some(other) = clauses.iter().find(|clause| !clause.is_string() && !clause.is_object()) {
                    return Err(wrong(format!("{path}: an expression is text or an object, not {other}")));
                }
            }
        }
    }
    let known = |word: &str| OBJECT_TYPES.contains(&word);
    texts(config.get("object_types"), "object_types", "project_logs, experiment and dataset", known)?;
    if let Some(online) = object(config, "online", "{\"sampling_rate\": 0.1, \"scorers\": […]}")? {
        let rate = online.get("sampling_rate").filter(|rate| !rate.is_null());
        if rate.is_some_and(|rate| !rate.as_f64().is_some_and(|rate| (0.0..=1.0).contains(&rate))) {
            return Err(wrong("online.sampling_rate: a number from 0 to 1"));
        }
        list(online.get("scorers"), "online.scorers", "objects such as {\"type\": \"function\", \"id\": \"…\"}")?;
    }
    Ok(())
}

fn object<'a>(of: &'a Value, key: &str, example: &str) -> Result<Option<&'a Value>, InvalidConfig> {
    match of.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(found) if found.is_object() => Ok(Some(found)),
        Some(_) => Err(wrong(format!("{key}: must be an object such as {example}, or null"))),
    }
}

fn list<'a>(found: Option<&'a Value>, path: &str, what: &str) -> Result<&'a [Value], InvalidConfig> {
    match found {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) if items.len() <= MAX_ITEMS => Ok(items),
        Some(Value::Array(items)) => Err(wrong(format!("{path}: at most {MAX_ITEMS} items, not {}", items.len()))),
        Some(_) => Err(wrong(format!("{path}: must be a list of {what}, or null"))),
    }
}

fn texts(found: Option<&Value>, path: &str, what: &str, good: impl Fn(&str) -> bool) -> Result<(), InvalidConfig> {
    let items = list(found, path, what)?;
    match items.iter().find(|item| !item.as_str().is_some_and(&good)) {
        Some(item) => Err(wrong(format!("{path}: takes a list of {what}; {item} is none"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_api_knows_is_accepted_and_so_is_what_it_does_not() {
        for config in [
            Value::Null,
            json!({"visibility": null, "condition": null, "object_types": null, "online": null}),
            json!({"visibility": {"users": ["01a20c2e-98be-719d-b5e2-e60e2564b3c1"], "groups": null}, "new key": [1]}),
            json!({"condition": {"when": {"clauses": ["scores.A > 0.5", {"btql": "x"}]}, "behavior": "hidden"}}),
            json!({"object_types": ["dataset"], "online": {"sampling_rate": 0.5, "scorers": [{"type": "global"}]}}),
        ] {
            assert_eq!(check(&config), Ok(()), "{config}");
        }
    }

    #[test]
    fn refusals_name_the_place() {
        for (config, place) in [
            (json!({"visibility": ["x"]}), "visibility"),
            (json!({"visibility": {"users": [7]}}), "visibility.users"),
            (json!({"condition": {"behavior": "blink"}}), "condition.behavior"),
            (json!({"condition": {"when": {"clauses": "x"}}}), "condition.when.clauses"),
            (json!({"condition": {"when": {"trace_clauses": [1]}}}), "condition.when.trace_clauses"),
            (json!({"object_types": ["logs"]}), "object_types"),
            (json!({"online": {"sampling_rate": 2}}), "online.sampling_rate"),
            (json!({"online": {"scorers": {}}}), "online.scorers"),
        ] {
            let refusal = check(&config).expect_err(place);
            assert!(refusal.to_string().contains(place), "{refusal}");
        }
    }
}
