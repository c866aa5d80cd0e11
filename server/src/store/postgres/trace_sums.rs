//! The table `trace`: sums over the spans of a trace, moved by differences.

use std::collections::BTreeMap;

use concord_shared::ids::{ObjectRef, XactId};
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

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
    pub(super) fn stored(row: &PgRow) -> Result<Self, StoreError> {
        if row.try_get("deleted")? {
            return Ok(Self::default());
        }
        let call = row.try_get::<Option<&str>, _>("kind")? == Some("llm");
        let number = |column: &str| -> Result<i64, StoreError> {
            Ok(if call { row.try_get::<Option<i64>, _>(column)?.unwrap_or(0) } else { 0 })
        };
        Ok(Self {
            spans: 1,
            errors: i64::from(row.try_get::<bool, _>("has_error")?),
            tokens: number("tokens")?,
            cost: number("cost")?,
            model: None,
        })
    }
}

/// Differences of a batch, by trace.
#[derive(Default)]
pub(super) struct Traces(BTreeMap<(ObjectRef, String), (TraceSums, XactId)>);

impl Traces {
    pub(super) fn add(&mut self, trace: (ObjectRef, &str), sums: &TraceSums, xact: XactId) {
        self.shift(trace, sums, xact, 1);
    }

    pub(super) fn take(&mut self, trace: (ObjectRef, &str), sums: &TraceSums, xact: XactId) {
        self.shift(trace, sums, xact, -1);
    }

    fn shift(&mut self, (object, root_span_id): (ObjectRef, &str), sums: &TraceSums, xact: XactId, sign: i64) {
        let trace = self.0.entry((object, root_span_id.to_owned()));
        let (total, last) = trace.or_insert_with(|| (TraceSums::default(), xact));
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
    pub(super) async fn store(self, conn: &mut PgConnection) -> Result<(), StoreError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let sums = || self.0.values().map(|(sums, _)| sums);
        sqlx::query(
            "insert into trace as t (object_type, object_id, root_span_id, xact, spans, errors, tokens, cost, model) \
             select * from unnest($1::smallint[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], \
             $7::bigint[], $8::bigint[], $9::text[]) \
             on conflict (object_type, object_id, root_span_id) do update set xact = greatest(t.xact, excluded.xact), \
             spans = t.spans + excluded.spans, errors = t.errors + excluded.errors, tokens = t.tokens + excluded.tokens, \
             cost = t.cost + excluded.cost, model = coalesce(excluded.model, t.model)",
        )
        .bind(self.0.keys().map(|(object, _)| object_type_number(object.object_type)).collect::<Vec<_>>())
        .bind(self.0.keys().map(|(object, _)| object.object_id).collect::<Vec<_>>())
        .bind(self.0.keys().map(|(_, root)| &root[..]).collect::<Vec<_>>())
        .bind(self.0.values().map(|(_, xact)| xact.0).collect::<Vec<_>>())
        .bind(sums().map(|sums| sums.spans).collect::<Vec<_>>())
        .bind(sums().map(|sums| sums.errors).collect::<Vec<_>>())
        .bind(sums().map(|sums| sums.tokens).collect::<Vec<_>>())
        .bind(sums().map(|sums| sums.cost).collect::<Vec<_>>())
        .bind(sums().map(|sums| sums.model.as_deref()).collect::<Vec<_>>())
        .execute(conn)
        .await?;
        Ok(())
    }
}
