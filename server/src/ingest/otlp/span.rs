//! One span as the fields of a row.

use concord_shared::moment::Moment;
use opentelemetry_proto::tonic::trace::v1::span::{Event, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::{Map, Value, json};

use super::attributes::{Attributes, unpack_structure};
use super::decode::ScopedSpan;
use super::draft::Draft;
use super::genai::SpanEvent;
use super::parent::{SpanRef, hex};
use super::{braintrust, genai, openinference};

/// Events and links of one span that are kept; libraries keep to 128.
const LISTED: usize = 1024;

/// A span as a row, without its container.
#[derive(Debug)]
pub struct SpanRow {
    /// The row as `/logs3` would take it.
    pub row: Map<String, Value>,
    /// What was left out.
    pub left_out: Vec<String>,
}

/// The parent that a span names itself.
pub fn own_parent(scoped: &ScopedSpan) -> Option<String> {
    let pair = scoped.span.attributes.iter().rev().find(|pair| pair.key == "braintrust.parent")?;
    match super::attributes::json(pair.value.as_ref()) {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Makes the row of a span. `above` is the span of another system under which the trace hangs. Refused is what has no identity.
pub fn row(scoped: &ScopedSpan, above: Option<&SpanRef>) -> Result<SpanRow, String> {
    let span = &scoped.span;
    let trace_id = id("traceId", &span.trace_id, 16)?;
    let span_id = id("spanId", &span.span_id, 8)?;
    let parent = match span.parent_span_id.iter().all(|byte| *byte == 0) {
        true => None,
        false => Some(id("parentSpanId", &span.parent_span_id, 8)?),
    };
    let mut left_out = Vec::new();
    let mut read = |what: &str, pairs: &[_]| {
        let (attributes, all) = Attributes::read(pairs);
        if !all {
            left_out.push(format!(
                "{what}: has more than {} attributes; the rest was left out",
                super::attributes::ATTRIBUTES
            ));
        }
        attributes
    };
    let mut attributes = read("attributes", &span.attributes);
    let resource = scoped.resource.as_ref().map(|resource| read("resource.attributes", &resource.attributes));
    let (mut events, exceptions) = events(&span.events);
    let mut draft = Draft::default();
    braintrust::read(&mut attributes, &mut draft);
    openinference::read(&mut attributes, &mut draft);
    genai::read(&mut attributes, &mut events, &mut draft);
    for (key, value) in attributes.rest() {
        draft.metadata.entry(key).or_insert(value);
    }
    draft.span_attributes.insert("name".into(), span.name.as_str().into());
    draft.error = draft.error.take().or_else(|| error(span.status.as_ref(), &exceptions));
    times(&mut draft.metrics, span.start_time_unix_nano, span.end_time_unix_nano);
    total_tokens(&mut draft.metrics);
    context(&mut draft.context, scoped, resource, events);

    let mut row = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            row.insert(key.to_owned(), value);
        }
    };
    let object = |map: Map<String, Value>| (!map.is_empty()).then_some(Value::Object(map));
    put("id", Some(span_id.as_str().into()));
    put("span_id", Some(span_id.into()));
    put("root_span_id", Some(above.map_or(trace_id, |above| above.root_span_id.clone()).into()));
    put("span_parents", parent.or_else(|| above.map(|above| above.span_id.clone())).map(|parent| json!([parent])));
    put("created", moment(span.start_time_unix_nano).map(|moment| json!(moment)));
    put("input", draft.input);
    put("output", draft.output);
    put("expected", draft.expected);
    put("error", draft.error);
    put("tags", draft.tags);
    put("scores", object(draft.scores));
    put("metadata", object(draft.metadata));
    put("metrics", object(draft.metrics));
    put("context", object(draft.context));
    put("span_attributes", object(draft.span_attributes));
    Ok(SpanRow { row, left_out })
}

fn id(field: &str, bytes: &[u8], length: usize) -> Result<String, String> {
    if bytes.len() != length {
        return Err(format!("{field}: has {} bytes; {length} are right", bytes.len()));
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(format!("{field}: is all zeros, which is no id"));
    }
    Ok(hex(bytes))
}

/// Events with their attributes, exceptions apart: they are told as the row's error.
fn events(events: &[Event]) -> (Vec<SpanEvent>, Vec<Attributes>) {
    let (mut others, mut exceptions) = (Vec::new(), Vec::new());
    for event in events.iter().take(LISTED) {
        let (attributes, _) = Attributes::read(&event.attributes);
        if event.name == "exception" {
            exceptions.push(attributes);
            continue;
        }
        others.push(SpanEvent { name: event.name.clone(), at: moment(event.time_unix_nano), attributes });
    }
    (others, exceptions)
}

/// The error: the last exception with its trace, else what the status says. A status of "ok" is the last word.
fn error(status: Option<&opentelemetry_proto::tonic::trace::v1::Status>, exceptions: &[Attributes]) -> Option<Value> {
    let code = status.map_or(StatusCode::Unset, |status| status.code());
    let said = status.map(|status| status.message.as_str()).filter(|message| !message.is_empty());
    if code == StatusCode::Ok {
        return None;
    }
    let text = |attributes: &Attributes, key: &str| attributes.get(key).and_then(Value::as_str).map(str::to_owned);
    let Some(exception) = exceptions.last() else {
        return (code == StatusCode::Error).then(|| said.unwrap_or("the span ended with an error").into());
    };
    let head = match (text(exception, "exception.type"), text(exception, "exception.message")) {
        (Some(kind), Some(message)) if !message.is_empty() => format!("{kind}: {message}"),
        (kind, message) => message
            .filter(|message| !message.is_empty())
            .or(kind)
            .unwrap_or_else(|| said.unwrap_or("an exception").to_owned()),
    };
    Some(match text(exception, "exception.stacktrace").filter(|trace| !trace.is_empty()) {
        Some(trace) => format!("{head}\n\n{trace}").into(),
        None => head.into(),
    })
}

/// Nanoseconds since 1970 as a moment; 0 says nothing.
fn moment(nanos: u64) -> Option<Moment> {
    (nanos > 0).then(|| Moment(i64::try_from(nanos / 1000).unwrap_or(i64::MAX)))
}

fn times(metrics: &mut Map<String, Value>, start: u64, end: u64) {
    for (key, nanos) in [("start", start), ("end", end)] {
        if let Some(moment) = moment(nanos) {
            metrics.entry(key).or_insert_with(|| json!(moment.0 as f64 / 1e6));
        }
    }
}

fn total_tokens(metrics: &mut Map<String, Value>) {
    let count = |key: &str| metrics.get(key).and_then(Value::as_i64);
    if let (None, Some(prompt), Some(completion)) =
        (metrics.get("tokens"), count("prompt_tokens"), count("completion_tokens"))
    {
        metrics.insert("tokens".into(), json!(prompt.saturating_add(completion)));
    }
}

/// Where a span comes from, and what else it says.
fn context(
    context: &mut Map<String, Value>,
    scoped: &ScopedSpan,
    resource: Option<Attributes>,
    events: Vec<SpanEvent>,
) {
    let span = &scoped.span;
    let mut put = |key: &str, value: Value| {
        context.entry(key).or_insert(value);
    };
    if let Some(resource) = resource.map(Attributes::rest).filter(|resource| !resource.is_empty()) {
        put("resource", Value::Object(resource));
    }
    if let Some(scope) = scoped.scope.as_ref().filter(|scope| !scope.name.is_empty()) {
        let version = (!scope.version.is_empty()).then_some(&scope.version);
        put("scope", json!({"name": scope.name, "version": version}));
    }
    match span.kind() {
        SpanKind::Unspecified | SpanKind::Internal => {}
        kind => put("span_kind", kind.as_str_name().trim_start_matches("SPAN_KIND_").to_lowercase().into()),
    }
    if !events.is_empty() {
        let told = events.into_iter().map(|event| {
            let attributes: Map<_, _> =
                event.attributes.rest().into_iter().map(|(key, value)| (key, unpack_structure(value))).collect();
            json!({"name": event.name, "time": event.at, "attributes": attributes})
        });
        put("events", told.collect());
    }
    if !span.links.is_empty() {
        let links = span.links.iter().take(LISTED);
        let told = links.map(|link| json!({"root_span_id": hex(&link.trace_id), "span_id": hex(&link.span_id)}));
        put("links", told.collect());
    }
}
