//! Plain changes in a row: nothing but scalars put over what keys of a review held, by writers who saw everything before.
//! Most of what reviewers do is of this kind. Such changes are judged without being applied and applied together, which
//! costs one of them what it costs sixteen. Whatever is not plain, or not allowed, is left to the general path, which
//! says why.

use std::collections::HashMap;
use std::num::NonZeroU64;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{
    ActorId, Automerge, Change, ChangeHash, ExpandedChange, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as Held,
};
use concord_shared::moment::Moment;
use concord_shared::review::edit::Edit;
use concord_shared::review::fact::{self, FactPath};
use concord_shared::review::json::number_scalar;
use concord_shared::review::schema::{self, check_key};
use concord_shared::review::state::Judgement;
use serde_json::Value;

use super::{Accepted, Fact, GateInput, Paths, causal, peek, replay, rules};

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

/// The judgement that the server writes for somebody, as the next of `run`, if it is plain: a scalar over the one that its
/// key holds. Spares a fork, a transaction on it and two readings of it. `None`: write it the general way; nothing has changed.
pub fn put_score(
    doc: &Automerge,
    run: &mut Run,
    paths: &mut Paths,
    replica: &ActorId,
    edits: &[Edit],
    now: Moment,
) -> Option<Accepted> {
    let [Edit::SetScore { reviewer, score, judgement }] = edits else { return None };
    if run.count >= CHANGES {
        return None;
    }
    if run.is_empty() {
        paths.meet(doc);
    }
    let value = scalar(judgement)?;
    let reviewer = reviewer.to_string();
    let (own, pred) = held_score(doc, run, &reviewer, score)?;
    let path = FactPath::Score(reviewer, score.clone());
    let to = fact::of_scalar(&path, &value)?;
    let from = run.said.get(&path).cloned().or_else(|| fact::find(doc, &path))?;
    if from == to {
        return None;
    }
    let last = paths.last(replica);
    let mut deps = run.tip.map_or_else(|| doc.get_heads(), |tip| vec![tip]);
    // As automerge does: a replica names its own last change too, also when a head covers it.
    deps.extend(last.map(|last| last.hash).filter(|own| !deps.contains(own)));
    deps.sort();
    let put = Op {
        action: OpType::Put(value),
        obj: ObjectId::Id(own),
        key: Key::Map(score.as_str().into()),
        pred: vec![pred].into(),
        insert: false,
    };
    let expanded = ExpandedChange {
        operations: vec![put],
        actor_id: replica.clone(),
        author: None,
        hash: None,
        seq: last.map_or(1, |last| last.seq + 1),
        start_op: NonZeroU64::new(paths.max_op() + 1)?,
        time: now.as_seconds(),
        message: None,
        deps,
        extra_bytes: Vec::new(),
    };
    let change = Change::from(expanded.clone());
    paths.record(vec![change.hash()], &change, HashMap::new());
    run.take(&change, &expanded, vec![(path.clone(), to.clone())]);
    Some(Accepted { change, facts: vec![Fact { path, from, to }] })
}

/// What a judgement is in a document, of those that are one scalar.
fn scalar(judgement: &Judgement) -> Option<ScalarValue> {
    match judgement {
        Judgement::Number(number) if (0.0..=1.0).contains(number) => Some(number_scalar(*number, None)),
        Judgement::Option(option) if check_key(option).is_ok() => Some(ScalarValue::Str(option.as_str().into())),
        Judgement::Withdrawn => Some(ScalarValue::Null),
        Judgement::Number(_) | Judgement::Option(_) | Judgement::Options(_) => None,
    }
}

/// The map of a reviewer, and the one scalar that it holds at `score`.
fn held_score(doc: &Automerge, run: &Run, reviewer: &str, score: &str) -> Option<(OpId, OpId)> {
    let map = |value| matches!(value, Held::Object(ObjType::Map));
    let (scores, all) = doc.get(ROOT, schema::SCORES).ok()??;
    let (own, id) = doc.get(&all, reviewer).ok()??;
    if !map(scores) || !map(own) {
        return None;
    }
    let own = operation(&id)?;
    if let Some(held) = run.held.get(&own).and_then(|keys| keys.get(score)) {
        return Some((own, held.clone()));
    }
    let values = doc.get_all(&id, score).ok()?;
    let [(Held::Scalar(_), held)] = &values[..] else { return None };
    Some((own, operation(held)?))
}

fn operation(id: &ObjId) -> Option<OpId> {
    match id {
        ObjId::Id(counter, actor, _) => Some(OpId::new(*counter, actor)),
        ObjId::Root => None,
    }
}

fn written(path: &FactPath, op: &Op) -> Option<Value> {
    match &op.action {
        OpType::Put(value) => fact::of_scalar(path, value),
        _ => None,
    }
}
