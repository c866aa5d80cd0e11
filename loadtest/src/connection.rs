//! One WebSocket that speaks automerge-repo's protocol.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use automerge::Automerge;
use automerge::sync::{Message, State, SyncDoc};
use concord_shared::review;
use concord_shared::wire::sync::{Frame, PROTOCOL_VERSION};

use crate::failure::Failure;
use crate::frame::{Envelope, Incoming};
use crate::socket::{Filled, Packet, Socket, packet};

/// How long the server may take over a handshake while a thousand others have theirs.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(30);

/// A joined connection, which waits for what it reads.
pub struct Connection {
    socket: Socket<TcpStream>,
    buffer: Vec<u8>,
    peer: String,
    server: String,
}

impl Connection {
    /// Connects to `address` (host:port) with a key and joins.
    pub fn open(address: &str, key: &str) -> Result<Self, Failure> {
        let socket = Socket::open(address, "/sync", key, HANDSHAKE_WAIT)?;
        let peer = format!("peer-{}", uuid::Uuid::new_v4().simple());
        let mut connection = Self { socket, buffer: Vec::new(), peer, server: String::new() };
        let join = Frame::Join { sender: connection.peer.clone(), versions: vec![PROTOCOL_VERSION.to_owned()] };
        connection.socket.queue(&[&join.encode()]);
        connection.socket.flush()?;
        while connection.server.is_empty() {
            connection
                .read("a join", |frame| match Frame::decode(frame) {
                    Ok(Frame::Peer { sender, .. }) => Ok(Some(sender)),
                    _ => Ok(None),
                })?
                .into_iter()
                .for_each(|server| connection.server = server);
        }
        Ok(connection)
    }

    /// Fetches a document with automerge's own sync engine, as `repo.find` does, until both sides are level.
    pub fn fetch(&mut self, wanted: &str) -> Result<Automerge, Failure> {
        let (mut copy, mut state) = (review::empty(), State::new());
        let mut request = true;
        loop {
            if let Some(message) = copy.generate_sync_message(&mut state) {
                let (sender, target) = (self.peer.clone(), self.server.clone());
                let data = message.encode();
                let frame = Frame::Sync { sender, target, document: wanted.to_owned(), request, data };
                self.socket.queue(&[&frame.encode()]);
                self.socket.flush()?;
                request = false;
            }
            let heads = copy.get_heads();
            if !heads.is_empty() && state.their_heads.as_ref() == Some(&heads) {
                return Ok(copy);
            }
            for message in self.read("a request", |frame| read_for(frame, wanted))? {
                let taken = copy.receive_sync_message(&mut state, message);
                taken.map_err(|error| Failure::Protocol(format!("a document that does not load: {error}")))?;
            }
        }
    }

    /// Asks for a document and waits for the first message with something in it: how long that took, and the document.
    pub fn first_answer(&mut self, wanted: &str) -> Result<(Duration, Automerge), Failure> {
        let (mut copy, mut state) = (review::empty(), State::new());
        let first = copy.generate_sync_message(&mut state).map(Message::encode);
        let (sender, target) = (self.peer.clone(), self.server.clone());
        let data = first.ok_or_else(|| Failure::Protocol("automerge has nothing to ask for".to_owned()))?;
        let frame = Frame::Sync { sender, target, document: wanted.to_owned(), request: true, data }.encode();
        let asked = Instant::now();
        self.socket.queue(&[&frame]);
        self.socket.flush()?;
        loop {
            let messages = self.read("a request", |frame| read_for(frame, wanted))?;
            let answered = asked.elapsed();
            for message in messages {
                let is_filled = !message.changes.is_empty();
                let taken = copy.receive_sync_message(&mut state, message);
                taken.map_err(|error| Failure::Protocol(format!("a document that does not load: {error}")))?;
                if is_filled {
                    return Ok((answered, copy));
                }
            }
        }
    }

    /// Waits for something and gives each frame to `each`; answers what it made of them.
    fn read<T>(
        &mut self,
        after: &str,
        mut each: impl FnMut(&[u8]) -> Result<Option<T>, Failure>,
    ) -> Result<Vec<T>, Failure> {
        let filled = match self.socket.fill(&mut self.buffer)? {
            Filled::All(0) => {
                let waited = HANDSHAKE_WAIT.as_secs();
                return Err(Failure::Protocol(format!("the server did not answer {after} within {waited} s")));
            }
            Filled::All(count) | Filled::More(count) => count,
            Filled::End => return Err(Failure::Protocol(format!("the server closed the socket after {after}"))),
        };
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some((packet, used)) = packet(&self.buffer[at..filled])? {
            match packet {
                Packet::Binary(frame) => found.extend(each(frame)?),
                Packet::Ping(payload) => self.socket.queue_pong(payload),
                Packet::Close(reason) => return Err(Failure::Protocol(format!("closed: {reason}"))),
                Packet::Other => {}
            }
            at += used;
        }
        self.socket.keep(&self.buffer[at..filled]);
        self.socket.flush()?;
        Ok(found)
    }

    /// The socket, from now on without waiting.
    pub fn into_socket(self) -> Result<Socket<mio::net::TcpStream>, Failure> {
        Ok(self.socket.into_nonblocking()?)
    }

    /// The same, and what messages about `document` are wrapped in.
    pub fn into_parts(self, document: &str) -> Result<(Socket<mio::net::TcpStream>, Envelope), Failure> {
        let envelope = Envelope::new(&self.peer, &self.server, document);
        Ok((self.socket.into_nonblocking()?, envelope))
    }
}

/// The sync message of a document that a frame carries, if it does.
fn read_for(frame: &[u8], wanted: &str) -> Result<Option<Message>, Failure> {
    match Incoming::read(frame)? {
        Incoming::Sync { document, data } if document == wanted => Message::decode(data)
            .map(Some)
            .map_err(|error| Failure::Protocol(format!("a sync message that cannot be read: {error}"))),
        Incoming::Unavailable(document) if document == wanted => {
            Err(Failure::Protocol(format!("document {wanted} is not available to its reviewer")))
        }
        _ => Ok(None),
    }
}
