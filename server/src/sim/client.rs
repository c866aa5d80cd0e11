//! A page with the stock client: one change for an edit, sent when the throttle ends; never sent twice on one connection;
//! rolled back when the server says that it was refused; a fresh sync state on every connection.

use std::collections::{BTreeMap, BTreeSet};

use automerge::sync::{Message, State, SyncDoc};
use automerge::{ActorId, Automerge, ChangeHash};
use concord_shared::ids::{ConnectionId, MemberId};
use concord_shared::role::Role;
use concord_shared::wire::notice::Notice;

/// One page.
pub(super) struct Client {
    pub(super) member: MemberId,
    pub(super) role: Role,
    pub(super) connection: Option<ConnectionId>,
    /// By number of the document.
    pub(super) replicas: BTreeMap<u8, Replica>,
    /// Everything that it ever sent.
    pub(super) sent: Vec<(u8, Vec<u8>)>,
}

/// A document as a page has it.
pub(super) struct Replica {
    pub(super) document: Automerge,
    state: State,
    /// Whether the throttle runs.
    pub(super) is_due: bool,
}

impl Replica {
    /// An empty one that writes as `actor`.
    pub(super) fn new(actor: ActorId) -> Self {
        Self { document: concord_shared::review::empty().with_actor(actor), state: State::new(), is_due: true }
    }

    /// Forgets what was sent: the connection is a new one.
    pub(super) fn reconnect(&mut self) {
        (self.state, self.is_due) = (State::new(), true);
    }

    /// What is to be sent now, if anything.
    pub(super) fn message(&mut self) -> Option<Vec<u8>> {
        self.is_due = false;
        self.document.generate_sync_message(&mut self.state).map(Message::encode)
    }

    /// Takes a sync message of the server.
    pub(super) fn receive(&mut self, message: &[u8]) -> Result<(), String> {
        let message =
            Message::decode(message).map_err(|error| format!("the server's message is no message: {error}"))?;
        let received = self.document.receive_sync_message(&mut self.state, message);
        received.map_err(|error| format!("the server's message does not apply: {error}"))
    }

    /// Goes back in place to where it would be without the refused changes and what was built on them.
    pub(super) fn roll_back(&mut self, notice: &Notice, actor: ActorId) {
        let Notice::Rejected(rejected) = notice else { return };
        let mut bad: BTreeSet<ChangeHash> = rejected.iter().filter_map(|change| change.hash.parse().ok()).collect();
        let (mut kept, mut dropped) = (BTreeSet::new(), false);
        for change in self.document.get_changes(&[]) {
            if bad.contains(&change.hash()) || change.deps().iter().any(|dep| bad.contains(dep)) {
                bad.insert(change.hash());
                dropped = true;
                continue;
            }
            for dep in change.deps() {
                kept.remove(dep);
            }
            kept.insert(change.hash());
        }
        if !dropped {
            return;
        }
        let heads: Vec<ChangeHash> = kept.into_iter().collect();
        if let Ok(document) = self.document.fork_at(&heads) {
            (self.document, self.is_due) = (document.with_actor(actor), true);
        }
    }
}
