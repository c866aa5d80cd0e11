//! A WebSocket with no buffer that is not in use: the handshake is tungstenite's, the frames are written and masked
//! into one vector and read out of whatever the caller reads into.

use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::http::header::AUTHORIZATION;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::failure::Failure;

/// What is read at once at least.
const READ_BYTES: usize = 64 * 1024;

/// A connected socket, waiting for each read or not as its stream is set.
pub struct Socket<S> {
    stream: S,
    /// The beginning of a frame whose end has not come.
    rest: Vec<u8>,
    /// Frames on their way out, the first `sent` bytes of them gone.
    out: Vec<u8>,
    sent: usize,
    masks: u64,
}

/// One message.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Bytes.
    Binary(&'a [u8]),
    /// To be answered with the same bytes.
    Ping(&'a [u8]),
    /// The end, with code and reason.
    Close(String),
    /// Texts and pongs, which nobody asked for.
    Other,
}

/// How a read ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// So many bytes of the buffer are to be looked at; there may be more to read.
    More(usize),
    /// The same, and there is no more for now.
    All(usize),
    /// The other side is gone.
    End,
}

impl Socket<TcpStream> {
    /// Connects to `address` (host:port) and upgrades at `path`, with a key. Waits at most `patience` for each answer.
    pub fn open(address: &str, path: &str, key: &str, patience: Duration) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        let bearer = HeaderValue::from_str(&format!("Bearer {key}"));
        let bearer = bearer.map_err(|_| Failure::Protocol("the key has bytes that no header may have".to_owned()))?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let (socket, _) = tungstenite::client(request, stream).map_err(|error| match error {
            tungstenite::HandshakeError::Failure(error) => Failure::from(error),
            tungstenite::HandshakeError::Interrupted(_) => {
                Failure::Protocol(format!("the server did not upgrade a socket within {patience:?}"))
            }
        })?;
        // The server is silent until a client joins, so nothing was read too far.
        Ok(Self { stream: socket.into_inner(), rest: Vec::new(), out: Vec::new(), sent: 0, masks: 1 })
    }

    /// The same socket on a stream that never waits.
    pub fn into_nonblocking(self) -> io::Result<Socket<mio::net::TcpStream>> {
        let Self { stream, rest, out, sent, masks } = self;
        stream.set_nonblocking(true)?;
        Ok(Socket { stream: mio::net::TcpStream::from_std(stream), rest, out, sent, masks })
    }
}

impl<S: Read + Write> Socket<S> {
    /// The stream.
    pub fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Queues one binary message, joined from `parts`.
    pub fn queue(&mut self, parts: &[&[u8]]) {
        self.queue_frame(OpCode::Data(Data::Binary), parts);
    }

    /// Queues the answer to a ping.
    pub fn queue_pong(&mut self, payload: &[u8]) {
        self.queue_frame(OpCode::Control(Control::Pong), &[payload]);
    }

    fn queue_frame(&mut self, opcode: OpCode, parts: &[&[u8]]) {
        // The mask is there against proxies that mistake bytes for requests; any sequence of them will do.
        self.masks = self.masks.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mask = ((self.masks >> 32) as u32).to_ne_bytes();
        let header = FrameHeader { opcode, mask: Some(mask), ..FrameHeader::default() };
        let length = parts.iter().map(|part| part.len() as u64).sum();
        let written = header.format(length, &mut self.out);
        debug_assert!(written.is_ok(), "a Vec takes every byte");
        let start = self.out.len();
        parts.iter().for_each(|part| self.out.extend_from_slice(part));
        let mut words = self.out[start..].chunks_exact_mut(mask.len());
        words.by_ref().for_each(|word| word.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask));
        words.into_remainder().iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }

    /// Sends what is queued, as far as the stream takes it; answers whether that was all.
    pub fn flush(&mut self) -> io::Result<bool> {
        while self.sent < self.out.len() {
            match self.stream.write(&self.out[self.sent..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.out.clear();
        self.sent = 0;
        Ok(true)
    }

    /// Reads once into `buffer`, behind what [`Self::keep`] kept.
    pub fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<Filled> {
        let kept = self.rest.len();
        if buffer.len() < kept + READ_BYTES {
            buffer.resize(kept + READ_BYTES, 0);
        }
        buffer[..kept].copy_from_slice(&self.rest);
        self.rest.clear();
        loop {
            return match self.stream.read(&mut buffer[kept..]) {
                Ok(0) => Ok(Filled::End),
                Ok(count) if kept + count == buffer.len() => Ok(Filled::More(kept + count)),
                Ok(count) => Ok(Filled::All(kept + count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // A stream that waits says this too, when it has waited long enough.
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Filled::All(kept)),
                Err(error) => Err(error),
            };
        }
    }

    /// Keeps the beginning of a frame until its end is there.
    pub fn keep(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
    }
}

/// The first message in `bytes` and how many bytes it takes; `None` when it is not all there.
pub fn packet(bytes: &[u8]) -> Result<Option<(Packet<'_>, usize)>, Failure> {
    let mut cursor = Cursor::new(bytes);
    let Some((header, length)) = FrameHeader::parse(&mut cursor)? else { return Ok(None) };
    if !header.is_final || header.mask.is_some() {
        return Err(Failure::Protocol("the server sent a frame in pieces, or masked".to_owned()));
    }
    let start = cursor.position() as usize;
    let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
    let Some(payload) = end.and_then(|end| bytes.get(start..end)) else { return Ok(None) };
    let packet = match header.opcode {
        OpCode::Data(Data::Binary) => Packet::Binary(payload),
        OpCode::Control(Control::Ping) => Packet::Ping(payload),
        OpCode::Control(Control::Close) => Packet::Close(close_reason(payload)),
        OpCode::Data(_) | OpCode::Control(_) => Packet::Other,
    };
    Ok(Some((packet, start + payload.len())))
}

fn close_reason(payload: &[u8]) -> String {
    match payload {
        [high, low, reason @ ..] => {
            format!("{} {}", u16::from_be_bytes([*high, *low]), String::from_utf8_lossy(reason))
        }
        _ => "without a reason".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use tungstenite::Message;
    use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

    use super::*;

    fn socket() -> Socket<Cursor<Vec<u8>>> {
        Socket { stream: Cursor::new(Vec::new()), rest: Vec::new(), out: Vec::new(), sent: 0, masks: 1 }
    }

    #[test]
    fn tungstenite_reads_what_is_written() {
        let mut socket = socket();
        for length in [0, 1, 3, 4, 125, 126, 65_535, 65_536] {
            let payload: Vec<u8> = (0..length).map(|index: u32| index as u8).collect();
            let (first, second) = payload.split_at(payload.len() / 3);
            socket.queue(&[first, second]);
            assert!(socket.flush().expect("a vector takes every byte"));
            let written = std::mem::take(socket.stream());
            let mut reader = WebSocket::from_raw_socket(
                Cursor::new(written.into_inner()),
                Role::Server,
                Some(WebSocketConfig::default()),
            );
            assert_eq!(reader.read().expect("a message"), Message::Binary(payload.into()));
        }
    }

    #[test]
    fn messages_are_read_wherever_reads_end() {
        let mut stream = Vec::new();
        for payload in [&b"one"[..], &[2; 300], b""] {
            let header = FrameHeader { opcode: OpCode::Data(Data::Binary), ..FrameHeader::default() };
            header.format(payload.len() as u64, &mut stream).expect("a vector takes every byte");
            stream.extend_from_slice(payload);
        }
        for step in 1..stream.len() {
            let (mut found, mut kept) = (Vec::new(), Vec::new());
            for piece in stream.chunks(step) {
                kept.extend_from_slice(piece);
                while let Some((packet, used)) = packet(&kept).expect("frames") {
                    let Packet::Binary(payload) = packet else { panic!("only bytes were sent") };
                    found.push(payload.len());
                    kept.drain(..used);
                }
            }
            assert_eq!(found, [3, 300, 0], "{step} bytes at a time");
        }
    }
}
