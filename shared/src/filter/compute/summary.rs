//! A trace as one row (the shape `summary`): its root, with scores and metrics of all its spans.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Metrics that are summed. Model calls tell them; where none does, whoever tells them.
const SUMMED: [(&str, &[&str]); 6] = [
    ("prompt_tokens", &["prompt_tokens"]),
    ("completion_tokens", &["completion_tokens"]),
    ("prompt_cached_tokens", &["prompt_cached_tokens"]),
    ("prompt_cache_creation_tokens", &["prompt_cache_creation_tokens"]),
    ("total_tokens", &["total_tokens", "tokens"]),
    ("estimated_cost", &["estimated_cost", "cost", "total_cost"]),
];

/// Fields of a span that say nothing about its trace.
const OF_SPANS: [&str; 4] = ["span_parents", "context", "judge_scores", "origin"];

type Row = Map<String, Value>;

fn metric(span: &Row, name: &str) -> Option<f64> {
    span.get("metrics")?.get(name)?.as_f64()
}

fn kind(span: &Row) -> &str {
    span.get("span_attributes").and_then(|attributes| attributes.get("type")).and_then(Value::as_str).unwrap_or("")
}

fn has_error(span: &Row) -> bool {
    span.get("error").is_some_and(|error| !error.is_null())
}

fn duration(span: &Row) -> Option<f64> {
    metric(span, "start").zip(metric(span, "end")).map(|(start, end)| end - start).or_else(|| metric(span, "duration"))
}

/// Whole numbers stay whole.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { json!(value as i64) } else { json!(value) }
}

fn maybe(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

/// The row of a trace: fields of its root, or of its first span where the root is missing, and numbers of `spans`.
pub fn summary(trace: &[Row], spans: &[&Row]) -> Row {
    let is_root = |span: &&Row| span.get("is_root") == Some(&Value::Bool(true));
    let Some(root) = trace.iter().find(is_root).or_else(|| trace.first()) else { return Row::new() };
    let mut row: Row = root.clone();
    for field in OF_SPANS {
        row.remove(field);
    }
    // Texts of one length, so the last is the largest.
    for field in ["_xact_id", "_pagination_key"] {
        let newest = trace.iter().filter_map(|span| span.get(field)?.as_str()).max();
        row.insert(field.to_owned(), newest.map_or(Value::Null, Value::from));
    }
    row.insert("scores".to_owned(), scores(spans));
    row.insert("metrics".to_owned(), metrics(spans));
    let attribute = |name: &str| root.get("span_attributes").and_then(|attributes| attributes.get(name));
    let cached = spans.iter().any(|span| metric(span, "cached").is_some_and(|cached| cached > 0.0));
    let info = json!({
        "name": attribute("name"),
        "type": attribute("type"),
        "cached": cached,
        "has_error": spans.iter().any(|span| has_error(span)),
        "in_progress": metric(root, "start").is_some() && metric(root, "end").is_none(),
    });
    row.insert("span_type_info".to_owned(), info);
    row
}

/// The mean over spans of each score.
fn scores(spans: &[&Row]) -> Value {
    let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (name, value) in spans.iter().filter_map(|span| span.get("scores")?.as_object()).flatten() {
        if let Some(value) = value.as_f64() {
            let (sum, count) = sums.entry(name).or_default();
            (*sum, *count) = (*sum + value, *count + 1.0);
        }
    }
    if sums.is_empty() {
        return Value::Null;
    }
    Value::Object(sums.into_iter().map(|(name, (sum, count))| (name.to_owned(), number(sum / count))).collect())
}

fn metrics(spans: &[&Row]) -> Value {
    let of_kind = |wanted: &'static str| spans.iter().filter(move |span| kind(span) == wanted).copied();
    let sum = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>());
    let told = |span: &Row, names: &[&str]| {
        let found = names.iter().find_map(|name| metric(span, name));
        let both = || metric(span, "prompt_tokens").zip(metric(span, "completion_tokens")).map(|(a, b)| a + b);
        found.or_else(|| if names.contains(&"tokens") { both() } else { None })
    };
    let mut all = Map::new();
    for (name, names) in SUMMED {
        let of_models = sum(of_kind("llm").filter_map(|span| told(span, names)).collect());
        let of_all = || sum(spans.iter().filter_map(|span| told(span, names)).collect());
        all.insert(name.to_owned(), maybe(of_models.or_else(of_all)));
    }
    let mut put = |name: &str, value: Value| drop(all.insert(name.to_owned(), value));
    put("llm_calls", json!(of_kind("llm").count()));
    put("tool_calls", json!(of_kind("tool").count()));
    put("errors", json!(spans.iter().filter(|span| has_error(span)).count()));
    put("llm_errors", json!(of_kind("llm").filter(|span| has_error(span)).count()));
    put("tool_errors", json!(of_kind("tool").filter(|span| has_error(span)).count()));
    let each = |name: &'static str| spans.iter().filter_map(move |span| metric(span, name));
    put("start", each("start").reduce(f64::min).map_or(Value::Null, |start| json!(start)));
    put("end", each("end").reduce(f64::max).map_or(Value::Null, |end| json!(end)));
    put("duration", maybe(spans.iter().filter_map(|span| duration(span)).reduce(f64::max)));
    put("llm_duration", maybe(sum(of_kind("llm").filter_map(duration).collect())));
    let firsts: Vec<f64> = each("time_to_first_token").collect();
    let count = firsts.len() as f64;
    put("time_to_first_token", maybe(sum(firsts).map(|sum| sum / count)));
    Value::Object(all)
}
