//! What the writer reads of stored rows before it writes over them.

use concord_shared::metric::Counters;
use concord_shared::moment::Moment;
use concord_shared::row::{Row, Spans};
use rusqlite::types::FromSqlError;
use serde::de::DeserializeOwned;

use crate::domain::line::LoggedLine;
use crate::domain::measure;
use crate::domain::store::StoreError;

/// Reads a JSON column.
pub(super) fn json<T: DeserializeOwned>(row: &rusqlite::Row<'_>, column: &'static str) -> Result<T, StoreError> {
    let wrong = |detail: String| StoreError::Corrupt { what: column, detail };
    let text = row.get_ref(column)?.as_str().map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(text).map_err(|error| wrong(error.to_string()))
}

/// Reads a JSON column that may be absent.
pub(super) fn optional_json<T: DeserializeOwned>(
    row: &rusqlite::Row<'_>,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    match row.get_ref(column)?.as_str_or_null() {
        Ok(None) => Ok(None),
        Ok(Some(_)) | Err(FromSqlError::InvalidType) => json(row, column).map(Some),
        Err(error) => Err(StoreError::Corrupt { what: column, detail: error.to_string() }),
    }
}

/// Reads a whole row.
pub(super) fn read_row(row: &rusqlite::Row<'_>) -> Result<Row, StoreError> {
    Ok(Row {
        id: row.get("id")?,
        spans: Spans {
            span_id: row.get("span_id")?,
            root_span_id: row.get("root_span_id")?,
            span_parents: optional_json(row, "span_parents")?.unwrap_or_default(),
        },
        created: Moment(row.get("created_at")?),
        logged: json(row, "logged")?,
        deleted: row.get("deleted")?,
    })
}

/// What a stored row has added to the counters. Most rows add what their line says, which is not spelt out.
pub(super) fn counted(row: &rusqlite::Row<'_>, line: &LoggedLine) -> Result<Counters, StoreError> {
    match row.get_ref("counted")?.as_str_or_null() {
        Ok(Some(text)) => Counters::from_text(text)
            .ok_or_else(|| StoreError::Corrupt { what: "counters of a row", detail: text.chars().take(64).collect() }),
        Ok(None) => Ok(measure::derive(line, row.get("is_root")?, row.get("deleted")?, None, &[]).counted),
        Err(error) => Err(StoreError::Corrupt { what: "counters of a row", detail: error.to_string() }),
    }
}
