//! Former states of the rows of datasets: appended by the writer, read as of a transaction.

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::row::Row;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::PostgresStore;
use super::row_columns::{self, to_json};
use crate::domain::rows::{FETCH_BYTES, Fetched, FullRow};
use crate::domain::store::StoreError;

/// What a row showed after a transaction. Each row and transaction comes once.
pub(super) struct Version {
    pub(super) object: ObjectRef,
    pub(super) xact: XactId,
    pub(super) row: Row,
}

/// Stores what rows showed.
pub(super) async fn store(conn: &mut PgConnection, versions: &[Version]) -> Result<(), StoreError> {
    if versions.is_empty() {
        return Ok(());
    }
    let rows = || versions.iter().map(|version| &version.row);
    let parents = |row: &Row| if row.is_root() { Ok(None) } else { to_json(&row.spans.span_parents).map(Some) };
    sqlx::query(
        "insert into row_version (object_id, id, xact, created_at, span_id, root_span_id, span_parents, deleted, logged) \
         select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], \
         $8::boolean[], $9::text[])",
    )
    .bind(versions.iter().map(|version| version.object.object_id).collect::<Vec<_>>())
    .bind(rows().map(|row| &row.id[..]).collect::<Vec<_>>())
    .bind(versions.iter().map(|version| version.xact.0).collect::<Vec<_>>())
    .bind(rows().map(|row| row.created.0).collect::<Vec<_>>())
    .bind(rows().map(|row| &row.spans.span_id[..]).collect::<Vec<_>>())
    .bind(rows().map(|row| &row.spans.root_span_id[..]).collect::<Vec<_>>())
    .bind(rows().map(parents).collect::<Result<Vec<_>, _>>()?)
    .bind(rows().map(|row| row.deleted).collect::<Vec<_>>())
    .bind(rows().map(|row| to_json(&row.logged)).collect::<Result<Vec<_>, _>>()?)
    .execute(conn)
    .await?;
    Ok(())
}

impl PostgresStore {
    pub(super) async fn versions_page(
        &self,
        object: ObjectRef,
        as_of: XactId,
        before: Option<(XactId, String)>,
        limit: u32,
    ) -> Result<Fetched, StoreError> {
        let (xact, id) = before.unwrap_or((XactId(i64::MAX), String::new()));
        let rows = sqlx::query(
            "select * from row_version v where object_id = $1 and xact <= $2 and (xact, id) < ($3, $4) and not deleted \
             and not exists (select 1 from row_version n where n.object_id = v.object_id and n.id = v.id \
               and n.xact > v.xact and n.xact <= $2) \
             order by xact desc, id desc limit $5",
        )
        .bind(object.object_id)
        .bind(as_of.0)
        .bind(xact.0)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        let mut fetched = Fetched { rows: Vec::new(), traces: Vec::new(), last: None };
        let mut bytes = 0;
        for (index, row) in rows.iter().enumerate() {
            bytes += row.try_get::<&str, _>("logged")?.len();
            let row = FullRow { row: row_columns::read_row(row)?, xact: XactId(row.try_get("xact")?), review: None };
            if bytes >= FETCH_BYTES || index + 1 == limit as usize {
                fetched.last = Some((row.xact, row.row.id.clone()));
            }
            fetched.rows.push(row);
            if fetched.last.is_some() {
                break;
            }
        }
        Ok(fetched)
    }
}
