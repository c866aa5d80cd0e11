//! What lists show of a row: small, made once when the row or its review changes, so that no list opens a payload or a document.

use std::collections::BTreeMap;

use concord_shared::ids::{MemberId, Reviewer};
use concord_shared::review::state::ReviewStatus;
use concord_shared::row::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::preview;

/// The part that follows from what was logged.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LoggedLine {
    /// Name of the span.
    pub name: Option<String>,
    /// `llm`, `task`, `tool` or whatever else the client says.
    pub kind: Option<String>,
    /// Model that a span of kind `llm` called.
    pub model: Option<String>,
    /// Beginning of the input, or of what was last said in it.
    pub input_preview: Option<String>,
    /// Beginning of the output.
    pub output_preview: Option<String>,
    /// Unix seconds.
    pub start: Option<f64>,
    /// Unix seconds.
    pub end: Option<f64>,
    /// Seconds.
    pub duration: Option<f64>,
    /// Of prompt and completion together.
    pub tokens: Option<i64>,
    /// US dollars.
    pub cost: Option<f64>,
    /// Beginning of the error.
    pub error: Option<String>,
    /// Breaks ties of spans that began together.
    pub order: i64,
    /// As logged; null: scored with no result.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, Option<f64>>,
    /// As logged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// The part that follows from the review.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Overlay {
    /// Effective, all of the row's.
    pub scores: BTreeMap<String, Option<f64>>,
    /// Judgements of members, withdrawn ones left out.
    pub human: Vec<Judged>,
    /// Effective.
    pub tags: Vec<String>,
    /// Where the review stands.
    pub status: ReviewStatus,
    /// Members who judged or finished.
    pub reviewers: Vec<MemberId>,
    /// Comments that are not deleted.
    pub comments: u32,
    /// Members who are asked to review.
    pub assignees: Vec<MemberId>,
}

/// One judgement of a member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = HumanScore)]
pub struct Judged {
    /// Who.
    #[schema(value_type = String)]
    pub reviewer: Reviewer,
    /// Name of the score.
    pub score: String,
    /// A number, an option name, or an array of them.
    pub value: Value,
}

/// Longest preview and error, in characters.
pub const PREVIEW_CHARS: usize = 240;

/// Dollars as they are stored and summed: whole billionths, whose sums are exact.
pub fn billionths_of_dollars(cost: f64) -> i64 {
    (cost * 1e9).round() as i64
}

impl LoggedLine {
    /// Reads a row.
    pub fn of(row: &Row) -> Self {
        Self::of_fields(&row.logged)
    }

    /// Reads what was logged of a row.
    pub fn of_fields(logged: &Map<String, Value>) -> Self {
        let field = |name: &str| logged.get(name).filter(|value| !value.is_null());
        let metrics = field("metrics").and_then(Value::as_object);
        let metric = |name: &str| metrics.and_then(|metrics| metrics.get(name)).and_then(Value::as_f64);
        let attributes = field("span_attributes");
        let attribute = |name: &str| attributes.and_then(|attributes| attributes.get(name));
        let (start, end) = (metric("start"), metric("end"));
        let spent = start.zip(end).map(|(start, end)| end - start).filter(|spent| *spent >= 0.0);
        let both =
            metric("prompt_tokens").zip(metric("completion_tokens")).map(|(prompt, completion)| prompt + completion);
        Self {
            name: attribute("name").and_then(Value::as_str).map(|name| preview::cut(name, PREVIEW_CHARS)),
            kind: attribute("type").and_then(Value::as_str).map(|kind| preview::cut(kind, 40)),
            model: field("metadata").and_then(Value::as_object).and_then(model),
            input_preview: field("input").map(|input| preview::input(input, PREVIEW_CHARS)),
            output_preview: field("output").map(|output| preview::output(output, PREVIEW_CHARS)),
            start,
            end,
            duration: spent.or_else(|| metric("duration")),
            tokens: metric("tokens").or_else(|| metric("total_tokens")).or(both).map(|tokens| tokens as i64),
            cost: ["estimated_cost", "cost", "total_cost"].into_iter().find_map(metric),
            error: field("error").map(|error| preview::error(error, PREVIEW_CHARS)),
            order: attribute("exec_counter").and_then(Value::as_i64).unwrap_or(0),
            scores: field("scores").map(scores).unwrap_or_default(),
            tags: field("tags").map(tags).unwrap_or_default(),
        }
    }
}

fn scores(value: &Value) -> BTreeMap<String, Option<f64>> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.as_f64())).collect()
}

fn tags(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn model(metadata: &Map<String, Value>) -> Option<String> {
    let text = |map: &Map<String, Value>, key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    text(metadata, "model").or_else(|| text(metadata, "model_name")).map(|model| preview::cut(&model, 80))
}
