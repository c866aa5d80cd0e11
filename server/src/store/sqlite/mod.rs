//! One file, one writer, many readers: the embedded default.

mod accounts;
mod attachments;
mod bulk;
mod checkpoint;
mod commits;
mod keys;
mod labels;
mod metrics;
mod notices;
mod objects;
mod outcomes;
mod point;
mod project_scores;
mod projects;
mod rederive;
mod reviews;
mod row_columns;
mod rows;
#[cfg(test)]
mod rows_tests;
mod scores;
mod search;
mod stored;
mod tags;
mod trace_sums;
mod traces;
pub mod upkeep;
mod versions;
mod views;
mod webhooks;
mod writer;

use std::fs::File;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteQueryResult, SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use self::point::PointReads;
use self::search::{Indexer, Readers};
use self::writer::Writer;
use crate::domain::store::{Store, StoreError};

/// Read connections: two per core of a small machine, so that one slow list does not hold up the others.
const READERS: u32 = 4;

/// How long a reader waits for one of [`READERS`] before the answer is "unavailable".
const READER_WAIT: Duration = Duration::from_secs(5);

/// A SQLite database in WAL mode with full sync. SQLite has one writer, and a queue of our own beats its busy loop:
/// batches of rows and reviews are written by a thread, everything else by one connection, and the two take turns.
#[derive(Debug)]
pub struct SqliteStore {
    batches: Writer,
    /// Whose turn it is to write: fair, so that neither side waits for more than one transaction of the other.
    turn: Arc<Mutex<()>>,
    /// The connection of everything that is no batch: [`SqliteStore::begin`].
    writer: SqlitePool,
    /// Connections that only read.
    pub(crate) readers: SqlitePool,
    /// Held until the store is closed: a second server on the same file is refused. Absent for commands beside a server.
    lock: Option<File>,
    /// Reads by key, where they are asked.
    points: Arc<PointReads>,
    /// Full text, and how far it has come.
    indexer: Indexer,
    /// Connections that search.
    searches: Readers,
}

impl SqliteStore {
    /// Opens the file, made with its folder if missing, and brings its schema up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        make_folder(path)?;
        let lock = lock(path)?;
        Self::connect(path, Some(lock)).await
    }

    /// Opens the file for a short command, whether or not a server is running on it.
    pub async fn open_beside(path: &Path) -> Result<Self, StoreError> {
        make_folder(path)?;
        Self::connect(path, None).await
    }

    async fn connect(path: &Path, lock: Option<File>) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(256)
            // 64 MiB of page cache for the writer; readers share the pages through the memory map.
            .pragma("cache_size", "-65536")
            .pragma("mmap_size", "1073741824")
            // 32 MiB of log before it is copied into the file: a page written by many batches is copied once.
            .pragma("wal_autocheckpoint", "8000")
            .pragma("temp_store", "memory");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .after_release(|connection, _| Box::pin(is_at_rest(connection)))
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("../migrations/sqlite").run(&writer).await.map_err(|error| {
            StoreError::Unavailable(format!("cannot bring the schema of {} up to date: {error}", path.display()))
        })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(READER_WAIT)
            .connect_with(options.pragma("query_only", "on").pragma("cache_size", "-16384"))
            .await?;
        // Beside a server, full text is that server's.
        let (indexer, searches) = match &lock {
            Some(_) => (Indexer::start(path)?, Readers::open(path)?),
            None => (Indexer::default(), Readers::none()),
        };
        let batches = Writer::start(writer::open(path)?, Arc::clone(indexer.index()))?;
        let points = Arc::new(PointReads::open(path)?);
        Ok(Self { batches, turn: Arc::default(), writer, readers, lock, points, indexer, searches })
    }

    /// Begins to write anything but a batch. Nothing is stored unless it is committed.
    pub(super) async fn begin(&self) -> Result<Write, StoreError> {
        let turn = self.turn.clone().lock_owned().await;
        Ok(Write { transaction: self.writer.begin_with("begin immediate").await?, _turn: turn })
    }

    /// Writes by one statement that is no batch.
    pub(super) async fn execute(
        &self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<SqliteQueryResult, sqlx::Error> {
        let _turn = self.turn.lock().await;
        query.execute(&self.writer).await
    }
}

/// A transaction that holds the turn to write.
pub(super) struct Write {
    /// Ends before the turn does.
    transaction: Transaction<'static, Sqlite>,
    _turn: OwnedMutexGuard<()>,
}

impl Write {
    /// Returns once it is durable.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }
}

impl Deref for Write {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.transaction
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

#[async_trait]
impl Store for SqliteStore {
    /// The last connection to go moves the log into the file, which then is all there is to copy.
    async fn close(&self) {
        self.points.close();
        self.searches.close().await;
        self.batches.close().await;
        self.indexer.close().await;
        self.readers.close().await;
        self.writer.close().await;
        if let Some(Err(error)) = self.lock.as_ref().map(File::unlock) {
            tracing::warn!("cannot give the database free: {error}");
        }
    }
}

/// Whether a connection that comes back is outside a transaction. On a full disk SQLite rolls back by itself; the rollback
/// that sqlx sends then fails, and it would take the connection for one inside a transaction for ever. Such a connection
/// is closed, and the pool opens another.
async fn is_at_rest(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback that is on its way is done once the connection answers.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

fn make_folder(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| StoreError::Unavailable(format!("{}: {error}", folder.display())))
}

/// Takes the lock file beside the database, for as long as the returned file is open.
fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = PathBuf::from(format!("{}.lock", path.display()));
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path);
    let file = file.map_err(|error| StoreError::Unavailable(format!("{}: {error}", lock_path.display())))?;
    file.try_lock().map_err(|_| {
        StoreError::Unavailable(format!(
            "{} is in use by another concord server; stop it, or give this one a database of its own",
            path.display()
        ))
    })?;
    Ok(file)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                Self::Corrupt { what: "data", detail: error.to_string() }
            }
            other => Self::Unavailable(other.to_string()),
        }
    }
}
