//! One connection's view of one document: what it has, what it was refused, what it is owed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::sync::{BloomFilter, Have, Message, MessageVersion, State, SyncDoc};
use automerge::{Automerge, Change, ChangeHash};
use concord_shared::ids::ConnectionId;
use concord_shared::moment::Moment;
use concord_shared::wire::notice::{Notice, RejectedChange};

use super::event::Effect;
use super::held::Held;
use crate::domain::gate::{BadSet, Pending, Refused, Writer};

/// How long a client may stand on a refused change before its connection is closed: many times what a roll-back takes.
const DIVERGED_MICROS: i64 = 10_000_000;

/// A client that stands on a refused change is told again at most this often.
const TELL_AGAIN_MICROS: i64 = 500_000;

/// Refused hashes named in one notice.
const NOTICE_CHANGES: usize = 256;

/// Equal exchanges without changes after which the server falls silent: automerge's protocol answers "heads differ"
/// with "heads differ" for ever (automerge-repo 412).
const EQUAL_EXCHANGES: u32 = 3;

/// Flag of a sync message: forget what you have sent me.
const RESET: u8 = 1;

/// Flag of a sync message: I take no changes.
const READ_ONLY: u8 = 2;

/// One connection in one room.
pub(super) struct Peer {
    /// As whom it writes; `None`: it only reads.
    pub writer: Option<Writer>,
    /// Changes whose dependencies have not arrived.
    pub pending: Pending,
    /// Changes that were refused.
    pub bad: BadSet,
    /// Messages of this peer that are not answered yet: in the running commit, or waiting for it to end.
    pub waiting: usize,
    state: State,
    joined: bool,
    diverged: Option<Diverged>,
    last_exchange: Option<Exchange>,
}

/// What became of a message.
#[derive(Default)]
pub(super) struct Outcome<'a> {
    /// Heads of the document before the commit that the message was part of; its heads now, if there was none.
    pub before: &'a [ChangeHash],
    /// Whether changes of the message were accepted.
    pub accepted: bool,
    /// What others wrote in the same commit.
    pub owed: &'a [&'a Change],
    /// Changes that were refused.
    pub refused: &'a [Refused],
    /// Changes that others of the message wait for.
    pub missing: &'a [ChangeHash],
    /// Whether another message of this peer is in the same commit.
    pub more: bool,
}

/// Since when a client stands on a refused change, and when it was last told.
struct Diverged {
    since: Moment,
    told: Moment,
}

/// Heads on both sides when the server last answered, and how often in a row.
struct Exchange {
    theirs: Vec<ChangeHash>,
    ours: Vec<ChangeHash>,
    times: u32,
}

impl Peer {
    pub(super) fn new(writer: Option<Writer>) -> Self {
        let state = fresh_state(writer.is_none());
        Self {
            writer,
            pending: Pending::default(),
            bad: BadSet::default(),
            waiting: 0,
            state,
            joined: false,
            diverged: None,
            last_exchange: None,
        }
    }

    /// Takes note of a message whose changes have been judged (and taken out), and answers it. With `more` to come of
    /// the same commit only the last is answered: the document holds all of them already, so an answer to this one
    /// would send its writer the edits of the next.
    pub(super) fn answer(
        &mut self,
        me: ConnectionId,
        now: Moment,
        held: &mut Held,
        message: Message,
        outcome: Outcome<'_>,
    ) -> Vec<Effect> {
        let Outcome { refused, missing, more, .. } = outcome;
        if message.heads.iter().any(|head| self.bad.contains(head)) {
            return self.answer_diverged(me, now, refused);
        }
        if self.diverged.take().is_some() {
            self.state = fresh_state(self.writer.is_none());
            self.last_exchange = None;
        }
        self.joined = true;
        if let Some(effects) = self.answer_level(me, held, &message, &outcome) {
            return effects;
        }
        let theirs = message.heads.clone();
        let document = held.document();
        // Without changes this only updates the state. Should hostile input make it panic all the same, the document
        // was borrowed mutably and is not to be used again.
        match catch_unwind(AssertUnwindSafe(|| document.receive_sync_message(&mut self.state, message))) {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return vec![unreadable(me)],
            Err(_) => return vec![unreadable(me), Effect::Abandon],
        }
        let mut effects = Vec::new();
        if !refused.is_empty() {
            effects.push(rejection(me, refused));
        }
        if more || self.runs_in_circles(theirs, document.get_heads()) {
            return effects;
        }
        effects.extend(self.generate(me, document, missing));
        effects
    }

    /// Answers a client that has been sent everything up to the last commit, from what the message says alone. The
    /// general path walks the whole history of the document for each message, twice. `None`: it is needed.
    fn answer_level(
        &mut self,
        me: ConnectionId,
        held: &Held,
        message: &Message,
        outcome: &Outcome<'_>,
    ) -> Option<Vec<Effect>> {
        let is_plain = outcome.refused.is_empty()
            && outcome.missing.is_empty()
            && message.need.is_empty()
            && !message.heads.is_empty()
            && message.flags.is_none_or(|flags| !flags.contains(RESET) && !flags.contains(READ_ONLY));
        if !is_plain || !self.is_level_at(outcome.before) || !message.heads.iter().all(|head| held.knows(head)) {
            return None;
        }
        self.state.in_flight = false;
        self.state.shared_heads.clone_from(&message.heads);
        self.state.their_heads = Some(message.heads.clone());
        self.state.their_have = Some(message.have.clone());
        if message.heads == self.state.last_sent_heads {
            self.state.sent_hashes.clear();
        }
        let is_due = !outcome.more && (outcome.accepted || !outcome.owed.is_empty());
        Some(if is_due { vec![self.push_to_level(me, held.heads(), outcome.owed)] } else { Vec::new() })
    }

    fn answer_diverged(&mut self, me: ConnectionId, now: Moment, refused: &[Refused]) -> Vec<Effect> {
        self.state = fresh_state(self.writer.is_none());
        let diverged = self.diverged.get_or_insert(Diverged { since: now, told: Moment(i64::MIN) });
        let due = now.0.saturating_sub(diverged.told.0) >= TELL_AGAIN_MICROS;
        if refused.is_empty() && !due {
            return Vec::new();
        }
        diverged.told = now;
        let all = self.bad.iter().take(NOTICE_CHANGES).map(rejected_change).collect();
        vec![Effect::Notify { to: me, notice: Notice::Rejected(all) }]
    }

    /// Whether it stands on a refused change.
    pub(super) fn is_diverged(&self) -> bool {
        self.diverged.is_some()
    }

    /// A client that stays on a refused change is closed: it shows values that are not stored.
    pub(super) fn tick(&self, me: ConnectionId, now: Moment) -> Option<Effect> {
        let diverged = self.diverged.as_ref()?;
        (now.0.saturating_sub(diverged.since.0) >= DIVERGED_MICROS).then_some(Effect::Disconnect {
            connection: me,
            code: 4403,
            reason: "a refused change was not rolled back",
        })
    }

    /// Sends what others wrote. `before` are the heads before these changes.
    pub(super) fn push(
        &mut self,
        me: ConnectionId,
        held: &mut Held,
        before: &[ChangeHash],
        changes: &[&Change],
    ) -> Option<Effect> {
        if self.diverged.is_some() || !self.joined {
            return None;
        }
        if self.is_level_at(before) {
            return Some(self.push_to_level(me, held.heads(), changes));
        }
        self.generate(me, held.document(), &[])
    }

    /// Whether everything up to `heads` has been sent, so that the next changes are all that is owed.
    fn is_level_at(&self, heads: &[ChangeHash]) -> bool {
        self.state.have_responded
            && self.state.last_sent_heads == heads
            && self.state.their_need.as_ref().is_some_and(Vec::is_empty)
            && self.writer.is_some()
    }

    /// The message that the general path would make, without asking the change graph: `have` is what both sides have
    /// (an empty list would tell the client that nothing is wanted of it, and it would stop sending).
    fn push_to_level(&mut self, me: ConnectionId, heads: &[ChangeHash], changes: &[&Change]) -> Effect {
        let heads = heads.to_vec();
        let message = Message {
            heads: heads.clone(),
            need: Vec::new(),
            have: vec![Have { last_sync: heads.clone(), bloom: BloomFilter::default() }],
            changes: changes.iter().map(|change| change.raw_bytes().to_vec()).collect::<Vec<_>>().into(),
            flags: None,
            version: MessageVersion::V1,
        };
        self.state.sent_hashes.extend(changes.iter().map(|change| change.hash()));
        self.state.last_sent_heads = heads;
        self.state.in_flight = true;
        Effect::Sync { to: me, message: message.encode() }
    }

    fn generate(&mut self, me: ConnectionId, document: &Automerge, missing: &[ChangeHash]) -> Option<Effect> {
        let Ok(generated) = catch_unwind(AssertUnwindSafe(|| document.generate_sync_message(&mut self.state))) else {
            return Some(unreadable(me));
        };
        let mut message = generated?;
        // Flags tell a client that we read whole-document chunks; without them it only ever sends single changes,
        // which is what the gate can judge. Readers send nothing, and only flags tell them so.
        if self.writer.is_some() {
            message.flags = None;
        }
        message.need.extend(missing);
        // automerge asserts the order of what it encodes.
        message.need.sort_unstable();
        message.need.dedup();
        Some(Effect::Sync { to: me, message: message.encode() })
    }

    fn runs_in_circles(&mut self, theirs: Vec<ChangeHash>, ours: Vec<ChangeHash>) -> bool {
        if theirs == ours {
            self.last_exchange = None;
            return false;
        }
        match &mut self.last_exchange {
            Some(last) if last.theirs == theirs && last.ours == ours => {
                last.times += 1;
                last.times > EQUAL_EXCHANGES
            }
            other => {
                *other = Some(Exchange { theirs, ours, times: 1 });
                false
            }
        }
    }
}

fn unreadable(connection: ConnectionId) -> Effect {
    Effect::Disconnect { connection, code: 4400, reason: "unreadable sync message" }
}

fn fresh_state(read_only: bool) -> State {
    if read_only { State::new_read_only() } else { State::new() }
}

fn rejection(to: ConnectionId, refused: &[Refused]) -> Effect {
    Effect::Notify { to, notice: Notice::Rejected(refused.iter().take(NOTICE_CHANGES).map(rejected_change).collect()) }
}

fn rejected_change(refused: &Refused) -> RejectedChange {
    RejectedChange {
        hash: refused.hash.to_string(),
        code: refused.code.to_owned(),
        reason: refused.reason.clone(),
        path: refused.path.clone(),
    }
}
