//! The thread that writes batches. Every statement of a batch runs on it, one after another and without a step to the
//! runtime in between: a batch has a dozen statements of a few microseconds each, and a step costs as much as one of them.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use concord_shared::ids::{ObjectRef, ProjectId, XactId};
use concord_shared::moment::Moment;
use concord_shared::score::Score;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::checkpoint::Checkpoints;
use super::commits;
use super::labels::LabelIds;
use super::rederive::SettledRow;
use super::search::{Index, RowText};
use crate::domain::store::{Batch, Commit, StoreError};

/// Batches that wait. There is one committer, and it waits for each; a second place is for the batch after a timeout.
const QUEUE: usize = 2;

/// How long a batch waits for a command beside the server that writes to the same file.
const BUSY: Duration = Duration::from_secs(5);

/// Statements that stay prepared: all that a batch uses.
const STATEMENTS: usize = 64;

/// Projects whose scores and chain are remembered; beyond it everything is read again.
const PROJECTS: usize = 4096;

/// Rows that are remembered, of some kilobytes each; beyond it everything is read again.
const ROWS: usize = 4096;

/// Hands batches to the thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Mutex<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Job {
    batch: Arc<[Commit]>,
    now: Moment,
    done: oneshot::Sender<Result<Batch, StoreError>>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(connection: Connection, index: Arc<Index>) -> Result<Self, StoreError> {
        let checkpoints = Checkpoints::start(&connection)?;
        let ledger = Ledger { connection, known: Known::default(), checkpoints, index };
        let (jobs, waiting) = sync_channel(QUEUE);
        let thread = thread::Builder::new().name("sqlite-writer".into()).spawn(move || run(ledger, &waiting));
        let thread = thread.map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) })
    }

    /// Stores a batch.
    pub(super) async fn commit(&self, batch: Arc<[Commit]>, now: Moment) -> Result<Batch, StoreError> {
        let stopped = || StoreError::Unavailable("the database is closed".into());
        let (done, outcome) = oneshot::channel();
        let sent = match &*self.jobs.lock().map_err(|_| stopped())? {
            Some(jobs) => jobs.try_send(Job { batch, now, done }),
            None => return Err(stopped()),
        };
        match sent {
            Ok(()) => outcome.await.map_err(|_| stopped())?,
            Err(TrySendError::Full(_)) => Err(StoreError::Unavailable("too many batches wait for the disk".into())),
            Err(TrySendError::Disconnected(_)) => Err(stopped()),
        }
    }

    /// Finishes what waits and closes the file.
    pub(super) async fn close(&self) {
        let Some(thread) = self.thread.lock().ok().and_then(|mut thread| thread.take()) else { return };
        if let Ok(mut jobs) = self.jobs.lock() {
            *jobs = None;
        }
        // Waiting for a thread would hold up the runtime. A panic was answered where it happened.
        drop(tokio::task::spawn_blocking(move || thread.join()).await);
    }
}

/// Opens a file, which exists and has its schema, for writing batches.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Each commit on the disk before anybody hears of it; 64 MiB of pages; 128 MiB of log before a commit copies it into the
    // file, which `checkpoint` does long before.
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -65536; \
         pragma mmap_size = 1073741824; pragma wal_autocheckpoint = 32000; pragma temp_store = memory;",
    )?;
    Ok(connection)
}

fn run(mut ledger: Ledger, waiting: &Receiver<Job>) {
    while let Ok(Job { batch, now, done }) = waiting.recv() {
        let outcome = catch_unwind(AssertUnwindSafe(|| ledger.commit(&batch, now))).unwrap_or_else(|_| {
            Err(StoreError::Corrupt { what: "batch", detail: "writing it panicked; nothing of it is stored".into() })
        });
        if outcome.is_err() {
            // What was remembered may speak of what is not stored.
            ledger.known = Known::default();
        }
        // The last to hold a batch takes it apart, which need not be this thread.
        drop(batch);
        // Whoever waited may be gone; what is stored is stored.
        drop(done.send(outcome));
        ledger.checkpoints.after_batch(&ledger.connection);
    }
}

/// The writing connection and what it remembers between batches.
struct Ledger {
    connection: Connection,
    known: Known,
    checkpoints: Checkpoints,
    index: Arc<Index>,
}

impl Ledger {
    fn commit(&mut self, batch: &[Commit], now: Moment) -> Result<Batch, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        self.known.meet(&transaction)?;
        let stored = commits::store(&transaction, &mut self.known, batch, now)?;
        self.index.rewriting(std::mem::take(&mut self.known.rewritten));
        let committed = transaction.commit();
        let texts = std::mem::take(&mut self.known.texts);
        self.index.ended(if committed.is_ok() { texts } else { Vec::new() });
        committed?;
        Ok(stored)
    }
}

/// Facts of the database that only batches change, or that say when something else did.
#[derive(Default)]
pub(super) struct Known {
    /// SQLite's count of commits by other connections.
    version: i64,
    /// Batches so far, and the last transaction id.
    pub(super) progress: Option<(i64, XactId)>,
    /// The next key of the table `row`.
    pub(super) next_pk: Option<i64>,
    /// Scores by project.
    pub(super) scores: HashMap<ProjectId, Arc<[Score]>>,
    /// Place and hash of the last audit entry, by project.
    pub(super) tips: HashMap<ProjectId, (i64, [u8; 32])>,
    /// Rows whose reviews are being written.
    pub(super) settled: HashMap<(ObjectRef, String), SettledRow>,
    /// Ids of labels.
    pub(super) labels: LabelIds,
    /// Rows of this batch whose texts full text has in an old form.
    pub(super) rewritten: Vec<i64>,
    /// Texts of new rows of this batch.
    pub(super) texts: Vec<RowText>,
}

impl Known {
    /// Forgets everything if another connection has written since.
    fn meet(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let version = connection.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?;
        let is_full = self.scores.len() > PROJECTS || self.tips.len() > PROJECTS || self.settled.len() > ROWS;
        if version != self.version || is_full {
            *self = Self { version, ..Self::default() };
        }
        Ok(())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::{
            FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, QueryReturnedNoRows, Utf8Error,
        };
        match error {
            FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..) => {
                Self::Corrupt { what: "data", detail: error.to_string() }
            }
            QueryReturnedNoRows => Self::Corrupt { what: "data", detail: "a row that must exist is not there".into() },
            other => Self::Unavailable(other.to_string()),
        }
    }
}
