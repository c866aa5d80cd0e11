//! OpenTelemetry's semantic conventions for generative AI, in the forms of the years: messages as JSON in one attribute, as events, and
//! spelled out in names (OpenLLMetry).

use serde_json::{Value, json};

use super::attributes::{Attributes, unpack_structure};
use super::draft::Draft;
use super::tree::grow;

/// Entries of metadata that Braintrust's clients know.
const METADATA: [(&str, &[&str]); 11] = [
    ("model", &["gen_ai.request.model", "gen_ai.response.model"]),
    ("provider", &["gen_ai.provider.name", "gen_ai.system"]),
    ("temperature", &["gen_ai.request.temperature", "llm.temperature"]),
    ("top_p", &["gen_ai.request.top_p", "llm.top_p"]),
    ("top_k", &["gen_ai.request.top_k", "llm.top_k"]),
    ("max_tokens", &["gen_ai.request.max_tokens"]),
    ("frequency_penalty", &["gen_ai.request.frequency_penalty", "llm.frequency_penalty"]),
    ("presence_penalty", &["gen_ai.request.presence_penalty", "llm.presence_penalty"]),
    ("stop_sequences", &["gen_ai.request.stop_sequences", "llm.chat.stop_sequences"]),
    ("seed", &["gen_ai.request.seed"]),
    ("finish_reasons", &["gen_ai.response.finish_reasons"]),
];

/// Metrics with a meaning (compat 5.5).
const METRICS: [(&str, &[&str]); 7] = [
    ("prompt_tokens", &["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]),
    ("completion_tokens", &["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"]),
    ("tokens", &["gen_ai.usage.total_tokens", "llm.usage.total_tokens"]),
    (
        "prompt_cached_tokens",
        &[
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.cached_input_tokens",
            "gen_ai.usage.prompt_tokens_details.cached_tokens",
        ],
    ),
    (
        "prompt_cache_creation_tokens",
        &["gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"],
    ),
    (
        "completion_reasoning_tokens",
        &[
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.reasoning_tokens",
            "gen_ai.usage.completion_tokens_details.reasoning_tokens",
        ],
    ),
    ("estimated_cost", &["gen_ai.usage.cost"]),
];

/// An event of a span, its attributes read.
pub(super) struct SpanEvent {
    pub name: String,
    pub at: Option<concord_shared::moment::Moment>,
    pub attributes: Attributes,
}

pub(super) fn read(attributes: &mut Attributes, events: &mut Vec<SpanEvent>, draft: &mut Draft) {
    if let Some(kind) = kind(attributes) {
        draft.kind(kind);
    }
    let input = messages(attributes, "prompt", "gen_ai.input.messages");
    let instructions = attributes.take("gen_ai.system_instructions").map(unpack_structure);
    draft.input(with_instructions(input, instructions));
    draft.output(messages(attributes, "completion", "gen_ai.output.messages"));
    draft.input(attributes.take("gen_ai.tool.call.arguments").map(unpack_structure));
    draft.output(attributes.take("gen_ai.tool.call.result").map(unpack_structure));
    draft.input(attributes.take("traceloop.entity.input").map(unpack_structure));
    draft.output(attributes.take("traceloop.entity.output").map(unpack_structure));
    of_events(events, draft);
    draft.describe(attributes, &METADATA);
    draft.measure(attributes, &METRICS);
}

/// What kind of span the operation is.
fn kind(attributes: &Attributes) -> Option<&'static str> {
    let word = |key| attributes.get(key).and_then(Value::as_str);
    match (word("gen_ai.operation.name"), word("traceloop.span.kind"), word("llm.request.type")) {
        (Some("execute_tool"), ..) | (_, Some("tool"), _) => Some("tool"),
        (Some("invoke_agent" | "create_agent" | "invoke_workflow"), ..)
        | (_, Some("workflow" | "task" | "agent"), _) => Some("task"),
        (Some(_), ..) | (.., Some(_)) => Some("llm"),
        _ => ["gen_ai.request.model", "gen_ai.prompt", "gen_ai.input.messages", "gen_ai.prompt.0.role"]
            .iter()
            .any(|key| attributes.get(key).is_some())
            .then_some("llm"),
    }
}

/// Messages in any of the three forms that are attributes.
fn messages(attributes: &mut Attributes, word: &str, newer: &str) -> Option<Value> {
    let spelled = grow(attributes.take_under(&format!("gen_ai.{word}."))).map(open_contents);
    let whole = attributes.take_first(&[newer, &format!("gen_ai.{word}")]).map(unpack_structure);
    whole.or(spelled)
}

/// Contents of several parts are JSON as text.
fn open_contents(mut messages: Value) -> Value {
    for message in messages.as_array_mut().into_iter().flatten() {
        if let Some(content) = message.get_mut("content") {
            *content = unpack_structure(content.take());
        }
    }
    messages
}

/// Instructions are said to the model before everything else.
fn with_instructions(input: Option<Value>, instructions: Option<Value>) -> Option<Value> {
    match (input, instructions) {
        (Some(Value::Array(mut messages)), Some(said)) => {
            messages.insert(0, json!({"role": "system", "content": said}));
            Some(Value::Array(messages))
        }
        (None, Some(said)) => Some(json!([{"role": "system", "content": said}])),
        (input, _) => input,
    }
}

/// Messages that came as events, which are taken away.
fn of_events(events: &mut Vec<SpanEvent>, draft: &mut Draft) {
    let (mut said, mut answered) = (Vec::new(), Vec::new());
    events.retain_mut(|event| {
        let role = match event.name.as_str() {
            "gen_ai.choice" => "assistant",
            "gen_ai.content.prompt" => {
                draft.input(event.attributes.take("gen_ai.prompt").map(unpack_structure));
                return false;
            }
            "gen_ai.content.completion" => {
                draft.output(event.attributes.take("gen_ai.completion").map(unpack_structure));
                return false;
            }
            "gen_ai.client.inference.operation.details" => {
                draft.input(event.attributes.take("gen_ai.input.messages").map(unpack_structure));
                draft.output(event.attributes.take("gen_ai.output.messages").map(unpack_structure));
                return false;
            }
            name => match name.strip_prefix("gen_ai.").and_then(|rest| rest.strip_suffix(".message")) {
                Some(role) => role,
                None => return true,
            },
        };
        let mut message = json!({"role": role});
        for (key, value) in std::mem::take(&mut event.attributes).rest() {
            if key != "gen_ai.system" {
                message[key] = unpack_structure(value);
            }
        }
        if event.name == "gen_ai.choice" {
            answered.push(message)
        } else {
            said.push(message)
        }
        false
    });
    draft.input((!said.is_empty()).then_some(Value::Array(said)));
    draft.output((!answered.is_empty()).then_some(Value::Array(answered)));
}
