//! The table `trace`: sums over the spans of a trace, moved by differences.

use std::collections::BTreeMap;

use concord_shared::ids::{ObjectRef, XactId};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _};

use super::bulk;
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
    pub(super) fn stored(row: &SqliteRow) -> Result<Self, StoreError> {
        if row.try_get("deleted")? {
            return Ok(Self::default());
        }
        let call = row.try_get::<Option<&str>, _>("kind")? == Some("llm");
        let number = |column: &str| -> Result<i64, StoreError> {
            Ok(if call { row.try_get::<Option<i64>, _>(column)?.unwrap_or(0) } else { 0 })
        };
        Ok(Self {
            spans: 1,
            errors: row.try_get("has_error")?,
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
    pub(super) async fn store(self, conn: &mut SqliteConnection, object: ObjectRef) -> Result<(), StoreError> {
        const START: &str =
            "insert into trace (object_type, object_id, root_span_id, xact, spans, errors, tokens, cost, model)";
        const END: &str = "on conflict do update set xact = max(xact, excluded.xact), spans = spans + excluded.spans, \
             errors = errors + excluded.errors, tokens = tokens + excluded.tokens, cost = cost + excluded.cost, \
             model = coalesce(excluded.model, model)";
        let traces: Vec<_> = self.0.into_iter().collect();
        for chunk in bulk::chunks(&traces) {
            // Safe: placeholders only.
            let mut query = sqlx::query(AssertSqlSafe(bulk::values(START, 9, chunk.len(), END)));
            for (root_span_id, (sums, xact)) in chunk {
                query = query
                    .bind(object_type_number(object.object_type))
                    .bind(object.object_id.as_bytes().as_slice())
                    .bind(root_span_id.as_str())
                    .bind(xact.0)
                    .bind(sums.spans)
                    .bind(sums.errors)
                    .bind(sums.tokens)
                    .bind(sums.cost)
                    .bind(sums.model.as_deref());
            }
            query.execute(&mut *conn).await?;
        }
        Ok(())
    }
}
