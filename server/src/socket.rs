//! What both WebSockets share: the bounded queue of what is to be sent, and the task that sends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, interval, timeout};

use crate::gauges::Gauges;

/// Messages that may wait: about two seconds of a busy review. Beyond that a reconnect is cheaper than catching up.
const MESSAGES: usize = 1024;

/// Bytes that may wait: what keeps ten thousand stuck readers from filling the memory.
const BYTES: usize = 4 * 1024 * 1024;

/// How often a socket is pinged; browsers and Node's `ws` answer by themselves.
const PING: Duration = Duration::from_secs(20);

/// How long one message may take to be written before the reader counts as gone.
pub const WRITE_WAIT: Duration = Duration::from_secs(10);

/// Without any frame for this long the other side is gone; two pings went unanswered.
pub const SILENCE: Duration = Duration::from_secs(50);

/// Read buffer of a socket, and what is read at once: a handful of the usual frames of 330 bytes. The default of 128 KiB
/// would be most of what an idle connection costs.
pub const BUFFER_BYTES: usize = 2 * 1024;

/// A stopping server waits this long between the last message and the close: stock automerge-repo handles break when
/// both arrive at once.
pub const FAREWELL: Duration = Duration::from_millis(300);

/// The end of every connection of a server that stops.
pub const RESTARTING: End = (1012, "the server is restarting");

/// Why a connection ends: close code and reason.
pub type End = (u16, &'static str);

/// The sending half of a connection's queue, cloned into whatever has something to send.
#[derive(Clone)]
pub struct Outbox {
    queue: mpsc::Sender<Message>,
    shared: Arc<Shared>,
}

struct Shared {
    gauges: Gauges,
    bytes: AtomicUsize,
    overflow: Notify,
}

/// The receiving half, owned by [`write()`].
pub struct Inbox {
    queue: mpsc::Receiver<Message>,
    shared: Arc<Shared>,
}

/// A queue for one connection.
pub fn outbox(gauges: &Gauges) -> (Outbox, Inbox) {
    let (sender, receiver) = mpsc::channel(MESSAGES);
    let shared = Arc::new(Shared { gauges: gauges.clone(), bytes: AtomicUsize::new(0), overflow: Notify::new() });
    (Outbox { queue: sender, shared: shared.clone() }, Inbox { queue: receiver, shared })
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

impl Outbox {
    /// Queues a message. When there is no room the connection ends: a reader is never skipped (rule R6).
    pub fn send(&self, message: Message) {
        let length = length(&message);
        let waiting = self.shared.bytes.fetch_add(length, Ordering::Relaxed);
        self.shared.gauges.outgoing(1);
        let is_queued = self.queue.try_send(message).is_ok();
        if !is_queued {
            self.shared.gauges.outgoing(-1);
        }
        if waiting + length > BYTES || !is_queued {
            self.shared.overflow.notify_one();
        }
    }

    /// Queues the end of the connection, behind what waits already.
    pub fn close(&self, (code, reason): End) {
        self.send(Message::Close(Some(CloseFrame { code, reason: reason.into() })));
    }

    /// Returns when nobody takes messages any more: the socket is gone, or its reader was too slow.
    pub async fn closed(&self) {
        self.queue.closed().await;
    }
}

fn length(message: &Message) -> usize {
    match message {
        Message::Binary(bytes) => bytes.len(),
        Message::Text(text) => text.len(),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => 0,
    }
}

impl Inbox {
    /// The next message; `None` when the reader was too slow or nobody can send any more.
    async fn next(&mut self) -> Option<Message> {
        tokio::select! {
            biased;
            () = self.shared.overflow.notified() => None,
            next = self.queue.recv() => {
                let message = next?;
                self.shared.bytes.fetch_sub(length(&message), Ordering::Relaxed);
                self.shared.gauges.outgoing(-1);
                Some(message)
            }
        }
    }
}

/// What was never sent does not wait any more.
impl Drop for Inbox {
    fn drop(&mut self) {
        self.queue.close();
        while self.queue.try_recv().is_ok() {
            self.shared.gauges.outgoing(-1);
        }
    }
}

/// Writes what the queue holds, and pings. Ends with the connection.
pub async fn write(mut sink: SplitSink<WebSocket, Message>, mut inbox: Inbox) {
    let mut ping = interval(PING);
    ping.reset_at(Instant::now() + PING);
    loop {
        let message = tokio::select! {
            message = inbox.next() => match message {
                Some(message) => message,
                None => return,
            },
            _ = ping.tick() => Message::Ping(Bytes::new()),
        };
        let last = matches!(message, Message::Close(_));
        if !matches!(timeout(WRITE_WAIT, sink.send(message)).await, Ok(Ok(()))) || last {
            return;
        }
    }
}

/// Counts open sockets, so that a stopping server can wait for their last words.
#[derive(Debug, Clone)]
pub struct Sockets(watch::Sender<usize>);

/// One open socket; gone when dropped.
#[derive(Debug)]
pub struct Counted(watch::Sender<usize>);

impl Default for Sockets {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Sockets {
    /// Counts one more until the answer is dropped.
    pub fn count(&self) -> Counted {
        self.0.send_modify(|open| *open += 1);
        Counted(self.0.clone())
    }

    /// Returns when none is open.
    pub async fn none(&self) {
        // An error means that the sender is gone, which this is.
        let _ = self.0.subscribe().wait_for(|open| *open == 0).await;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}
