//! Plain changes in a row: nothing but scalars put over what keys of a review held, by writers who saw everything before.
//! Most of what reviewers do is of this kind. Such changes are judged without being applied and applied together, which
//! costs one of them what it costs sixteen. Whatever is not plain, or not allowed, is left to the general path, which
//! says why.

use std::collections::HashMap;

use automerge::legacy::{ObjectId, Op, OpId, OpType};
use automerge::{Automerge, Change, ChangeHash, ExpandedChange};
use concord_shared::review::fact::{self, FactPath};
use serde_json::Value;

use super::{Accepted, Fact, GateInput, causal, peek, replay, rules};

/// Changes in one run; more are applied first. Bounds what a failure would have to be taken apart for.
const CHANGES: usize = 256;

/// Accepted changes that are not applied yet, each built on the one before and the first on all of the document.
#[derive(Debug, Default)]
pub struct Run {
    count: usize,
    tip: Option<ChangeHash>,
    /// The operation that a written key holds, by object and key.
    held: HashMap<OpId, HashMap<String, OpId>>,
    /// Facts as they stand after it.
    said: HashMap<FactPath, Value>,
}

impl Run {
    /// Whether everything is applied.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many changes wait to be applied.
    pub fn len(&self) -> usize {
        self.count
    }

    /// The operation that a key holds, if the run has written it.
    pub(super) fn held(&self, object: &ObjectId, key: &str) -> Option<&OpId> {
        match object {
            ObjectId::Id(object) => self.held.get(object)?.get(key),
            ObjectId::Root => None,
        }
    }

    fn take(&mut self, change: &Change, expanded: &ExpandedChange, facts: Vec<(FactPath, Value)>) {
        for (index, op) in expanded.operations.iter().enumerate() {
            if let (ObjectId::Id(object), Some(key)) = (&op.obj, rules::map_key(&op.key)) {
                let id = rules::op_id(expanded, index);
                self.held.entry(object.clone()).or_default().insert(key.to_owned(), id);
            }
        }
        self.said.extend(facts);
        self.count += 1;
        self.tip = Some(change.hash());
    }
}

/// Accepts the one change of a message if it is plain, as the next of `run`, which stands on `doc`. `None`: judge it the
/// general way, with the run applied; nothing has changed.
pub fn plain(doc: &Automerge, run: &mut Run, input: &mut GateInput<'_>) -> Option<Accepted> {
    let [chunk] = input.chunks[..] else { return None };
    if !input.pending.is_empty() || run.count >= CHANGES {
        return None;
    }
    replay::guarded(|| judge(doc, run, input, chunk)).ok()?
}

fn judge(doc: &Automerge, run: &mut Run, input: &mut GateInput<'_>, chunk: &[u8]) -> Option<Accepted> {
    let peeked = peek::peek(chunk).ok().filter(|peeked| peeked.flaw.is_none())?;
    let heads = match run.tip {
        Some(tip) => vec![tip],
        None => doc.get_heads(),
    };
    if !heads.iter().all(|head| peeked.deps.contains(head)) || input.bad.contains(&peeked.hash) {
        return None;
    }
    if run.is_empty() {
        input.paths.meet(doc);
    }
    let (change, expanded) = replay::read(chunk).ok()?;
    // A replica names its own last change too, also when a head covers it.
    let own = input.paths.last(change.actor_id()).map(|last| last.hash);
    if !change.deps().iter().all(|dep| heads.contains(dep) || Some(*dep) == own) {
        return None;
    }
    if !expanded.operations.iter().all(|op| matches!(op.action, OpType::Put(_))) {
        return None;
    }
    let owner = input.replicas.get(change.actor_id().to_bytes()).copied();
    causal::check(input.paths, &change, input.writer, owner, input.paths.max_op(), input.now).ok()?;
    let trace = rules::check(doc, Some(run), input.paths, &expanded, input.writer, input.scores, input.now).ok()?;
    // A fact for each operation, so each operation is all that there is to its fact.
    if !trace.plain || trace.grows || trace.facts.len() != expanded.operations.len() {
        return None;
    }
    let said = trace.facts.into_iter().zip(&expanded.operations).map(|(path, op)| {
        let to = written(&path, op)?;
        Some((path, to))
    });
    let said: Vec<(FactPath, Value)> = said.collect::<Option<_>>()?;
    let differ = |(path, to): &(FactPath, Value)| {
        let from = run.said.get(path).cloned().or_else(|| fact::find(doc, path));
        let differs = from.as_ref() != Some(to);
        differs.then(|| Fact { path: path.clone(), from: from.unwrap_or_default(), to: to.clone() })
    };
    let facts = said.iter().filter_map(differ).collect();
    input.paths.record(vec![change.hash()], &change, trace.made);
    run.take(&change, &expanded, said);
    Some(Accepted { change, facts })
}

fn written(path: &FactPath, op: &Op) -> Option<Value> {
    match &op.action {
        OpType::Put(value) => fact::of_scalar(path, value),
        _ => None,
    }
}
