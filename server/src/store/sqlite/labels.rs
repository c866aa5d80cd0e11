//! The tables `label` and `row_label`: what is true of rows.

use std::collections::{BTreeSet, HashMap};

use concord_shared::ids::ObjectRef;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::reviews::object_type_number;
use crate::domain::store::StoreError;

/// Ids of labels that the writer remembers; beyond it all are read again.
const KNOWN: usize = 50_000;

/// Ids of labels by object and text.
#[derive(Default)]
pub(super) struct LabelIds {
    by_object: HashMap<ObjectRef, HashMap<String, i64>>,
    count: usize,
}

impl LabelIds {
    /// The id of a label, made if there is none.
    fn of(&mut self, conn: &Connection, object: ObjectRef, text: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.by_object.get(&object).and_then(|ids| ids.get(text)) {
            return Ok(*id);
        }
        if self.count >= KNOWN {
            *self = Self::default();
        }
        let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
        let found = find(conn, object, text)?;
        let id = match found {
            Some(id) => id,
            None => {
                conn.prepare_cached("insert into label (object_type, object_id, text) values (?, ?, ?)")?
                    .execute(params![object_type, object_id, text])?;
                conn.last_insert_rowid()
            }
        };
        self.by_object.entry(object).or_default().insert(text.to_owned(), id);
        self.count += 1;
        Ok(id)
    }
}

/// The id of a label, if any row ever had it.
pub(super) fn find(conn: &Connection, object: ObjectRef, text: &str) -> Result<Option<i64>, StoreError> {
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let id = conn
        .prepare_cached("select id from label where object_type = ? and object_id = ? and text = ?")?
        .query_row(params![object_type, object_id, text], |row| row.get(0))
        .optional()?;
    Ok(id)
}

/// Brings the labels of a row from what may be stored to what is true. A label that was not stored may be taken away.
pub(super) fn change_labels(
    conn: &Connection,
    ids: &mut LabelIds,
    object: ObjectRef,
    pk: i64,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
) -> Result<(), StoreError> {
    for text in before.difference(after) {
        let id = ids.of(conn, object, text)?;
        conn.prepare_cached("delete from row_label where label = ? and row = ?")?.execute([id, pk])?;
    }
    for text in after.difference(before) {
        let id = ids.of(conn, object, text)?;
        conn.prepare_cached("insert into row_label (label, row) values (?, ?) on conflict do nothing")?
            .execute([id, pk])?;
    }
    Ok(())
}
