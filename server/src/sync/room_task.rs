//! Runs one room. Dull on purpose: receive, handle, carry out effects, repeat.

use std::collections::{BTreeMap, HashMap};
use std::future::pending;
use std::pin::Pin;
use std::time::Duration;

use axum::extract::ws::Message;
use concord_shared::ids::{ConnectionId, DocumentId};
use concord_shared::review::read;
use concord_shared::wire::notice::Notice;
use concord_shared::wire::sync::Frame;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::hub::{Address, Hub, Reading, RoomMessage, SERVER_PEER};
use super::ledger::weight;
use crate::domain::room::{Effect, Event, Reloaded, RequestId, Room, WriteFailure};
use crate::domain::store::{Commit, Committed, StoreError};
use crate::gauges::Stopwatch;

/// Growth that the ledger is told of at once; smaller steps wait until the room rests.
const GROWTH: usize = 4096;

/// How often a room looks at its clients that stand on refused changes.
const TICK: Duration = Duration::from_secs(1);

/// What the store is at for the room. Polled by the room itself: a task for each would cost more than what it waits for.
type Running<T> = Option<Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>>;

struct Task {
    hub: Hub,
    document_text: String,
    room: Room,
    addresses: BTreeMap<ConnectionId, Address>,
    callers: HashMap<RequestId, oneshot::Sender<Result<bool, WriteFailure>>>,
    commit: Running<Committed>,
    reload: Running<Box<Reloaded>>,
    abandoned: bool,
    document: DocumentId,
    /// What the document weighs, as estimated.
    bytes: usize,
    /// What the ledger knows: the weight, and whether the room rests.
    noted: Option<(usize, bool)>,
}

/// Opens the room and runs it until it is told to close and may. Returns messages that came in while it was closing, in order.
pub(super) async fn run(hub: Hub, document: DocumentId, mut inbox: mpsc::Receiver<RoomMessage>) -> Vec<RoomMessage> {
    match hub.open(document).await {
        Ok((room, bytes)) => {
            let task = Task {
                hub,
                document_text: document.to_text(),
                room,
                addresses: BTreeMap::new(),
                callers: HashMap::new(),
                commit: None,
                reload: None,
                abandoned: false,
                document,
                bytes,
                noted: None,
            };
            task.run(inbox).await
        }
        Err(error) => {
            tracing::error!(%document, %error, "cannot open a review");
            inbox.close();
            while let Some(message) = inbox.recv().await {
                turn_away(message, &document.to_text(), &error);
            }
            Vec::new()
        }
    }
}

/// Answers a message for a room that cannot be opened.
fn turn_away(message: RoomMessage, document: &str, error: &StoreError) {
    match message {
        RoomMessage::Join { address, .. } => {
            let (sender, target) = (SERVER_PEER.to_owned(), address.peer.clone());
            address.send(&Frame::Unavailable { sender, target, document: document.to_owned() });
        }
        RoomMessage::Write { done, .. } => drop(done.send(Err(WriteFailure::Store(error.clone())))),
        RoomMessage::Read(done) => drop(done.send(Err(error.clone()))),
        RoomMessage::Event(_) | RoomMessage::Close => {}
    }
}

impl Task {
    async fn run(mut self, mut inbox: mpsc::Receiver<RoomMessage>) -> Vec<RoomMessage> {
        let mut next_tick = Instant::now() + TICK;
        loop {
            let message = tokio::select! {
                // Commits first: they free what waits.
                outcome = finished(&mut self.commit) => {
                    self.commit = None;
                    self.handle(Event::Committed(outcome.map(|_| ())));
                    None
                }
                outcome = finished(&mut self.reload) => {
                    self.reload = None;
                    self.handle(Event::Reloaded(outcome));
                    None
                }
                message = inbox.recv() => Some(message),
                () = sleep_until(next_tick), if self.room.needs_ticks() => {
                    next_tick = Instant::now() + TICK;
                    self.handle(Event::Tick);
                    None
                }
            };
            match message {
                Some(Some(RoomMessage::Close)) => {
                    // The ledger has written it off, and is told anew below if it stays.
                    self.noted = None;
                    if self.rests(&inbox) {
                        self.save_snapshot().await;
                        if self.rests(&inbox) {
                            break;
                        }
                    }
                }
                Some(Some(message)) => {
                    self.freshen(&message).await;
                    self.take(message);
                }
                Some(None) => break,
                None => {}
            }
            if self.abandoned {
                break;
            }
            self.note(&inbox);
        }
        self.close(inbox).await
    }

    /// Whether nobody is in the room and nothing is under way.
    fn rests(&self, inbox: &mpsc::Receiver<RoomMessage>) -> bool {
        self.room.is_idle() && inbox.is_empty()
    }

    /// Tells the ledger what it does not know: that the room was used while it rested, rests, works, or has grown.
    fn note(&mut self, inbox: &mpsc::Receiver<RoomMessage>) {
        let rests = self.rests(inbox);
        let known = self.noted.is_some_and(|(bytes, rested)| !rests && !rested && self.bytes < bytes + GROWTH);
        if !known {
            self.noted = Some((self.bytes, rests));
            self.hub.note(self.document, self.bytes, rests);
        }
    }

    /// The next one to open the document then loads no changes. Not needed for safety: they are all stored.
    async fn save_snapshot(&mut self) {
        let Some((revision, bytes)) = self.room.fresh_snapshot() else { return };
        match self.hub.0.store.save_snapshot(self.document, revision, bytes).await {
            Ok(()) => self.room.snapshot_saved(revision),
            Err(error) => tracing::warn!(document = %self.document, %error, "a snapshot was not stored"),
        }
    }

    /// Takes in what other servers have written, before anybody is answered from memory. What clients send needs no look: its
    /// commit finds out.
    async fn freshen(&mut self, message: &RoomMessage) {
        let store = &self.hub.0.store;
        let is_answered_from_memory = !matches!(message, RoomMessage::Event(_));
        if !store.is_shared() || !is_answered_from_memory || self.commit.is_some() || self.reload.is_some() {
            return;
        }
        let document = self.room.key().document;
        match store.revision(document).await {
            Ok(Some(stored)) if stored > self.room.revision() => {
                let news = self.hub.reload(document).await;
                self.handle(Event::Reloaded(news));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%document, %error, "cannot look whether another server has written"),
        }
    }

    fn take(&mut self, message: RoomMessage) {
        match message {
            RoomMessage::Close => {}
            RoomMessage::Join { connection, writer, address } => {
                self.addresses.insert(connection, address);
                self.handle(Event::Join { connection, writer });
            }
            RoomMessage::Event(event) => {
                if let Event::Leave { connection } = &event {
                    self.addresses.remove(connection);
                }
                self.handle(event);
            }
            RoomMessage::Write { write, done } => {
                self.callers.insert(write.request, done);
                self.handle(Event::Write(*write));
            }
            RoomMessage::Read(done) => {
                let (key, revision) = (self.room.key().clone(), self.room.revision());
                let document = self.room.document();
                let reading = Reading {
                    key,
                    revision,
                    heads: document.get_heads().iter().map(ToString::to_string).collect(),
                    state: read::read(document),
                    conflicts: read::conflicts(document),
                };
                drop(done.send(Ok(reading)));
            }
        }
    }

    fn handle(&mut self, event: Event) {
        let (now, before, stopwatch) = (self.hub.0.clock.now(), self.room.gates(), Stopwatch::start());
        let effects = self.room.handle(now, event);
        let gates = self.room.gates();
        if gates != before {
            self.hub.0.gauges.gate(gates.full > before.full, stopwatch.elapsed());
        }
        for effect in effects {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Sync { to, message } => {
                let Some(address) = self.addresses.get(&to) else { return };
                let frame = Frame::Sync {
                    sender: SERVER_PEER.to_owned(),
                    target: address.peer.clone(),
                    document: self.document_text.clone(),
                    request: false,
                    data: message,
                };
                address.send(&frame);
            }
            Effect::Notify { to, notice } => self.notify(to, &notice),
            Effect::Relay { to, frame } => {
                if let Some(address) = self.addresses.get(&to) {
                    address.outbox.send(Message::Binary(frame));
                }
            }
            Effect::Commit(commit) => {
                commit.refusals.iter().for_each(|refusal| self.hub.0.gauges.refusal(&refusal.code));
                let saved = commit.changes.iter().map(|change| change.bytes.len()).sum();
                // The room itself is in the weight already; a change has an operation or two.
                self.bytes += weight(saved, commit.changes.len(), commit.changes.len()) - weight(0, 0, 0);
                let committer = self.hub.0.committer.clone();
                self.commit = Some(Box::pin(async move { committer.commit(Commit::Review(commit)).await }));
            }
            Effect::Answer { request, result } => {
                if let Some(done) = self.callers.remove(&request) {
                    // The caller may have hung up; what is stored is stored.
                    drop(done.send(result));
                }
            }
            Effect::Disconnect { connection, code, reason } => {
                self.notify(connection, &Notice::Closing(reason.to_owned()));
                if let Some(address) = self.addresses.remove(&connection) {
                    address.outbox.close((code, reason));
                }
            }
            Effect::Reload => {
                let (hub, document) = (self.hub.clone(), self.room.key().document);
                self.reload = Some(Box::pin(async move { hub.reload(document).await }));
            }
            Effect::Abandon => self.abandoned = true,
        }
    }

    fn notify(&self, to: ConnectionId, notice: &Notice) {
        if let Some(address) = self.addresses.get(&to) {
            address.send(&self.hub.notice_frame(&address.peer, &self.document_text, notice));
        }
    }

    fn disconnect_all(&mut self) {
        for address in std::mem::take(&mut self.addresses).into_values() {
            address.outbox.close((1013, "the review is being opened again"));
        }
    }

    /// Stops taking messages and lets go of everybody who waits.
    async fn close(mut self, mut inbox: mpsc::Receiver<RoomMessage>) -> Vec<RoomMessage> {
        inbox.close();
        self.disconnect_all();
        for (_, done) in std::mem::take(&mut self.callers) {
            drop(done.send(Err(WriteFailure::Store(StoreError::Stale(self.room.revision())))));
        }
        let mut rest = Vec::new();
        while let Some(message) = inbox.recv().await {
            rest.push(message);
        }
        rest
    }
}

/// Also after a panic: whoever is left would wait for answers that nobody gives, and a client that is not closed never
/// sends its changes again.
impl Drop for Task {
    fn drop(&mut self) {
        self.disconnect_all();
    }
}

/// The outcome of what is running; never, when nothing is.
async fn finished<T>(running: &mut Running<T>) -> Result<T, StoreError> {
    match running {
        Some(running) => running.await,
        None => pending().await,
    }
}
