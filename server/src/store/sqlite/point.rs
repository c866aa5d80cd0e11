//! Reads by key. They take some microseconds, less than handing them to another thread would: they run where they are asked.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::Duration;

use concord_shared::ids::{DocumentId, ObjectRef, Revision, XactId};
use rusqlite::{Connection, OpenFlags, params};
use uuid::Uuid;

use super::reviews::object_type_number;
use super::stored;
use crate::domain::rows::{FullRow, RowReview};
use crate::domain::store::StoreError;

/// Connections: one for each thread that is likely to read at a time.
const CONNECTIONS: usize = 4;

/// Reads never wait for writers in WAL mode; only for the recovery of a log, which the opening of the store has done.
const BUSY: Duration = Duration::from_secs(1);

/// Connections for reads by key.
#[derive(Debug)]
pub(super) struct PointReads {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl PointReads {
    /// Opens a file, which exists and has its schema.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let open = || -> Result<_, StoreError> {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY)?;
            // What is read is read once, so that the map of the file serves better than pages of its own.
            connection
                .execute_batch("pragma query_only = on; pragma mmap_size = 1073741824; pragma cache_size = -4096;")?;
            Ok(Mutex::new(connection))
        };
        Ok(Self { connections: (0..CONNECTIONS).map(|_| open()).collect::<Result<_, _>>()?, next: AtomicUsize::new(0) })
    }

    /// Reads with whichever connection is free; waits for one when none is.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.connections.len();
        for offset in 0..count {
            match self.connections[(first + offset) % count].try_lock() {
                Ok(connection) => return read(&connection),
                Err(TryLockError::Poisoned(poisoned)) => return read(&poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        read(&self.connections[first % count].lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Closes all of them.
    pub(super) fn close(&self) {
        // A connection to nothing in their place: there is no state "closed".
        let closed = self.connections.iter().filter_map(|connection| {
            let nothing = Connection::open_in_memory().ok()?;
            Some(std::mem::replace(&mut *connection.lock().unwrap_or_else(PoisonError::into_inner), nothing))
        });
        closed.for_each(drop);
    }
}

/// Rows of an object with their reviews, those of `ids` that exist.
pub(super) fn rows(connection: &Connection, object: ObjectRef, ids: &[String]) -> Result<Vec<FullRow>, StoreError> {
    let mut select = connection.prepare_cached(
        "select r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.xact, r.deleted, r.logged, v.document_id, \
         v.revision, v.state from row r \
         left join review v on v.object_type = ?1 and v.object_id = ?2 and v.row_id = r.id \
         where r.object_type = ?1 and r.object_id = ?2 and r.id = ?3 and r.deleted = 0",
    )?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let mut rows = select.query(params![object_type, object_id, id])?;
        if let Some(row) = rows.next()? {
            found.push(full_row(row)?);
        }
    }
    Ok(found)
}

/// Those of `ids` that have a review.
pub(super) fn reviewed(connection: &Connection, object: ObjectRef, ids: &[String]) -> Result<Vec<String>, StoreError> {
    let mut select =
        connection.prepare_cached("select 1 from review where object_type = ? and object_id = ? and row_id = ?")?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let mut found = Vec::new();
    for id in ids {
        if select.exists(params![object_type, object_id, id])? {
            found.push(id.clone());
        }
    }
    Ok(found)
}

pub(super) fn full_row(row: &rusqlite::Row<'_>) -> Result<FullRow, StoreError> {
    let review = match row.get::<_, Option<[u8; 16]>>("document_id")? {
        Some(document) => Some(RowReview {
            document: DocumentId(Uuid::from_bytes(document)),
            revision: Revision(row.get::<_, i64>("revision")? as u64),
            state: stored::json(row, "state")?,
        }),
        None => None,
    };
    Ok(FullRow { row: stored::read_row(row)?, xact: XactId(row.get("xact")?), review })
}
