//! The thread that fills full text, and how far it has come.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use concord_shared::ids::{ObjectRef, ObjectType};
use concord_shared::review::state::ReviewState;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::{reviews, stored};
use super::text_path;
use crate::domain::search::terms::{self, Terms};
use crate::domain::store::StoreError;

/// Rows of one step: a transaction of some milliseconds.
const STEP: usize = 1000;

/// How long rows gather before they are taken: small steps make many small pieces of an index, which are merged again and again.
const GATHER: Duration = Duration::from_millis(50);

/// How long the thread rests after an error, such as a full disk.
const REST: Duration = Duration::from_secs(5);

/// The thread's priority: niceness, of which 19 is the most.
const POLITE: i32 = 10;

/// Rewritten rows that are remembered one by one. Beyond it everything after the first of them counts as new.
const REWRITTEN: usize = 100_000;

/// How far full text has come.
#[derive(Debug, Default)]
pub(in super::super) struct Index {
    progress: Mutex<Progress>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Progress {
    /// Rows to this place were new once and are in it.
    indexed: i64,
    /// Rewritten rows, whose commit is under way.
    pending: BTreeSet<i64>,
    /// Rewritten rows, to be taken.
    rewritten: BTreeSet<i64>,
    /// Rewritten rows that are being taken.
    taken: BTreeSet<i64>,
    /// Something was committed since the thread last looked.
    awake: bool,
    closed: bool,
}

/// What full text does not have, or has in an old form.
#[derive(Debug)]
pub(super) struct Behind {
    /// Rows after this place.
    pub(super) after: i64,
    /// And these, all of them before it.
    pub(super) rewritten: Vec<i64>,
}

impl Index {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows that the transaction under way rewrites; called before it ends.
    pub(in super::super) fn rewriting(&self, rows: Vec<i64>) {
        if !rows.is_empty() {
            self.progress().pending.extend(rows);
        }
    }

    /// The transaction has ended, one way or the other.
    pub(in super::super) fn ended(&self) {
        let mut progress = self.progress();
        let pending = std::mem::take(&mut progress.pending);
        progress.rewritten.extend(pending);
        if progress.rewritten.len() > REWRITTEN {
            let first = progress.rewritten.pop_first().unwrap_or(i64::MAX);
            progress.indexed = progress.indexed.min(first - 1);
            progress.rewritten.clear();
        }
        progress.awake = true;
        self.changed.notify_one();
    }

    /// What is to be looked at one by one. Asked before full text is read, so that what it lacks then is in the answer.
    pub(super) fn behind(&self) -> Behind {
        let progress = self.progress();
        let after = progress.indexed;
        let sets = [&progress.pending, &progress.rewritten, &progress.taken];
        let rewritten: BTreeSet<i64> = sets.into_iter().flat_map(|set| set.range(..=after)).copied().collect();
        Behind { after, rewritten: rewritten.into_iter().collect() }
    }

    /// Waits until there is something to do; `false` when there never will be.
    fn wait(&self) -> bool {
        let mut progress = self.progress();
        while !progress.awake && !progress.closed {
            progress = self.changed.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        progress.awake = false;
        !progress.closed
    }

    /// Waits, or ends early when closed.
    fn rest(&self, time: Duration) -> bool {
        let progress = self.progress();
        let ended = self.changed.wait_timeout_while(progress, time, |progress| !progress.closed);
        !ended.unwrap_or_else(PoisonError::into_inner).0.closed
    }
}

/// The thread; by default there is none, and nothing is filled.
#[derive(Debug, Default)]
pub(in super::super) struct Indexer {
    index: Arc<Index>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Indexer {
    /// Starts it on a database, which exists and has its schema. What full text missed while it was not running is known before this
    /// returns. A file of full text that cannot be read is made anew.
    pub(in super::super) fn start(path: &Path) -> Result<Self, StoreError> {
        let filler = Filler::open(path).or_else(|error| {
            tracing::warn!(%error, "full text cannot be read and is made anew");
            super::forget_texts(path);
            Filler::open(path)
        })?;
        let (indexed, rewritten) = filler.missed()?;
        let index = Arc::new(Index {
            progress: Mutex::new(Progress { indexed, rewritten, awake: true, ..Progress::default() }),
            changed: Condvar::new(),
        });
        let shared = Arc::clone(&index);
        let thread = thread::Builder::new().name("sqlite-text".into()).spawn(move || run(filler, &shared));
        let thread = thread.map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        Ok(Self { index, thread: Mutex::new(Some(thread)) })
    }

    pub(in super::super) fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Ends the thread after its step.
    pub(in super::super) async fn close(&self) {
        self.index.progress().closed = true;
        self.index.changed.notify_all();
        let Some(thread) = self.thread.lock().ok().and_then(|mut thread| thread.take()) else { return };
        drop(tokio::task::spawn_blocking(move || thread.join()).await);
    }
}

fn run(mut filler: Filler, index: &Index) {
    // Whoever writes and reads goes first; what is left of a busy machine is enough to catch up when it is busy no more.
    if let Err(error) = rustix::process::setpriority_process(None, POLITE) {
        tracing::debug!(%error, "full text takes as much of the processor as others");
    }
    while index.wait() {
        if !index.rest(GATHER) {
            return;
        }
        loop {
            match filler.step(index) {
                Ok(true) if !index.progress().closed => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "full text falls behind");
                    let mut progress = index.progress();
                    let taken = std::mem::take(&mut progress.taken);
                    progress.rewritten.extend(taken);
                    progress.awake = true;
                    drop(progress);
                    if !index.rest(REST) {
                        return;
                    }
                    break;
                }
            }
        }
    }
}

/// One connection that reads rows and writes full text.
struct Filler {
    conn: Connection,
}

/// A row to be taken.
struct Taken {
    pk: i64,
    terms: Terms,
}

impl Filler {
    fn open(path: &Path) -> Result<Self, StoreError> {
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
        Ok(Self { conn })
    }

    /// How far it has come, and which rows were rewritten since.
    fn missed(&self) -> Result<(i64, BTreeSet<i64>), StoreError> {
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
    fn step(&mut self, index: &Index) -> Result<bool, StoreError> {
        let (indexed, again) = {
            let mut progress = index.progress();
            while progress.taken.len() < STEP
                && let Some(pk) = progress.rewritten.pop_first()
            {
                progress.taken.insert(pk);
            }
            (progress.indexed, progress.taken.clone())
        };
        let read = self.conn.unchecked_transaction()?;
        let xact: i64 = read.query_row("select xact from progress", [], |row| row.get(0))?;
        // What was rewritten up to this moment is taken, unless it waits.
        let all_taken = {
            let progress = index.progress();
            progress.pending.is_empty() && progress.rewritten.is_empty()
        };
        let fresh = new_rows(&read, indexed)?;
        let rewritten = again.iter().map(|pk| row(&read, *pk)).collect::<Result<Vec<_>, _>>()?;
        drop(read);
        let more = fresh.len() == STEP;
        let last = fresh.last().map_or(indexed, |row| row.pk);
        if fresh.is_empty() && again.is_empty() {
            return Ok(false);
        }
        let write = self.conn.unchecked_transaction()?;
        let high: i64 = write.query_row("select indexed from search.position", [], |row| row.get(0))?;
        {
            let mut delete = write.prepare_cached("delete from search.row_text where rowid = ?")?;
            let mut insert = write.prepare_cached("insert into search.row_text (rowid, terms) values (?, ?)")?;
            let rewritten = rewritten.into_iter().flatten();
            for Taken { pk, terms } in rewritten.chain(fresh).filter(|taken| taken.pk <= last) {
                if pk <= high {
                    delete.execute([pk])?;
                }
                insert.execute(params![pk, terms.as_str()])?;
            }
        }
        write.execute("update search.position set indexed = max(indexed, ?)", [last])?;
        if all_taken && !more {
            write.execute("update search.position set xact = ?", [xact])?;
        }
        write.commit()?;
        let mut progress = index.progress();
        progress.taken.clear();
        // Unless it was set back meanwhile.
        if progress.indexed == indexed {
            progress.indexed = last;
        }
        Ok(more || !progress.rewritten.is_empty())
    }
}

const COLUMNS: &str = "r.pk, r.object_type, r.object_id, r.logged, case when r.overlay is not null then (select v.state from review v \
     where v.object_type = r.object_type and v.object_id = r.object_id and v.row_id = r.id) end as state";

fn new_rows(conn: &Connection, after: i64) -> Result<Vec<Taken>, StoreError> {
    let mut select =
        conn.prepare_cached(&format!("select {COLUMNS} from row r where r.pk > ? order by r.pk limit ?"))?;
    let mut rows = select.query(params![after, STEP as i64])?;
    let mut taken = Vec::new();
    while let Some(row) = rows.next()? {
        taken.push(take(row)?);
    }
    Ok(taken)
}

fn row(conn: &Connection, pk: i64) -> Result<Option<Taken>, StoreError> {
    let mut select = conn.prepare_cached(&format!("select {COLUMNS} from row r where r.pk = ?"))?;
    select.query_row([pk], |row| Ok(take(row))).optional()?.transpose()
}

fn take(row: &rusqlite::Row<'_>) -> Result<Taken, StoreError> {
    let logged: Map<String, Value> = stored::json(row, "logged")?;
    let state: Option<ReviewState> = stored::optional_json(row, "state")?;
    let mut terms = Terms::of_logged(&logged);
    if let Some(state) = state {
        terms.extend(&Terms::of_comments(&state));
    }
    let object_type: ObjectType = reviews::object_type_from(row.get("object_type")?)?;
    let object = ObjectRef { object_type, object_id: Uuid::from_bytes(row.get("object_id")?) };
    terms.add(&terms::object(object));
    Ok(Taken { pk: row.get("pk")?, terms })
}
