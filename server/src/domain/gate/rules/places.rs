//! Who may write what where: the table of the review document.

use std::collections::{BTreeMap, HashMap};

use automerge::legacy::{ObjectId, Op, OpId, OpType};
use automerge::{Automerge, ExpandedChange, ObjType, ROOT, ReadDoc, ScalarValue};
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;
use concord_shared::review::json::pointer;
use concord_shared::review::schema as key;
use concord_shared::role::Action;
use concord_shared::score::value::find as find_score;
use concord_shared::score::{Score, ScoreKind};

use super::super::Writer;
use super::super::paths::{Name, Place, object_id};
use super::super::reason::Reason;
use super::shape::Seen;
use super::signed::{Signed, StatusWrite};
use super::{is_own, values};

/// Bytes of one letter of a text. One operation is one letter; a family of emoji takes 25.
const LETTER_BYTES: usize = 32;

/// Judges the operations of one change, and at its end what belonged in it.
pub(super) struct Judge<'a> {
    pub(super) doc: &'a Automerge,
    pub(super) change: &'a ExpandedChange,
    pub(super) me: String,
    pub(super) moderates: bool,
    scores: &'a [Score],
    pub(super) now: Moment,
    /// Entries or letters of each object that this change adds to, as counted so far.
    counts: HashMap<ObjectId, usize>,
    /// Maps signed with `by` and `at` (or `author` and `at`) that this change makes.
    pub(super) signed: HashMap<OpId, Signed>,
    /// Texts of the comments that this change makes, and whose they are in `signed`.
    pub(super) texts: HashMap<OpId, OpId>,
    /// Comments whose text it edits.
    pub(super) edited: BTreeMap<Name, bool>,
    pub(super) status: StatusWrite,
}

/// An operation at a key of a map, after its shape was found good.
pub(super) enum Write<'a> {
    Put(&'a ScalarValue),
    Make(ObjType),
    Delete,
    /// Takes losing rivals away. Legal wherever the writer might have written the winner.
    Settle,
}

pub(super) type Outcome = Result<(), Reason>;

impl<'a> Judge<'a> {
    pub(super) fn new(
        doc: &'a Automerge,
        change: &'a ExpandedChange,
        writer: &Writer,
        scores: &'a [Score],
        now: Moment,
    ) -> Self {
        Self {
            doc,
            change,
            me: writer.member.to_string(),
            moderates: writer.role.may(Action::Moderate),
            scores,
            now,
            counts: HashMap::new(),
            signed: HashMap::new(),
            texts: HashMap::new(),
            edited: BTreeMap::new(),
            status: StatusWrite::default(),
        }
    }

    /// An operation at `name` of `place`.
    pub(super) fn map_op(&mut self, place: &Place, name: &str, op: &'a Op, id: &OpId, seen: &Seen) -> Outcome {
        let write = match &op.action {
            OpType::Put(value) => Write::Put(value),
            OpType::Make(kind) => Write::Make(*kind),
            _ if seen.settles => Write::Settle,
            _ => Write::Delete,
        };
        let at = At { place, name };
        match place {
            Place::Root => Err(at.not_allowed("the maps of a review are made by the server and stay")),
            Place::Scores | Place::Notes => {
                Err(at.not_allowed("open the review over the API, which makes the maps of a reviewer"))
            }
            Place::ScoresOf(reviewer) => {
                self.own(&at, reviewer)?;
                self.judgement(&at, op, &write, seen)
            }
            Place::Choice(reviewer, score) => {
                self.own(&at, reviewer)?;
                self.option(&at, score, &write)
            }
            Place::NotesOf(reviewer) => {
                self.own(&at, reviewer)?;
                match write {
                    Write::Settle => Ok(()),
                    Write::Make(ObjType::Text) => {
                        if seen.empty {
                            find_score(self.scores, name).map_err(|invalid| at.unknown_score(invalid.to_string()))?;
                        }
                        self.grow(&at, op, seen, "notes", key::SCORES_EACH)
                    }
                    Write::Delete => Err(at.not_allowed("empty the text instead of deleting it")),
                    _ => {
                        Err(at.not_allowed("a note is shared text: make a Text object (in JavaScript a plain string)"))
                    }
                }
            }
            Place::Expected => self.expected(&at, id, &write),
            Place::Settled | Place::Assignee(_) => self.signature(&at, op, &write, key::BY),
            Place::Tree(_, depth) => {
                if let Write::Make(_) | Write::Put(_) = write {
                    self.grow(&at, op, seen, "keys", key::JSON_KEYS)?;
                }
                json_value(&at, &write, *depth, key::JSON_DEPTH)
            }
            Place::Fields => {
                Err(at.not_allowed("open the review over the API, which makes the texts of free-form scores"))
            }
            Place::Tags => match write {
                Write::Put(value) => {
                    values::flag(value).map_err(|reason| at.invalid(reason))?;
                    self.grow(&at, op, seen, "tags", key::TAG_COUNT)
                }
                Write::Delete | Write::Settle => Ok(()),
                Write::Make(_) => Err(at.invalid("takes true (added) or false (removed)".to_owned())),
            },
            Place::Comments => self.new_comment(&at, op, id, &write, seen),
            Place::Comment(comment) => self.comment(&at, comment, op, id, &write),
            Place::Anchor(_, _, depth) => {
                self.only_new(&at, op)?;
                self.grow(&at, op, seen, "keys", key::JSON_KEYS)?;
                json_value(&at, &write, *depth, key::ANCHOR_DEPTH)
            }
            Place::Status => self.status_part(&at, &write),
            Place::Assignees => match write {
                Write::Make(ObjType::Map) => {
                    // As we write it: another form of the same id would be a second entry for one person.
                    if !name.parse::<MemberId>().is_ok_and(|member| member.to_string() == name) {
                        return Err(at.invalid("takes member ids as keys, in lower case with hyphens".to_owned()));
                    }
                    self.sign(&at, id);
                    self.grow(&at, op, seen, "assignees", key::ASSIGNEE_COUNT)
                }
                Write::Delete | Write::Settle => Ok(()),
                _ => Err(at.invalid("takes a map of `by` and `at`".to_owned())),
            },
            Place::Completed => {
                self.own(&at, name)?;
                match write {
                    Write::Put(value) => values::at(value, self.now).map_err(|reason| at.invalid(reason)),
                    Write::Delete | Write::Settle => Ok(()),
                    Write::Make(_) => Err(at.invalid("takes a time (in JavaScript a `Date`)".to_owned())),
                }
            }
            Place::Note(..) | Place::Field(_) | Place::CommentText(_) => {
                Err(Reason::Structure("it names a key in a text"))
            }
        }
    }

    /// An operation at an item of a list or a letter of a text.
    pub(super) fn item_op(&mut self, place: &Place, op: &'a Op) -> Outcome {
        let at = At { place, name: "" };
        match place {
            Place::Note(reviewer, _) => self.own(&at, reviewer)?,
            Place::CommentText(comment) => self.comment_letters(&at, comment, op)?,
            Place::Anchor(..) => self.only_new(&at, op)?,
            _ => {}
        }
        if place.kind() == ObjType::Text {
            return self.letter(&at, op);
        }
        if op.insert {
            self.count(op, "items", key::JSON_ITEMS, &at)?;
        }
        let write = match &op.action {
            OpType::Put(value) => Write::Put(value),
            OpType::Make(kind) => Write::Make(*kind),
            _ => Write::Delete,
        };
        match place {
            Place::Tree(_, depth) => json_value(&at, &write, *depth, key::JSON_DEPTH),
            Place::Anchor(_, _, depth) => json_value(&at, &write, *depth, key::ANCHOR_DEPTH),
            _ => Err(Reason::Structure("it writes items where no list belongs")),
        }
    }

    /// Refuses the place of another.
    fn own(&self, at: &At<'_>, reviewer: &str) -> Outcome {
        if reviewer == self.me {
            return Ok(());
        }
        Err(Reason::NotYours { path: at.pointer(), owner: reviewer.to_owned() })
    }

    /// The object that an operation writes in, if this change has made it.
    pub(super) fn own_object<'b>(&self, op: &'b Op) -> Option<&'b OpId> {
        match &op.obj {
            ObjectId::Id(object) if is_own(self.change, object) => Some(object),
            _ => None,
        }
    }

    /// Refuses writing in an object that was there before: it is made whole and stays.
    pub(super) fn only_new(&self, at: &At<'_>, op: &Op) -> Outcome {
        let made = self.own_object(op);
        made.map(drop).ok_or_else(|| at.not_allowed("it is written once, with what it belongs to"))
    }

    /// Counts one more entry of the object of `op`; refused beyond `max`.
    fn count(&mut self, op: &Op, what: &'static str, max: usize, at: &At<'_>) -> Outcome {
        let (doc, change) = (self.doc, self.change);
        let count = self.counts.entry(op.obj.clone()).or_insert_with(|| match &op.obj {
            ObjectId::Id(object) if is_own(change, object) => 0,
            ObjectId::Id(object) => doc.length(object_id(object)),
            ObjectId::Root => doc.length(ROOT),
        });
        *count += 1;
        if *count > max { Err(Reason::Full { path: at.place.pointer(), what, max }) } else { Ok(()) }
    }

    /// Counts an entry that was not there.
    pub(super) fn grow(&mut self, at: &At<'_>, op: &Op, seen: &Seen, what: &'static str, max: usize) -> Outcome {
        if seen.empty { self.count(op, what, max, at) } else { Ok(()) }
    }

    fn judgement(&mut self, at: &At<'_>, op: &Op, write: &Write<'_>, seen: &Seen) -> Outcome {
        match write {
            Write::Settle => return Ok(()),
            Write::Delete => return Err(at.not_allowed("withdraw a judgement with null, so that it stays on record")),
            // Scores come and go; what was judged may always be withdrawn.
            Write::Put(ScalarValue::Null) if !seen.empty => return Ok(()),
            _ => {}
        }
        let score = find_score(self.scores, at.name).map_err(|invalid| at.unknown_score(invalid.to_string()))?;
        match (write, &score.kind) {
            (Write::Put(value), _) => values::judgement(score, value).map_err(|reason| at.invalid(reason))?,
            (Write::Make(ObjType::Map), ScoreKind::Expected { multi: true, .. }) => {}
            (_, ScoreKind::Expected { multi: true, .. }) => {
                return Err(at.invalid("takes one option as a scalar string, or a map of options to true".to_owned()));
            }
            _ => {
                let right = "takes a number or an option as a scalar (in JavaScript an `ImmutableString`), or null";
                return Err(at.invalid(right.to_owned()));
            }
        }
        self.grow(at, op, seen, "judgements", key::SCORES_EACH)
    }

    fn option(&self, at: &At<'_>, score: &str, write: &Write<'_>) -> Outcome {
        match write {
            Write::Settle | Write::Delete => Ok(()),
            Write::Make(_) => Err(at.invalid("takes true (chosen) or false".to_owned())),
            Write::Put(value) => {
                let chosen = values::flag(value).map_err(|reason| at.invalid(reason))?;
                if !chosen {
                    return Ok(());
                }
                let known = find_score(self.scores, score).map_err(|invalid| at.unknown_score(invalid.to_string()))?;
                values::judgement(known, &ScalarValue::Str(at.name.into())).map_err(|reason| at.invalid(reason))
            }
        }
    }

    fn expected(&mut self, at: &At<'_>, id: &OpId, write: &Write<'_>) -> Outcome {
        match (at.name, write) {
            (key::SET, Write::Put(value)) => values::flag(value).map(drop).map_err(|reason| at.invalid(reason)),
            (key::VALUE, Write::Put(_) | Write::Make(_)) => json_value(at, write, 0, key::JSON_DEPTH),
            (key::SETTLED, Write::Make(ObjType::Map)) => {
                self.sign(at, id);
                Ok(())
            }
            (key::SET | key::VALUE | key::SETTLED, Write::Settle) => Ok(()),
            (key::SET, _) => Err(at.not_allowed("set it to false for \"as logged\"")),
            (key::VALUE, _) => Err(at.not_allowed("set `set` to false for \"as logged\", or the value to null")),
            (key::SETTLED, _) => Err(at.not_allowed("settling a conflict writes a map of `by` and `at`")),
            _ => Err(at.not_allowed("it has the keys `set`, `value` and `settled`")),
        }
    }

    /// Letters come one by one and go one by one.
    fn letter(&mut self, at: &At<'_>, op: &Op) -> Outcome {
        match &op.action {
            OpType::Delete => Ok(()),
            OpType::Put(ScalarValue::Str(letter)) if op.insert && (1..=LETTER_BYTES).contains(&letter.len()) => {
                self.count(op, "characters", key::TEXT_UNITS, at)
            }
            OpType::Put(_) if op.insert => Err(at.invalid("a text takes letters, one at a time".to_owned())),
            _ => Err(at.not_allowed("in a text letters are inserted and deleted, nothing else")),
        }
    }
}

/// A value of a JSON tree, `depth` containers deep.
pub(super) fn json_value(at: &At<'_>, write: &Write<'_>, depth: usize, deepest: usize) -> Outcome {
    match write {
        Write::Put(value) => values::json(value).map_err(|reason| at.invalid(reason)),
        Write::Make(ObjType::Text) | Write::Delete | Write::Settle => Ok(()),
        Write::Make(ObjType::Table) => Err(Reason::Structure("reviews use no tables")),
        Write::Make(_) if depth >= deepest => {
            Err(at.invalid(format!("is nested deeper than {deepest} levels: flatten it or write it as text")))
        }
        Write::Make(_) => Ok(()),
    }
}

/// Where an operation writes, for messages.
pub(super) struct At<'a> {
    pub(super) place: &'a Place,
    pub(super) name: &'a str,
}

impl At<'_> {
    pub(super) fn pointer(&self) -> String {
        let place = self.place.pointer();
        if self.name.is_empty() { place } else { pointer(&place, self.name) }
    }

    pub(super) fn not_allowed(&self, right: &str) -> Reason {
        Reason::NotAllowed { path: self.pointer(), right: right.to_owned() }
    }

    pub(super) fn invalid(&self, reason: String) -> Reason {
        Reason::InvalidValue { path: self.pointer(), reason }
    }

    fn unknown_score(&self, reason: String) -> Reason {
        Reason::UnknownScore { path: self.pointer(), reason }
    }
}
