//! What a room hears and what it wants done.

use std::collections::HashMap;
use std::sync::Arc;

use automerge::{Automerge, sync};
use bytes::Bytes;
use concord_shared::ids::{ConnectionId, MemberId, ProjectId, Reviewer, Revision};
use concord_shared::review::edit::Edit;
use concord_shared::score::Score;
use concord_shared::wire::notice::Notice;
use serde_json::Value;

use crate::domain::gate::Writer;
use crate::domain::store::{ReviewCommit, Source, StoreError};

/// Something that happened to an open document.
#[derive(Debug)]
pub enum Event {
    /// A connection opens the document.
    Join {
        /// Which.
        connection: ConnectionId,
        /// As whom it writes; `None`: it only reads.
        writer: Option<Writer>,
    },
    /// A connection closes the document, or is gone.
    Leave {
        /// Which.
        connection: ConnectionId,
    },
    /// A sync message of a connection that has joined.
    Sync {
        /// Whose.
        connection: ConnectionId,
        /// Decoded, changes included.
        message: Box<sync::Message>,
    },
    /// Presence, to be passed on to everybody else.
    Ephemeral {
        /// Whose.
        connection: ConnectionId,
        /// The encoded frame, as it is to be sent.
        frame: Bytes,
    },
    /// Edits that the server makes for a caller of the API.
    Write(ServerWrite),
    /// The commit that the room asked for has ended.
    Committed(Result<(), StoreError>),
    /// The document was read again: the room asked for it, or another server may have written it.
    Reloaded(Result<Box<Reloaded>, StoreError>),
    /// The scores of a project were changed.
    ScoresChanged(ProjectId, Arc<[Score]>),
    /// Time passes.
    Tick,
}

/// The document as it is stored now.
#[derive(Debug)]
pub struct Reloaded {
    /// Loaded, its heads checked.
    pub document: Automerge,
    /// Its revision.
    pub revision: Revision,
    /// The revision of its stored snapshot.
    pub snapshot_revision: Revision,
    /// Owners of the replica ids seen in it; `None`: the server.
    pub replicas: HashMap<Vec<u8>, Option<MemberId>>,
}

/// Names a caller who waits for a [`ServerWrite`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Edits by the server's own replica on behalf of a caller. There is no other way for the API to change a review.
#[derive(Debug, Clone)]
pub struct ServerWrite {
    /// Who waits.
    pub request: RequestId,
    /// What is to be written; facts that already hold write nothing.
    pub edits: Vec<Edit>,
    /// For whom.
    pub on_behalf_of: Option<Reviewer>,
    /// By which way it came.
    pub source: Source,
    /// What the caller said about it, for the audit trail.
    pub metadata: Option<Value>,
    /// Client-made id of the feedback (rule R8).
    pub feedback_id: Option<String>,
}

/// What a room wants done, in this order.
#[derive(Debug)]
pub enum Effect {
    /// Send a sync message of this document.
    Sync {
        /// To whom.
        to: ConnectionId,
        /// Encoded.
        message: Vec<u8>,
    },
    /// Send a notice of the server's own, as an ephemeral message.
    Notify {
        /// To whom.
        to: ConnectionId,
        /// What.
        notice: Notice,
    },
    /// Pass on a frame as it is.
    Relay {
        /// To whom.
        to: ConnectionId,
        /// Encoded.
        frame: Bytes,
    },
    /// Make this durable, then say [`Event::Committed`].
    Commit(Box<ReviewCommit>),
    /// A caller's edits are durable, or cannot be.
    Answer {
        /// Who waits.
        request: RequestId,
        /// Whether something changed.
        result: Result<bool, WriteFailure>,
    },
    /// Close a connection.
    Disconnect {
        /// Which.
        connection: ConnectionId,
        /// WebSocket close code.
        code: u16,
        /// For the log and, as a notice before, for the app.
        reason: &'static str,
    },
    /// Another server has written the document: read it again, then say [`Event::Reloaded`].
    Reload,
    /// This room's document can no longer be trusted to be the stored one: drop it and open it anew.
    Abandon,
}

/// Why a caller's edits were not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteFailure {
    /// The edits are not allowed.
    #[error("{0}")]
    Invalid(String),
    /// Too much is waiting for this document already.
    #[error("too many edits are waiting for this review")]
    Busy,
    /// The database refused; nothing was stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}
