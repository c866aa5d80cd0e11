//! The order in which the changes of one message are judged, and the draft that they are applied to.

use std::collections::{BTreeMap, HashMap, VecDeque};

use automerge::legacy::OpId;
use automerge::{Automerge, Change, ChangeHash};
use concord_shared::review::fact::FactPath;

use super::causal::{self, Waiting, knows};
use super::paths::Place;
use super::peek::Peeked;
use super::reason::Reason;
use super::{Accepted, GateInput, Refused, Verdict, replay, rules};

/// Judges the changes of one message.
pub(super) struct Session<'a> {
    base: &'a Automerge,
    input: GateInput<'a>,
    verdict: Verdict,
    /// Whether an accepted change could do harm that only a round trip shows.
    harmful: bool,
    /// Whether a change broke the draft. No client of good faith sends one, and making the draft anew for each of
    /// thousands would cost minutes: nothing more of this message is taken.
    spoiled: bool,
}

/// A change that passed the checks: what applying it needs.
struct Permit {
    change: Change,
    facts: Vec<FactPath>,
    made: HashMap<OpId, Place>,
    plain: bool,
}

impl<'a> Session<'a> {
    pub(super) fn new(base: &'a Automerge, input: GateInput<'a>) -> Self {
        input.paths.meet(base);
        Self { base, input, verdict: Verdict::default(), harmful: false, spoiled: false }
    }

    /// Accepts or refuses each change whose dependencies have been judged; lets the others wait.
    pub(super) fn judge(mut self, peeked: Vec<Peeked>) -> Verdict {
        let mut queue: VecDeque<Waiting> = self.input.pending.take().into();
        for (peeked, bytes) in peeked.into_iter().zip(std::mem::take(&mut self.input.chunks)) {
            match &peeked.flaw {
                // A client that sends all it has also sends the seed, which nobody else may write.
                _ if knows(self.draft(), &peeked.hash) => {}
                Some(flaw) => self.refuse(peeked.hash, bytes.to_vec(), flaw.clone()),
                None => queue.push_back(Waiting::new(peeked, bytes)),
            }
        }
        let mut waiters: BTreeMap<ChangeHash, Vec<Waiting>> = BTreeMap::new();
        while let Some(item) = queue.pop_front() {
            if knows(self.draft(), &item.hash) {
                continue;
            }
            if let Some(dep) = item.deps.iter().find(|dep| self.input.bad.contains(dep)) {
                let reason = Reason::DependsOnRefused(*dep);
                queue.extend(waiters.remove(&item.hash).unwrap_or_default());
                self.refuse(item.hash, item.bytes, reason);
            } else if let Some(dep) = item.deps.iter().find(|dep| !knows(self.draft(), dep)) {
                waiters.entry(*dep).or_default().push(item);
            } else {
                queue.extend(waiters.remove(&item.hash).unwrap_or_default());
                if let Err(reason) = self.admit(&item) {
                    self.refuse(item.hash, item.bytes, reason);
                }
            }
        }
        if self.harmful {
            self.verify();
        }
        for item in waiters.into_values().flatten() {
            if let Err(item) = self.input.pending.push(item) {
                self.refuse(item.hash, item.bytes, Reason::TooManyOrphans);
            }
        }
        self.verdict.missing = self.input.pending.missing(self.draft());
        self.verdict
    }

    fn draft(&self) -> &Automerge {
        self.verdict.draft.as_ref().unwrap_or(self.base)
    }

    fn refuse(&mut self, hash: ChangeHash, bytes: Vec<u8>, reason: Reason) {
        let reason = if self.input.bad.contains(&hash) { Reason::RefusedBefore } else { reason };
        let refused = Refused::of(hash, bytes, &reason);
        self.input.bad.insert(&refused);
        self.verdict.refused.push(refused);
    }

    fn admit(&mut self, item: &Waiting) -> Result<(), Reason> {
        if self.input.bad.contains(&item.hash) {
            return Err(Reason::RefusedBefore);
        }
        if self.spoiled {
            return Err(Reason::Unstorable("it came with one that breaks the document"));
        }
        // An earlier change of this message may have left a draft that panics when it is read.
        let permit = replay::guarded(|| self.check(item))??;
        self.apply(permit)
    }

    /// Everything that can be said without applying the change.
    fn check(&mut self, item: &Waiting) -> Result<Permit, Reason> {
        let (change, expanded) = replay::read(&item.bytes)?;
        let doc = self.verdict.draft.as_ref().unwrap_or(self.base);
        let input = &mut self.input;
        // A replica that this very message has introduced is the writer's.
        let brought = self.verdict.accepted.iter().rev().any(|item| item.change.actor_id() == change.actor_id());
        let owner = match brought {
            true => Some(Some(input.writer.member)),
            false => input.replicas.get(change.actor_id().to_bytes()).copied(),
        };
        let newest = causal::newest(doc, change.deps());
        causal::check(input.paths, &change, input.writer, owner, newest, input.now)?;
        let trace = rules::check(doc, None, input.paths, &expanded, input.writer, input.scores, input.now)?;
        Ok(Permit { change, facts: trace.facts, made: trace.made, plain: trace.plain })
    }

    fn apply(&mut self, permit: Permit) -> Result<(), Reason> {
        let Permit { change, facts, made, plain } = permit;
        let mut draft = self.verdict.draft.take().unwrap_or_else(|| self.base.clone());
        let looks = replay::guarded(|| {
            let before = replay::look(&draft, &facts);
            replay::apply(&mut draft, std::slice::from_ref(&change))?;
            Ok((before, replay::look(&draft, &facts)))
        });
        let (before, after) = match looks.flatten() {
            Ok(looks) => looks,
            Err(reason) => {
                drop(draft);
                self.spoiled = true;
                self.keep(self.verdict.accepted.len());
                return Err(reason);
            }
        };
        self.input.paths.record(draft.get_heads(), &change, made);
        self.harmful |= !plain;
        self.verdict.draft = Some(draft);
        self.verdict.accepted.push(Accepted { change, facts: replay::differences(facts, before, after) });
        Ok(())
    }

    /// Saves and loads the draft. If that fails, keeps the longest run of changes with which it does not, and refuses
    /// the rest. Found by halving: a message may hold thousands of changes, and each try costs half a millisecond.
    fn verify(&mut self) {
        self.verdict.round_trip = true;
        if replay::round_trip(self.draft()).is_ok() {
            return;
        }
        let (mut good, mut bad) = (0, self.verdict.accepted.len());
        while good + 1 < bad {
            let middle = good.midpoint(bad);
            match self.drafted(middle).and_then(|draft| replay::round_trip(&draft)) {
                Ok(()) => good = middle,
                Err(_) => bad = middle,
            }
        }
        for item in self.verdict.accepted.split_off(good) {
            let reason = Reason::Unstorable("the document would not load again");
            self.refuse(item.change.hash(), item.change.raw_bytes().to_vec(), reason);
        }
        self.keep(good);
    }

    /// The document with the first `count` accepted changes.
    fn drafted(&self, count: usize) -> Result<Automerge, Reason> {
        let mut draft = self.base.clone();
        let changes: Vec<Change> = self.verdict.accepted[..count].iter().map(|item| item.change.clone()).collect();
        replay::apply(&mut draft, &changes).map(|()| draft)
    }

    /// Makes the draft anew from the first `count` accepted changes, of which there are no more than that.
    fn keep(&mut self, count: usize) {
        self.verdict.draft = match self.drafted(count) {
            Ok(draft) if count > 0 => Some(draft),
            Ok(_) => None,
            // What applied once applies again; should it not, none of it may stay.
            Err(reason) => {
                for item in std::mem::take(&mut self.verdict.accepted) {
                    self.refuse(item.change.hash(), item.change.raw_bytes().to_vec(), reason.clone());
                }
                None
            }
        };
        let document = self.verdict.draft.as_ref().unwrap_or(self.base);
        self.input.paths.meet(document);
    }
}
