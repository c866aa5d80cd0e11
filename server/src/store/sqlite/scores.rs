//! The table `row_score`: effective numbers of rows.

use concord_shared::ids::ObjectRef;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::bulk;
use super::reviews::object_type_number;
use super::row_columns::Record;
use crate::domain::measure::RowScore;
use crate::domain::store::StoreError;

/// Writes the numbers of new rows, and those of rewritten rows in place of the old ones.
pub(super) async fn replace_scores(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    inserted: &[Record],
    updated: &[Record],
) -> Result<(), StoreError> {
    for record in updated {
        clear(conn, record.pk).await?;
    }
    let records = inserted.iter().chain(updated);
    let numbers: Vec<(i64, &RowScore)> =
        records.flat_map(|record| record.scores.iter().map(|score| (record.pk, score))).collect();
    insert(conn, object, &numbers).await
}

/// Writes the numbers of one row in place of the old ones.
pub(super) async fn replace_one(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    pk: i64,
    scores: &[RowScore],
) -> Result<(), StoreError> {
    clear(conn, pk).await?;
    let numbers: Vec<(i64, &RowScore)> = scores.iter().map(|score| (pk, score)).collect();
    insert(conn, object, &numbers).await
}

async fn clear(conn: &mut SqliteConnection, pk: i64) -> Result<(), StoreError> {
    sqlx::query("delete from row_score where row = $1").bind(pk).execute(conn).await?;
    Ok(())
}

async fn insert(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    numbers: &[(i64, &RowScore)],
) -> Result<(), StoreError> {
    const START: &str = "insert or fail into row_score (row, score, object_type, object_id, value, source)";
    for chunk in bulk::chunks(numbers) {
        // Safe: placeholders only.
        let mut query = sqlx::query(AssertSqlSafe(bulk::values(START, 6, chunk.len(), "")));
        for (pk, score) in chunk {
            query = query
                .bind(pk)
                .bind(score.score.as_str())
                .bind(object_type_number(object.object_type))
                .bind(object.object_id.as_bytes().as_slice())
                .bind(score.value)
                .bind(score.source.as_str());
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}
