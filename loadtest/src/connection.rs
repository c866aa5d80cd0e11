//! One WebSocket that speaks automerge-repo's protocol.

use std::time::Duration;

use automerge::Automerge;
use automerge::sync::{Message, State, SyncDoc};
use concord_shared::review;
use concord_shared::wire::notice::claim;
use concord_shared::wire::sync::{Frame, PROTOCOL_VERSION};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message as Packet, protocol::WebSocketConfig};

use crate::failure::Failure;

/// The default of 128 KiB would be most of this process's memory, and most frames have a few hundred bytes.
const BUFFER_BYTES: usize = 4 * 1024;

/// How long the server may take over a handshake while a thousand others have theirs.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(30);

/// Of a refusal's text: enough for the first refused change and its reason.
const NOTICE_CHARACTERS: usize = 240;

/// A joined connection.
pub struct Connection {
    socket: WebSocketStream<TcpStream>,
    peer: String,
    server: String,
}

/// What the server said.
pub enum Incoming {
    /// A sync message of a document.
    Sync {
        /// Document id as on the wire.
        document: String,
        /// Its message.
        message: Message,
    },
    /// "These heads are stored."
    Saved,
    /// "These changes are refused"; the notice's texts.
    Rejected(String),
    /// "You shall not have this document."
    Unavailable(String),
    /// Presence, pings and whatever else needs no answer.
    Other,
    /// The end, with the server's reason.
    Closed(String),
}

impl Connection {
    /// Connects to `address` (host:port) and joins.
    pub async fn open(address: &str, ticket: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let settings = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES).write_buffer_size(BUFFER_BYTES);
        let url = format!("ws://{address}/sync?ticket={ticket}");
        let (socket, _) = tokio_tungstenite::client_async_with_config(url, stream, Some(settings)).await?;
        let peer = format!("peer-{}", uuid::Uuid::new_v4().simple());
        let mut connection = Self { socket, peer, server: String::new() };
        let join = Frame::Join { sender: connection.peer.clone(), versions: vec![PROTOCOL_VERSION.to_owned()] };
        connection.socket.send(Packet::Binary(join.encode().into())).await?;
        connection.server = timeout(HANDSHAKE_WAIT, connection.greeting()).await.map_err(|_| silent("a join"))??;
        Ok(connection)
    }

    async fn greeting(&mut self) -> Result<String, Failure> {
        while let Some(packet) = self.socket.next().await {
            if let Packet::Binary(bytes) = packet?
                && let Ok(Frame::Peer { sender, .. }) = Frame::decode(&bytes)
            {
                return Ok(sender);
            }
        }
        Err(Failure::Protocol("the server closed the socket instead of answering a join".to_owned()))
    }

    /// Fetches a document with automerge's own sync engine, as `repo.find` does, until both sides are level.
    pub async fn fetch(&mut self, document: &str) -> Result<Automerge, Failure> {
        timeout(HANDSHAKE_WAIT, self.fetch_patiently(document)).await.map_err(|_| silent("a request"))?
    }

    async fn fetch_patiently(&mut self, wanted: &str) -> Result<Automerge, Failure> {
        let (mut copy, mut state) = (review::empty(), State::new());
        let mut request = true;
        loop {
            if let Some(message) = copy.generate_sync_message(&mut state) {
                self.write(wanted, message, request).await?;
                self.flush().await?;
                request = false;
            }
            let heads = copy.get_heads();
            if !heads.is_empty() && state.their_heads.as_ref() == Some(&heads) {
                return Ok(copy);
            }
            match self.read().await? {
                Incoming::Sync { document, message } if document == wanted => {
                    let taken = copy.receive_sync_message(&mut state, message);
                    taken.map_err(|error| Failure::Protocol(format!("a document that does not load: {error}")))?;
                }
                Incoming::Unavailable(document) if document == wanted => {
                    return Err(Failure::Protocol(format!("document {wanted} is not available to its reviewer")));
                }
                Incoming::Closed(reason) => return Err(Failure::Protocol(format!("closed: {reason}"))),
                _ => {}
            }
        }
    }

    /// Waits for the next thing that the server says. May be dropped half-way without losing anything.
    pub async fn read(&mut self) -> Result<Incoming, Failure> {
        let packet = self.socket.next().await;
        incoming(packet)
    }

    /// The next thing if it is here already.
    pub fn read_ready(&mut self) -> Option<Result<Incoming, Failure>> {
        self.socket.next().now_or_never().map(incoming)
    }

    /// Queues a message about a document; [`Self::flush`] sends what is queued.
    pub async fn send(&mut self, document: &str, message: Message) -> Result<(), Failure> {
        self.write(document, message, false).await
    }

    async fn write(&mut self, document: &str, message: Message, request: bool) -> Result<(), Failure> {
        let (sender, target) = (self.peer.clone(), self.server.clone());
        let frame = Frame::Sync { sender, target, document: document.to_owned(), request, data: message.encode() };
        Ok(self.socket.feed(Packet::Binary(frame.encode().into())).await?)
    }

    /// Sends what is queued, answers to pings included.
    pub async fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.socket.flush().await?)
    }
}

type ReadResult = Option<Result<Packet, tokio_tungstenite::tungstenite::Error>>;

fn incoming(packet: ReadResult) -> Result<Incoming, Failure> {
    let bytes = match packet {
        None => return Ok(Incoming::Closed("without a word".to_owned())),
        Some(Err(error)) => return Ok(Incoming::Closed(error.to_string())),
        Some(Ok(Packet::Close(frame))) => {
            let reason =
                frame.map_or("without a reason".to_owned(), |frame| format!("{} {}", frame.code, frame.reason));
            return Ok(Incoming::Closed(reason));
        }
        Some(Ok(Packet::Binary(bytes))) => bytes,
        Some(Ok(_)) => return Ok(Incoming::Other),
    };
    let frame = Frame::decode(&bytes).map_err(|error| Failure::Protocol(error.to_string()))?;
    Ok(match frame {
        Frame::Sync { document, data, .. } => {
            let message = Message::decode(&data).map_err(|error| Failure::Protocol(error.to_string()))?;
            Incoming::Sync { document, message }
        }
        Frame::Unavailable { document, .. } => Incoming::Unavailable(document),
        Frame::Ephemeral { data, .. } => match claim(&data).kind.as_deref() {
            Some("saved") => Incoming::Saved,
            Some("review-rejected") => Incoming::Rejected(readable(&data)),
            _ => Incoming::Other,
        },
        Frame::Error { message, .. } => Incoming::Closed(message),
        Frame::Join { .. } | Frame::Peer { .. } | Frame::Other(_) => Incoming::Other,
    })
}

/// The first texts of a CBOR value, good enough to tell a person what a notice says.
fn readable(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(data);
    text.chars().map(|c| if c.is_control() || c == '\u{fffd}' { ' ' } else { c }).take(NOTICE_CHARACTERS).collect()
}

fn silent(after: &str) -> Failure {
    Failure::Protocol(format!("the server did not answer {after} within {} s", HANDSHAKE_WAIT.as_secs()))
}
