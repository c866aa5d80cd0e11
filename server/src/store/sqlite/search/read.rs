//! Connections that search, and the simple questions.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use concord_shared::ids::ObjectRef;
use rusqlite::{Connection, OpenFlags, params};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::super::point::full_row;
use super::super::reviews::object_type_number;
use super::text_path;
use crate::domain::rows::FullRow;
use crate::domain::search::Volume;
use crate::domain::store::StoreError;

/// Connections: one per core of a small machine, and one more for whoever asks for little.
const CONNECTIONS: usize = 3;

/// How long a search waits for a connection before the answer is "unavailable".
const WAIT: Duration = Duration::from_secs(10);

/// How long one search may take, whatever it asks; those that know better have a deadline before that.
const PATIENCE: Duration = Duration::from_secs(10);

/// Steps of SQLite between two looks at the clock.
const STEPS: i32 = 20_000;

/// Connections with the tables of rows and full text side by side.
#[derive(Debug)]
pub(in super::super) struct Readers {
    free: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    /// None, for commands that do not search.
    pub(in super::super) fn none() -> Self {
        let turns = Semaphore::new(0);
        turns.close();
        Self { free: Arc::default(), turns: Arc::new(turns) }
    }

    /// Opens files, which exist and have their schemas.
    pub(in super::super) fn open(path: &Path) -> Result<Self, StoreError> {
        let open = || -> Result<_, StoreError> {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(Duration::from_secs(1))?;
            connection.set_prepared_statement_cache_capacity(128);
            connection.execute("attach database ? as search", [text_path(path).to_string_lossy().as_ref()])?;
            connection.execute_batch(
                "pragma query_only = on; pragma mmap_size = 1073741824; pragma search.mmap_size = 1073741824; \
                 pragma cache_size = -8192; pragma search.cache_size = -8192; pragma temp_store = memory;",
            )?;
            Ok(connection)
        };
        let free = (0..CONNECTIONS).map(|_| open()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { free: Arc::new(Mutex::new(free)), turns: Arc::new(Semaphore::new(CONNECTIONS)) })
    }

    /// Searches on a thread that may take its time. A statement that goes on after the deadline is ended.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        deadline: Option<Instant>,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let busy = || StoreError::Unavailable("too many searches at once; try again in a moment".into());
        let turn = timeout(WAIT, Arc::clone(&self.turns).acquire_owned()).await.map_err(|_| busy())?;
        let turn = turn.map_err(|_| closed())?;
        let free = Arc::clone(&self.free);
        let read = move || {
            // Gives the connection back before the turn ends, also when a search panics.
            let _turn = turn;
            let borrowed = Borrowed::take(&free)?;
            let end = deadline.unwrap_or_else(Instant::now) + PATIENCE;
            borrowed.connection()?.progress_handler(STEPS, Some(move || Instant::now() >= end))?;
            read(borrowed.connection()?)
        };
        let outcome = tokio::task::spawn_blocking(read).await;
        outcome.map_err(|error| StoreError::Unavailable(format!("a search broke: {error}")))?
    }

    /// Closes all, once searches under way have ended.
    pub(in super::super) async fn close(&self) {
        let all = timeout(WAIT, self.turns.acquire_many(CONNECTIONS as u32)).await;
        self.turns.close();
        drop(all);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".into())
}

/// A connection until it is given back.
struct Borrowed<'a> {
    free: &'a Mutex<Vec<Connection>>,
    connection: Option<Connection>,
}

impl<'a> Borrowed<'a> {
    fn take(free: &'a Mutex<Vec<Connection>>) -> Result<Self, StoreError> {
        let connection = free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if connection.is_some() { Ok(Self { free, connection }) } else { Err(closed()) }
    }

    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(closed)
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // A deadline that has passed is not the next search's.
            let _ = connection.progress_handler(0, None::<fn() -> bool>);
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

const ROW: &str = "select r.pk, r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.xact, r.deleted, r.logged, \
     v.document_id, v.revision, v.state from row r \
     left join review v on v.object_type = r.object_type and v.object_id = r.object_id and v.row_id = r.id";

/// A row by its place, if it is one of the object and not deleted.
pub(super) fn row(conn: &Connection, object: ObjectRef, place: i64) -> Result<Option<FullRow>, StoreError> {
    let mut select = conn
        .prepare_cached(&format!("{ROW} where r.pk = ? and r.object_type = ? and r.object_id = ? and r.deleted = 0"))?;
    let mut rows = select.query(params![place, object_type_number(object.object_type), object.object_id.as_bytes()])?;
    rows.next()?.map(full_row).transpose()
}

/// Labels of an object with the number of their rows.
pub(super) fn labels(
    conn: &Connection,
    object: ObjectRef,
    prefix: &str,
    limit: u32,
    most: u32,
) -> Result<Vec<(String, u64)>, StoreError> {
    let mut select = conn.prepare_cached(
        "select l.text, (select count(*) from (select 1 from row_label where label = l.id limit ?1)) as rows from label l \
         where l.object_type = ?2 and l.object_id = ?3 and l.text >= ?4 and l.text < ?4 || char(1114111) order by l.text limit ?5",
    )?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let rows = select.query_map(params![most, object_type, object_id, prefix, limit], |row| {
        Ok((row.get("text")?, row.get::<_, i64>("rows")?.unsigned_abs()))
    })?;
    let labels: Vec<(String, u64)> = rows.collect::<Result<_, _>>()?;
    Ok(labels.into_iter().filter(|(_, rows)| *rows > 0).collect())
}

/// Roots of traces by stretches of time.
pub(super) fn volume(
    conn: &Connection,
    object: ObjectRef,
    from: i64,
    width: i64,
    count: u32,
) -> Result<Vec<Volume>, StoreError> {
    let mut volumes = vec![Volume::default(); count as usize];
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let end = from.saturating_add(width.saturating_mul(i64::from(count)));
    let mut roots = conn.prepare_cached(
        "select (created_at - ?3) / ?4 as place, count(*) from row indexed by row_root where object_type = ?1 and object_id = ?2 and is_root = 1 \
         and deleted = 0 and created_at >= ?3 and created_at < ?5 group by 1",
    )?;
    let mut rows = roots.query(params![object_type, object_id, from, width, end])?;
    while let Some(row) = rows.next()? {
        if let Some(volume) = volumes.get_mut(row.get::<_, i64>(0)? as usize) {
            volume.rows = row.get(1)?;
        }
    }
    let mut errors = conn.prepare_cached(
        "select (created_at - ?3) / ?4, count(*) from row indexed by row_error where object_type = ?1 and object_id = ?2 \
         and is_root = 1 and deleted = 0 and has_error = 1 and created_at >= ?3 and created_at < ?5 group by 1",
    )?;
    let mut rows = errors.query(params![object_type, object_id, from, width, end])?;
    while let Some(row) = rows.next()? {
        if let Some(volume) = volumes.get_mut(row.get::<_, i64>(0)? as usize) {
            volume.errors = row.get(1)?;
        }
    }
    Ok(volumes)
}

/// When the first and the last root were made.
pub(super) fn span_of_time(conn: &Connection, object: ObjectRef) -> Result<Option<(i64, i64)>, StoreError> {
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let end = |order: &str| -> Result<Option<i64>, StoreError> {
        let mut select = conn.prepare_cached(&format!(
            "select created_at from row where object_type = ? and object_id = ? and is_root = 1 and deleted = 0 \
             order by created_at {order} limit 1"
        ))?;
        let mut rows = select.query(params![object_type, object_id])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    };
    Ok(end("asc")?.zip(end("desc")?))
}
