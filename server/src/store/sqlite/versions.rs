//! Former states of the rows of datasets: appended by the writer, read as of a transaction.

use std::collections::HashMap;

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::review::state::ReviewState;
use concord_shared::row::Row;
use concord_shared::score::Score;
use rusqlite::{Connection, params};
use sqlx::Row as _;

use super::reviews::object_type_number;
use super::row_columns::{self, to_json};
use super::{SqliteStore, bulk, stored};
use crate::domain::rows::{FETCH_BYTES, Fetched, FullRow};
use crate::domain::store::StoreError;
use crate::domain::version;

/// States that writes of a batch led to, in their order.
pub(super) type Versions = Vec<(XactId, Row)>;

/// Stores what written rows showed. A review of the same batch is in these rows already, so what it stored before them goes.
pub(super) fn store(
    conn: &Connection,
    object: ObjectRef,
    versions: &Versions,
    reviews: &HashMap<String, ReviewState>,
    scores: &[Score],
) -> Result<(), StoreError> {
    for (xact, row) in versions {
        conn.prepare_cached("delete from row_version where object_id = ? and id = ? and xact > ?")?
            .execute(params![object.object_id.as_bytes(), row.id, xact.0])?;
        append(conn, object, *xact, &version::shown(row, reviews.get(&row.id), scores))?;
    }
    Ok(())
}

/// Stores what a row shows now that its review has changed; nothing while it has not arrived.
pub(super) fn store_reviewed(
    conn: &Connection,
    object: ObjectRef,
    row_id: &str,
    state: &ReviewState,
    scores: &[Score],
    xact: XactId,
) -> Result<(), StoreError> {
    let mut select = conn.prepare_cached(
        "select id, span_id, root_span_id, span_parents, created_at, deleted, logged from row \
         where object_type = ? and object_id = ? and id = ?",
    )?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let mut rows = select.query(params![object_type, object_id, row_id])?;
    let Some(row) = rows.next()? else { return Ok(()) };
    append(conn, object, xact, &version::shown(&stored::read_row(row)?, Some(state), scores))
}

fn append(conn: &Connection, object: ObjectRef, xact: XactId, row: &Row) -> Result<(), StoreError> {
    conn.prepare_cached(
        "insert or replace into row_version (object_id, id, xact, created_at, span_id, root_span_id, span_parents, deleted, \
         logged) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        object.object_id.as_bytes(),
        row.id,
        xact.0,
        row.created.0,
        row.spans.span_id,
        row.spans.root_span_id,
        (!row.is_root()).then(|| bulk::json_list(&row.spans.span_parents)),
        row.deleted,
        to_json(&row.logged)?,
    ])?;
    Ok(())
}

impl SqliteStore {
    pub(super) async fn versions_page(
        &self,
        object: ObjectRef,
        as_of: XactId,
        before: Option<(XactId, String)>,
        limit: u32,
    ) -> Result<Fetched, StoreError> {
        let (xact, id) = before.unwrap_or((XactId(i64::MAX), String::new()));
        let rows = sqlx::query(
            "select * from row_version v where object_id = $1 and xact <= $2 and (xact, id) < ($3, $4) and deleted = 0 \
             and not exists (select 1 from row_version n where n.object_id = v.object_id and n.id = v.id \
               and n.xact > v.xact and n.xact <= $2) \
             order by xact desc, id desc limit $5",
        )
        .bind(object.object_id.as_bytes().as_slice())
        .bind(as_of.0)
        .bind(xact.0)
        .bind(id)
        .bind(limit)
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
