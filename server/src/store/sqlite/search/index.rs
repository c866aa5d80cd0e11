//! The thread that fills full text, and how far it has come.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::filler::Filler;
use crate::domain::search::terms::Terms;
use crate::domain::store::StoreError;

/// Rows of one step. Each is a transaction that leaves a small piece of an index, which is merged with others again and again: few
/// large ones cost less. Rows of a step under way are looked at one by one by whoever searches, which bounds it.
pub(super) const STEP: usize = 4000;

/// Bytes of texts that are kept until they are taken; the rows of those beyond it are read again.
const KEPT: usize = 32 * 1024 * 1024;

/// How long rows gather before they are taken: small steps make many small pieces of an index, which are merged again and again.
const GATHER: Duration = Duration::from_millis(100);

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

/// What full text is to know of a row.
#[derive(Debug, Clone)]
pub(in super::super) struct RowText {
    pub(in super::super) pk: i64,
    /// The term of its object.
    pub(in super::super) object: Arc<str>,
    pub(in super::super) terms: Arc<Terms>,
}

impl RowText {
    fn bytes(&self) -> usize {
        self.terms.as_str().len()
    }
}

#[derive(Debug, Default)]
struct Progress {
    /// Rows to this place were new once and are in it.
    indexed: i64,
    /// Texts of new rows by batch, so that the thread need not read these rows.
    texts: Vec<Vec<RowText>>,
    /// Bytes of these and of those that the thread has, and how many there may be: none without a thread.
    kept: usize,
    room: usize,
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

    /// The transaction has ended, one way or the other. `texts` are of new rows, if it was committed.
    pub(in super::super) fn ended(&self, texts: Vec<RowText>) {
        let bytes: usize = texts.iter().map(RowText::bytes).sum();
        // Short, here and wherever it is held: the thread that takes texts is a polite one, and who waits for it waits long.
        let mut progress = self.progress();
        if bytes > 0 && progress.kept + bytes <= progress.room {
            progress.kept += bytes;
            progress.texts.push(texts);
        }
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
            progress: Mutex::new(Progress { indexed, rewritten, room: KEPT, awake: true, ..Progress::default() }),
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
            let step = catch_unwind(AssertUnwindSafe(|| filler.step(index)));
            match step
                .unwrap_or_else(|_| Err(StoreError::Corrupt { what: "text", detail: "taking it panicked".into() }))
            {
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

/// What the thread takes at a time.
#[derive(Debug)]
pub(super) struct Step {
    /// Rows to this place are in full text.
    pub(super) indexed: i64,
    /// Rows that were written again since they were taken or wait to be: what is known of them is old.
    pub(super) rewritten: BTreeSet<i64>,
    /// Whether these are all that were rewritten so far.
    pub(super) all: bool,
}

impl Index {
    /// Rows that wait, at most so many that a step takes them. They are rewritten ones until the step is [`Self::done`]. Texts of
    /// new rows are added to `texts`.
    pub(super) fn take(&self, texts: &mut BTreeMap<i64, RowText>) -> Step {
        let mut progress = self.progress();
        while progress.taken.len() < STEP
            && let Some(pk) = progress.rewritten.pop_first()
        {
            progress.taken.insert(pk);
        }
        let arrived = std::mem::take(&mut progress.texts);
        let step = Step {
            indexed: progress.indexed,
            rewritten: progress.taken.clone(),
            all: progress.pending.is_empty() && progress.rewritten.is_empty(),
        };
        drop(progress);
        texts.extend(arrived.into_iter().flatten().map(|text| (text.pk, text)));
        step
    }

    /// Texts that are of no use any more.
    pub(super) fn forget<'a>(&self, texts: impl IntoIterator<Item = &'a RowText>) {
        let bytes: usize = texts.into_iter().map(RowText::bytes).sum();
        self.progress().kept -= bytes;
    }

    /// A step is stored, which took new rows to the place `last`. Whether rewritten ones wait.
    pub(super) fn done(&self, step: &Step, last: i64) -> bool {
        let mut progress = self.progress();
        progress.taken.clear();
        // Unless it was set back meanwhile.
        if progress.indexed == step.indexed {
            progress.indexed = last;
        }
        !progress.rewritten.is_empty()
    }
}
