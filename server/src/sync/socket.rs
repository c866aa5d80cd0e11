//! One connection of `GET /sync`: frames in, frames out, one task each.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use concord_shared::ids::{ConnectionId, DocumentId};
use concord_shared::role::Action;
use concord_shared::wire::notice::claim;
use concord_shared::wire::sync::{Frame, FrameError, PROTOCOL_VERSION};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use tokio::time::{sleep, timeout};

use super::hub::{Address, Hub, RoomMessage, SERVER_PEER};
use crate::domain::access::Principal;
use crate::domain::gate::Writer;
use crate::domain::room::{Event, decode_message};
use crate::gauges::Held;
use crate::socket::{End, FAREWELL, Outbox, RESTARTING, SILENCE, WRITE_WAIT, outbox, write};

/// A client says `join` at once; half-open leftovers of its retries never do.
const JOIN_WAIT: Duration = Duration::from_secs(10);

/// Documents that one connection may have open: a page shows a handful; this is room for a script.
const DOCUMENTS: usize = 1000;

/// Largest value of an ephemeral message: a cursor has 200 bytes.
const EPHEMERAL_BYTES: usize = 16 * 1024;

/// What a connection may do with a document that it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Open,
    Unavailable,
}

struct Connection {
    hub: Hub,
    id: ConnectionId,
    principal: Principal,
    peer: String,
    outbox: Outbox,
    documents: HashMap<DocumentId, Access>,
    _open: Held,
}

/// Serves a socket until either side ends it. `ended` completes when access ends or the server stops.
///
/// Ten thousand of these futures may be waiting: what they hold, they hold once, and the rare paths below are boxed.
pub fn serve(
    hub: Hub,
    principal: Principal,
    socket: WebSocket,
    mut ended: Pin<Box<dyn Future<Output = End> + Send>>,
) -> impl Future<Output = ()> {
    let open = hub.0.gauges.connection("sync");
    let (sink, mut stream) = socket.split();
    let (outbox, inbox) = outbox(&hub.0.gauges);
    let mut writer = tokio::spawn(write(sink, inbox));
    let queue = outbox.clone();
    let id = hub.next_connection();
    let mut connection =
        Connection { hub, id, principal, peer: String::new(), outbox, documents: HashMap::new(), _open: open };
    async move {
        let (code, reason) = tokio::select! {
            end = connection.read(&mut stream) => end,
            end = &mut ended => {
                if end == RESTARTING {
                    sleep(FAREWELL).await;
                }
                end
            }
            // The writer ends by itself when the reader is too slow or gone.
            () = queue.closed() => (1013, "the reader was too slow"),
        };
        tracing::debug!(connection = id.0, code, reason, "a connection ended");
        connection.outbox.close((code, reason));
        Box::pin(connection.leave()).await;
        drop((connection, queue));
        // Lets the close frame out; bounded by the time that one frame may take.
        let _ = timeout(WRITE_WAIT, &mut writer).await;
    }
}

fn send(outbox: &Outbox, frame: &Frame) {
    outbox.send(Message::Binary(frame.encode().into()));
}

/// Waits for the client's `join` and answers its peer id.
async fn join(stream: &mut SplitStream<WebSocket>) -> Result<String, End> {
    loop {
        match stream.next().await {
            Some(Ok(Message::Binary(bytes))) => match Frame::decode(&bytes) {
                Ok(Frame::Join { sender, versions }) => {
                    let speaks = versions.is_empty() || versions.iter().any(|version| version == PROTOCOL_VERSION);
                    return if speaks { Ok(sender) } else { Err((4400, "only protocol version 1 is spoken here")) };
                }
                _ => return Err((4400, "the first frame must be a join")),
            },
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(_)) => return Err((4400, "the first frame must be a join")),
            Some(Err(_)) | None => return Err((1001, "gone")),
        }
    }
}

impl Connection {
    async fn read(&mut self, stream: &mut SplitStream<WebSocket>) -> End {
        match timeout(JOIN_WAIT, join(stream)).await {
            Ok(Ok(peer)) => self.peer = peer,
            Ok(Err(end)) => return end,
            Err(_) => return (4408, "no join within 10 s"),
        }
        let (sender, target) = (SERVER_PEER.to_owned(), self.peer.clone());
        send(&self.outbox, &Frame::Peer { sender, target });
        loop {
            let message = match timeout(SILENCE, stream.next()).await {
                Err(_) => return (4408, "silent for too long"),
                Ok(None | Some(Err(_))) => return (1001, "gone"),
                Ok(Some(Ok(message))) => message,
            };
            match message {
                Message::Binary(bytes) => {
                    if let Err(end) = self.frame(&bytes).await {
                        return end;
                    }
                }
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Text(_) => return (4400, "frames are binary"),
                Message::Close(_) => return (1000, "closed by the client"),
            }
        }
    }

    async fn frame(&mut self, bytes: &Bytes) -> Result<(), End> {
        match Frame::decode(bytes) {
            Ok(Frame::Sync { sender, document, data, .. }) => {
                self.must_be_me(&sender)?;
                self.sync(&document, &data).await
            }
            Ok(Frame::Ephemeral { sender, document, count, session, data, .. }) if sender == self.peer => {
                Box::pin(self.ephemeral(document, count, session, data)).await;
                Ok(())
            }
            // A stock client sends every ephemeral message that it receives back to the hub; those are not passed on.
            Ok(Frame::Ephemeral { .. } | Frame::Unavailable { .. } | Frame::Error { .. } | Frame::Other(_)) => Ok(()),
            // A client that joins again has forgotten what it had open.
            Ok(Frame::Join { sender, .. }) => {
                self.must_be_me(&sender)?;
                Box::pin(self.leave()).await;
                let (sender, target) = (SERVER_PEER.to_owned(), self.peer.clone());
                send(&self.outbox, &Frame::Peer { sender, target });
                Ok(())
            }
            Ok(Frame::Peer { .. }) => Err((4400, "only the server says peer")),
            Err(FrameError::TooLarge(_)) => Err((1009, "a frame may have 1 MiB")),
            Err(error) => {
                tracing::debug!(connection = self.id.0, %error, "malformed frame");
                Err((4400, "malformed frame"))
            }
        }
    }

    fn must_be_me(&self, sender: &str) -> Result<(), End> {
        if sender == self.peer { Ok(()) } else { Err((4400, "senderId is not the one that joined")) }
    }

    async fn sync(&mut self, document_text: &str, data: &[u8]) -> Result<(), End> {
        let Ok(document) = DocumentId::from_text(document_text) else {
            self.unavailable(document_text);
            return Ok(());
        };
        let known = self.documents.get(&document).copied();
        let access = match known {
            Some(access) => access,
            None => Box::pin(self.access(document)).await?,
        };
        if access == Access::Unavailable {
            self.unavailable(document_text);
            return Ok(());
        }
        let message = decode_message(data).map_err(|error| {
            tracing::warn!(connection = self.id.0, %document, %error, "closing a connection");
            (4400, "malformed sync message")
        })?;
        let event = Event::Sync { connection: self.id, message: Box::new(message) };
        self.hub.send(document, RoomMessage::Event(event)).await;
        Ok(())
    }

    /// Whether a document that is asked for the first time is open to this connection; opens it then.
    async fn access(&mut self, document: DocumentId) -> Result<Access, End> {
        if self.documents.len() >= DOCUMENTS {
            return Err((4429, "too many documents on one connection"));
        }
        let key = self.hub.0.store.find_review(document).await.map_err(|_| (1013, "storage is not available"))?;
        let readable = key.is_some_and(|key| key.organization == self.principal.organization)
            && self.principal.permit(Action::Read).is_ok();
        let access = if readable { Access::Open } else { Access::Unavailable };
        // What is not there may be made later: only an open document is remembered.
        if access == Access::Open {
            self.documents.insert(document, access);
            let may_write = self.principal.permit(Action::Review).is_ok();
            let member = self.principal.member.filter(|_| may_write);
            let writer = member.map(|member| Writer { member, role: self.principal.role });
            let address = Address { peer: self.peer.clone(), outbox: self.outbox.clone() };
            self.hub.send(document, RoomMessage::Join { connection: self.id, writer, address }).await;
        }
        Ok(access)
    }

    fn unavailable(&self, document: &str) {
        let frame = Frame::Unavailable {
            sender: SERVER_PEER.to_owned(),
            target: self.peer.clone(),
            document: document.to_owned(),
        };
        send(&self.outbox, &frame);
    }

    /// Passes presence on, unless it claims to be somebody else.
    async fn ephemeral(&self, document_text: String, count: u64, session: String, data: Vec<u8>) {
        let Ok(document) = DocumentId::from_text(&document_text) else { return };
        if self.documents.get(&document) != Some(&Access::Open) || data.len() > EPHEMERAL_BYTES {
            return;
        }
        let me = self.principal.member.map(|member| member.to_string());
        if claim(&data).user.is_some_and(|user| Some(user) != me) {
            return;
        }
        let frame = Frame::Ephemeral {
            sender: self.peer.clone(),
            // Not checked by clients; the same frame goes to all of them.
            target: String::from("all"),
            document: document_text,
            count,
            session,
            data,
        };
        let event = Event::Ephemeral { connection: self.id, frame: frame.encode().into() };
        self.hub.send(document, RoomMessage::Event(event)).await;
    }

    async fn leave(&mut self) {
        for (document, _) in self.documents.drain() {
            self.hub.leave(document, self.id).await;
        }
    }
}
