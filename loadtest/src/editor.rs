//! One client of one review: edits at its pace, takes and acknowledges what others write, keeps a journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use automerge::ChangeHash;
use automerge::sync::Message;
use tokio::sync::{Semaphore, watch};

use crate::connection::{Connection, Incoming};
use crate::failure::Failure;
use crate::replica::Replica;
use crate::tally::Journal;

/// Frames that are taken before what they call for is sent: bounds how long an edit can wait for its turn.
const FRAMES: usize = 64;

/// When a client edits.
pub enum Pace {
    /// First after `first`, then every `period`.
    Every {
        /// Offset that spreads clients evenly.
        first: Duration,
        /// Time between edits.
        period: Duration,
    },
    /// Whenever there is a permit; who receives the edit gives it back.
    Window(Arc<Semaphore>),
    /// Never. Gives back the permits of the writer, one for each edit that arrives.
    Watch(Arc<Semaphore>),
}

/// What all clients are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Listen.
    Waiting,
    /// Edit.
    Editing,
    /// Listen and acknowledge, edit no more.
    Settling,
    /// Go.
    Done,
}

/// Counts of all clients together.
#[derive(Default)]
pub struct Progress {
    /// Edits made.
    pub edits: AtomicU64,
    /// Changes received, own ones and repetitions left out.
    pub receipts: AtomicU64,
}

impl Progress {
    /// Edits and receipts.
    pub fn read(&self) -> (u64, u64) {
        (self.edits.load(Ordering::Relaxed), self.receipts.load(Ordering::Relaxed))
    }

    /// A value that no other edit has: nine decimal digits survive every conversion to text and back.
    fn next_value(&self) -> f64 {
        (self.edits.fetch_add(1, Ordering::Relaxed) % 999_999_999 + 1) as f64 / 1e9
    }
}

/// A connected client.
pub struct Editor {
    /// Which of the run's reviews.
    pub review: usize,
    /// Whose key of `/scores` it writes under.
    pub reviewer: String,
    /// Document id on the wire.
    pub document: String,
    /// Its connection.
    pub connection: Connection,
    /// Its copy.
    pub replica: Replica,
    /// Its pace.
    pub pace: Pace,
    /// The run's counts.
    pub progress: Arc<Progress>,
}

/// What a client leaves behind.
pub struct Outcome {
    /// As in [`Editor`].
    pub review: usize,
    /// As in [`Editor`].
    pub reviewer: String,
    /// Its copy.
    pub replica: Replica,
    /// What it sent and received.
    pub journal: Journal<ChangeHash>,
    /// The last value that it wrote.
    pub last_value: Option<f64>,
    /// Notices that edits are stored.
    pub saved: u64,
    /// What went wrong.
    pub faults: Vec<String>,
}

/// State of a running client.
struct Running {
    editor: Editor,
    journal: Journal<ChangeHash>,
    last_value: Option<f64>,
    saved: u64,
    faults: Vec<String>,
}

impl Editor {
    /// Runs until the phase is [`Phase::Done`] or the connection ends.
    pub async fn run(self, phase: watch::Receiver<Phase>) -> Outcome {
        let journal = Journal::default();
        let mut running = Running { editor: self, journal, last_value: None, saved: 0, faults: Vec::new() };
        if let Err(failure) = running.run(phase).await {
            running.faults.push(failure.to_string());
        }
        let Running { editor, journal, last_value, saved, faults } = running;
        let Editor { review, reviewer, replica, .. } = editor;
        Outcome { review, reviewer, replica, journal, last_value, saved, faults }
    }
}

impl Running {
    async fn run(&mut self, mut phase: watch::Receiver<Phase>) -> Result<(), Failure> {
        let mut next = tokio::time::Instant::now();
        let mut now = *phase.borrow_and_update();
        loop {
            tokio::select! {
                incoming = self.editor.connection.read() => self.take(incoming?).await?,
                () = turn(&self.editor.pace, &mut next), if now == Phase::Editing => self.edit().await?,
                changed = phase.changed() => {
                    now = if changed.is_ok() { *phase.borrow_and_update() } else { Phase::Done };
                    match now {
                        Phase::Editing => next = tokio::time::Instant::now() + first(&self.editor.pace),
                        Phase::Done => return Ok(()),
                        Phase::Waiting | Phase::Settling => {}
                    }
                }
            }
        }
    }

    /// Makes one edit, and in a window as many as it has room for.
    async fn edit(&mut self) -> Result<(), Failure> {
        loop {
            let value = self.editor.progress.next_value();
            let started = Instant::now();
            let (hash, message) = self.editor.replica.edit(value);
            self.journal.sent.push((hash, started));
            self.last_value = Some(value);
            self.send(message).await?;
            let Pace::Window(window) = &self.editor.pace else { break };
            let Ok(permit) = window.try_acquire() else { break };
            permit.forget();
        }
        self.editor.connection.flush().await
    }

    /// Takes a frame and those right behind it, then sends all acknowledgements at once.
    async fn take(&mut self, incoming: Incoming) -> Result<(), Failure> {
        self.take_one(incoming).await?;
        for _ in 0..FRAMES {
            let Some(incoming) = self.editor.connection.read_ready() else { break };
            self.take_one(incoming?).await?;
        }
        self.editor.connection.flush().await
    }

    async fn take_one(&mut self, incoming: Incoming) -> Result<(), Failure> {
        match incoming {
            Incoming::Sync { document, message } if document == self.editor.document => {
                let received = self.editor.replica.receive(&message)?;
                let at = Instant::now();
                self.journal.received.extend(received.changes.into_iter().map(|hash| (hash, at)));
                self.editor.progress.receipts.fetch_add(received.fresh as u64, Ordering::Relaxed);
                if let Pace::Watch(window) = &self.editor.pace {
                    window.add_permits(received.fresh);
                }
                if let Some(reply) = received.reply {
                    self.send(reply).await?;
                }
            }
            Incoming::Saved => self.saved += 1,
            // Nothing that a client writes afterwards can be accepted: the first refusal says it all.
            Incoming::Rejected(notice) => return Err(Failure::Protocol(format!("an edit was refused: {notice}"))),
            Incoming::Closed(reason) => return Err(Failure::Protocol(format!("a client was closed: {reason}"))),
            Incoming::Unavailable(document) => self.faults.push(format!("document {document} became unavailable")),
            Incoming::Sync { document, .. } => self.faults.push(format!("document {document} was not asked for")),
            Incoming::Other => {}
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), Failure> {
        self.editor.connection.send(&self.editor.document, message).await
    }
}

fn first(pace: &Pace) -> Duration {
    match pace {
        Pace::Every { first, .. } => *first,
        Pace::Window(_) | Pace::Watch(_) => Duration::ZERO,
    }
}

/// Completes when the next edit is due.
async fn turn(pace: &Pace, next: &mut tokio::time::Instant) {
    match pace {
        Pace::Every { period, .. } => {
            tokio::time::sleep_until(*next).await;
            *next += *period;
        }
        Pace::Window(window) => match window.acquire().await {
            Ok(permit) => permit.forget(),
            Err(_) => std::future::pending().await,
        },
        Pace::Watch(_) => std::future::pending().await,
    }
}
