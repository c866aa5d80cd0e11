//! The table `row`: from a row to its columns and back.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::metric::Counters;
use concord_shared::moment::Moment;
use concord_shared::review::state::{ReviewState, ReviewStatus};
use concord_shared::row::{Row, Spans};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use super::reviews::object_type_number;
use super::rows::Key;
use super::trace_sums::TraceSums;
use crate::domain::line::{LoggedLine, billionths_of_dollars};
use crate::domain::measure::{self, Derived, RowScore};
use crate::domain::search::terms::Terms;
use crate::domain::store::StoreError;

/// What has to be known of a stored row to write over it or to derive it anew.
pub(super) struct Stored {
    pub(super) pk: i64,
    pub(super) xact: XactId,
    pub(super) spans: Spans,
    pub(super) is_root: bool,
    pub(super) deleted: bool,
    pub(super) line: LoggedLine,
    /// What it has added to the counters.
    pub(super) counted: Counters,
    /// What it has added to its trace.
    pub(super) sums: TraceSums,
}

/// A row with everything that is derived from it, ready to be written.
pub(super) struct Record {
    pub(super) pk: i64,
    pub(super) object: ObjectRef,
    pub(super) scores: Vec<RowScore>,
    pub(super) labels: BTreeSet<String>,
    /// Terms of what was logged, and of its comments.
    pub(super) texts: (Terms, Terms),
    row: Row,
    xact: XactId,
    line: LoggedLine,
    line_text: String,
    overlay: Option<String>,
    status: ReviewStatus,
    counted: Option<String>,
    logged: String,
    span_parents: Option<String>,
}

/// What is derived anew of a row that nobody wrote.
pub(super) struct Settled {
    pub(super) pk: i64,
    pub(super) object: ObjectRef,
    pub(super) scores: Vec<RowScore>,
    pub(super) labels: BTreeSet<String>,
    /// Terms of its comments, if it has any.
    pub(super) comments: Option<Terms>,
    xact: XactId,
    status: ReviewStatus,
    overlay: Option<String>,
    counted: Option<String>,
}

impl Stored {
    /// Reads the columns that it needs.
    pub(super) fn read(row: &PgRow) -> Result<Self, StoreError> {
        let line: LoggedLine = json(row, "line")?;
        let (is_root, deleted) = (row.try_get("is_root")?, row.try_get("deleted")?);
        let counted = match row.try_get::<Option<&str>, _>("counted")? {
            Some(text) => Counters::from_text(text).ok_or_else(|| StoreError::Corrupt {
                what: "counters of a row",
                detail: text.chars().take(64).collect(),
            })?,
            // Most rows add what their line says, which is not spelt out.
            None => measure::derive(&line, is_root, deleted, None, &[]).counted,
        };
        Ok(Self {
            pk: row.try_get("pk")?,
            xact: XactId(row.try_get("xact")?),
            spans: spans(row)?,
            is_root,
            deleted,
            line,
            counted,
            sums: TraceSums::stored(row)?,
        })
    }
}

impl Record {
    pub(super) fn new(
        pk: i64,
        object: ObjectRef,
        row: Row,
        xact: XactId,
        line: LoggedLine,
        (review, derived): (Option<&ReviewState>, Derived),
    ) -> Result<Self, StoreError> {
        let counted = counted_text(&derived);
        let Derived { overlay, scores, labels, .. } = derived;
        Ok(Self {
            pk,
            object,
            scores,
            labels,
            texts: (Terms::of_logged(&row.logged), review.map(Terms::of_comments).unwrap_or_default()),
            xact,
            line_text: to_json(&line)?,
            status: overlay.as_ref().map_or(ReviewStatus::None, |overlay| overlay.status),
            overlay: overlay.map(|overlay| to_json(&overlay)).transpose()?,
            counted,
            logged: to_json(&row.logged)?,
            span_parents: if row.is_root() { None } else { Some(to_json(&row.spans.span_parents)?) },
            row,
            line,
        })
    }
}

impl Settled {
    pub(super) fn new(
        object: ObjectRef,
        stored: &Stored,
        xact: XactId,
        review: Option<&ReviewState>,
        derived: Derived,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            pk: stored.pk,
            object,
            xact,
            status: review.map_or(ReviewStatus::None, |state| state.status.value),
            overlay: derived.overlay.as_ref().map(to_json).transpose()?,
            counted: counted_text(&derived),
            scores: derived.scores,
            labels: derived.labels,
            comments: review.filter(|review| !review.comments.is_empty()).map(Terms::of_comments),
        })
    }
}

/// The `counted` column: absent when a row adds what its line says.
fn counted_text(derived: &Derived) -> Option<String> {
    (!derived.as_logged).then(|| derived.counted.to_text())
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt { what: "row", detail: error.to_string() })
}

/// Reads a JSON column.
pub(super) fn json<T: DeserializeOwned>(row: &PgRow, column: &'static str) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what: column, detail: error.to_string() })
}

/// Reads a JSON column that may be absent.
pub(super) fn optional_json<T: DeserializeOwned>(row: &PgRow, column: &'static str) -> Result<Option<T>, StoreError> {
    match row.try_get::<Option<&str>, _>(column)? {
        Some(_) => json(row, column).map(Some),
        None => Ok(None),
    }
}

/// Reads the `state` of a review.
pub(super) fn review_state(row: &PgRow) -> Result<ReviewState, StoreError> {
    json(row, "state")
}

/// Reads a row's id.
pub(super) fn id(row: &PgRow) -> Result<String, StoreError> {
    Ok(row.try_get("id")?)
}

/// Reads which of the things asked for this is, from 0.
pub(super) fn place(row: &PgRow) -> Result<usize, StoreError> {
    Ok((row.try_get::<i64, _>("place")? - 1) as usize)
}

/// Reads the place in the trace.
pub(super) fn spans(row: &PgRow) -> Result<Spans, StoreError> {
    Ok(Spans {
        span_id: row.try_get("span_id")?,
        root_span_id: row.try_get("root_span_id")?,
        span_parents: optional_json(row, "span_parents")?.unwrap_or_default(),
    })
}

/// Reads a whole row.
pub(super) fn read_row(row: &PgRow) -> Result<Row, StoreError> {
    Ok(Row {
        id: row.try_get("id")?,
        spans: spans(row)?,
        created: Moment(row.try_get("created_at")?),
        logged: json(row, "logged")?,
        deleted: row.try_get("deleted")?,
    })
}

/// Reads stored rows; whole, payload and all, where it says so.
pub(super) async fn load(
    conn: &mut PgConnection,
    wanted: &BTreeMap<(ObjectRef, &str), bool>,
) -> Result<Vec<(Key, Stored, Option<Row>)>, StoreError> {
    let rows = sqlx::query(
        "select w.place, r.pk, r.id, r.span_id, r.root_span_id, r.span_parents, r.is_root, r.created_at, r.xact, r.kind, \
         r.tokens, r.cost, r.has_error, r.deleted, r.line, r.counted, case when w.whole then r.logged end as logged \
         from unnest($1::smallint[], $2::uuid[], $3::text[], $4::boolean[]) with ordinality \
         as w (object_type, object_id, id, whole, place) \
         join row r on r.object_type = w.object_type and r.object_id = w.object_id and r.id = w.id",
    )
    .bind(wanted.keys().map(|(object, _)| object_type_number(object.object_type)).collect::<Vec<_>>())
    .bind(wanted.keys().map(|(object, _)| object.object_id).collect::<Vec<_>>())
    .bind(wanted.keys().map(|(_, id)| *id).collect::<Vec<_>>())
    .bind(wanted.values().copied().collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    let keys: Vec<(ObjectRef, &str, bool)> =
        wanted.iter().map(|((object, id), whole)| (*object, *id, *whole)).collect();
    let read = |row| -> Result<_, StoreError> {
        let (object, id, whole) = keys[place(row)?];
        let logged = if whole { Some(read_row(row)?) } else { None };
        Ok(((object, id.to_owned()), Stored::read(row)?, logged))
    };
    rows.iter().map(read).collect()
}

/// Writes new rows.
pub(super) async fn insert(conn: &mut PgConnection, records: &[Record]) -> Result<(), StoreError> {
    if records.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "insert into row (pk, span_id, root_span_id, span_parents, is_root, created_at, xact, name, kind, model, duration, \
         tokens, cost, has_error, status, deleted, line, overlay, counted, logged, object_type, object_id, id) \
         select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[], $7::bigint[], \
         $8::text[], $9::text[], $10::text[], $11::double precision[], $12::bigint[], $13::bigint[], $14::boolean[], \
         $15::text[], $16::boolean[], $17::text[], $18::text[], $19::text[], $20::text[], $21::smallint[], $22::uuid[], \
         $23::text[])",
    );
    bind(query, records)
        .bind(records.iter().map(|record| object_type_number(record.object.object_type)).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.object.object_id).collect::<Vec<_>>())
        .bind(records.iter().map(|record| &record.row.id[..]).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes rows over the stored ones.
pub(super) async fn update(conn: &mut PgConnection, records: &[Record]) -> Result<(), StoreError> {
    if records.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "update row r set span_id = n.span_id, root_span_id = n.root_span_id, span_parents = n.span_parents, \
         is_root = n.is_root, created_at = n.created_at, xact = n.xact, name = n.name, kind = n.kind, model = n.model, \
         duration = n.duration, tokens = n.tokens, cost = n.cost, has_error = n.has_error, status = n.status, \
         deleted = n.deleted, line = n.line, overlay = n.overlay, counted = n.counted, logged = n.logged \
         from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[], $7::bigint[], $8::text[], \
         $9::text[], $10::text[], $11::double precision[], $12::bigint[], $13::bigint[], $14::boolean[], $15::text[], \
         $16::boolean[], $17::text[], $18::text[], $19::text[], $20::text[]) \
         as n (pk, span_id, root_span_id, span_parents, is_root, created_at, xact, name, kind, model, duration, tokens, cost, \
         has_error, status, deleted, line, overlay, counted, logged) where r.pk = n.pk",
    );
    bind(query, records).execute(conn).await?;
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// The columns that change, one array each.
fn bind<'q>(query: Query<'q>, records: &'q [Record]) -> Query<'q> {
    let lines = || records.iter().map(|record| &record.line);
    query
        .bind(records.iter().map(|record| record.pk).collect::<Vec<_>>())
        .bind(records.iter().map(|record| &record.row.spans.span_id[..]).collect::<Vec<_>>())
        .bind(records.iter().map(|record| &record.row.spans.root_span_id[..]).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.span_parents.as_deref()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.row.is_root()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.row.created.0).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.xact.0).collect::<Vec<_>>())
        .bind(lines().map(|line| line.name.as_deref()).collect::<Vec<_>>())
        .bind(lines().map(|line| line.kind.as_deref()).collect::<Vec<_>>())
        .bind(lines().map(|line| line.model.as_deref()).collect::<Vec<_>>())
        .bind(lines().map(|line| line.duration).collect::<Vec<_>>())
        .bind(lines().map(|line| line.tokens).collect::<Vec<_>>())
        .bind(lines().map(|line| line.cost.map(billionths_of_dollars)).collect::<Vec<_>>())
        .bind(lines().map(|line| line.error.is_some()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.status.as_str()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.row.deleted).collect::<Vec<_>>())
        .bind(records.iter().map(|record| &record.line_text[..]).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.overlay.as_deref()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.counted.as_deref()).collect::<Vec<_>>())
        .bind(records.iter().map(|record| &record.logged[..]).collect::<Vec<_>>())
}

/// Writes what was derived anew.
pub(super) async fn settle(conn: &mut PgConnection, settled: &[Settled]) -> Result<(), StoreError> {
    if settled.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update row r set xact = n.xact, status = n.status, overlay = n.overlay, counted = n.counted \
         from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[]) \
         as n (pk, xact, status, overlay, counted) where r.pk = n.pk",
    )
    .bind(settled.iter().map(|row| row.pk).collect::<Vec<_>>())
    .bind(settled.iter().map(|row| row.xact.0).collect::<Vec<_>>())
    .bind(settled.iter().map(|row| row.status.as_str()).collect::<Vec<_>>())
    .bind(settled.iter().map(|row| row.overlay.as_deref()).collect::<Vec<_>>())
    .bind(settled.iter().map(|row| row.counted.as_deref()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
