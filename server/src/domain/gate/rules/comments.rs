//! Comments: made whole, changed by their author, resolved and deleted by leads too.

use automerge::legacy::{Op, OpId};
use automerge::{ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use concord_shared::review::schema as key;

use super::super::paths::Name;
use super::super::reason::Reason;
use super::places::{At, Judge, Outcome, Write, json_value};
use super::shape::Seen;
use super::signed::Signed;
use super::values;

impl Judge<'_> {
    /// A write at `/comments/<id>`: only the making of a new one.
    pub(super) fn new_comment(&mut self, at: &At<'_>, op: &Op, id: &OpId, write: &Write<'_>, seen: &Seen) -> Outcome {
        if !matches!(write, Write::Make(ObjType::Map)) {
            return Err(at.not_allowed("a comment is a map; to take it away set its `deleted` to true"));
        }
        let held = self.comments().and_then(|comments| self.doc.get(comments, at.name).ok().flatten());
        if !seen.empty || held.is_some() {
            return Err(at.not_allowed("there is a comment of this id: take a new UUID"));
        }
        if uuid::Uuid::try_parse(at.name).is_err() {
            return Err(at.invalid("takes UUIDs as keys".to_owned()));
        }
        self.signed.insert(id.clone(), Signed { path: at.pointer(), by: false, at: false, letters: Some(0) });
        self.grow(at, op, seen, "comments", key::COMMENT_COUNT)
    }

    fn comments(&self) -> Option<ObjId> {
        self.doc.get(ROOT, key::COMMENTS).ok().flatten().map(|(_, id)| id)
    }

    /// A write at a part of a comment: anything that belongs to a new one, little of one that stands.
    pub(super) fn comment(&mut self, at: &At<'_>, comment: &Name, op: &Op, id: &OpId, write: &Write<'_>) -> Outcome {
        if let Some(made) = self.own_object(op) {
            return match (at.name, write) {
                (key::AUTHOR | key::AT, _) => self.signature(at, op, write, key::AUTHOR),
                (key::TEXT, Write::Make(ObjType::Text)) => {
                    self.texts.insert(id.clone(), made.clone());
                    Ok(())
                }
                (key::TEXT, _) => {
                    Err(at.invalid("takes shared text: a Text object (in JavaScript a plain string)".to_owned()))
                }
                (key::PARENT, Write::Put(value)) => {
                    let parent = values::string(value).map_err(|reason| at.invalid(reason))?;
                    let known = self.comments().and_then(|comments| self.doc.get(comments, parent).ok().flatten());
                    known.map(drop).ok_or_else(|| at.invalid(format!("no comment {parent:?} to answer in this review")))
                }
                (key::ANCHOR, _) => json_value(at, write, 0, key::ANCHOR_DEPTH),
                _ => Err(at.not_allowed("a new comment has `author`, `at`, `text`, and perhaps `parent` and `anchor`")),
            };
        }
        let own = self.author(comment).is_some_and(|author| author == self.me);
        match (at.name, write) {
            (key::DELETED | key::RESOLVED, _) if !own && !self.moderates => Err(self.not_my_comment(at, comment)),
            (key::DELETED | key::RESOLVED | key::EDITED_AT, Write::Settle) => Ok(()),
            (key::DELETED, Write::Put(ScalarValue::Boolean(true))) => Ok(()),
            (key::DELETED, _) => Err(at.not_allowed("a comment is deleted by true, for good: write a new one")),
            (key::RESOLVED, Write::Put(value)) => values::flag(value).map(drop).map_err(|reason| at.invalid(reason)),
            (key::EDITED_AT, _) if !own => Err(self.not_my_comment(at, comment)),
            (key::EDITED_AT, Write::Put(value)) => {
                values::at(value, self.now).map_err(|reason| at.invalid(reason))?;
                self.edited.insert(comment.clone(), true);
                Ok(())
            }
            _ if !own => Err(self.not_my_comment(at, comment)),
            _ => Err(at.not_allowed("of a comment only its text, `edited_at`, `deleted` and `resolved` change")),
        }
    }

    fn not_my_comment(&self, at: &At<'_>, comment: &str) -> Reason {
        Reason::NotYours { path: at.pointer(), owner: self.author(comment).unwrap_or_else(|| "its author".to_owned()) }
    }

    fn author(&self, comment: &str) -> Option<String> {
        let (_, comment) = self.doc.get(self.comments()?, comment).ok()??;
        let (author, _) = self.doc.get(comment, key::AUTHOR).ok()??;
        author.as_str().map(str::to_owned)
    }

    /// A letter of a comment's text: needed in a new one, the author's in one that stands.
    pub(super) fn comment_letters(&mut self, at: &At<'_>, comment: &Name, op: &Op) -> Outcome {
        if let Some(text) = self.own_object(op) {
            let signed = self.texts.get(text).and_then(|comment| self.signed.get_mut(comment));
            if let Some(letters) = signed.and_then(|signed| signed.letters.as_mut()) {
                *letters += usize::from(op.insert);
            }
            return Ok(());
        }
        if self.author(comment).is_none_or(|author| author != self.me) {
            return Err(self.not_my_comment(at, comment));
        }
        self.edited.entry(comment.clone()).or_insert(false);
        Ok(())
    }
}
