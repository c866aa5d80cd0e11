//! OTLP: traces of OpenTelemetry as rows. Bytes become spans ([`decode`]), a span becomes the fields of a row ([`span`]), and from
//! there on it is a row like any other. A span's row is named by its span id, so that an export that is sent twice is one row (R8).

pub mod attributes;
mod braintrust;
pub mod decode;
mod draft;
mod genai;
mod openinference;
pub mod parent;
pub mod span;
#[cfg(test)]
mod tests;
mod tree;
