//! Connections that do nothing but stay.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::socket::{Filled, Packet, Socket, packet};

/// Sockets that are looked at between two looks at the clock.
const EVENTS: usize = 256;

/// Connections at rest, on one thread.
pub struct Crowd {
    poll: Poll,
    sockets: Vec<Socket<mio::net::TcpStream>>,
    buffer: Vec<u8>,
    faults: Vec<String>,
}

impl Crowd {
    /// Nobody yet.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self { poll: Poll::new()?, sockets: Vec::new(), buffer: Vec::new(), faults: Vec::new() })
    }

    /// Takes a connection in.
    pub fn add(&mut self, connection: Connection) -> Result<(), Failure> {
        let mut socket = connection.into_socket()?;
        self.poll.registry().register(socket.stream(), Token(self.sockets.len()), Interest::READABLE)?;
        self.sockets.push(socket);
        Ok(())
    }

    /// Answers pings, for so long.
    pub fn rest(&mut self, time: Duration) -> Result<(), Failure> {
        let end = Instant::now() + time;
        let mut events = Events::with_capacity(EVENTS);
        loop {
            match self.poll.poll(&mut events, Some(end.saturating_duration_since(Instant::now()))) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
                _ => {}
            }
            for event in &events {
                let socket = &mut self.sockets[event.token().0];
                if let Err(failure) = answer(socket, &mut self.buffer) {
                    self.faults.push(format!("an idle connection was closed: {failure}"));
                    self.poll.registry().deregister(socket.stream())?;
                }
            }
            if Instant::now() >= end {
                return Ok(());
            }
        }
    }

    /// What went wrong.
    pub fn into_faults(self) -> Vec<String> {
        self.faults
    }
}

fn answer(socket: &mut Socket<mio::net::TcpStream>, buffer: &mut Vec<u8>) -> Result<(), Failure> {
    loop {
        let filled = socket.fill(buffer)?;
        let (Filled::All(count) | Filled::More(count)) = filled else {
            return Err(Failure::Protocol("without a word".to_owned()));
        };
        let mut at = 0;
        while let Some((packet, used)) = packet(&buffer[at..count])? {
            match packet {
                Packet::Ping(payload) => socket.queue_pong(payload),
                Packet::Close(reason) => return Err(Failure::Protocol(reason)),
                Packet::Binary(_) | Packet::Other => {}
            }
            at += used;
        }
        socket.keep(&buffer[at..count]);
        if matches!(filled, Filled::All(_)) {
            socket.flush()?;
            return Ok(());
        }
    }
}
