//! OpenInference: the conventions of Arize's instrumentations (LlamaIndex, LangChain, DSPy and others).

use serde_json::Value;

use super::attributes::{Attributes, unpack, unpack_structure};
use super::draft::Draft;
use super::tree::{grow, unwrap};

const METADATA: [(&str, &[&str]); 3] = [
    ("model", &["llm.model_name", "embedding.model_name", "reranker.model_name"]),
    ("provider", &["llm.provider", "llm.system"]),
    ("tool", &["tool.name"]),
];

const METRICS: [(&str, &[&str]); 7] = [
    ("prompt_tokens", &["llm.token_count.prompt"]),
    ("completion_tokens", &["llm.token_count.completion"]),
    ("tokens", &["llm.token_count.total"]),
    ("prompt_cached_tokens", &["llm.token_count.prompt_details.cache_read"]),
    ("prompt_cache_creation_tokens", &["llm.token_count.prompt_details.cache_write"]),
    ("completion_reasoning_tokens", &["llm.token_count.completion_details.reasoning"]),
    ("estimated_cost", &["llm.cost.total"]),
];

/// What is put around each item of a list.
const WRAPPERS: [&str; 5] = ["message", "message_content", "tool_call", "document", "tool"];

pub(super) fn read(attributes: &mut Attributes, draft: &mut Draft) {
    if let Some(kind) = attributes.take("openinference.span.kind") {
        match kind.as_str() {
            Some("LLM" | "EMBEDDING") => draft.kind("llm"),
            Some("TOOL" | "RETRIEVER" | "RERANKER") => draft.kind("tool"),
            Some("CHAIN" | "AGENT" | "GUARDRAIL" | "PROMPT") => draft.kind("task"),
            Some("EVALUATOR") => draft.kind("score"),
            Some(other) => draft.kind(&other.to_lowercase()),
            None => {}
        }
    }
    draft.input(list(attributes, "llm.input_messages."));
    draft.output(list(attributes, "llm.output_messages."));
    draft.input(declared(attributes, "input"));
    draft.output(declared(attributes, "output"));
    draft.output(list(attributes, "retrieval.documents."));
    draft.output(list(attributes, "reranker.output_documents."));
    draft.input(attributes.take_first(&["tool.parameters", "tool_call.function.arguments"]).map(unpack_structure));
    if let Some(tools) = list(attributes, "llm.tools.") {
        draft.metadata.entry("tools").or_insert(tools);
    }
    for packed in ["llm.invocation_parameters", "metadata"] {
        if let Some(other) =
            attributes.take(packed).map(unpack).and_then(|value| Draft::merge(&mut draft.metadata, value))
        {
            draft.metadata.entry(packed).or_insert(other);
        }
    }
    let tags = attributes.take("tag.tags").map(unpack_structure);
    draft.tags = draft.tags.take().or(tags);
    draft.describe(attributes, &METADATA);
    draft.measure(attributes, &METRICS);
}

/// `input.value` with its `input.mime_type`. Instrumentations repeat in it what the messages say; the messages are kept.
fn declared(attributes: &mut Attributes, side: &str) -> Option<Value> {
    let mime = attributes.take(&format!("{side}.mime_type"));
    let value = attributes.take(&format!("{side}.value"))?;
    let is_json = mime.as_ref().and_then(Value::as_str).is_some_and(|mime| mime.contains("json"));
    Some(if is_json { unpack(value) } else { value })
}

/// A list that is spelled out in names.
fn list(attributes: &mut Attributes, prefix: &str) -> Option<Value> {
    let mut value = unwrap(grow(attributes.take_under(prefix))?, &WRAPPERS);
    for item in value.as_array_mut().into_iter().flatten() {
        if let Some(map) = item.as_object_mut()
            && !map.contains_key("content")
            && let Some(parts) = map.remove("contents")
        {
            map.insert("content".into(), parts);
        }
        if let Some(schema) = item.get_mut("json_schema") {
            *item = unpack(schema.take());
        }
    }
    Some(value)
}
