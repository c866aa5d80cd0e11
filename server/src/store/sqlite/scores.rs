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

/// Brings the numbers of a row from what they were, if that is known, to what they are.
pub(super) fn change_scores(
    conn: &Connection,
    object: ObjectRef,
    pk: i64,
    before: Option<&[RowScore]>,
    after: &[RowScore],
) -> Result<(), StoreError> {
    let same_names =
        |before: &[RowScore]| before.iter().map(|score| &score.score).eq(after.iter().map(|score| &score.score));
    let Some(before) = before.filter(|before| same_names(before)) else {
        return replace_scores(conn, object, pk, after);
    };
    let mut update = conn.prepare_cached("update row_score set value = ?, source = ? where row = ? and score = ?")?;
    for (_, score) in before.iter().zip(after).filter(|(before, after)| before != after) {
        update.execute(params![score.value, score.source.as_str(), pk, score.score])?;
    }
    Ok(())
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
