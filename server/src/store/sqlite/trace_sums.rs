//! The table `trace`: sums over the spans of a trace, moved by differences.

use std::collections::BTreeMap;

use concord_shared::ids::{ObjectRef, XactId};
use rusqlite::{Connection, params};

use super::reviews::object_type_number;
use crate::domain::line::{LoggedLine, billionths_of_dollars};
use crate::domain::store::StoreError;

/// What one row adds to its trace.
#[derive(Debug, Clone, Default)]
pub(super) struct TraceSums {
    spans: i64,
    errors: i64,
    tokens: i64,
    cost: i64,
    model: Option<String>,
}

impl TraceSums {
    /// Of a row as it will be. Only model calls add tokens and cost: spans around them often repeat the sums of what is inside.
    pub(super) fn of(line: &LoggedLine, deleted: bool) -> Self {
        if deleted {
            return Self::default();
        }
        let call = line.kind.as_deref() == Some("llm");
        Self {
            spans: 1,
            errors: i64::from(line.error.is_some()),
            tokens: line.tokens.filter(|_| call).unwrap_or(0),
            cost: line.cost.filter(|_| call).map_or(0, billionths_of_dollars),
            model: line.model.clone().filter(|_| call),
        }
    }

    /// Of a row as it is stored.
    pub(super) fn stored(row: &rusqlite::Row<'_>) -> Result<Self, StoreError> {
        if row.get("deleted")? {
            return Ok(Self::default());
        }
        let call = row.get_ref("kind")?.as_str_or_null().is_ok_and(|kind| kind == Some("llm"));
        let number = |column: &str| -> Result<i64, StoreError> {
            Ok(if call { row.get::<_, Option<i64>>(column)?.unwrap_or(0) } else { 0 })
        };
        Ok(Self {
            spans: 1,
            errors: row.get("has_error")?,
            tokens: number("tokens")?,
            cost: number("cost")?,
            model: None,
        })
    }
}

/// Differences of a batch, by trace.
#[derive(Default)]
pub(super) struct Traces(BTreeMap<String, (TraceSums, XactId)>);

impl Traces {
    pub(super) fn add(&mut self, root_span_id: &str, sums: &TraceSums, xact: XactId) {
        self.shift(root_span_id, sums, xact, 1);
    }

    pub(super) fn take(&mut self, root_span_id: &str, sums: &TraceSums, xact: XactId) {
        self.shift(root_span_id, sums, xact, -1);
    }

    fn shift(&mut self, root_span_id: &str, sums: &TraceSums, xact: XactId, sign: i64) {
        if !self.0.contains_key(root_span_id) {
            self.0.insert(root_span_id.to_owned(), (TraceSums::default(), xact));
        }
        let Some((total, last)) = self.0.get_mut(root_span_id) else { return };
        total.spans += sign * sums.spans;
        total.errors += sign * sums.errors;
        total.tokens += sign * sums.tokens;
        total.cost += sign * sums.cost;
        if sums.model.is_some() {
            total.model.clone_from(&sums.model);
        }
        *last = (*last).max(xact);
    }

    /// Adds the differences to what is stored.
    pub(super) fn store(self, conn: &Connection, object: ObjectRef) -> Result<(), StoreError> {
        let mut add = conn.prepare_cached(
            "insert into trace (object_type, object_id, root_span_id, xact, spans, errors, tokens, cost, model) \
             values (?, ?, ?, ?, ?, ?, ?, ?, ?) \
             on conflict do update set xact = max(xact, excluded.xact), spans = spans + excluded.spans, \
             errors = errors + excluded.errors, tokens = tokens + excluded.tokens, cost = cost + excluded.cost, \
             model = coalesce(excluded.model, model)",
        )?;
        let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
        for (root_span_id, (sums, xact)) in self.0 {
            let TraceSums { spans, errors, tokens, cost, model } = sums;
            add.execute(params![object_type, object_id, root_span_id, xact.0, spans, errors, tokens, cost, model])?;
        }
        Ok(())
    }
}
