//! What each convention's spans become, as snapshots: the mapping is read by others.

use insta::assert_json_snapshot;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use serde_json::{Map, Value, json};

use super::decode::{Encoding, Rejections, SPANS, Unreadable};
use super::parent::SpanRef;
use super::span;

const TRACE: &str = "0102030405060708090a0b0c0d0e0f10";

fn attributes(given: Value) -> Value {
    let any = |value: &Value| match value {
        Value::String(text) => json!({"stringValue": text}),
        Value::Bool(flag) => json!({"boolValue": flag}),
        Value::Number(number) if number.is_i64() => json!({"intValue": number.to_string()}),
        Value::Number(number) => json!({"doubleValue": number}),
        Value::Array(items) => {
            json!({"arrayValue": {"values": items.iter().map(|item| json!({"stringValue": item})).collect::<Vec<_>>()}})
        }
        _ => json!({}),
    };
    given.as_object().into_iter().flatten().map(|(key, value)| json!({"key": key, "value": any(value)})).collect()
}

/// A request of one span, given what is special about it.
fn request(special: Value) -> Value {
    let mut span = json!({
        "traceId": TRACE, "spanId": "00000000000000aa", "name": "call", "kind": 1,
        "startTimeUnixNano": "1795424974514554700", "endTimeUnixNano": "1795424974516133000",
    });
    for (key, value) in special.as_object().into_iter().flatten() {
        span[key] = if key == "attributes" { attributes(value.clone()) } else { value.clone() };
    }
    json!({"resourceSpans": [{
        "resource": {"attributes": attributes(json!({"service.name": "shop"}))},
        "scopeSpans": [{"scope": {"name": "tracer", "version": "1.2"}, "spans": [span]}],
    }]})
}

/// The row of a span, the same from JSON and from protobuf.
fn row(special: Value) -> Value {
    let text = request(special).to_string();
    let mut rejections = Rejections::default();
    let spans = Encoding::Json.read(text.as_bytes(), &mut rejections).expect("readable");
    assert_eq!(rejections, Rejections::default());
    let made = span::row(&spans[0], None).expect("a row");
    assert!(made.left_out.is_empty());

    let message: ExportTraceServiceRequest = serde_json::from_str(&text).expect("an export");
    let binary = Encoding::Protobuf.read(&message.encode_to_vec(), &mut rejections).expect("readable");
    assert_eq!(span::row(&binary[0], None).expect("a row").row, made.row, "both encodings say the same");
    Value::Object(made.row)
}

/// Only what a convention decides.
fn mapped(given: Value) -> Value {
    let mut row = row(json!({"attributes": given}));
    let map = row.as_object_mut().expect("a row");
    for same in ["id", "span_id", "root_span_id", "created", "context"] {
        map.remove(same);
    }
    for same in ["start", "end"] {
        map["metrics"].as_object_mut().expect("metrics").remove(same);
    }
    row
}

#[test]
fn a_span_becomes_a_row_of_the_same_ids() {
    assert_json_snapshot!(row(json!({
        "parentSpanId": "00000000000000a0", "kind": 3,
        "attributes": {"http.method": "POST", "retries": 2, "ratio": 0.5, "cached": false, "hosts": ["a", "b"]},
        "events": [{"timeUnixNano": "1795424974515000000", "name": "retry", "attributes": attributes(json!({"n": 1}))}],
        "links": [{"traceId": TRACE, "spanId": "00000000000000bb"}],
    })));
}

#[test]
fn braintrusts_own_attributes() {
    assert_json_snapshot!(mapped(json!({
        "braintrust.parent": "project_name:elsewhere",
        "braintrust.input_json": "[{\"role\":\"user\",\"content\":\"Where is it?\"}]",
        "braintrust.output_json": "\"On its way.\"",
        "braintrust.expected": "Shipped.",
        "braintrust.metadata": "{\"model\":\"a-model\",\"user\":{\"id\":7}}",
        "braintrust.metadata.release": "4",
        "braintrust.metrics": "{\"tokens\":12}",
        "braintrust.metrics.time_to_first_token": 0.25,
        "braintrust.scores": "{\"Faithfulness\":0.9}",
        "braintrust.tags": ["triage", "eu"],
        "braintrust.span_attributes": "{\"type\":\"llm\",\"purpose\":\"scorer\"}",
        "gen_ai.prompt": "is said already",
        "gen_ai.request.model": "is said already",
    })));
}

#[test]
fn genai_messages_as_json() {
    assert_json_snapshot!(mapped(json!({
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-x",
        "gen_ai.response.model": "gpt-x-2026",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.request.max_tokens": 100,
        "gen_ai.system_instructions": "Be kind.",
        "gen_ai.input.messages": "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Hi\"}]}]",
        "gen_ai.output.messages": "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"Hello\"}]}]",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 6,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.conversation.id": "c1",
    })));
}

#[test]
fn genai_messages_spelled_out_in_names() {
    assert_json_snapshot!(mapped(json!({
        "llm.request.type": "chat",
        "gen_ai.system": "anthropic",
        "gen_ai.prompt.0.role": "system",
        "gen_ai.prompt.0.content": "Be kind.",
        "gen_ai.prompt.1.role": "user",
        "gen_ai.prompt.1.content": "[{\"type\":\"text\",\"text\":\"Hi\"}]",
        "gen_ai.prompt.10.role": "user",
        "gen_ai.prompt.10.content": "Still there?",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "Hello",
        "gen_ai.completion.0.finish_reason": "stop",
        "gen_ai.completion.0.tool_calls.0.name": "look_up",
        "gen_ai.completion.0.tool_calls.0.arguments": "{\"order\":7}",
        "gen_ai.usage.prompt_tokens": 10,
        "gen_ai.usage.completion_tokens": 4,
        "llm.usage.total_tokens": 15,
    })));
}

#[test]
fn genai_tools_and_agents() {
    assert_json_snapshot!([
        mapped(json!({
            "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look_up",
            "gen_ai.tool.call.arguments": "{\"order\":7}", "gen_ai.tool.call.result": "shipped",
        })),
        mapped(json!({"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "support"})),
        mapped(json!({"traceloop.span.kind": "workflow", "traceloop.entity.input": "{\"a\":1}"})),
    ]);
}

#[test]
fn genai_messages_as_events() {
    let event = |name: &str, given: Value| json!({"timeUnixNano": "1", "name": name, "attributes": attributes(given)});
    let row = row(json!({
        "attributes": {"gen_ai.operation.name": "chat"},
        "events": [
            event("gen_ai.system.message", json!({"content": "Be kind.", "gen_ai.system": "openai"})),
            event("gen_ai.user.message", json!({"content": "Hi"})),
            event("gen_ai.choice", json!({"index": 0, "message": "{\"content\":\"Hello\"}"})),
        ],
    }));
    assert_json_snapshot!(json!({"input": row["input"], "output": row["output"], "events": row["context"]["events"]}));
}

#[test]
fn openinference_model_calls() {
    assert_json_snapshot!(mapped(json!({
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-x",
        "llm.invocation_parameters": "{\"temperature\":0.1}",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.contents.0.message_content.type": "text",
        "llm.input_messages.0.message.contents.0.message_content.text": "Hi",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "look_up",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": "{\"order\":7}",
        "llm.tools.0.tool.json_schema": "{\"type\":\"function\"}",
        "llm.token_count.prompt": 10,
        "llm.token_count.completion": 4,
        "llm.token_count.prompt_details.cache_read": 6,
        "input.value": "{\"messages\":[]}",
        "input.mime_type": "application/json",
        "metadata": "{\"tenant\":\"eu\"}",
        "tag.tags": ["a", "b"],
        "session.id": "s1",
    })));
}

#[test]
fn openinference_other_kinds() {
    assert_json_snapshot!([
        mapped(json!({
            "openinference.span.kind": "RETRIEVER", "input.value": "shoes",
            "retrieval.documents.0.document.content": "Runs small.", "retrieval.documents.0.document.score": 0.5,
        })),
        mapped(json!({
            "openinference.span.kind": "CHAIN",
            "input.value": "{\"q\":1}", "input.mime_type": "application/json", "output.value": "42",
        })),
        mapped(json!({"openinference.span.kind": "TOOL", "tool.name": "look_up", "tool.parameters": "{\"order\":7}"})),
    ]);
}

#[test]
fn errors_are_told_by_exceptions_and_status() {
    let exception = |message: &str| {
        let given =
            json!({"exception.type": "ValueError", "exception.message": message, "exception.stacktrace": "at line 1"});
        json!([{"name": "exception", "attributes": attributes(given)}])
    };
    let error = |special: Value| row(special)["error"].clone();
    assert_json_snapshot!([
        error(json!({"status": {"code": 2, "message": "no such order"}})),
        error(json!({"status": {"code": 2}})),
        error(json!({"status": {"code": 2, "message": "failed"}, "events": exception("no such order")})),
        error(json!({"events": exception("")})),
        error(json!({"status": {"code": 1}, "events": exception("handled")})),
    ]);
}

#[test]
fn one_wrong_span_costs_itself() {
    let mut wrong = request(json!({}));
    let spans = wrong["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array_mut().expect("spans");
    let good = spans[0].clone();
    spans.push(json!({"traceId": "xyz", "spanId": 7}));
    spans.push(json!({"traceId": "0102", "spanId": "00000000000000aa"}));
    spans.push(json!({"traceId": TRACE, "spanId": "0000000000000000"}));
    spans.push(good);
    let mut rejections = Rejections::default();
    let spans = Encoding::Json.read(wrong.to_string().as_bytes(), &mut rejections).expect("readable");
    for scoped in &spans {
        if let Err(reason) = span::row(scoped, None) {
            rejections.reject(format!("{}: {reason}", scoped.place));
        }
    }
    let answer: Map<_, _> = serde_json::from_slice(&Encoding::Json.answer(&rejections)).expect("JSON");
    assert_json_snapshot!(answer);
}

#[test]
fn what_printers_leave_out_and_later_versions_add_is_read() {
    let mut odd = request(json!({"status": null, "droppedEventsCount": null}));
    let span = &mut odd["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    span["attributes"] = json!([
        {"key": "empty", "value": {"arrayValue": {}}},
        {"key": "none", "value": {"doubleValue": "NaN"}},
        {"key": "nothing"},
        {"key": "later", "value": {"stringValue": "x", "newValue": 1}},
    ]);
    let mut rejections = Rejections::default();
    let spans = Encoding::Json.read(odd.to_string().as_bytes(), &mut rejections).expect("readable");
    assert_eq!(rejections, Rejections::default());
    let row = span::row(&spans[0], None).expect("a row").row;
    assert_eq!(row["metadata"], json!({"empty": [], "none": null, "nothing": null, "later": "x"}));
}

#[test]
fn a_trace_hangs_under_the_span_that_the_parent_names() {
    let above = SpanRef { span_id: "up".into(), root_span_id: "root".into() };
    let text = request(json!({})).to_string();
    let spans = Encoding::Json.read(text.as_bytes(), &mut Rejections::default()).expect("readable");
    let row = span::row(&spans[0], Some(&above)).expect("a row").row;
    assert_eq!((&row["root_span_id"], &row["span_parents"]), (&json!("root"), &json!(["up"])));
}

#[test]
fn bytes_that_are_no_export_are_refused_and_exports_are_bounded() {
    for encoding in [Encoding::Json, Encoding::Protobuf] {
        let error = encoding.read(b"[\xff", &mut Rejections::default()).expect_err("no export");
        assert!(matches!(error, Unreadable::Malformed(_)), "{error}");
    }
    let span = opentelemetry_proto::tonic::trace::v1::Span::default();
    let scope =
        opentelemetry_proto::tonic::trace::v1::ScopeSpans { spans: vec![span; SPANS + 1], ..Default::default() };
    let resource =
        opentelemetry_proto::tonic::trace::v1::ResourceSpans { scope_spans: vec![scope], ..Default::default() };
    let bytes = ExportTraceServiceRequest { resource_spans: vec![resource] }.encode_to_vec();
    assert_eq!(Encoding::Protobuf.read(&bytes, &mut Rejections::default()).expect_err("too many"), Unreadable::TooMany);
}
