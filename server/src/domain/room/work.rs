//! What is done between two commits of a room: judging, writing on a draft, and settling up once it is durable.

use std::collections::BTreeMap;
use std::ops::Range;

use automerge::{Automerge, Change, ChangeHash, sync};
use concord_shared::ids::{ConnectionId, MemberId, Revision};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;
use concord_shared::review::{edit, fact, read};
use concord_shared::wire::notice::Notice;

use super::event::{Effect, RequestId, ServerWrite, WriteFailure};
use super::held::Held;
use super::peer::Outcome;
use super::{Room, SNAPSHOT_CHANGES};
use crate::domain::gate::{self, Accepted, GateInput, Paths, Refused};
use crate::domain::store::{NewChange, NewFact, NewRefusal, ReviewCommit, Source};

/// Bytes of a refused change that are kept as evidence.
const REFUSAL_BYTES: usize = 64 * 1024;

/// Everything that one commit will carry, and whom to answer afterwards.
pub(super) struct Work {
    now: Moment,
    draft: Option<Automerge>,
    /// Accepted changes and who brought them; the last ones, one for each of `plain`, are not in the draft yet.
    accepted: Vec<(Option<ConnectionId>, Change)>,
    /// Who brought the plain changes.
    plain: Vec<Bringer>,
    /// What the document says after everything accepted, if that is known.
    state: Option<ReviewState>,
    changes: Vec<NewChange>,
    refusals: Vec<NewRefusal>,
    pub(super) judged: Vec<Judged>,
    pub(super) answers: Vec<PendingAnswer>,
    /// What need not wait for the commit.
    pub(super) effects: Vec<Effect>,
    snapshot: bool,
}

/// Who brought a plain change: a place in `judged`, or one in `answers`.
#[derive(Clone, Copy)]
enum Bringer {
    Message(usize),
    Caller(usize),
}

/// A message whose changes have been judged; answered after the commit.
pub(super) struct Judged {
    pub(super) connection: ConnectionId,
    message: Box<sync::Message>,
    refused: Vec<Refused>,
    missing: Vec<ChangeHash>,
    accepted: bool,
    /// Which of the work's accepted changes are its own.
    taken: Range<usize>,
}

/// A caller whose edits are in the draft.
pub(super) struct PendingAnswer {
    pub(super) request: RequestId,
    changed: bool,
    /// Why the edits came to nothing after all.
    failed: Option<String>,
}

impl Work {
    pub(super) fn new(now: Moment) -> Self {
        Self {
            now,
            draft: None,
            accepted: Vec::new(),
            plain: Vec::new(),
            state: None,
            changes: Vec::new(),
            refusals: Vec::new(),
            judged: Vec::new(),
            answers: Vec::new(),
            effects: Vec::new(),
            snapshot: false,
        }
    }
}

impl Room {
    /// Passes the changes of one message through the gate, onto the draft.
    pub(super) fn judge(&mut self, work: &mut Work, connection: ConnectionId, mut message: Box<sync::Message>) {
        let chunks = std::mem::replace(&mut message.changes, sync::ChunkList::empty());
        let judged =
            Judged { connection, message, refused: vec![], missing: vec![], accepted: false, taken: Range::default() };
        self.judge_chunks(work, judged, chunks.iter().collect());
    }

    /// What was judged on a document that is not the stored one any more, judged on the one that is. What was refused stays
    /// so: a change brings its past with it, and no later one makes it right.
    pub(super) fn judge_again(&mut self, now: Moment, former: Work) -> Work {
        // Both may speak of the discarded draft.
        self.paths = Paths::default();
        self.end_run();
        let mut work = Work::new(now);
        for judged in former.judged {
            let changes = former.accepted[judged.taken.clone()].iter().map(|(_, change)| change.raw_bytes());
            let peer = self.peers.get(&judged.connection);
            if let Some(writer) = peer.and_then(|peer| peer.writer.as_ref()) {
                let again = |refused| evidence(refused, writer.member, judged.connection, now);
                work.refusals.extend(judged.refused.iter().map(again));
            }
            self.judge_chunks(&mut work, Judged { taken: Range::default(), ..judged }, changes.collect());
        }
        work
    }

    fn judge_chunks(&mut self, work: &mut Work, mut judged: Judged, chunks: Vec<&[u8]>) {
        let connection = judged.connection;
        let Some(peer) = self.peers.get_mut(&connection) else { return };
        let Some(writer) = peer.writer.as_ref().filter(|_| !chunks.is_empty()) else {
            work.judged.push(judged);
            return;
        };
        let author = writer.member;
        let mut input = GateInput {
            writer,
            now: work.now,
            scores: &self.scores,
            chunks: chunks.clone(),
            pending: &mut peer.pending,
            bad: &mut peer.bad,
            replicas: &self.replicas,
            paths: &mut self.paths,
        };
        let document = work.draft.as_ref().unwrap_or(self.held.applied());
        if let Some(item) = gate::plain(document, &mut self.run, &mut input) {
            if work.draft.is_none() && work.plain.is_empty() {
                work.state = Some(self.held.state().clone());
            }
            work.note(&item);
            self.replicas.insert(item.change.actor_id().to_bytes().to_vec(), Some(author));
            work.take(item, Some(author), Source::App, Some(connection), None);
            work.plain.push(Bringer::Message(work.judged.len()));
            judged.taken = work.accepted.len() - 1..work.accepted.len();
            judged.accepted = true;
            work.judged.push(judged);
            return;
        }
        self.apply_plain(work);
        self.run = gate::Run::default();
        let Some(peer) = self.peers.get_mut(&connection) else { return };
        let Some(writer) = peer.writer.as_ref() else { return };
        let verdict = gate::gate(
            work.draft.as_ref().unwrap_or(self.held.applied()),
            GateInput {
                writer,
                now: work.now,
                scores: &self.scores,
                chunks,
                pending: &mut peer.pending,
                bad: &mut peer.bad,
                replicas: &self.replicas,
                paths: &mut self.paths,
            },
        );
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(malformed) => {
                tracing::warn!(connection = connection.0, document = %self.key.document, %malformed, "closing a connection");
                self.peers.remove(&connection);
                work.effects.push(Effect::Disconnect { connection, code: 4400, reason: "malformed change" });
                return;
            }
        };
        if verdict.round_trip {
            self.gates.full += 1;
        } else {
            self.gates.fast += 1;
        }
        work.refusals.extend(verdict.refused.iter().map(|refused| evidence(refused, author, connection, work.now)));
        let first = work.accepted.len();
        for item in verdict.accepted {
            self.replicas.insert(item.change.actor_id().to_bytes().to_vec(), Some(author));
            work.take(item, Some(author), Source::App, Some(connection), None);
        }
        if let Some(draft) = verdict.draft {
            work.draft = Some(draft);
            work.state = None;
        }
        judged.taken = first..work.accepted.len();
        // Judged again, its changes may be stored by now, brought by another server: that is as good.
        judged.accepted = !judged.taken.is_empty() || judged.accepted && verdict.refused.is_empty();
        judged.refused.extend(verdict.refused);
        judged.missing.extend(verdict.missing);
        work.judged.push(judged);
    }

    /// Applies the plain changes that have only been judged so far, those that are stored and those of this work.
    fn apply_plain(&mut self, work: &mut Work) {
        self.held.document();
        let bringers = std::mem::take(&mut work.plain);
        if bringers.is_empty() {
            return;
        }
        let first = work.accepted.len() - bringers.len();
        let changes: Vec<Change> = work.accepted[first..].iter().map(|(_, change)| change.clone()).collect();
        let mut draft = work.draft.take().unwrap_or_else(|| self.held.applied().clone());
        work.draft = match gate::apply(&mut draft, &changes) {
            Ok(()) => Some(draft),
            Err(reason) => self.take_apart(work, first, &bringers, reason),
        };
    }

    /// Plain changes could not be applied, which nothing that passes the checks should bring about. Keeps what can be, one by one,
    /// refuses the rest, and answers the draft.
    fn take_apart(
        &mut self,
        work: &mut Work,
        first: usize,
        bringers: &[Bringer],
        reason: gate::Reason,
    ) -> Option<Automerge> {
        tracing::error!(document = %self.key.document, %reason, "plain changes do not apply");
        let mut draft = self.held.applied().clone();
        let mut good = 0;
        for (_, change) in &work.accepted {
            let mut next = draft.clone();
            if gate::apply(&mut next, std::slice::from_ref(change)).is_err() {
                break;
            }
            draft = next;
            good += 1;
        }
        debug_assert!(good >= first, "what was applied before applies again");
        self.run = gate::Run::default();
        work.state = None;
        work.changes.truncate(good);
        for ((connection, change), bringer) in work.accepted.split_off(good).into_iter().zip(&bringers[good - first..])
        {
            let message = match bringer {
                Bringer::Message(message) => *message,
                Bringer::Caller(answer) => {
                    work.answers[*answer].failed = Some(reason.to_string());
                    continue;
                }
            };
            let judged = &mut work.judged[message];
            let refused = Refused::new(&change, &reason);
            judged.accepted = false;
            judged.taken = Range::default();
            if let Some(connection) = connection
                && let Some(peer) = self.peers.get_mut(&connection)
                && let Some(writer) = &peer.writer
            {
                peer.bad.insert(&refused);
                work.refusals.push(evidence(&refused, writer.member, connection, work.now));
            }
            judged.refused.push(refused);
        }
        (good > 0).then_some(draft)
    }

    /// Makes a caller's edits on the draft, as one change of the server's own replica.
    pub(super) fn write(&mut self, work: &mut Work, write: ServerWrite) {
        let answer = |changed| PendingAnswer { request: write.request, changed, failed: None };
        let repeated =
            write.feedback_id.is_some() && work.changes.iter().any(|change| change.feedback_id == write.feedback_id);
        if repeated {
            work.answers.push(answer(false));
            return;
        }
        let document = work.draft.as_ref().unwrap_or(self.held.applied());
        let (replica, run, paths) = (&self.server_replica, &mut self.run, &mut self.paths);
        if let Some(item) = gate::put_score(document, run, paths, replica, &write.edits, work.now) {
            if work.draft.is_none() && work.plain.is_empty() {
                work.state = Some(self.held.state().clone());
            }
            work.note(&item);
            self.replicas.insert(self.server_replica.to_bytes().to_vec(), None);
            work.take(item, None, write.source, None, Some(&write));
            work.plain.push(Bringer::Caller(work.answers.len()));
            work.answers.push(answer(true));
            return;
        }
        self.apply_plain(work);
        self.run = gate::Run::default();
        let base = work.draft.as_ref().unwrap_or(self.held.applied());
        let mut draft = base.fork().with_actor(self.server_replica.clone());
        match edit::apply(&mut draft, &write.edits, work.now, None) {
            Err(error) => work
                .effects
                .push(Effect::Answer { request: write.request, result: Err(WriteFailure::Invalid(error.to_string())) }),
            Ok(None) => work.answers.push(answer(false)),
            Ok(Some(change)) => {
                let facts = gate::facts_between(base, &draft, &change, &mut self.paths);
                if work.draft.is_none() {
                    work.state = Some(self.held.state().clone());
                }
                self.replicas.insert(self.server_replica.to_bytes().to_vec(), None);
                let item = Accepted { change, facts };
                work.note(&item);
                work.take(item, None, write.source, None, Some(&write));
                work.draft = Some(draft);
                work.answers.push(answer(true));
            }
        }
    }

    /// The commit that the work needs, if it needs any.
    pub(super) fn commit_of(&mut self, work: &mut Work) -> Result<Option<ReviewCommit>, String> {
        if work.changes.is_empty() && work.refusals.is_empty() {
            return Ok(None);
        }
        let revision = self.revision.0 + work.changes.len() as u64;
        // A long document has them further apart: each costs as much as the document is long.
        let due = SNAPSHOT_CHANGES.max(self.snapshot_revision.0 / 4);
        work.snapshot = !work.changes.is_empty() && revision - self.snapshot_revision.0 >= due;
        let is_known = work.draft.is_none() && work.state.is_some() && !work.snapshot;
        if !is_known {
            self.apply_plain(work);
        }
        // Taken apart, it may have nothing left of what it had.
        work.snapshot &= !work.changes.is_empty();
        let document = work.draft.as_ref().unwrap_or(self.held.applied());
        let snapshot = if work.snapshot { Some(gate::checked_snapshot(document)?) } else { None };
        let heads = if is_known {
            work.accepted.last().map(|(_, change)| vec![change.hash()]).unwrap_or_default()
        } else {
            document.get_heads()
        };
        debug_assert!(is_known || work.state.as_ref().is_none_or(|state| *state == read::read(document)));
        let state = work.state.get_or_insert_with(|| read::read(document)).clone();
        Ok(Some(ReviewCommit {
            key: self.key.clone(),
            base: self.revision,
            changes: std::mem::take(&mut work.changes),
            refusals: std::mem::take(&mut work.refusals),
            heads: heads.iter().map(|head| head.0).collect(),
            state: Box::new(state),
            snapshot,
            at: work.now,
        }))
    }

    /// The work is durable (or needed no storing): show it to everybody, answer everybody.
    pub(super) fn settle(&mut self, now: Moment, work: Work) -> Vec<Effect> {
        let before = self.held.heads().to_vec();
        self.revision = Revision(self.revision.0 + work.accepted.len() as u64);
        if work.snapshot {
            self.snapshot_revision = self.revision;
        }
        match (work.draft, work.state) {
            (Some(draft), state) => self.held.replace(draft, state),
            (None, Some(state)) => {
                self.held.extend(work.accepted.iter().map(|(_, change)| change.clone()), state);
                if self.held.is_due() {
                    self.end_run();
                }
            }
            (None, None) => {}
        }
        let mut effects = Vec::new();
        let mut answered: Vec<ConnectionId> = Vec::new();
        // Messages of each connection that are still to be answered, and whether a change of any was accepted: only the
        // last is answered, for all of them.
        let mut left: BTreeMap<ConnectionId, (usize, bool)> = BTreeMap::new();
        for judged in &work.judged {
            let (count, accepted) = left.entry(judged.connection).or_default();
            *count += 1;
            *accepted |= judged.accepted;
        }
        for judged in work.judged {
            let connection = judged.connection;
            let Some(peer) = self.peers.get_mut(&connection) else { continue };
            peer.waiting = peer.waiting.saturating_sub(1);
            let (left, accepted) = left.entry(connection).or_default();
            *left = left.saturating_sub(1);
            if judged.accepted {
                let heads = saved_heads(&self.held, connection, &judged.message.heads, &work.accepted);
                effects.push(Effect::Notify { to: connection, notice: Notice::Saved(heads) });
            }
            let message = *judged.message;
            let others = work.accepted.iter().filter(|(writer, _)| *writer != Some(connection));
            let owed: Vec<&Change> = others.map(|(_, change)| change).collect();
            let outcome = Outcome {
                before: &before,
                accepted: *accepted,
                owed: &owed,
                refused: &judged.refused,
                missing: &judged.missing,
                more: *left > 0,
            };
            effects.extend(peer.answer(connection, now, &mut self.held, message, outcome));
            answered.push(connection);
        }
        if !work.accepted.is_empty() {
            let changes: Vec<&Change> = work.accepted.iter().map(|(_, change)| change).collect();
            let others = self.peers.iter_mut().filter(|(connection, _)| !answered.contains(connection));
            let held = &mut self.held;
            effects.extend(others.filter_map(|(connection, peer)| peer.push(*connection, held, &before, &changes)));
        }
        let answers = work.answers.into_iter();
        effects.extend(answers.map(|answer| Effect::Answer {
            request: answer.request,
            result: answer.failed.map_or(Ok(answer.changed), |reason| Err(WriteFailure::Invalid(reason))),
        }));
        effects
    }
}

/// What a client may call saved: the heads that it named, unless some of them were refused or still wait for others; then
/// the last of its changes that were accepted.
fn saved_heads(
    held: &Held,
    connection: ConnectionId,
    heads: &[ChangeHash],
    accepted: &[(Option<ConnectionId>, Change)],
) -> Vec<String> {
    if heads.iter().all(|head| held.knows(head)) {
        return heads.iter().map(ChangeHash::to_string).collect();
    }
    let own = || accepted.iter().filter(|(writer, _)| *writer == Some(connection)).map(|(_, change)| change);
    let last = own().filter(|change| !own().any(|later| later.deps().contains(&change.hash())));
    last.map(|change| change.hash().to_string()).collect()
}

/// A refused change as it is kept.
fn evidence(refused: &Refused, member: MemberId, connection: ConnectionId, at: Moment) -> NewRefusal {
    NewRefusal {
        hash: refused.hash.0,
        member: Some(member),
        connection: Some(connection),
        code: refused.code.to_owned(),
        reason: refused.reason.clone(),
        bytes: refused.bytes.iter().take(REFUSAL_BYTES).copied().collect(),
        at,
    }
}

impl Work {
    /// Brings the state in line with a change; forgets it where the facts of the change do not say all.
    fn note(&mut self, item: &Accepted) {
        let says = |state: &mut ReviewState| item.facts.iter().all(|fact| fact::note(state, &fact.path, &fact.to));
        if item.facts.is_empty() || !self.state.as_mut().is_some_and(says) {
            self.state = None;
        }
    }

    fn take(
        &mut self,
        item: Accepted,
        author: Option<MemberId>,
        source: Source,
        connection: Option<ConnectionId>,
        write: Option<&ServerWrite>,
    ) {
        let change = &item.change;
        self.changes.push(NewChange {
            hash: change.hash().0,
            replica: change.actor_id().to_bytes().to_vec(),
            seq: change.seq(),
            author,
            on_behalf_of: write.and_then(|write| write.on_behalf_of.clone()),
            source,
            connection,
            client_time: Moment(change.timestamp().saturating_mul(1_000_000)),
            received_at: self.now,
            bytes: change.raw_bytes().to_vec(),
            facts: item
                .facts
                .into_iter()
                .map(|fact| NewFact { path: fact.path.to_string(), from: fact.from, to: fact.to })
                .collect(),
            metadata: write.and_then(|write| write.metadata.clone()),
            feedback_id: write.and_then(|write| write.feedback_id.clone()),
        });
        self.accepted.push((connection, item.change));
    }
}
