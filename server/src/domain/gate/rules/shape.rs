//! Whether operations refer to what their writer could see, as automerge itself would have written them. Every forged
//! change that made a document unloadable broke one of these rules.

use std::collections::HashMap;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Automerge, ChangeHash, ExpandedChange, ObjId, ReadDoc};

use super::super::paths::object_id;
use super::super::reason::Reason;
use super::super::run::Run;
use super::{is_own, object_of, op_id};

/// What a key of a map held for the writer, before one of its operations.
pub(super) struct Seen {
    /// Nothing.
    pub(super) empty: bool,
    /// The operation takes rivals away and leaves a value: a conflict is settled in favour of what is shown.
    pub(super) settles: bool,
}

/// Checks the references of one change.
pub(super) struct Shape<'a> {
    pub(super) past: Past<'a>,
    change: &'a ExpandedChange,
    /// Changes that the writer saw and that are not in the document yet.
    run: Option<&'a Run>,
    /// What keys hold after the operations so far.
    keys: HashMap<(ObjectId, &'a str), Vec<OpId>>,
}

impl<'a> Shape<'a> {
    pub(super) fn new(doc: &'a Automerge, run: Option<&'a Run>, change: &'a ExpandedChange) -> Self {
        let past = match run {
            Some(_) => Past::whole(doc),
            None => Past::new(doc, &change.deps),
        };
        Self { past, change, run, keys: HashMap::new() }
    }

    /// An operation at a key: overwrites all values that its writer saw there, or deletes at least one of them.
    pub(super) fn map_op(&mut self, op: &'a Op, id: &OpId) -> Result<Seen, Reason> {
        let Key::Map(name) = &op.key else { return Err(Reason::Structure("it mixes up maps and lists")) };
        let place = (op.obj.clone(), name.as_str());
        let fresh = matches!(&op.obj, ObjectId::Id(object) if is_own(self.change, object));
        let held = self.keys.entry(place).or_insert_with(|| match self.run.and_then(|run| run.held(&op.obj, name)) {
            Some(held) => vec![held.clone()],
            None if fresh => Vec::new(),
            None => self.past.values(&object_of(&op.obj), name),
        });
        let empty = held.is_empty();
        let overwritten = op.pred.len();
        if !op.pred.iter().all(|pred| held.contains(pred)) || has_repeats(op) {
            return Err(Reason::Structure("it overwrites a value that its writer did not see"));
        }
        match &op.action {
            OpType::Put(_) | OpType::Make(_) => {
                if overwritten != held.len() {
                    return Err(Reason::Structure("it leaves rival values beside its own"));
                }
                *held = vec![id.clone()];
                Ok(Seen { empty, settles: false })
            }
            OpType::Delete => {
                if overwritten == 0 {
                    return Err(Reason::Structure("it deletes nothing"));
                }
                held.retain(|value| !op.pred.iter().any(|pred| pred == value));
                Ok(Seen { empty, settles: !held.is_empty() })
            }
            OpType::Increment(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_) => Err(unused()),
        }
    }

    /// An operation at an item of a list or a letter of a text. That the item is in that very list is left to the round
    /// trip, which such a change always takes.
    pub(super) fn item_op(&self, op: &Op, index: usize) -> Result<(), Reason> {
        let Key::Seq(item) = &op.key else { return Err(Reason::Structure("it mixes up maps and lists")) };
        match item {
            ElementId::Head if !op.insert => return Err(Reason::Structure("it changes an item that does not exist")),
            ElementId::Head => {}
            ElementId::Id(item) if is_own(self.change, item) => {
                let own = self.earlier(item, index).is_some_and(|earlier| earlier.insert && earlier.obj == op.obj);
                if !own {
                    return Err(Reason::Structure("it refers to an item that does not exist"));
                }
            }
            ElementId::Id(item) if !self.past.has(item) => {
                return Err(Reason::Structure("it refers to an item that its writer did not see"));
            }
            ElementId::Id(_) => {}
        }
        let overwrites = match (&op.action, op.insert) {
            (OpType::Put(_) | OpType::Make(_), insert) => !insert,
            (OpType::Delete, false) => true,
            (OpType::Delete, true) => return Err(Reason::Structure("it inserts nothing")),
            (OpType::Increment(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_), _) => return Err(unused()),
        };
        if op.pred.is_empty() == overwrites || has_repeats(op) {
            return Err(Reason::Structure("it deletes nothing, or overwrites with an insertion"));
        }
        let seen = op.pred.iter().all(|pred| match is_own(self.change, pred) {
            true => self.earlier(pred, index).is_some_and(|earlier| {
                let same_item = earlier.insert || earlier.key == op.key;
                earlier.obj == op.obj && same_item && !matches!(earlier.action, OpType::Delete)
            }),
            false => self.past.has(pred),
        });
        if seen { Ok(()) } else { Err(Reason::Structure("it overwrites an item that its writer did not see")) }
    }

    /// The operation `id` of this change if it comes before the one at `index`.
    fn earlier(&self, id: &OpId, index: usize) -> Option<&Op> {
        let position = usize::try_from(id.counter() - self.change.start_op.get()).ok()?;
        debug_assert_eq!(op_id(self.change, position), *id);
        self.change.operations.get(position).filter(|_| position < index)
    }
}

fn has_repeats(op: &Op) -> bool {
    // Sorted, so equal ones are neighbours.
    op.pred.iter().zip(op.pred.iter().skip(1)).any(|(one, next)| one == next)
}

fn unused() -> Reason {
    Reason::Structure("reviews use neither counters nor marks")
}

/// The document as the writer of a change saw it.
pub(super) struct Past<'a> {
    doc: &'a Automerge,
    deps: &'a [ChangeHash],
    /// The writer saw everything.
    level: bool,
    /// Operations of the document that the writer did not see, as replica, first and last number.
    unseen: Vec<(ActorId, u64, u64)>,
}

impl<'a> Past<'a> {
    fn new(doc: &'a Automerge, deps: &'a [ChangeHash]) -> Self {
        // A replica names its own last change too, also when a head covers it.
        let level = doc.get_heads().iter().all(|head| deps.contains(head));
        let unseen = match level {
            true => Vec::new(),
            false => doc
                .get_changes_meta(deps)
                .into_iter()
                .map(|meta| (meta.actor.into_owned(), meta.start_op, meta.max_op))
                .collect(),
        };
        Self { doc, deps, level, unseen }
    }

    /// For a writer who saw all of the document.
    fn whole(doc: &'a Automerge) -> Self {
        Self { doc, deps: &[], level: true, unseen: Vec::new() }
    }

    /// Whether the writer saw the operation.
    pub(super) fn has(&self, id: &OpId) -> bool {
        let hidden = |(actor, first, last): &(ActorId, u64, u64)| {
            actor == id.actor() && (*first..=*last).contains(&id.counter())
        };
        !self.unseen.iter().any(hidden) && self.doc.hash_for_opid(&object_id(id)).is_some()
    }

    /// The operations whose values the writer saw at a key.
    fn values(&self, object: &ObjId, name: &str) -> Vec<OpId> {
        let all = match self.level {
            true => self.doc.get_all(object, name),
            false => self.doc.get_all_at(object, name, self.deps),
        };
        let ids = all.unwrap_or_default().into_iter().filter_map(|(_, id)| match id {
            ObjId::Id(counter, actor, _) => Some(OpId::new(counter, &actor)),
            ObjId::Root => None,
        });
        ids.collect()
    }
}
