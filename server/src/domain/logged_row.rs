//! A logged row in the form in which it is stored. Made where a request is read, so that the one thread that writes need not.

use std::sync::Arc;

use concord_shared::row::{Mode, Row, RowWrite, Spans, merge};
use serde_json::{Map, Value};

use super::line::LoggedLine;
use super::measure::{self, Derived};
use super::search::terms::Terms;

/// What is stored of a row apart from its identity, its times and its review.
#[derive(Debug, Clone)]
pub struct LoggedRow {
    /// Place in the trace.
    pub spans: Spans,
    /// What lists show.
    pub line: LoggedLine,
    /// The line as JSON.
    pub line_text: String,
    /// Everything logged, as JSON.
    pub logged: String,
    /// What follows from the row alone, as long as it has no review and is not deleted.
    pub alone: Derived,
    /// What full text knows of what was logged.
    pub terms: Arc<Terms>,
}

impl LoggedRow {
    /// What a write makes of its row whatever is stored; `None` when that depends on what is stored.
    pub fn of_write(write: &RowWrite) -> Option<Self> {
        let stands_alone = write.mode == Mode::Replace && write.parent_id.is_none();
        stands_alone.then(|| Self::new(merge::place(write, None), &write.fields))
    }

    /// Of a row that was put together.
    pub fn of(row: &Row) -> Self {
        Self::new(row.spans.clone(), &row.logged)
    }

    fn new(spans: Spans, logged: &Map<String, Value>) -> Self {
        let line = LoggedLine::of_fields(logged);
        let text = |written: serde_json::Result<String>| written.expect("JSON values are written as JSON");
        Self {
            alone: measure::derive(&line, spans.span_parents.is_empty(), false, None, &[]),
            line_text: text(serde_json::to_string(&line)),
            logged: text(serde_json::to_string(logged)),
            terms: Arc::new(Terms::of_logged(logged)),
            line,
            spans,
        }
    }

    /// Whether it is the root of its trace (rule M12).
    pub fn is_root(&self) -> bool {
        self.spans.span_parents.is_empty()
    }
}
