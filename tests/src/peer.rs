//! A client of `/sync` that says exactly what a test wants: well-behaved, hostile, or silent.

use std::time::Duration;

use automerge::sync::{self, SyncDoc};
use automerge::transaction::{CommitOptions, Transaction};
use automerge::{ActorId, Automerge, AutomergeError, ReadDoc};
use concord_shared::review;
use concord_shared::wire::sync::Frame;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long anything may take before a test says that it did not come.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long silence must last to count as silence.
pub const QUIET: Duration = Duration::from_millis(300);

/// One connection with one document.
pub struct Peer {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Peer id.
    pub id: String,
    /// Base58check id of the document, once opened.
    pub document_id: String,
    /// This peer's copy.
    pub document: Automerge,
    state: sync::State,
}

/// What came in.
#[derive(Debug)]
pub enum Incoming {
    /// A frame.
    Frame(Frame),
    /// The server closed with this code.
    Closed(u16),
    /// Nothing within the time.
    Silence,
}

impl Peer {
    /// Connects to `url` (`ws://…/sync?ticket=…`) and says `join`.
    pub async fn join(url: &str, id: &str) -> Self {
        let mut peer = Self::connect(url, id).await;
        peer.send(&Frame::Join { sender: id.to_owned(), versions: vec!["1".into()] }).await;
        match peer.next(PATIENCE).await {
            Incoming::Frame(Frame::Peer { target, .. }) => assert_eq!(target, id, "the answer names the client"),
            other => panic!("expected a peer frame, got {other:?}"),
        }
        peer
    }

    /// Connects and says nothing.
    pub async fn connect(url: &str, id: &str) -> Self {
        let (socket, _) = connect_async(url).await.expect("the socket opens");
        let document = review::empty().with_actor(ActorId::random());
        let state = sync::State::new();
        Self { socket, id: id.to_owned(), document_id: String::new(), document, state }
    }

    /// Asks for a document and syncs until both sides agree.
    pub async fn open(&mut self, document_id: &str) {
        self.document_id = document_id.to_owned();
        let message = self.document.generate_sync_message(&mut self.state).expect("a first message");
        self.send_sync(true, message.encode()).await;
        self.receive_until(|document| !document.get_heads().is_empty()).await;
    }

    /// Makes a change and sends it as a stock client does.
    pub async fn edit(&mut self, change: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>) {
        self.edit_locally(change);
        self.flush().await;
    }

    /// Makes a change and keeps it, as a client that is offline does.
    pub fn edit_locally(&mut self, change: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>) {
        let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
        self.document
            .transact_with(|_| CommitOptions::default().with_time(seconds as i64), change)
            .expect("the edit fits the document");
    }

    /// Sends whatever the server does not have.
    pub async fn flush(&mut self) {
        if let Some(message) = self.document.generate_sync_message(&mut self.state) {
            self.send_sync(false, message.encode()).await;
        }
    }

    /// Sends these bytes as the payload of a sync frame.
    pub async fn send_sync(&mut self, request: bool, data: Vec<u8>) {
        let frame = Frame::Sync {
            sender: self.id.clone(),
            target: "concord".into(),
            document: self.document_id.clone(),
            request,
            data,
        };
        self.send(&frame).await;
    }

    /// Sends raw changes with the heads that they would lead to.
    pub async fn send_changes(&mut self, heads: Vec<automerge::ChangeHash>, changes: Vec<Vec<u8>>) {
        let message = sync::Message {
            heads,
            need: Vec::new(),
            have: vec![sync::Have { last_sync: self.document.get_heads(), bloom: sync::BloomFilter::default() }],
            changes: changes.into(),
            flags: None,
            version: sync::MessageVersion::V1,
        };
        self.send_sync(false, message.encode()).await;
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &Frame) {
        self.send_bytes(frame.encode()).await;
    }

    /// Sends a binary message of any bytes.
    pub async fn send_bytes(&mut self, bytes: Vec<u8>) {
        // A server that has closed already is what some tests want; the next `next` shows it.
        let _ = self.socket.send(Message::Binary(bytes.into())).await;
    }

    /// The next frame, the end, or silence.
    pub async fn next(&mut self, patience: Duration) -> Incoming {
        loop {
            match timeout(patience, self.socket.next()).await {
                Err(_) => return Incoming::Silence,
                Ok(Some(Ok(Message::Binary(bytes)))) => {
                    return Incoming::Frame(Frame::decode(&bytes).expect("the server writes readable frames"));
                }
                Ok(Some(Ok(Message::Close(frame)))) => {
                    return Incoming::Closed(frame.map_or(1005, |frame| frame.code.into()));
                }
                Ok(Some(Ok(_))) => {}
                Ok(None | Some(Err(_))) => return Incoming::Closed(1006),
            }
        }
    }

    /// Takes in sync messages, answering each, until `done`; panics when it does not come.
    pub async fn receive_until(&mut self, mut done: impl FnMut(&Automerge) -> bool) {
        while !done(&self.document) {
            match self.next(PATIENCE).await {
                Incoming::Frame(frame) => self.take(frame).await,
                other => panic!("{} waited for a change and got {other:?}", self.id),
            }
        }
    }

    /// Takes in whatever comes until nothing does.
    pub async fn settle(&mut self) {
        while let Incoming::Frame(frame) = self.next(QUIET).await {
            self.take(frame).await;
        }
    }

    /// The next ephemeral message's value, as bytes; sync messages before it are taken in.
    pub async fn next_notice(&mut self) -> Vec<u8> {
        loop {
            match self.next(PATIENCE).await {
                Incoming::Frame(Frame::Ephemeral { data, .. }) => return data,
                Incoming::Frame(frame) => self.take(frame).await,
                other => panic!("{} waited for a notice and got {other:?}", self.id),
            }
        }
    }

    /// Takes in everything until the server closes, and says with which code.
    pub async fn closing_code(&mut self) -> u16 {
        loop {
            match self.next(PATIENCE).await {
                Incoming::Closed(code) => return code,
                Incoming::Frame(_) => {}
                Incoming::Silence => panic!("{} was not closed", self.id),
            }
        }
    }

    async fn take(&mut self, frame: Frame) {
        match frame {
            Frame::Sync { data, .. } => {
                let message = sync::Message::decode(&data).expect("the server writes readable sync messages");
                self.document.receive_sync_message(&mut self.state, message).expect("the server sends sound changes");
                self.flush().await;
            }
            Frame::Unavailable { .. } => panic!("{}: the document is not available", self.id),
            _ => {}
        }
    }

    /// Writes a leaf `/scores/<reviewer>/<score>`.
    pub async fn score(&mut self, reviewer: &str, score: &str, value: impl Into<automerge::ScalarValue>) {
        let map = self.object(&["scores", reviewer]);
        let value = value.into();
        self.edit(|tx| automerge::transaction::Transactable::put(tx, &map, score, value)).await;
    }

    /// The object at a path of map keys.
    pub fn object(&self, path: &[&str]) -> automerge::ObjId {
        let mut object = automerge::ROOT;
        for key in path {
            let found =
                self.document.get(&object, *key).expect("a map").unwrap_or_else(|| panic!("no {key} in {path:?}"));
            object = found.1;
        }
        object
    }
}
