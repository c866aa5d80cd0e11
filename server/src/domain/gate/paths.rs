//! What the gate remembers of a document besides its content: where each object stands, and how far each replica is.

use std::collections::HashMap;
use std::sync::Arc;

use automerge::legacy::OpId;
use automerge::{ActorId, Automerge, Change, ChangeHash, ObjId, ObjType, Prop, ReadDoc};
use concord_shared::review::fact::FactPath;
use concord_shared::review::json::pointer;
use concord_shared::review::schema as key;

/// A key of a map, shared between the places below it.
pub(super) type Name = Arc<str>;

/// What an object is for. Objects never move, so this never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The document.
    Root,
    /// `/scores`
    Scores,
    /// `/scores/<reviewer>`
    ScoresOf(Name),
    /// `/scores/<reviewer>/<score>`, options of a multiple choice
    Choice(Name, Name),
    /// `/notes`
    Notes,
    /// `/notes/<reviewer>`
    NotesOf(Name),
    /// `/notes/<reviewer>/<score>`
    Note(Name, Name),
    /// `/expected`
    Expected,
    /// `/expected/settled`
    Settled,
    /// A container or text of the JSON tree under `/expected/value`; how many containers deep, the tree's own included.
    Tree(ObjType, usize),
    /// `/fields`
    Fields,
    /// `/fields/<score>`
    Field(Name),
    /// `/tags`
    Tags,
    /// `/comments`
    Comments,
    /// `/comments/<id>`
    Comment(Name),
    /// `/comments/<id>/text`
    CommentText(Name),
    /// A container or text of `/comments/<id>/anchor`; how many containers deep.
    Anchor(Name, ObjType, usize),
    /// `/status`
    Status,
    /// `/assignees`
    Assignees,
    /// `/assignees/<member>`
    Assignee(Name),
    /// `/completed`
    Completed,
}

impl Place {
    /// What an object of `kind` is for at `name` (`None`: an item of a list) of this place; `None` if for nothing.
    pub(super) fn child(&self, name: Option<&str>, kind: ObjType) -> Option<Place> {
        use ObjType::{Map, Text};
        let own = |name: &str| Name::from(name);
        Some(match (self, name, kind) {
            (Self::Root, Some(key::SCORES), Map) => Self::Scores,
            (Self::Root, Some(key::NOTES), Map) => Self::Notes,
            (Self::Root, Some(key::EXPECTED), Map) => Self::Expected,
            (Self::Root, Some(key::FIELDS), Map) => Self::Fields,
            (Self::Root, Some(key::TAGS), Map) => Self::Tags,
            (Self::Root, Some(key::COMMENTS), Map) => Self::Comments,
            (Self::Root, Some(key::STATUS), Map) => Self::Status,
            (Self::Root, Some(key::ASSIGNEES), Map) => Self::Assignees,
            (Self::Root, Some(key::COMPLETED), Map) => Self::Completed,
            (Self::Scores, Some(name), Map) => Self::ScoresOf(own(name)),
            (Self::ScoresOf(reviewer), Some(name), Map) => Self::Choice(reviewer.clone(), own(name)),
            (Self::Notes, Some(name), Map) => Self::NotesOf(own(name)),
            (Self::NotesOf(reviewer), Some(name), Text) => Self::Note(reviewer.clone(), own(name)),
            (Self::Expected, Some(key::VALUE), _) => Self::Tree(kind, 1),
            (Self::Expected, Some(key::SETTLED), Map) => Self::Settled,
            (Self::Tree(_, depth), _, _) => Self::Tree(kind, depth + 1),
            (Self::Fields, Some(name), Text) => Self::Field(own(name)),
            (Self::Comments, Some(name), Map) => Self::Comment(own(name)),
            (Self::Comment(id), Some(key::TEXT), Text) => Self::CommentText(id.clone()),
            (Self::Comment(id), Some(key::ANCHOR), _) => Self::Anchor(id.clone(), kind, 1),
            (Self::Anchor(id, _, depth), _, _) => Self::Anchor(id.clone(), kind, depth + 1),
            (Self::Assignees, Some(name), Map) => Self::Assignee(own(name)),
            _ => return None,
        })
    }

    /// What kind of object it is.
    pub(super) fn kind(&self) -> ObjType {
        match self {
            Self::Tree(kind, _) | Self::Anchor(_, kind, _) => *kind,
            Self::Note(..) | Self::Field(_) | Self::CommentText(_) => ObjType::Text,
            _ => ObjType::Map,
        }
    }

    /// Where it is. Inside a JSON tree, where the tree is.
    pub(super) fn pointer(&self) -> String {
        let path = |parts: &[&str]| parts.iter().fold(String::new(), |path, part| pointer(&path, part));
        match self {
            Self::Root => String::new(),
            Self::Scores => path(&[key::SCORES]),
            Self::ScoresOf(reviewer) => path(&[key::SCORES, reviewer]),
            Self::Choice(reviewer, score) => path(&[key::SCORES, reviewer, score]),
            Self::Notes => path(&[key::NOTES]),
            Self::NotesOf(reviewer) => path(&[key::NOTES, reviewer]),
            Self::Note(reviewer, score) => path(&[key::NOTES, reviewer, score]),
            Self::Expected => path(&[key::EXPECTED]),
            Self::Settled => path(&[key::EXPECTED, key::SETTLED]),
            Self::Tree(..) => path(&[key::EXPECTED, key::VALUE]),
            Self::Fields => path(&[key::FIELDS]),
            Self::Field(name) => path(&[key::FIELDS, name]),
            Self::Tags => path(&[key::TAGS]),
            Self::Comments => path(&[key::COMMENTS]),
            Self::Comment(id) => path(&[key::COMMENTS, id]),
            Self::CommentText(id) => path(&[key::COMMENTS, id, key::TEXT]),
            Self::Anchor(id, ..) => path(&[key::COMMENTS, id, key::ANCHOR]),
            Self::Status => path(&[key::STATUS]),
            Self::Assignees => path(&[key::ASSIGNEES]),
            Self::Assignee(member) => path(&[key::ASSIGNEES, member]),
            Self::Completed => path(&[key::COMPLETED]),
        }
    }

    /// The fact that a write at `name` (`None`: in a list or text) of this place is about, if anybody sees it.
    pub(super) fn fact(&self, name: Option<&str>) -> Option<FactPath> {
        let own = |name: &str| name.to_owned();
        Some(match (self, name) {
            (Self::ScoresOf(reviewer), Some(score)) => FactPath::Score(own(reviewer), own(score)),
            (Self::Choice(reviewer, score), _) => FactPath::Score(own(reviewer), own(score)),
            (Self::NotesOf(reviewer), Some(score)) => FactPath::Note(own(reviewer), own(score)),
            (Self::Note(reviewer, score), _) => FactPath::Note(own(reviewer), own(score)),
            (Self::Expected, Some(key::SET | key::VALUE)) | (Self::Tree(..), _) => FactPath::Expected,
            (Self::Fields, Some(name)) => FactPath::Field(own(name)),
            (Self::Field(name), _) => FactPath::Field(own(name)),
            (Self::Tags, Some(tag)) => FactPath::Tag(own(tag)),
            (Self::Comments, Some(id)) => FactPath::Comment(own(id)),
            (Self::Comment(id), Some(key::TEXT)) | (Self::CommentText(id), _) => FactPath::CommentText(own(id)),
            (Self::Comment(id), Some(key::DELETED)) => FactPath::CommentDeleted(own(id)),
            (Self::Comment(id), Some(key::RESOLVED)) => FactPath::CommentResolved(own(id)),
            (Self::Status, _) => FactPath::Status,
            (Self::Assignees, Some(member)) => FactPath::Assignee(own(member)),
            (Self::Assignee(member), _) => FactPath::Assignee(own(member)),
            (Self::Completed, Some(reviewer)) => FactPath::Completed(own(reviewer)),
            _ => return None,
        })
    }
}

/// The last change of a replica.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    /// Its number.
    pub(super) seq: u64,
    /// Its hash.
    pub(super) hash: ChangeHash,
}

/// Memory of one document between calls. Fills itself when it meets a document that it does not know, so throwing it
/// away costs time and nothing else.
#[derive(Debug, Default)]
pub struct Paths {
    /// Heads of the document that everything here speaks of.
    heads: Vec<ChangeHash>,
    replicas: HashMap<ActorId, Last>,
    max_op: u64,
    places: HashMap<OpId, Place>,
}

impl Paths {
    /// Makes sure that this speaks of `doc`: a draft may have been thrown away since.
    pub(super) fn meet(&mut self, doc: &Automerge) {
        if !self.heads.is_empty() && self.heads == doc.get_heads() {
            return;
        }
        *self = Self { heads: doc.get_heads(), ..Self::default() };
        for meta in doc.get_changes_meta(&[]) {
            self.max_op = self.max_op.max(meta.max_op);
            let last = self.replicas.entry(meta.actor.into_owned()).or_insert(Last { seq: 0, hash: meta.hash });
            if meta.seq > last.seq {
                *last = Last { seq: meta.seq, hash: meta.hash };
            }
        }
    }

    /// Takes note of a change that is now part of the document, whose heads it made these, and of the objects that it made.
    pub(super) fn record(&mut self, heads: Vec<ChangeHash>, change: &Change, made: HashMap<OpId, Place>) {
        self.heads = heads;
        self.max_op = self.max_op.max(change.max_op());
        self.replicas.insert(change.actor_id().clone(), Last { seq: change.seq(), hash: change.hash() });
        self.places.extend(made);
    }

    /// The last change of a replica in the document.
    pub(super) fn last(&self, replica: &ActorId) -> Option<Last> {
        self.replicas.get(replica).copied()
    }

    /// The largest operation number of the document.
    pub(super) fn max_op(&self) -> u64 {
        self.max_op
    }

    /// What an object of `doc` is for; `None` if there is no such object, or if it is for nothing that we know.
    pub(super) fn place(&mut self, doc: &Automerge, object: &OpId) -> Option<Place> {
        if let Some(place) = self.places.get(object) {
            return Some(place.clone());
        }
        let id = object_id(object);
        let mut kind = doc.object_type(&id).ok()?;
        let mut path: Vec<(Prop, ObjType)> = Vec::new();
        // From the object up; each step names the object above, so its kind belongs to the step before.
        for parent in doc.parents(&id).ok()? {
            path.push((parent.prop, kind));
            kind = parent.typ;
        }
        let mut place = Place::Root;
        for (prop, kind) in path.iter().rev() {
            let name = match prop {
                Prop::Map(name) => Some(name.as_str()),
                Prop::Seq(_) => None,
            };
            place = place.child(name, *kind)?;
        }
        self.places.insert(object.clone(), place.clone());
        Some(place)
    }
}

/// automerge's name for an object; the index is only a hint.
pub(super) fn object_id(object: &OpId) -> ObjId {
    ObjId::Id(object.counter(), object.actor().clone(), 0)
}
