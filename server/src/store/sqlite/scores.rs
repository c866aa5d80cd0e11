//! The table `row_score`: effective numbers of rows.

use concord_shared::ids::ObjectRef;
use rusqlite::{Connection, params};

use super::reviews::object_type_number;
use crate::domain::measure::RowScore;
use crate::domain::store::StoreError;

/// Writes the numbers of a row in place of the old ones.
pub(super) fn replace_scores(
    conn: &Connection,
    object: ObjectRef,
    pk: i64,
    scores: &[RowScore],
) -> Result<(), StoreError> {
    conn.prepare_cached("delete from row_score where row = ?")?.execute([pk])?;
    insert_scores(conn, object, pk, scores)
}

/// Writes the numbers of a new row.
pub(super) fn insert_scores(
    conn: &Connection,
    object: ObjectRef,
    pk: i64,
    scores: &[RowScore],
) -> Result<(), StoreError> {
    let mut insert = conn.prepare_cached(
        "insert or fail into row_score (row, score, object_type, object_id, value, source) values (?, ?, ?, ?, ?, ?)",
    )?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    for score in scores {
        insert.execute(params![pk, score.score, object_type, object_id, score.value, score.source.as_str()])?;
    }
    Ok(())
}
