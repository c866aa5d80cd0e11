//! What is signed: maps that name their maker and moment, and the status, which names whoever set it last.

use automerge::legacy::{Op, OpId};
use automerge::{Automerge, ChangeHash, ROOT, ReadDoc};
use concord_shared::review::schema as key;
use concord_shared::review::state::ReviewStatus;

use super::super::paths::Place;
use super::super::reason::Reason;
use super::places::{At, Judge, Outcome, Write};
use super::values;

/// What a new signed map has got so far.
pub(super) struct Signed {
    pub(super) path: String,
    pub(super) by: bool,
    pub(super) at: bool,
    /// Letters, for comments: they need some.
    pub(super) letters: Option<usize>,
}

impl Signed {
    fn missing(&self) -> Option<&'static str> {
        match self {
            Self { at: false, .. } => Some("`at`"),
            Self { letters: Some(0), .. } => Some("`text` with some words"),
            Self { by: false, letters: Some(_), .. } => Some("`author`"),
            Self { by: false, .. } => Some("`by`"),
            _ => None,
        }
    }
}

/// Which parts of the status a change writes.
#[derive(Default)]
pub(super) struct StatusWrite {
    pub(super) touched: bool,
    pub(super) by: bool,
    pub(super) at: bool,
}

impl Judge<'_> {
    /// What must have been written together.
    pub(super) fn finish(self) -> Outcome {
        let incomplete = self.signed.into_values().filter_map(|signed| Some((signed.missing()?, signed.path)));
        // The first by name, so that the same change always gets the same answer.
        if let Some((missing, path)) = incomplete.min_by(|one, other| one.1.cmp(&other.1)) {
            return Err(Reason::Incomplete { path, missing });
        }
        if let Some((comment, _)) = self.edited.iter().find(|(_, dated)| !**dated) {
            let path = Place::Comment(comment.clone()).pointer();
            return Err(Reason::Incomplete { path, missing: "`edited_at`" });
        }
        if self.status.touched && !self.status.by && !status_is_mine(self.doc, &self.change.deps, &self.me) {
            return Err(Reason::Incomplete { path: Place::Status.pointer(), missing: "`by`" });
        }
        if self.status.by && !self.status.at {
            return Err(Reason::Incomplete { path: Place::Status.pointer(), missing: "`at`" });
        }
        Ok(())
    }

    /// Begins a map that its maker must sign in the same change.
    pub(super) fn sign(&mut self, at: &At<'_>, id: &OpId) {
        self.signed.insert(id.clone(), Signed { path: at.pointer(), by: false, at: false, letters: None });
    }

    /// `by` (or `author`) and `at` of a map that this change makes.
    pub(super) fn signature(&mut self, at: &At<'_>, op: &Op, write: &Write<'_>, signer: &'static str) -> Outcome {
        self.only_new(at, op)?;
        let signed = self.own_object(op).and_then(|object| self.signed.get_mut(object));
        let Some(signed) = signed else { return Err(at.not_allowed("it is written once, by who makes it")) };
        match (at.name, write) {
            (key::AT, Write::Put(value)) => {
                values::at(value, self.now).map_err(|reason| at.invalid(reason))?;
                signed.at = true;
            }
            (name, Write::Put(value)) if name == signer => {
                values::signature(value, &self.me).map_err(|reason| at.invalid(reason))?;
                signed.by = true;
            }
            _ => return Err(at.not_allowed("it has one signer and one time, each written once")),
        }
        Ok(())
    }

    pub(super) fn status_part(&mut self, at: &At<'_>, write: &Write<'_>) -> Outcome {
        self.status.touched = true;
        match (at.name, write) {
            (key::VALUE | key::BY | key::AT, Write::Settle) => Ok(()),
            (key::VALUE, Write::Put(value)) => {
                let word = values::string(value).map_err(|reason| at.invalid(reason))?;
                let words = || ReviewStatus::ALL.map(ReviewStatus::as_str).join(", ");
                let known = ReviewStatus::parse(word);
                known.map(drop).ok_or_else(|| at.invalid(format!("takes one of {}, not {word:?}", words())))
            }
            (key::BY, Write::Put(value)) => {
                self.status.by = true;
                values::signature(value, &self.me).map_err(|reason| at.invalid(reason))
            }
            (key::AT, Write::Put(value)) => {
                self.status.at = true;
                values::at(value, self.now).map_err(|reason| at.invalid(reason))
            }
            _ => Err(at.not_allowed("a status is `value`, `by` and `at`, written together")),
        }
    }
}

/// Whether the writer is the one who had set the status before: then `by` is the same, and automerge writes no equal
/// value again.
fn status_is_mine(doc: &Automerge, deps: &[ChangeHash], me: &str) -> bool {
    let status = doc.get(ROOT, key::STATUS).ok().flatten();
    let by = status.and_then(|(_, status)| doc.get_at(status, key::BY, deps).ok().flatten());
    by.is_some_and(|(by, _)| by.as_str() == Some(me))
}
