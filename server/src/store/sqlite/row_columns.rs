//! The table `row`: from a row to its columns and back.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::moment::Moment;
use concord_shared::review::state::{ReviewState, ReviewStatus};
use concord_shared::row::{Row, Spans};
use rusqlite::{Connection, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::bulk;
use super::reviews::object_type_number;
use crate::domain::line::billionths_of_dollars;
use crate::domain::logged_row::LoggedRow;
use crate::domain::measure::{Derived, RowScore};
use crate::domain::search::terms::Terms;
use crate::domain::store::StoreError;

/// A row with everything that is derived from it, ready to be written.
pub(super) struct Record<'a> {
    pub(super) pk: i64,
    pub(super) scores: Vec<RowScore>,
    pub(super) labels: BTreeSet<String>,
    pub(super) id: &'a str,
    logged: Cow<'a, LoggedRow>,
    created: Moment,
    deleted: bool,
    xact: XactId,
    overlay: Option<String>,
    status: ReviewStatus,
    counted: Option<String>,
    span_parents: Option<String>,
}

impl<'a> Record<'a> {
    pub(super) fn new(
        pk: i64,
        id: &'a str,
        logged: Cow<'a, LoggedRow>,
        (created, deleted, xact): (Moment, bool, XactId),
        derived: Derived,
    ) -> Result<Self, StoreError> {
        let counted = counted_text(&derived);
        let Derived { overlay, scores, labels, .. } = derived;
        Ok(Self {
            pk,
            scores,
            labels,
            id,
            created,
            deleted,
            xact,
            status: overlay.as_ref().map_or(ReviewStatus::None, |overlay| overlay.status),
            overlay: overlay.map(|overlay| to_json(&overlay)).transpose()?,
            counted,
            span_parents: (!logged.is_root()).then(|| bulk::json_list(&logged.spans.span_parents)),
            logged,
        })
    }

    /// What full text knows of it, with what it knows of its comments.
    pub(super) fn terms(&self, comments: Option<Terms>) -> Arc<Terms> {
        let logged = &self.logged.terms;
        match comments {
            Some(comments) => {
                let mut all = Terms::clone(logged);
                all.extend(&comments);
                Arc::new(all)
            }
            None => Arc::clone(logged),
        }
    }
}

/// The `counted` column: absent when a row adds what its line says.
pub(super) fn counted_text(derived: &Derived) -> Option<String> {
    (!derived.as_logged).then(|| derived.counted.to_text())
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt { what: "row", detail: error.to_string() })
}

/// Reads a JSON column.
pub(super) fn json<T: DeserializeOwned>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what: column, detail: error.to_string() })
}

/// Reads a JSON column that may be absent.
pub(super) fn optional_json<T: DeserializeOwned>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    match row.try_get::<Option<&str>, _>(column)? {
        Some(_) => json(row, column).map(Some),
        None => Ok(None),
    }
}

/// Reads the `state` of a review.
pub(super) fn review_state(row: &SqliteRow) -> Result<ReviewState, StoreError> {
    json(row, "state")
}

/// Reads the place in the trace.
pub(super) fn spans(row: &SqliteRow) -> Result<Spans, StoreError> {
    Ok(Spans {
        span_id: row.try_get("span_id")?,
        root_span_id: row.try_get("root_span_id")?,
        span_parents: optional_json(row, "span_parents")?.unwrap_or_default(),
    })
}

/// Reads a whole row.
pub(super) fn read_row(row: &SqliteRow) -> Result<Row, StoreError> {
    Ok(Row {
        id: row.try_get("id")?,
        spans: spans(row)?,
        created: Moment(row.try_get("created_at")?),
        logged: json(row, "logged")?,
        deleted: row.try_get("deleted")?,
    })
}

/// Writes new rows. An error ends the transaction of the batch, so it may leave some of them.
pub(super) fn insert(conn: &Connection, object: ObjectRef, records: &[Record<'_>]) -> Result<(), StoreError> {
    // `or fail`: a clash cannot happen, the rows were looked for; without it SQLite keeps a copy of every page to undo one statement.
    let mut insert = conn.prepare_cached(
        "insert or fail into row (pk, object_type, object_id, id, span_id, root_span_id, span_parents, is_root, created_at, \
         xact, name, kind, model, duration, tokens, cost, has_error, status, deleted, line, overlay, counted, logged) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    for record in records {
        let Record { pk, id, created, deleted, xact, overlay, status, counted, span_parents, .. } = record;
        let LoggedRow { spans, line, line_text, logged, .. } = &*record.logged;
        insert.execute(params![
            pk,
            object_type,
            object_id,
            id,
            spans.span_id,
            spans.root_span_id,
            span_parents,
            record.logged.is_root(),
            created.0,
            xact.0,
            line.name,
            line.kind,
            line.model,
            line.duration,
            line.tokens,
            line.cost.map(billionths_of_dollars),
            line.error.is_some(),
            status.as_str(),
            deleted,
            line_text,
            overlay,
            counted,
            logged,
        ])?;
    }
    Ok(())
}

/// Writes a row over the stored one.
pub(super) fn update(conn: &Connection, record: &Record<'_>) -> Result<(), StoreError> {
    let Record { pk, created, deleted, xact, overlay, status, counted, span_parents, .. } = record;
    let LoggedRow { spans, line, line_text, logged, .. } = &*record.logged;
    conn.prepare_cached(
        "update row set span_id = ?2, root_span_id = ?3, span_parents = ?4, is_root = ?5, created_at = ?6, xact = ?7, name = ?8, \
         kind = ?9, model = ?10, duration = ?11, tokens = ?12, cost = ?13, has_error = ?14, status = ?15, deleted = ?16, \
         line = ?17, overlay = ?18, counted = ?19, logged = ?20 where pk = ?1",
    )?
    .execute(params![
        pk,
        spans.span_id,
        spans.root_span_id,
        span_parents,
        record.logged.is_root(),
        created.0,
        xact.0,
        line.name,
        line.kind,
        line.model,
        line.duration,
        line.tokens,
        line.cost.map(billionths_of_dollars),
        line.error.is_some(),
        status.as_str(),
        deleted,
        line_text,
        overlay,
        counted,
        logged,
    ])?;
    Ok(())
}
