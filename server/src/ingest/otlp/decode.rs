//! The two encodings of an export, read into the same spans. In JSON each span is read by itself, so that one that is wrong costs only itself.

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde::Deserialize;
use serde_json::{Value, json};

/// Spans of one export. Exporters send at most 512 by default; the body limit stands behind this one.
pub const SPANS: usize = 20_000;

/// Refusals whose reason is told; the others are counted.
const REASONS: usize = 5;

/// How an export is written, and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

/// A span with what it came under.
#[derive(Debug, Clone, Default)]
pub struct ScopedSpan {
    /// Where in the request, for messages.
    pub place: String,
    /// The process that made it.
    pub resource: Option<Resource>,
    /// The library that made it.
    pub scope: Option<InstrumentationScope>,
    /// The span itself.
    pub span: Span,
}

/// Why an export cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not an export.
    #[error("the body is no ExportTraceServiceRequest: {0}")]
    Malformed(String),
    /// More than [`SPANS`].
    #[error("more than {SPANS} spans in one export; send them in parts")]
    TooMany,
}

/// What was not taken, for the answer's `partialSuccess`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejections {
    rejected: usize,
    reasons: Vec<String>,
    more: usize,
}

impl Encoding {
    /// From a content type; without one the first byte tells: no export in protobuf begins with a brace.
    pub fn of(content_type: Option<&str>, body: &[u8]) -> Self {
        match content_type {
            Some(kind) if kind.contains("json") => Self::Json,
            Some(kind) if kind.contains("protobuf") => Self::Protobuf,
            _ if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') => Self::Json,
            _ => Self::Protobuf,
        }
    }

    /// The content type of the answer.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    /// Reads an export. Spans that cannot be read are told in `rejections`.
    pub fn read(self, body: &[u8], rejections: &mut Rejections) -> Result<Vec<ScopedSpan>, Unreadable> {
        match self {
            Self::Protobuf => read_protobuf(body),
            Self::Json => read_json(body, rejections),
        }
    }

    /// The answer to an export.
    pub fn answer(self, rejections: &Rejections) -> Vec<u8> {
        let partial_success = rejections.told().map(|error_message| ExportTracePartialSuccess {
            rejected_spans: rejections.rejected as i64,
            error_message,
        });
        match self {
            Self::Protobuf => ExportTraceServiceResponse { partial_success }.encode_to_vec(),
            Self::Json => match partial_success {
                Some(ExportTracePartialSuccess { rejected_spans, error_message }) => json!({
                    "partialSuccess": {"rejectedSpans": rejected_spans, "errorMessage": error_message},
                })
                .to_string()
                .into_bytes(),
                None => b"{}".to_vec(),
            },
        }
    }
}

impl Rejections {
    /// A span that is not stored.
    pub fn reject(&mut self, reason: String) {
        self.rejected += 1;
        self.warn(reason);
    }

    /// A part of a span that is left out; the rest of it is stored.
    pub fn warn(&mut self, reason: String) {
        if self.reasons.len() < REASONS {
            self.reasons.push(reason);
        } else {
            self.more += 1;
        }
    }

    /// How many spans are not stored.
    pub fn rejected(&self) -> usize {
        self.rejected
    }

    /// The reasons in one text.
    pub fn told(&self) -> Option<String> {
        let mut text = self.reasons.join("; ");
        if self.more > 0 {
            text.push_str(&format!("; and {} more", self.more));
        }
        (!text.is_empty()).then_some(text)
    }
}

fn place(resource: usize, scope: usize, span: usize) -> String {
    format!("resourceSpans[{resource}].scopeSpans[{scope}].spans[{span}]")
}

fn read_protobuf(body: &[u8]) -> Result<Vec<ScopedSpan>, Unreadable> {
    let request = ExportTraceServiceRequest::decode(body).map_err(|error| Unreadable::Malformed(error.to_string()))?;
    let mut all = Vec::new();
    for (r, of_resource) in request.resource_spans.into_iter().enumerate() {
        for (s, of_scope) in of_resource.scope_spans.into_iter().enumerate() {
            for (i, span) in of_scope.spans.into_iter().enumerate() {
                if all.len() >= SPANS {
                    return Err(Unreadable::TooMany);
                }
                let (resource, scope) = (of_resource.resource.clone(), of_scope.scope.clone());
                all.push(ScopedSpan { place: place(r, s, i), resource, scope, span });
            }
        }
    }
    Ok(all)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct JsonRequest {
    #[serde(alias = "resource_spans")]
    resource_spans: Vec<JsonResource>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct JsonResource {
    resource: Value,
    #[serde(alias = "scope_spans")]
    scope_spans: Vec<JsonScope>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JsonScope {
    scope: Value,
    spans: Vec<Value>,
}

fn read_json(body: &[u8], rejections: &mut Rejections) -> Result<Vec<ScopedSpan>, Unreadable> {
    let request: JsonRequest =
        serde_json::from_slice(body).map_err(|error| Unreadable::Malformed(error.to_string()))?;
    let mut all = Vec::new();
    let mut count = 0;
    for (r, of_resource) in request.resource_spans.into_iter().enumerate() {
        let resource = message::<Resource>(of_resource.resource).ok();
        for (s, of_scope) in of_resource.scope_spans.into_iter().enumerate() {
            let scope = message::<InstrumentationScope>(of_scope.scope).ok();
            for (i, span) in of_scope.spans.into_iter().enumerate() {
                count += 1;
                if count > SPANS {
                    return Err(Unreadable::TooMany);
                }
                let place = place(r, s, i);
                match message::<Span>(span) {
                    Ok(span) => all.push(ScopedSpan { place, resource: resource.clone(), scope: scope.clone(), span }),
                    Err(error) => rejections.reject(format!("{place}: {error}")),
                }
            }
        }
    }
    Ok(all)
}

/// One message, after mending what printers of protobuf write and the generated reader does not expect.
fn message<T: for<'de> Deserialize<'de>>(mut value: Value) -> Result<T, serde_json::Error> {
    mend(&mut value);
    serde_json::from_value(value)
}

/// Empty lists are left out by printers, numbers that are none are texts, and a later version of the protocol may add to a value.
/// Recursion is bounded by the parser, which stops at 128 levels.
fn mend(value: &mut Value) {
    const VALUES: [&str; 7] =
        ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"];
    match value {
        Value::Array(items) => items.iter_mut().for_each(mend),
        Value::Object(map) => {
            // Fields that are null have their default.
            map.retain(|_, field| !field.is_null());
            if map.keys().any(|key| VALUES.contains(&key.as_str())) {
                map.retain(|key, _| VALUES.contains(&key.as_str()));
            }
            for (key, field) in map.iter_mut() {
                match (key.as_str(), &mut *field) {
                    ("arrayValue" | "kvlistValue", Value::Object(list)) => {
                        list.entry("values").or_insert_with(|| json!([]));
                    }
                    ("doubleValue", Value::String(text)) => {
                        *field = text
                            .parse::<f64>()
                            .ok()
                            .filter(|number| number.is_finite())
                            .map_or(Value::Null, Value::from);
                    }
                    _ => {}
                }
                mend(field);
            }
        }
        _ => {}
    }
}
