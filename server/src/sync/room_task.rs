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
use crate::domain::room::{Effect, Event, RequestId, Room, WriteFailure};
use crate::domain::store::{Commit, Committed, StoreError};

/// How long an empty room stays open: a page that reconnects, or a burst of feedback, finds it warm.
const IDLE: Duration = Duration::from_secs(30);

/// How often a room looks at its clients that stand on refused changes.
const TICK: Duration = Duration::from_secs(1);

/// The running commit. Polled by the room itself: a task for each would cost more than what it waits for.
type Commits = Option<Pin<Box<dyn Future<Output = Result<Committed, StoreError>> + Send>>>;

struct Task {
    hub: Hub,
    document_text: String,
    room: Room,
    addresses: BTreeMap<ConnectionId, Address>,
    callers: HashMap<RequestId, oneshot::Sender<Result<bool, WriteFailure>>>,
    commit: Commits,
    abandoned: bool,
}

/// Opens the room and runs it until it is idle. Returns messages that came in while it was closing, in order.
pub(super) async fn run(hub: Hub, document: DocumentId, mut inbox: mpsc::Receiver<RoomMessage>) -> Vec<RoomMessage> {
    match hub.open(document).await {
        Ok(room) => {
            let task = Task {
                hub,
                document_text: document.to_text(),
                room,
                addresses: BTreeMap::new(),
                callers: HashMap::new(),
                commit: None,
                abandoned: false,
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
        RoomMessage::Event(_) => {}
    }
}

impl Task {
    async fn run(mut self, mut inbox: mpsc::Receiver<RoomMessage>) -> Vec<RoomMessage> {
        let mut idle_since = Instant::now();
        let mut next_tick = Instant::now() + TICK;
        loop {
            let message = tokio::select! {
                // Commits first: they free what waits.
                outcome = finished(&mut self.commit) => {
                    self.commit = None;
                    self.handle(Event::Committed(outcome));
                    None
                }
                message = inbox.recv() => Some(message),
                () = sleep_until(next_tick) => {
                    next_tick = Instant::now() + TICK;
                    self.handle(Event::Tick);
                    None
                }
            };
            match message {
                Some(Some(message)) => {
                    idle_since = Instant::now();
                    self.take(message);
                }
                Some(None) => break,
                None => {}
            }
            if self.abandoned {
                break;
            }
            if self.room.is_idle() && idle_since.elapsed() >= IDLE && inbox.is_empty() {
                break;
            }
        }
        self.close(inbox).await
    }

    fn take(&mut self, message: RoomMessage) {
        match message {
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
                let document = self.room.document();
                let reading = Reading {
                    key: self.room.key().clone(),
                    revision: self.room.revision(),
                    heads: document.get_heads().iter().map(ToString::to_string).collect(),
                    state: read::read(document),
                    conflicts: read::conflicts(document),
                };
                drop(done.send(Ok(reading)));
            }
        }
    }

    fn handle(&mut self, event: Event) {
        let now = self.hub.0.clock.now();
        for effect in self.room.handle(now, event) {
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

/// The outcome of the running commit; never, when there is none.
async fn finished(commit: &mut Commits) -> Result<(), StoreError> {
    match commit {
        Some(commit) => commit.await.map(|_| ()),
        None => pending().await,
    }
}
