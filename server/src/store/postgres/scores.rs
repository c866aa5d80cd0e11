//! The table `row_score`: effective numbers of rows.

use concord_shared::ids::ObjectRef;
use sqlx::postgres::PgConnection;

use super::reviews::object_type_number;
use crate::domain::measure::RowScore;
use crate::domain::store::StoreError;

/// Writes the numbers of rows, in place of the old ones where rows are `rewritten`.
pub(super) async fn replace<'a>(
    conn: &mut PgConnection,
    rewritten: Vec<i64>,
    rows: impl Iterator<Item = (i64, ObjectRef, &'a [RowScore])>,
) -> Result<(), StoreError> {
    if !rewritten.is_empty() {
        sqlx::query("delete from row_score where row = any($1)").bind(rewritten).execute(&mut *conn).await?;
    }
    let numbers: Vec<(i64, ObjectRef, &RowScore)> =
        rows.flat_map(|(pk, object, scores)| scores.iter().map(move |score| (pk, object, score))).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into row_score (row, score, object_type, object_id, value, source) \
         select * from unnest($1::bigint[], $2::text[], $3::smallint[], $4::uuid[], $5::double precision[], $6::text[])",
    )
    .bind(numbers.iter().map(|(pk, ..)| *pk).collect::<Vec<_>>())
    .bind(numbers.iter().map(|(.., score)| &score.score[..]).collect::<Vec<_>>())
    .bind(numbers.iter().map(|(_, object, _)| object_type_number(object.object_type)).collect::<Vec<_>>())
    .bind(numbers.iter().map(|(_, object, _)| object.object_id).collect::<Vec<_>>())
    .bind(numbers.iter().map(|(.., score)| score.value).collect::<Vec<_>>())
    .bind(numbers.iter().map(|(.., score)| score.source.as_str()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
