//! The access log: a line of JSON for every answered request, appended to a file that the operator names.
//!
//! Lines say the route and never the path, since paths may hold secrets (invitations, signed files). Each line is written whole
//! by one call before the answer's body is sent, so that whoever has an answer finds its line.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use concord_shared::moment::Moment;
use serde::Serialize;

/// Longest name of a client that is written, in characters.
const AGENT_CHARS: usize = 200;

/// Where lines go; nowhere unless a file was named.
#[derive(Clone, Default)]
pub struct AccessLog(Option<Arc<File>>);

/// One answered request.
#[derive(Serialize)]
pub struct Line<'a> {
    /// When the answer was ready, RFC 3339.
    pub at: Moment,
    /// Id that the answer carries as `x-request-id`.
    pub request: Option<&'a str>,
    /// HTTP method.
    pub method: &'a str,
    /// The route, such as `/v1/experiment/{id}/fetch`; absent: the web app, or nothing.
    pub route: Option<&'a str>,
    /// HTTP status.
    pub status: u16,
    /// From the first line of the request to the answer's head, in milliseconds.
    pub took: f64,
    /// What the client calls itself.
    pub agent: Option<String>,
}

/// What a client calls itself, cut to what a line should hold.
pub fn agent(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().take(AGENT_CHARS).collect()
}

impl AccessLog {
    /// Opens the file for appending; `Err` is a line for the operator.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else { return Ok(Self::default()) };
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|error| format!("--access-log: cannot write {}: {error}", path.display()))?;
        Ok(Self(Some(Arc::new(file))))
    }

    /// Whether anybody wants lines.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Appends a line. A disk that is full costs lines, not requests; the log of the process says so.
    pub fn write(&self, line: &Line<'_>) {
        let Some(file) = &self.0 else { return };
        // A line of texts and numbers always has a JSON form.
        let mut bytes = serde_json::to_vec(line).unwrap_or_default();
        bytes.push(b'\n');
        if let Err(error) = (&**file).write_all(&bytes) {
            tracing::warn!("a line of the access log was not written: {error}");
        }
    }
}
