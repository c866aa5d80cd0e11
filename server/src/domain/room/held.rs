//! The document of a room as stored. Plain changes at its end wait to be applied until somebody needs them applied: to
//! judge what is not plain, to bring a client up to date that is not, to read. Applying one costs as much as all that is
//! done with it otherwise, and a hundred at once cost little more than one.

use automerge::{Automerge, Change, ChangeHash};
use concord_shared::review::read;
use concord_shared::review::state::ReviewState;

use crate::domain::gate;

/// Changes that may wait. Bounds what the first who needs them applied has to wait for, about a millisecond.
const TAIL: usize = 128;

/// The document, and what is known of it without having it applied.
pub(super) struct Held {
    applied: Automerge,
    heads: Vec<ChangeHash>,
    tail: Vec<Change>,
    /// What all of it says; read when first asked for.
    state: Option<ReviewState>,
}

impl Held {
    pub(super) fn new(applied: Automerge) -> Self {
        Self { heads: applied.get_heads(), applied, tail: Vec::new(), state: None }
    }

    /// Heads of all of it, sorted.
    pub(super) fn heads(&self) -> &[ChangeHash] {
        &self.heads
    }

    /// Whether a change is part of it.
    pub(super) fn knows(&self, hash: &ChangeHash) -> bool {
        self.tail.iter().any(|change| change.hash() == *hash) || self.applied.get_change_meta_by_hash(hash).is_some()
    }

    /// The document without the changes that wait: what keys hold that none of them has written.
    pub(super) fn applied(&self) -> &Automerge {
        &self.applied
    }

    /// The whole document. Panics if what passed every check does not apply: the room is then closed, and opened anew
    /// from what is stored.
    pub(super) fn document(&mut self) -> &mut Automerge {
        let tail = std::mem::take(&mut self.tail);
        if !tail.is_empty() {
            gate::apply(&mut self.applied, &tail).expect("plain changes that passed the gate apply");
            debug_assert_eq!(self.applied.get_heads(), self.heads);
            debug_assert!(self.state.as_ref().is_none_or(|state| *state == read::read(&self.applied)));
        }
        &mut self.applied
    }

    /// What all of it says.
    pub(super) fn state(&mut self) -> &ReviewState {
        if self.state.is_none() {
            self.state = Some(read::read(self.document()));
        }
        self.state.get_or_insert_default()
    }

    /// Appends plain changes, each built on the one before, after which the document says `state`.
    pub(super) fn extend(&mut self, changes: impl Iterator<Item = Change>, state: ReviewState) {
        self.tail.extend(changes);
        if let Some(last) = self.tail.last() {
            self.heads = vec![last.hash()];
        }
        self.state = Some(state);
    }

    /// Whether it is time to apply what waits.
    pub(super) fn is_due(&self) -> bool {
        self.tail.len() >= TAIL
    }

    /// Puts the document with more changes in the place of the one without.
    pub(super) fn replace(&mut self, document: Automerge, state: Option<ReviewState>) {
        debug_assert!(self.tail.is_empty(), "a draft is made of the whole document");
        *self = Self { heads: document.get_heads(), applied: document, tail: Vec::new(), state };
    }
}
