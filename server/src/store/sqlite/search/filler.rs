//! The connection that reads rows and writes full text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use concord_shared::ids::{ObjectRef, ObjectType};
use concord_shared::review::state::ReviewState;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::{reviews, stored};
use super::index::{Index, RowText, STEP};
use super::text_path;
use crate::domain::search::terms::{self, Terms};
use crate::domain::store::StoreError;

/// One connection to the rows and to full text.
pub(super) struct Filler {
    conn: Connection,
    /// Texts of new rows that have not been taken yet.
    texts: BTreeMap<i64, RowText>,
}

impl Filler {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let conn = Connection::open(path)?;
        conn.busy_timeout(Duration::from_secs(5))?;
        conn.execute_batch("pragma main.query_only = off; pragma mmap_size = 1073741824; pragma cache_size = -8192;")?;
        conn.execute("attach database ? as search", [text_path(path).to_string_lossy().as_ref()])?;
        // Without a sync: what a lost end of it held is taken from the rows again.
        conn.execute_batch(
            "pragma search.journal_mode = wal; pragma search.synchronous = normal; pragma search.cache_size = -32768; \
             pragma search.wal_autocheckpoint = 8000; \
             create table if not exists search.position (id integer primary key check (id = 1), indexed integer not null, \
               xact integer not null); \
             insert or ignore into search.position values (1, 0, 0); \
             create virtual table if not exists search.row_text using fts5 (terms, content = '', contentless_delete = 1, \
               detail = none, tokenize = 'ascii'); \
             insert into search.row_text (row_text, rank) values ('hashsize', 8388608);",
        )?;
        Ok(Self { conn, texts: BTreeMap::new() })
    }

    /// How far it has come, and which rows were rewritten since.
    pub(super) fn missed(&self) -> Result<(i64, BTreeSet<i64>), StoreError> {
        let (indexed, xact): (i64, i64) =
            self.conn
                .query_row("select indexed, xact from search.position", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let last: i64 = self.conn.query_row("select coalesce(max(pk), 0) from row", [], |row| row.get(0))?;
        let known: i64 = self.conn.query_row("select xact from progress", [], |row| row.get(0))?;
        if indexed > last || xact > known {
            // It belongs to another state of this database, such as before a backup was restored.
            self.conn.execute_batch(
                "insert into search.row_text (row_text) values ('delete-all'); update search.position set indexed = 0, xact = 0;",
            )?;
            return Ok((0, BTreeSet::new()));
        }
        let mut select = self.conn.prepare(
            // In this order, whatever the planner thinks of tables that it knows nothing of.
            "select r.pk from label l cross join trace t indexed by trace_recent \
             on t.object_type = l.object_type and t.object_id = l.object_id and t.xact > ?1 \
             cross join row r indexed by row_trace \
             on r.object_type = t.object_type and r.object_id = t.object_id and r.root_span_id = t.root_span_id \
             where l.text = '*' and r.xact > ?1 and r.pk <= ?2",
        )?;
        let rewritten = select.query_map([xact, indexed], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok((indexed, rewritten))
    }

    /// Takes some rows; whether there are more.
    pub(super) fn step(&mut self, index: &Index) -> Result<bool, StoreError> {
        // Before it is asked what waits: what was rewritten up to this moment is then taken, or is known to wait.
        let xact: i64 = self.conn.query_row("select xact from progress", [], |row| row.get(0))?;
        let step = index.take(&mut self.texts);
        let old: Vec<RowText> = step.rewritten.iter().filter_map(|pk| self.texts.remove(pk)).collect();
        index.forget(&old);
        let fresh = self.fresh(index, step.indexed)?;
        let last = fresh.last().map_or(step.indexed, |text| text.pk);
        // Those after it will be new rows of a later step.
        let again = step.rewritten.range(..=step.indexed).filter_map(|pk| row(&self.conn, *pk).transpose());
        let again = again.collect::<Result<Vec<_>, _>>()?;
        if fresh.is_empty() && again.is_empty() {
            return Ok(index.done(&step, last));
        }
        let more = fresh.len() >= STEP;
        let write = self.conn.unchecked_transaction()?;
        let high: i64 = write.query_row("select indexed from search.position", [], |row| row.get(0))?;
        {
            let mut delete = write.prepare_cached("delete from search.row_text where rowid = ?")?;
            let mut insert = write.prepare_cached("insert into search.row_text (rowid, terms) values (?, ?)")?;
            let mut terms = String::new();
            for text in again.iter().chain(&fresh) {
                if text.pk <= high {
                    delete.execute([text.pk])?;
                }
                terms.clear();
                terms.push_str(text.terms.as_str());
                terms.push_str(&text.object);
                insert.execute(params![text.pk, terms])?;
            }
        }
        write.execute("update search.position set indexed = max(indexed, ?)", [last])?;
        if step.all && !more {
            write.execute("update search.position set xact = ?", [xact])?;
        }
        write.commit()?;
        Ok(index.done(&step, last) || more)
    }

    /// New rows after a place, in order: by their texts as far as these are at hand without a gap, else as they are stored.
    fn fresh(&mut self, index: &Index, after: i64) -> Result<Vec<RowText>, StoreError> {
        let mut fresh: Vec<RowText> = (after + 1..).take(STEP).map_while(|pk| self.texts.remove(&pk)).collect();
        index.forget(&fresh);
        if fresh.len() < STEP {
            let last = fresh.last().map_or(after, |text| text.pk);
            fresh.extend(new_rows(&self.conn, last, STEP - fresh.len())?);
        }
        let last = fresh.last().map_or(after, |text| text.pk);
        let later = self.texts.split_off(&(last + 1));
        index.forget(std::mem::replace(&mut self.texts, later).values());
        Ok(fresh)
    }
}

const COLUMNS: &str = "r.pk, r.object_type, r.object_id, r.logged, case when r.overlay is not null then (select v.state from review v \
     where v.object_type = r.object_type and v.object_id = r.object_id and v.row_id = r.id) end as state";

fn new_rows(conn: &Connection, after: i64, limit: usize) -> Result<Vec<RowText>, StoreError> {
    let mut select =
        conn.prepare_cached(&format!("select {COLUMNS} from row r where r.pk > ? order by r.pk limit ?"))?;
    let mut rows = select.query(params![after, limit as i64])?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        texts.push(text(row)?);
    }
    Ok(texts)
}

fn row(conn: &Connection, pk: i64) -> Result<Option<RowText>, StoreError> {
    let mut select = conn.prepare_cached(&format!("select {COLUMNS} from row r where r.pk = ?"))?;
    select.query_row([pk], |row| Ok(text(row))).optional()?.transpose()
}

fn text(row: &rusqlite::Row<'_>) -> Result<RowText, StoreError> {
    let logged: Map<String, Value> = stored::json(row, "logged")?;
    let state: Option<ReviewState> = stored::optional_json(row, "state")?;
    let mut terms = Terms::of_logged(&logged);
    if let Some(state) = state {
        terms.extend(&Terms::of_comments(&state));
    }
    let object_type: ObjectType = reviews::object_type_from(row.get("object_type")?)?;
    let object = ObjectRef { object_type, object_id: Uuid::from_bytes(row.get("object_id")?) };
    Ok(RowText { pk: row.get("pk")?, object: terms::object(object).into(), terms: terms.into() })
}
