//! One client of one review: takes and acknowledges what others write, edits when told to, keeps a journal.

use std::time::{Duration, Instant};

use crate::bytes::Hash;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::frame::{Envelope, Incoming};
use crate::message::Heard;
use crate::replica::Replica;
use crate::socket::{Filled, Packet, Socket, packet};
use crate::tally::Journal;

/// When a client edits.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// First after `first`, then every `period`.
    Every {
        /// Offset that spreads clients evenly.
        first: Duration,
        /// Time between edits.
        period: Duration,
    },
    /// Whenever fewer than so many of its edits have not reached its watcher.
    Window(u32),
    /// Never. Whatever arrives opens the window of this client of the swarm again.
    Watch(usize),
    /// Never.
    Never,
}

/// Who a client is.
pub struct Role {
    /// Which of the run's reviews.
    pub review: usize,
    /// Whose key of `/scores` it writes under.
    pub reviewer: String,
    /// Its pace.
    pub pace: Pace,
}

/// A connected client.
pub struct Client {
    /// Who it is.
    pub role: Role,
    /// Its copy.
    pub replica: Replica,
    /// What it sent and received.
    pub journal: Journal<Hash>,
    /// The last value that it wrote.
    pub last_value: Option<f64>,
    /// Notices that edits are stored.
    pub saved: u64,
    /// What went wrong.
    pub faults: Vec<String>,
    /// Its socket.
    pub(crate) socket: Socket<mio::net::TcpStream>,
    envelope: Envelope,
}

/// Buffers that all clients of a thread use in turn.
#[derive(Default)]
pub struct Buffers {
    read: Vec<u8>,
    message: Vec<u8>,
}

impl Client {
    /// Takes over a connection that has fetched `document` into `replica`.
    pub fn new(role: Role, connection: Connection, document: &str, replica: Replica) -> Result<Self, Failure> {
        let (socket, envelope) = connection.into_parts(document)?;
        let journal = Journal::default();
        Ok(Self { role, replica, journal, last_value: None, saved: 0, faults: Vec::new(), socket, envelope })
    }

    /// Makes one edit; [`Self::flush`] sends it.
    pub fn edit(&mut self, value: f64, buffers: &mut Buffers) -> Result<(), Failure> {
        let started = Instant::now();
        let hash = self.replica.edit(value, &mut buffers.message)?;
        self.journal.sent.push((hash, started));
        self.last_value = Some(value);
        self.queue(&buffers.message);
        Ok(())
    }

    /// Takes everything that has come and sends all answers at once; answers how many changes were new.
    pub fn read(&mut self, buffers: &mut Buffers) -> Result<usize, Failure> {
        let mut fresh = 0;
        loop {
            let filled = self.socket.fill(&mut buffers.read)?;
            let (Filled::All(count) | Filled::More(count)) = filled else {
                return Err(Failure::Protocol("a client was closed without a word".to_owned()));
            };
            let mut at = 0;
            while let Some((packet, used)) = packet(&buffers.read[at..count])? {
                fresh += self.take(packet, &mut buffers.message)?;
                at += used;
            }
            self.socket.keep(&buffers.read[at..count]);
            if matches!(filled, Filled::All(_)) {
                break;
            }
        }
        self.flush()?;
        Ok(fresh)
    }

    /// Sends what is queued, as far as the connection takes it.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.socket.flush()?;
        Ok(())
    }

    fn take(&mut self, packet: Packet<'_>, answer: &mut Vec<u8>) -> Result<usize, Failure> {
        match packet {
            Packet::Binary(frame) => self.take_frame(frame, answer),
            Packet::Ping(payload) => {
                self.socket.queue_pong(payload);
                Ok(0)
            }
            Packet::Close(reason) => Err(Failure::Protocol(format!("a client was closed: {reason}"))),
            Packet::Other => Ok(0),
        }
    }

    fn take_frame(&mut self, frame: &[u8], answer: &mut Vec<u8>) -> Result<usize, Failure> {
        match Incoming::read(frame)? {
            Incoming::Sync { document, data } if document == self.envelope.document => {
                let heard = Heard::read(data);
                let heard = heard.ok_or_else(|| Failure::Protocol("a sync message that cannot be read".to_owned()))?;
                let journal = &mut self.journal.received;
                let before = journal.len();
                let at = Instant::now();
                let received = self.replica.receive(&heard, |hash| journal.push((hash, at)), answer)?;
                // Received is what was read, checked and taken, not what lay in a buffer.
                let at = Instant::now();
                journal[before..].iter_mut().for_each(|(_, taken)| *taken = at);
                if received.reply {
                    self.queue(answer);
                }
                return Ok(received.fresh);
            }
            Incoming::Saved => self.saved += 1,
            // Nothing that a client writes afterwards can be accepted: the first refusal says it all.
            Incoming::Rejected(notice) => return Err(Failure::Protocol(format!("an edit was refused: {notice}"))),
            Incoming::Error(reason) => return Err(Failure::Protocol(format!("a client was closed: {reason}"))),
            Incoming::Unavailable(document) => self.faults.push(format!("document {document} became unavailable")),
            Incoming::Sync { document, .. } => self.faults.push(format!("document {document} was not asked for")),
            Incoming::Other => {}
        }
        Ok(0)
    }

    fn queue(&mut self, message: &[u8]) {
        let (start, length) = self.envelope.around(message.len());
        self.socket.queue(&[start, length.as_bytes(), message]);
    }
}
