//! What reviewers do, as edits: the same for a page and for a caller of the API.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, ObjId, ROOT, ReadDoc};
use concord_shared::ids::{MemberId, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::edit::{self, Edit};
use concord_shared::review::read;
use concord_shared::review::state::{Comment, Judgement, ReviewState, ReviewStatus};
use serde_json::json;

use super::plan::Act;

/// Who acts on what, and when.
pub(super) struct Actor<'a> {
    pub(super) me: MemberId,
    pub(super) members: &'a [MemberId],
    pub(super) now: Moment,
}

impl Actor<'_> {
    /// The edit, if there is something to do.
    pub(super) fn edit(&self, act: Act, state: &ReviewState) -> Option<Edit> {
        let reviewer = Reviewer::Member(self.me);
        let score =
            |name: &str, judgement| Some(Edit::SetScore { reviewer: reviewer.clone(), score: name.into(), judgement });
        let member = |n: u8| self.members[usize::from(n) % self.members.len()];
        let known = |n: u8| Some(comment_id(member(n))).filter(|id| state.comments.contains_key(id));
        let (by, at) = (reviewer.clone(), self.now);
        match act {
            Act::Score(n) => score("Tone", Judgement::Number(f64::from(n) / 4.0)),
            Act::Withdraw => score("Tone", Judgement::Withdrawn),
            Act::Option(n) => score("Correct", Judgement::Number(f64::from(n % 2))),
            Act::Choose(n) => {
                let names = [(1, "late"), (2, "rude")];
                let chosen = names.iter().filter(|(bit, _)| n & bit != 0).map(|(_, name)| (*name).to_owned());
                score("Failures", Judgement::Options(chosen.collect()))
            }
            Act::Note(n) => Some(Edit::SetNote { reviewer, score: "Tone".into(), text: text(n) }),
            Act::Expected(0) => Some(Edit::SetExpected { value: json!("Dear Ann") }),
            Act::Expected(1) => Some(Edit::SetExpected { value: json!({"a": [1, null], "b": "words here"}) }),
            Act::Expected(2) => Some(Edit::MergeExpected { path: vec!["a".into()], value: json!(true) }),
            Act::Expected(_) => Some(Edit::SetExpected { value: json!([0.5]) }),
            Act::Unset => Some(Edit::UnsetExpected),
            Act::Field(n) => Some(Edit::SetField { name: "What went wrong".into(), text: text(n) }),
            Act::Type(_) => None,
            Act::Tag(0) => Some(Edit::AddTag { tag: "golden".into() }),
            Act::Tag(1) => Some(Edit::RemoveTag { tag: "golden".into() }),
            Act::Tag(2) => Some(Edit::ClearTag { tag: "golden".into() }),
            Act::Tag(_) => Some(Edit::AddTag { tag: "other".into() }),
            Act::Comment(n) => Some(Edit::AddComment { id: comment_id(self.me), comment: self.comment(n) }),
            Act::Rewrite(n) => known(n).map(|id| Edit::EditComment { id, text: format!("{} again", text(n)), at }),
            Act::Delete(n) => known(n).map(|id| Edit::DeleteComment { id }),
            Act::Resolve(n) => known(n).map(|id| Edit::ResolveComment { id, resolved: n % 2 == 0 }),
            Act::Status(n) => Some(Edit::SetStatus { by, at, value: ReviewStatus::ALL[usize::from(n) % 4] }),
            Act::Assign(n) => Some(Edit::Assign { member: member(n), by, at }),
            Act::Unassign(n) => Some(Edit::Unassign { member: member(n) }),
            Act::Complete => Some(Edit::Complete { reviewer, at }),
            Act::Uncomplete => Some(Edit::Uncomplete { reviewer }),
            // Not edits: they are written past every check.
            Act::OutOfRange | Act::OthersScore(_) => None,
        }
    }

    fn comment(&self, n: u8) -> Comment {
        Comment {
            author: Reviewer::Member(self.me),
            at: self.now,
            text: format!("Look here: {}", text(n)),
            edited_at: None,
            deleted: false,
            resolved: false,
            parent: None,
            anchor: (n == 0).then(|| json!({"field": "output", "at": [1, 4]})),
            source: None,
        }
    }

    /// Makes one change of a page's document, as the replica that it is set to. `false`: there was nothing to do, or the
    /// document has not come yet.
    pub(super) fn act(&self, document: &mut Automerge, act: Act) -> bool {
        // A page writes in maps that the server has made.
        let Some(own) = scores_of(document, self.me) else { return false };
        let options = CommitOptions::default().with_time(self.now.as_seconds());
        match act {
            Act::OutOfRange => document.transact_with(|_| options, |tx| tx.put(&own, "Tone", 7)).is_ok(),
            Act::OthersScore(n) => {
                let other = self.members[usize::from(n) % self.members.len()];
                let Some(map) = scores_of(document, other).filter(|_| other != self.me) else { return false };
                document.transact_with(|_| options, |tx| tx.put(&map, "Tone", 0.125)).is_ok()
            }
            Act::Type(n) => {
                let Some(field) = at(document, &["fields", "What went wrong"]) else { return false };
                let place = usize::from(n) % (document.length(&field) + 1);
                let typed = document.transact_with(|_| options, |tx| tx.splice_text(&field, place, 0, "typed "));
                typed.is_ok()
            }
            _ => {
                let about_comments = matches!(act, Act::Rewrite(_) | Act::Delete(_) | Act::Resolve(_));
                let state = if about_comments { read::read(document) } else { ReviewState::default() };
                let Some(edit) = self.edit(act, &state) else { return false };
                matches!(edit::apply(document, &[edit], self.now, None), Ok(Some(_)))
            }
        }
    }
}

fn text(n: u8) -> String {
    ["", "short", "häßlich 👋", "a little longer than the others"][usize::from(n) % 4].to_owned()
}

/// Each member writes one comment.
fn comment_id(member: MemberId) -> String {
    member.to_string()
}

/// The map of a member's scores, once the server has made it.
pub(super) fn scores_of(document: &Automerge, member: MemberId) -> Option<ObjId> {
    at(document, &["scores", &member.to_string()])
}

/// The object at a path of map keys.
pub(super) fn at(document: &Automerge, path: &[&str]) -> Option<ObjId> {
    path.iter().try_fold(ROOT, |object, key| {
        let (value, id) = document.get(&object, *key).ok()??;
        value.is_object().then_some(id)
    })
}
