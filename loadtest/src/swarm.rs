//! Many clients on one thread. They wait together and share their buffers, because load generator and server share a
//! machine: what a client costs is missing where it is measured.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};

use crate::client::{Buffers, Client, Pace};
use crate::failure::Failure;

/// How long nothing may arrive before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long clients go on listening after the last delivery, for repetitions and for the last acknowledgements.
const QUIET: Duration = Duration::from_millis(500);

/// Longest wait for the sockets: how soon the end of a phase is noticed.
const TICK: Duration = Duration::from_millis(20);

/// Sockets that are looked at between two looks at the clock.
const EVENTS: usize = 256;

/// Moments of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The first edit is about to be made.
    Started,
    /// No edit is made any more.
    Edited,
    /// Every edit is everywhere, or nothing has moved for a while.
    Arrived,
}

/// Clients of one thread.
pub struct Swarm {
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    buffers: Buffers,
    /// For each review, how many clients it has.
    sizes: Vec<u64>,
    /// When which client edits next.
    due: BinaryHeap<Reverse<(Instant, usize)>>,
    is_editing: bool,
    edits: u64,
    /// Receipts that the edits call for, and those that happened, repetitions left out.
    owed: u64,
    receipts: u64,
}

impl Swarm {
    /// Clients listen from now on.
    pub fn new(mut clients: Vec<Client>) -> Result<Self, Failure> {
        let poll = Poll::new()?;
        let reviews = clients.iter().map(|client| client.role.review + 1).max().unwrap_or(0);
        let mut sizes = vec![0; reviews];
        for (index, client) in clients.iter_mut().enumerate() {
            sizes[client.role.review] += 1;
            let interest = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(client.socket.stream(), Token(index), interest)?;
        }
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS),
            clients,
            buffers: Buffers::default(),
            sizes,
            due: BinaryHeap::new(),
            is_editing: false,
            edits: 0,
            owed: 0,
            receipts: 0,
        })
    }

    /// Lets the clients edit for so long, waits until everything has arrived, and answers them. `mark` is called in
    /// between.
    pub fn run(mut self, editing: Duration, mut mark: impl FnMut(Mark)) -> Result<Vec<Client>, Failure> {
        mark(Mark::Started);
        let started = Instant::now();
        self.is_editing = true;
        for index in 0..self.clients.len() {
            match self.clients[index].role.pace {
                Pace::Every { first, .. } => self.due.push(Reverse((started + first, index))),
                Pace::Window(_) => self.fill_window(index),
                Pace::Watch(_) | Pace::Never => {}
            }
        }
        self.listen_until(started + editing)?;
        self.is_editing = false;
        self.due.clear();
        mark(Mark::Edited);
        let (mut moved, mut last) = (self.receipts, Instant::now());
        while self.receipts < self.owed && last.elapsed() < PATIENCE {
            self.turn(Instant::now() + TICK)?;
            if self.receipts != moved {
                (moved, last) = (self.receipts, Instant::now());
            }
        }
        mark(Mark::Arrived);
        self.listen_until(Instant::now() + QUIET)?;
        Ok(self.clients)
    }

    /// Takes and acknowledges whatever comes, for so long.
    pub fn listen(&mut self, time: Duration) -> Result<(), Failure> {
        self.listen_until(Instant::now() + time)
    }

    /// The clients as they are.
    pub fn into_clients(self) -> Vec<Client> {
        self.clients
    }

    fn listen_until(&mut self, end: Instant) -> Result<(), Failure> {
        while Instant::now() < end {
            self.turn(end)?;
        }
        Ok(())
    }

    /// Waits for sockets or the next edit, at most until `end` and a tick, and does what there is to do.
    fn turn(&mut self, end: Instant) -> Result<(), Failure> {
        let next = self.due.peek().map_or(end, |Reverse((at, _))| end.min(*at));
        let wait = next.saturating_duration_since(Instant::now()).min(TICK);
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        for event in &events {
            let index = event.token().0;
            if event.is_readable() || event.is_read_closed() {
                self.read(index);
            } else if event.is_writable() {
                let flushed = self.clients[index].flush();
                self.settle(index, flushed);
            }
        }
        self.events = events;
        while let Some(Reverse((at, index))) = self.due.peek().copied()
            && at <= Instant::now()
        {
            self.due.pop();
            let Pace::Every { period, .. } = self.clients[index].role.pace else { continue };
            if self.edit(index) {
                self.due.push(Reverse((at + period, index)));
                let flushed = self.clients[index].flush();
                self.settle(index, flushed);
            }
        }
        Ok(())
    }

    fn read(&mut self, index: usize) {
        let read = self.clients[index].read(&mut self.buffers);
        let Some(fresh) = self.settle(index, read) else { return };
        self.receipts += fresh as u64;
        if let Pace::Watch(writer) = self.clients[index].role.pace
            && let Pace::Window(open) = &mut self.clients[writer].role.pace
        {
            *open += fresh as u32;
            self.fill_window(writer);
        }
    }

    /// Makes as many edits as the window has room for, and sends them together.
    fn fill_window(&mut self, index: usize) {
        let Pace::Window(open) = self.clients[index].role.pace else { return };
        if !self.is_editing || open == 0 {
            return;
        }
        let made = (0..open).take_while(|_| self.edit(index)).count() as u32;
        self.clients[index].role.pace = Pace::Window(open - made);
        let flushed = self.clients[index].flush();
        self.settle(index, flushed);
    }

    /// One edit; answers whether the client goes on.
    fn edit(&mut self, index: usize) -> bool {
        self.edits += 1;
        // A value that no other edit has: nine decimal digits survive every conversion to text and back.
        let value = ((self.edits - 1) % 999_999_999 + 1) as f64 / 1e9;
        let client = &mut self.clients[index];
        let others = self.sizes[client.role.review] - 1;
        let made = client.edit(value, &mut self.buffers);
        let made = self.settle(index, made).is_some();
        self.owed += if made { others } else { 0 };
        made
    }

    /// What a client could do; one that failed takes no more part.
    fn settle<T>(&mut self, index: usize, outcome: Result<T, Failure>) -> Option<T> {
        outcome
            .map_err(|failure| {
                let client = &mut self.clients[index];
                client.faults.push(failure.to_string());
                client.role.pace = Pace::Never;
                // Whatever becomes of it: it is not listened to any more.
                let _ = self.poll.registry().deregister(client.socket.stream());
            })
            .ok()
    }
}
