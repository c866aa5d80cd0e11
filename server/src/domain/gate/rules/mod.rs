//! Whether the writer may do each operation of a change.
//!
//! Judged by operations, not by what becomes visible: a value that loses a conflict is hidden, and shows when the winner
//! goes. Judged at the change's own dependencies: what its writer saw.

mod comments;
mod places;
mod shape;
mod signed;
mod values;

use std::collections::{HashMap, HashSet};

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{Automerge, Change, ExpandedChange, ObjId, ObjType, ROOT};
use concord_shared::moment::Moment;
use concord_shared::review::fact::FactPath;
use concord_shared::review::json::pointer;
use concord_shared::review::schema::check_key;
use concord_shared::role::Action;
use concord_shared::score::Score;

use self::places::Judge;
use self::shape::Shape;
use super::Writer;
use super::paths::{Paths, Place, object_id};
use super::reason::Reason;
use super::run::Run;

/// What a change touches.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Facts that may have changed, each once.
    pub(super) facts: Vec<FactPath>,
    /// Objects that it made, and what for.
    pub(super) made: HashMap<OpId, Place>,
    /// Nothing but scalars put at keys of maps, overwriting exactly what its writer saw: cannot do harm.
    pub(super) plain: bool,
    /// Writes at a key that held nothing.
    pub(super) grows: bool,
}

/// Where the operations of a change stand: in the document, or in an object that the change itself has made.
struct Places<'a> {
    doc: &'a Automerge,
    paths: &'a mut Paths,
    made: HashMap<OpId, Place>,
    /// Text is written letter by letter into one object.
    last: Option<(OpId, Place)>,
}

impl<'a> Places<'a> {
    fn new(doc: &'a Automerge, paths: &'a mut Paths) -> Self {
        Self { doc, paths, made: HashMap::new(), last: None }
    }

    fn of(&mut self, object: &ObjectId) -> Option<Place> {
        let ObjectId::Id(id) = object else { return Some(Place::Root) };
        if let Some((last, place)) = &self.last
            && last == id
        {
            return Some(place.clone());
        }
        let place = self.made.get(id).cloned().or_else(|| self.paths.place(self.doc, id))?;
        self.last = Some((id.clone(), place.clone()));
        Some(place)
    }
}

/// What a change of our own touches; its operations are not judged.
pub(super) fn trace(doc: &Automerge, paths: &mut Paths, change: &Change) -> Trace {
    let change = change.decode();
    let mut places = Places::new(doc, paths);
    let mut facts = Facts::default();
    for (index, op) in change.operations.iter().enumerate() {
        let Some(place) = places.of(&op.obj) else { continue };
        let name = map_key(&op.key);
        facts.note(&place, name);
        if let OpType::Make(kind) = &op.action
            && let Some(child) = place.child(name, *kind)
        {
            places.made.insert(op_id(&change, index), child);
        }
    }
    Trace { facts: facts.list, made: places.made, plain: false, grows: false }
}

/// Judges every operation of `change`, whose dependencies are in `doc`, or, with a run, are all of `doc` and the run.
pub(super) fn check(
    doc: &Automerge,
    run: Option<&Run>,
    paths: &mut Paths,
    change: &ExpandedChange,
    writer: &Writer,
    scores: &[Score],
    now: Moment,
) -> Result<Trace, Reason> {
    if !writer.role.may(Action::Review) {
        return Err(Reason::ReadOnly(writer.role.as_str()));
    }
    let mut places = Places::new(doc, paths);
    let mut shape = Shape::new(doc, run, change);
    let mut judge = Judge::new(doc, change, writer, scores, now);
    let mut facts = Facts::default();
    let (mut plain, mut grows) = (true, false);
    for (index, op) in change.operations.iter().enumerate() {
        let id = op_id(change, index);
        let place = locate(&mut places, &shape, op, change)?;
        match &op.key {
            Key::Map(name) => {
                let name = name.as_str();
                if place.kind() != ObjType::Map || op.insert {
                    return Err(Reason::Structure("it names a key in a list or text, or inserts in a map"));
                }
                check_key(name).map_err(|invalid| Reason::InvalidValue {
                    path: pointer(&place.pointer(), &name.chars().take(64).collect::<String>()),
                    reason: format!("the key {invalid}"),
                })?;
                let seen = shape.map_op(op, &id)?;
                grows |= seen.empty;
                judge.map_op(&place, name, op, &id, &seen)?;
                facts.note(&place, Some(name));
                plain &= matches!(op.action, OpType::Put(_));
            }
            Key::Seq(_) => {
                if place.kind() == ObjType::Map {
                    return Err(Reason::Structure("it names an item in a map"));
                }
                shape.item_op(op, index)?;
                judge.item_op(&place, op)?;
                facts.note(&place, None);
                plain = false;
            }
        }
        if let OpType::Make(kind) = &op.action {
            let child = place.child(map_key(&op.key), *kind);
            places.made.insert(id, child.ok_or(Reason::Structure("it makes an object where none belongs"))?);
        }
    }
    judge.finish()?;
    Ok(Trace { facts: facts.list, made: places.made, plain, grows })
}

/// The place that an operation writes in, which its writer must have seen.
fn locate(places: &mut Places<'_>, shape: &Shape<'_>, op: &Op, change: &ExpandedChange) -> Result<Place, Reason> {
    let unknown = Reason::Structure("it writes into an object that it does not know");
    if let ObjectId::Id(object) = &op.obj {
        // An object of the change itself is in `made`, or is none.
        if !is_own(change, object) && !shape.past.has(object) {
            return Err(unknown);
        }
    }
    places.of(&op.obj).ok_or(unknown)
}

/// Whether an operation is one of `change`, rather than of the document before it.
fn is_own(change: &ExpandedChange, id: &OpId) -> bool {
    *id.actor() == change.actor_id && id.counter() >= change.start_op.get()
}

pub(super) fn op_id(change: &ExpandedChange, index: usize) -> OpId {
    OpId::new(change.start_op.get() + index as u64, &change.actor_id)
}

pub(super) fn map_key(key: &Key) -> Option<&str> {
    match key {
        Key::Map(name) => Some(name.as_str()),
        Key::Seq(_) => None,
    }
}

fn object_of(object: &ObjectId) -> ObjId {
    match object {
        ObjectId::Root => ROOT,
        ObjectId::Id(id) => object_id(id),
    }
}

/// Facts in the order in which they are met, each once.
#[derive(Default)]
struct Facts {
    list: Vec<FactPath>,
    seen: HashSet<FactPath>,
    last: Option<(Place, Option<String>)>,
}

impl Facts {
    fn note(&mut self, place: &Place, name: Option<&str>) {
        let again = self.last.as_ref().is_some_and(|(last, key)| last == place && key.as_deref() == name);
        if again {
            return;
        }
        self.last = Some((place.clone(), name.map(str::to_owned)));
        let Some(fact) = place.fact(name) else { return };
        // The making of a comment says all of it.
        let part_of_new = match &fact {
            FactPath::CommentText(id) | FactPath::CommentDeleted(id) | FactPath::CommentResolved(id) => {
                self.seen.contains(&FactPath::Comment(id.clone()))
            }
            _ => false,
        };
        if !part_of_new && self.seen.insert(fact.clone()) {
            self.list.push(fact);
        }
    }
}
