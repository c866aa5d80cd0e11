//! Copying the log into the file, beside the writing thread: a copy syncs tens of megabytes, which takes tens of milliseconds,
//! and whoever waits for a commit should not wait for that.
//!
//! While a thread of its own copies, batches go on and the log grows. When it is done, the writing thread copies what came
//! meanwhile, which is little; with all of the log copied, the next batch begins it anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use crate::domain::store::StoreError;

/// Written table rows between two copies: of judgements about 32 MiB of log, of logged rows less. A page that is written by
/// many batches is then copied once.
const CHANGES: u64 = 10_000;

const IDLE: u8 = 0;
const COPYING: u8 = 1;
const COPIED: u8 = 2;

/// Copies on demand.
pub(super) struct Checkpoints {
    ask: Option<SyncSender<()>>,
    state: Arc<AtomicU8>,
    thread: Option<JoinHandle<()>>,
    /// The writing connection's count of changes at the last copy.
    copied_at: u64,
}

impl Checkpoints {
    /// Starts the thread, with a connection of its own to the file of `writer`.
    pub(super) fn start(writer: &Connection) -> Result<Self, StoreError> {
        let connection = Connection::open(writer.path().unwrap_or_default())?;
        let (ask, asked) = sync_channel(1);
        let state = Arc::new(AtomicU8::new(IDLE));
        let copying = state.clone();
        let thread = thread::Builder::new().name("sqlite-copier".into());
        let thread = thread.spawn(move || run(&connection, &asked, &copying));
        let thread = thread.map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        Ok(Self { ask: Some(ask), state, thread: Some(thread), copied_at: 0 })
    }

    /// To be called by the writing thread between two batches.
    pub(super) fn after_batch(&mut self, writer: &Connection) {
        let changes = writer.total_changes();
        match self.state.load(Ordering::Acquire) {
            COPIED => {
                copy(writer);
                self.copied_at = changes;
                self.state.store(IDLE, Ordering::Release);
            }
            IDLE if changes - self.copied_at >= CHANGES => {
                self.state.store(COPYING, Ordering::Release);
                if self.ask.as_ref().is_none_or(|ask| ask.try_send(()).is_err()) {
                    // The thread has ended. SQLite copies by itself when the log has grown long.
                    self.copied_at = changes;
                    self.state.store(IDLE, Ordering::Release);
                }
            }
            _ => {}
        }
    }
}

impl Drop for Checkpoints {
    /// Its connection must not outlive the store: the last to go copies all of the log.
    fn drop(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn run(connection: &Connection, asked: &Receiver<()>, state: &AtomicU8) {
    while asked.recv().is_ok() {
        copy(connection);
        state.store(COPIED, Ordering::Release);
    }
}

/// Copies what no reader stands in the way of. Failing, as on a full disk, loses nothing: the log stays.
fn copy(connection: &Connection) {
    if let Err(error) = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())) {
        tracing::warn!(%error, "the log was not copied into the database");
    }
}
