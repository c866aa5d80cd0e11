//! Whom a change of a review concerns: who is asked to review, named in a comment, answered, told that their comment is dealt with.
//! Follows from the facts of the change alone, so whoever stores a change and whoever tells of it say the same.

use std::collections::BTreeSet;

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, ProjectId, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::schema as key;
use concord_shared::review::state::{Comment, ReviewStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::preview;
use super::store::{NewChange, NewFact, ReviewCommit, ReviewKey, StoreError};

/// Characters of a comment that a notification shows.
const EXCERPT_CHARS: usize = 160;

/// Members whom one comment may name; more is noise.
const MENTIONS: usize = 20;

/// Assignments by one person in one object within this time are one notification: five hundred at once are one piece of news.
pub const TOGETHER: i64 = 10 * 60 * 1_000_000;

/// Notifications that are kept for a member, the newest ones: more than anybody scrolls through.
pub const KEPT: u32 = 1000;

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NotificationKind)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// They are asked to review.
    Assigned,
    /// A comment names them.
    Mentioned,
    /// Somebody wrote in a thread that they wrote in.
    Replied,
    /// A comment of theirs is dealt with.
    Resolved,
}

impl Kind {
    /// The word in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Mentioned => "mentioned",
            Self::Replied => "replied",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the word that [`Self::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Assigned, Self::Mentioned, Self::Replied, Self::Resolved].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Something that a member is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whom. They may be no member, or no longer: whoever stores it looks.
    pub member: MemberId,
    /// Why.
    pub kind: Kind,
    /// The comment; empty for assignments.
    pub comment: String,
    /// Beginning of the comment.
    pub excerpt: String,
    /// Who did it.
    pub by: MemberId,
    /// When the server received it.
    pub at: Moment,
}

/// A notice as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Order of arrival.
    pub id: i64,
    /// Of which project.
    pub project: ProjectId,
    /// Where.
    pub object: ObjectRef,
    /// The review.
    pub document: DocumentId,
    /// The row; of several that were assigned together, the last.
    pub row_id: String,
    /// How many rows were assigned together; 1 for everything else.
    pub rows: i64,
    /// When it was read.
    pub read: Option<Moment>,
    /// What it says.
    pub notice: Notice,
}

/// Keeping what members are told. It is written with the change that says it, by [`super::store::CommitStore`]; a notice for whom is
/// no member of the organization, or no longer, is left out.
#[async_trait]
pub trait NotificationStore: Send + Sync {
    /// Newest first, older than `before`, at most `limit`.
    async fn notifications(
        &self,
        member: MemberId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError>;

    /// How many they have not read.
    async fn unread(&self, member: MemberId) -> Result<u64, StoreError>;

    /// Marks some of the member's as read, or all up to one; those of others are not touched.
    async fn mark_read(&self, member: MemberId, read: &Read, now: Moment) -> Result<(), StoreError>;
}

/// Which notifications were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// These.
    Some(Vec<i64>),
    /// This one and all before it.
    UpTo(i64),
}

/// Something to keep for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification<'a> {
    /// The review; of rows that were assigned together, that of the last.
    pub review: &'a ReviewKey,
    /// How many were assigned together.
    pub rows: i64,
    /// What it says.
    pub notice: Notice,
}

/// What the commits of a batch tell. Assignments of one person by another in one object are one; a store adds them to the member's
/// newest unread notification where that is of the same kind, object and person and not older than [`TOGETHER`].
pub fn gather<'a>(commits: impl IntoIterator<Item = &'a ReviewCommit>) -> Vec<NewNotification<'a>> {
    let mut gathered: Vec<NewNotification<'a>> = Vec::new();
    for commit in commits {
        for notice in notices(commit) {
            let same = gathered.iter_mut().find(|known| {
                notice.kind == Kind::Assigned
                    && (known.notice.kind, known.notice.member) == (notice.kind, notice.member)
                    && known.notice.by == notice.by
                    && known.review.object == commit.key.object
            });
            match same {
                Some(known) => {
                    known.rows += 1;
                    (known.review, known.notice) = (&commit.key, notice);
                }
                None => gathered.push(NewNotification { review: &commit.key, rows: 1, notice }),
            }
        }
    }
    gathered
}

/// What the changes of a commit tell.
pub fn notices(commit: &ReviewCommit) -> Vec<Notice> {
    let mut notices: Vec<Notice> = Vec::new();
    for change in &commit.changes {
        for fact in &change.facts {
            let mut parts = fact.path.split('/').skip(1);
            match (parts.next(), parts.next(), parts.next()) {
                (Some(key::ASSIGNEES), Some(member), None) => notices.extend(assigned(change, fact, member)),
                (Some(key::COMMENTS), Some(id), part) => comment(commit, change, fact, id, part, &mut notices),
                _ => {}
            }
        }
    }
    notices
}

/// Who made a change. End users, whom a key in a public page lets speak, tell nobody anything.
fn author(change: &NewChange) -> Option<MemberId> {
    match &change.on_behalf_of {
        Some(Reviewer::Member(member)) => Some(*member),
        Some(Reviewer::External(_)) => None,
        None => change.author,
    }
}

fn notice(change: &NewChange, member: MemberId, kind: Kind, comment: &str, text: &str) -> Option<Notice> {
    // Nobody is told what they did themselves.
    let by = author(change).filter(|by| *by != member)?;
    let (comment, excerpt) = (comment.to_owned(), preview::cut(text, EXCERPT_CHARS));
    Some(Notice { member, kind, comment, excerpt, by, at: change.received_at })
}

fn assigned(change: &NewChange, fact: &NewFact, member: &str) -> Option<Notice> {
    if fact.to.is_null() || !fact.from.is_null() {
        return None;
    }
    notice(change, member.parse().ok()?, Kind::Assigned, "", "")
}

fn comment(
    commit: &ReviewCommit,
    change: &NewChange,
    fact: &NewFact,
    id: &str,
    part: Option<&str>,
    notices: &mut Vec<Notice>,
) {
    let Some(comment) = commit.state.comments.get(id).filter(|comment| !comment.deleted) else { return };
    let mut tell = |member, kind| notices.extend(notice(change, member, kind, id, &comment.text));
    match part {
        // A new one, whole.
        None if fact.from.is_null() => {
            let named = mentions(fact.to.get(key::TEXT).and_then(Value::as_str).unwrap_or_default());
            for member in thread(commit, id, comment).difference(&named) {
                tell(*member, Kind::Replied);
            }
            named.into_iter().for_each(|member| tell(member, Kind::Mentioned));
        }
        Some(key::TEXT) => {
            let text = |value: &Value| mentions(value.as_str().unwrap_or_default());
            for member in text(&fact.to).difference(&text(&fact.from)) {
                tell(*member, Kind::Mentioned);
            }
        }
        Some(key::RESOLVED) if fact.to == Value::Bool(true) => {
            if let Reviewer::Member(member) = comment.author {
                tell(member, Kind::Resolved);
            }
        }
        _ => {}
    }
}

/// Members who wrote in the thread that a comment answers.
fn thread(commit: &ReviewCommit, id: &str, comment: &Comment) -> BTreeSet<MemberId> {
    let Some(parent) = &comment.parent else { return BTreeSet::new() };
    let others = commit.state.comments.iter().filter(|(other, said)| {
        *other != id && !said.deleted && (*other == parent || said.parent.as_ref() == Some(parent))
    });
    let members = others.filter_map(|(_, said)| match said.author {
        Reviewer::Member(member) => Some(member),
        Reviewer::External(_) => None,
    });
    members.collect()
}

/// Members whom a text names, as `@[Name](member id)`; at most 20 of them.
pub fn mentions(text: &str) -> BTreeSet<MemberId> {
    let mut named = BTreeSet::new();
    // Part by part, so that no letter is looked at twice however many mentions begin.
    for part in text.split("@[").skip(1) {
        let Some((id, _)) = part.split_once("](").and_then(|(_, rest)| rest.split_once(')')) else { continue };
        named.extend(Uuid::try_parse(id).ok().map(MemberId));
        if named.len() == MENTIONS {
            break;
        }
    }
    named
}

/// That somebody is done with a row: their hold on it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Where.
    pub object: ObjectRef,
    /// The row.
    pub row_id: String,
    /// The review is complete, for everybody.
    pub complete: bool,
    /// Who has finished.
    pub by: Vec<MemberId>,
}

/// Who is done with the row of a commit, if anybody.
pub fn finished(commit: &ReviewCommit) -> Option<Finished> {
    let mut finished =
        Finished { object: commit.key.object, row_id: commit.key.row_id.clone(), complete: false, by: Vec::new() };
    for fact in commit.changes.iter().flat_map(|change| &change.facts) {
        let mut parts = fact.path.split('/').skip(1);
        match (parts.next(), parts.next()) {
            (Some(key::STATUS), _) => finished.complete = commit.state.status.value == ReviewStatus::Complete,
            (Some(key::COMPLETED), Some(reviewer)) if !fact.to.is_null() => {
                finished.by.extend(reviewer.parse::<MemberId>().ok())
            }
            _ => {}
        }
    }
    (finished.complete || !finished.by.is_empty()).then_some(finished)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_members_by_id() {
        let (noor, mei) = (MemberId::new(), MemberId::new());
        let text = format!("@[Noor Khan]({noor}) see @[Mei]({mei}), @[Noor]({noor}); not @[x](y) nor @mei, @[open");
        assert_eq!(mentions(&text), BTreeSet::from([noor, mei]));
        assert_eq!(mentions("@[a]("), BTreeSet::new());
        assert_eq!(mentions(&format!("@[open @[Mei]({mei})")), BTreeSet::from([mei]));
    }
}
