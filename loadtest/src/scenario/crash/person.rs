//! A member with a real automerge document, who edits until the connection is gone and comes back with what they have.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use automerge::sync::{Message as SyncMessage, State, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ChangeHash, ROOT, ReadDoc};
use concord_shared::review::{self, schema};
use concord_shared::wire::notice::{claim, saved_heads};
use concord_shared::wire::sync::{Frame, PROTOCOL_VERSION};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message as Packet;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::api::{Api, text};
use crate::failure::Failure;
use crate::world::{Review, SCORE};

/// Between two edits of one person: faster than anybody types, so that every moment has edits under way.
const PACE: Duration = Duration::from_millis(15);

/// How long the server may take over a first answer.
const PATIENCE: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One person in one review.
pub(super) struct Person {
    /// Their API.
    pub(super) api: Api,
    /// Their key under `/scores`.
    pub(super) reviewer: String,
    /// The review.
    pub(super) review: Review,
    /// Own edits that the server said are stored.
    pub(super) acknowledged: Arc<Mutex<BTreeSet<ChangeHash>>>,
    /// The code with which the last connection was closed, 1006: it just ended; `None`: it was never made.
    pub(super) closed: Option<u16>,
    /// What should not have happened.
    pub(super) faults: Vec<String>,
    document: Automerge,
    /// Own edits, in order, and the place of each.
    own: Vec<ChangeHash>,
    places: HashMap<ChangeHash, usize>,
    /// How many of them are acknowledged.
    saved: usize,
}

impl Person {
    pub(super) fn new(api: Api, reviewer: &str, review: &Review) -> Self {
        Self {
            api,
            reviewer: reviewer.to_owned(),
            review: review.clone(),
            acknowledged: Arc::default(),
            closed: None,
            faults: Vec::new(),
            document: review::empty().with_actor(ActorId::random()),
            own: Vec::new(),
            places: HashMap::new(),
            saved: 0,
        }
    }

    /// Own edits made so far.
    pub(super) fn edits(&self) -> usize {
        self.own.len()
    }

    /// What must be stored for ever: whatever the server has shown, and own edits that it has acknowledged.
    pub(super) fn promised(&self) -> BTreeSet<ChangeHash> {
        let acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = self.document.get_changes_meta(&[]).into_iter().map(|meta| meta.hash);
        shown.filter(|hash| !self.places.contains_key(hash) || acknowledged.contains(hash)).collect()
    }

    /// Edits until the connection is gone.
    pub(super) async fn work(mut self) -> Self {
        match self.connect().await {
            Ok((mut socket, state)) => self.edit_until_closed(&mut socket, state).await,
            // The server may be gone before the handshake is over.
            Err(Failure::Protocol(fault)) => self.faults.push(fault),
            Err(_) => self.closed = None,
        }
        self
    }

    /// Every change that a newcomer is given.
    pub(super) async fn look(api: &Api, reviewer: &str, review: &Review) -> Result<BTreeSet<ChangeHash>, Failure> {
        let mut newcomer = Self::new(api.clone(), reviewer, review);
        newcomer.connect().await?;
        Ok(newcomer.document.get_changes_meta(&[]).into_iter().map(|meta| meta.hash).collect())
    }

    /// Joins and syncs until the server has nothing more to give.
    async fn connect(&mut self) -> Result<(Socket, State), Failure> {
        let ticket = self.api.post("/api/ticket", &json!({})).await?;
        let url = format!("ws://{}/sync?ticket={}", self.api.address(), text("/api/ticket", &ticket, "ticket")?);
        let (mut socket, _) = connect_async(url).await?;
        let sender = self.reviewer.clone();
        send(&mut socket, &Frame::Join { sender, versions: vec![PROTOCOL_VERSION.to_owned()] }).await?;
        let mut state = State::new();
        let is_new = self.document.get_heads().is_empty();
        loop {
            match timeout(PATIENCE, next(&mut socket)).await.map_err(|_| protocol("no answer to a join"))? {
                Next::Frame(Frame::Peer { .. }) => break,
                Next::Frame(_) => {}
                Next::Closed(code) => return Err(gone(code)),
            }
        }
        self.flush(&mut socket, &mut state, is_new).await?;
        loop {
            match timeout(PATIENCE, next(&mut socket)).await.map_err(|_| protocol("no answer to a first message"))? {
                Next::Frame(frame) => {
                    self.take(&mut socket, &mut state, frame).await?;
                    if self.is_level(&state) {
                        return Ok((socket, state));
                    }
                }
                Next::Closed(code) => return Err(gone(code)),
            }
        }
    }

    /// Whether everything that the server has named is here.
    fn is_level(&self, state: &State) -> bool {
        let is_here = |head: &ChangeHash| self.document.get_change_meta_by_hash(head).is_some();
        state.their_heads.as_ref().is_some_and(|heads| !heads.is_empty() && heads.iter().all(is_here))
    }

    async fn edit_until_closed(&mut self, socket: &mut Socket, mut state: State) {
        let mut turn = Instant::now() + PACE;
        let ended = loop {
            let done = tokio::select! {
                incoming = next(socket) => match incoming {
                    Next::Frame(frame) => self.take(socket, &mut state, frame).await,
                    Next::Closed(code) => break code,
                },
                () = sleep_until(turn) => {
                    turn = Instant::now() + PACE;
                    self.edit();
                    self.flush(socket, &mut state, false).await
                }
            };
            match done {
                Ok(()) => {}
                Err(Failure::Protocol(fault)) => {
                    self.faults.push(fault);
                    break 0;
                }
                // Sending to a server that is gone; why it went may still be there to be read.
                Err(_) => {
                    break loop {
                        if let Next::Closed(code) = next(socket).await {
                            break code;
                        }
                    };
                }
            }
        };
        self.closed = Some(ended);
    }

    fn edit(&mut self) {
        let value = (self.own.len() % 1_000_000) as f64 / 1e6;
        let Some(map) = self.map() else {
            self.faults.push(format!("{} has no map of their own", self.reviewer));
            return;
        };
        match self.document.transact(|tx| tx.put(&map, SCORE, value)) {
            Ok(done) => {
                if let Some(hash) = done.hash {
                    self.places.insert(hash, self.own.len());
                    self.own.push(hash);
                }
            }
            Err(failure) => self.faults.push(format!("an edit does not fit the document: {}", failure.error)),
        }
    }

    fn map(&self) -> Option<automerge::ObjId> {
        let (_, scores) = self.document.get(ROOT, schema::SCORES).ok()??;
        Some(self.document.get(&scores, self.reviewer.as_str()).ok()??.1)
    }

    async fn flush(&mut self, socket: &mut Socket, state: &mut State, request: bool) -> Result<(), Failure> {
        let Some(message) = self.document.generate_sync_message(state) else { return Ok(()) };
        let frame = Frame::Sync {
            sender: self.reviewer.clone(),
            target: "concord".to_owned(),
            document: self.review.document.clone(),
            request,
            data: message.encode(),
        };
        send(socket, &frame).await
    }

    async fn take(&mut self, socket: &mut Socket, state: &mut State, frame: Frame) -> Result<(), Failure> {
        match frame {
            Frame::Sync { data, .. } => {
                let message = SyncMessage::decode(&data).map_err(|error| protocol(error.to_string()))?;
                let received = self.document.receive_sync_message(state, message);
                received.map_err(|error| protocol(format!("the server sent changes that do not fit: {error}")))?;
                self.flush(socket, state, false).await
            }
            Frame::Unavailable { .. } => Err(protocol("the review is not available")),
            Frame::Ephemeral { data, .. } => match saved_heads(&data) {
                Some(heads) => {
                    self.note_saved(&heads);
                    Ok(())
                }
                None if claim(&data).kind.as_deref() == Some("review-rejected") => {
                    Err(protocol(format!("an edit was refused: {}", String::from_utf8_lossy(&data))))
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Own edits up to any of these heads are stored.
    fn note_saved(&mut self, heads: &[String]) {
        let last = heads.iter().filter_map(|head| self.places.get(&head.parse().ok()?)).max();
        let Some(end) = last.map(|last| last + 1).filter(|end| *end > self.saved) else { return };
        let mut acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        acknowledged.extend(&self.own[self.saved..end]);
        self.saved = end;
    }
}

enum Next {
    Frame(Frame),
    Closed(u16),
}

async fn next(socket: &mut Socket) -> Next {
    loop {
        match socket.next().await {
            Some(Ok(Packet::Binary(bytes))) => match Frame::decode(&bytes) {
                Ok(frame) => return Next::Frame(frame),
                Err(_) => return Next::Closed(0),
            },
            Some(Ok(Packet::Close(frame))) => return Next::Closed(frame.map_or(1005, |frame| frame.code.into())),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Next::Closed(1006),
        }
    }
}

async fn send(socket: &mut Socket, frame: &Frame) -> Result<(), Failure> {
    Ok(socket.send(Packet::Binary(frame.encode().into())).await?)
}

fn protocol(fault: impl Into<String>) -> Failure {
    Failure::Protocol(fault.into())
}

/// The server went away during a handshake.
fn gone(code: u16) -> Failure {
    Failure::Server(format!("it closed a handshake with {code}"))
}
