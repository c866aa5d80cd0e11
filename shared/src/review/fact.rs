//! One visible fact of a review: what a history entry is about.

use std::fmt;

use automerge::{Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as Held};
use serde_json::Value;

use super::json::pointer;
use super::read::{assignment, comment, judgement, moment, scalar_judgement, status};
use super::schema as key;
use super::state::{Judgement, ReviewState};
use crate::ids::Reviewer;
use crate::moment::Moment;

/// Where a fact stands. Its text is a JSON Pointer into the document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactPath {
    /// `/scores/<reviewer>/<score>`: a judgement.
    Score(String, String),
    /// `/notes/<reviewer>/<score>`: its reason, as whole text.
    Note(String, String),
    /// `/expected`: the corrected output as a whole; null while not set.
    Expected,
    /// `/fields/<score>`: a free-form score, as whole text.
    Field(String),
    /// `/tags/<tag>`: true, false, or null for as logged.
    Tag(String),
    /// `/comments/<id>`: the making of a comment, with all its parts.
    Comment(String),
    /// `/comments/<id>/text`: its words.
    CommentText(String),
    /// `/comments/<id>/deleted`.
    CommentDeleted(String),
    /// `/comments/<id>/resolved`.
    CommentResolved(String),
    /// `/status`, with who and when.
    Status,
    /// `/assignees/<member>`, with who and when.
    Assignee(String),
    /// `/completed/<reviewer>`: when.
    Completed(String),
}

impl fmt::Display for FactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: [&str; 3] = match self {
            Self::Score(reviewer, score) => [key::SCORES, reviewer, score],
            Self::Note(reviewer, score) => [key::NOTES, reviewer, score],
            Self::Expected => [key::EXPECTED, "", ""],
            Self::Field(name) => [key::FIELDS, name, ""],
            Self::Tag(tag) => [key::TAGS, tag, ""],
            Self::Comment(id) => [key::COMMENTS, id, ""],
            Self::CommentText(id) => [key::COMMENTS, id, key::TEXT],
            Self::CommentDeleted(id) => [key::COMMENTS, id, key::DELETED],
            Self::CommentResolved(id) => [key::COMMENTS, id, key::RESOLVED],
            Self::Status => [key::STATUS, "", ""],
            Self::Assignee(member) => [key::ASSIGNEES, member, ""],
            Self::Completed(reviewer) => [key::COMPLETED, reviewer, ""],
        };
        // No key is empty, so an empty part is none.
        let path = parts.iter().filter(|part| !part.is_empty()).fold(String::new(), |path, part| pointer(&path, part));
        f.write_str(&path)
    }
}

/// The fact at `path` as JSON; null if absent.
pub fn value(doc: &Automerge, path: &FactPath) -> Value {
    find(doc, path).unwrap_or_default()
}

/// As [`value`], with absent told apart from null: `expected` set to null is something that somebody said.
pub fn find(doc: &Automerge, path: &FactPath) -> Option<Value> {
    match path {
        FactPath::Score(reviewer, score) => {
            let own = map(doc, &map(doc, &ROOT, key::SCORES)?, reviewer)?;
            let item = doc.map_range(&own, one(score)).next()?;
            serde_json::to_value(judgement(doc, &item.id(), &item.value)?).ok()
        }
        FactPath::Note(reviewer, score) => text(doc, &map(doc, &map(doc, &ROOT, key::NOTES)?, reviewer)?, score),
        FactPath::Expected => {
            let expected = map(doc, &ROOT, key::EXPECTED)?;
            let (set, _) = doc.get(&expected, key::SET).ok()??;
            let json = || super::json::read_at(doc, &expected, key::VALUE).unwrap_or_default();
            (set.as_bool() == Some(true)).then(json)
        }
        FactPath::Field(name) => text(doc, &map(doc, &ROOT, key::FIELDS)?, name),
        FactPath::Tag(tag) => flag(doc, &map(doc, &ROOT, key::TAGS)?, tag),
        FactPath::Comment(id) => serde_json::to_value(comment(doc, &remark(doc, id)?)?).ok(),
        FactPath::CommentText(id) => text(doc, &remark(doc, id)?, key::TEXT),
        FactPath::CommentDeleted(id) => flag(doc, &remark(doc, id)?, key::DELETED),
        FactPath::CommentResolved(id) => flag(doc, &remark(doc, id)?, key::RESOLVED),
        FactPath::Status => serde_json::to_value(status(doc, &map(doc, &ROOT, key::STATUS)?)).ok(),
        FactPath::Assignee(member) => {
            let entry = map(doc, &map(doc, &ROOT, key::ASSIGNEES)?, member)?;
            serde_json::to_value(assignment(doc, &entry)?).ok()
        }
        FactPath::Completed(reviewer) => {
            let completed = map(doc, &ROOT, key::COMPLETED)?;
            let item = doc.map_range(&completed, one(reviewer)).next()?;
            moment(&item.value).map(|at| Value::String(at.to_string()))
        }
    }
}

/// The fact at `path` once `value` is put there, of facts that one scalar says; `None` of any other.
pub fn of_scalar(path: &FactPath, value: &ScalarValue) -> Option<Value> {
    match (path, value) {
        (FactPath::Score(..), _) => serde_json::to_value(scalar_judgement(value)?).ok(),
        (FactPath::Tag(_), ScalarValue::Boolean(flag)) => Some(Value::Bool(*flag)),
        (FactPath::Completed(_), ScalarValue::Timestamp(millis)) => {
            Some(Value::String(Moment::from_millis(*millis).to_string()))
        }
        _ => None,
    }
}

/// Brings `state` in line with the fact that the latest change of the document put at `path`, whose writer saw all of it;
/// `value` is of [`of_scalar`]. False: that cannot be said without the document.
pub fn note(state: &mut ReviewState, path: &FactPath, value: &Value) -> bool {
    match (path, value) {
        (FactPath::Score(reviewer, score), _) => note_score(state, reviewer, score, value).is_some(),
        (FactPath::Tag(tag), Value::Bool(flag)) => {
            state.tags.insert(tag.clone(), *flag);
            true
        }
        (FactPath::Completed(reviewer), Value::String(at)) => match (reviewer.parse(), at.parse()) {
            (Ok(reviewer), Ok(at)) => {
                state.completed.insert(reviewer, at);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

fn note_score(state: &mut ReviewState, reviewer: &str, score: &str, value: &Value) -> Option<()> {
    let reviewer: Reviewer = reviewer.parse().ok()?;
    let judgement = match value {
        Value::Null => Judgement::Withdrawn,
        Value::Number(number) => Judgement::Number(number.as_f64()?),
        Value::String(option) => Judgement::Option(option.clone()),
        _ => return None,
    };
    let is_number = matches!(judgement, Judgement::Number(_));
    state.scores.entry(reviewer.clone()).or_default().insert(score.to_owned(), judgement);
    if matches!(reviewer, Reviewer::External(_)) {
        return Some(());
    }
    let numbers = state.scores.iter().filter(|(judge, own)| {
        matches!(judge, Reviewer::Member(_)) && matches!(own.get(score), Some(Judgement::Number(_)))
    });
    if numbers.count() < 2 {
        state.latest.remove(score);
    } else if is_number {
        state.latest.insert(score.to_owned(), reviewer);
    } else if state.latest.get(score) == Some(&reviewer) {
        // Who of the others was the last to judge stands in the document alone.
        return None;
    }
    Some(())
}

fn one(name: &str) -> std::ops::RangeInclusive<String> {
    name.to_owned()..=name.to_owned()
}

fn map(doc: &Automerge, obj: &ObjId, name: &str) -> Option<ObjId> {
    match doc.get(obj, name).ok()?? {
        (Held::Object(ObjType::Map), id) => Some(id),
        _ => None,
    }
}

fn remark(doc: &Automerge, id: &str) -> Option<ObjId> {
    map(doc, &map(doc, &ROOT, key::COMMENTS)?, id)
}

fn text(doc: &Automerge, obj: &ObjId, name: &str) -> Option<Value> {
    match doc.get(obj, name).ok()?? {
        (Held::Object(ObjType::Text), id) => doc.text(id).ok().map(Value::String),
        _ => None,
    }
}

fn flag(doc: &Automerge, obj: &ObjId, name: &str) -> Option<Value> {
    doc.get(obj, name).ok()??.0.as_bool().map(Value::Bool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::transaction::Transactable;

    use crate::ids::{DocumentId, MemberId, Reviewer};
    use crate::review::edit::{Edit, apply};
    use crate::review::seed::seed;
    use crate::review::state::Judgement;
    use serde_json::json;

    #[test]
    fn facts_are_addressed_by_json_pointers() {
        let score = FactPath::Score("external:a/b".to_owned(), "Safe ~ sound".to_owned());
        assert_eq!(score.to_string(), "/scores/external:a~1b/Safe ~0 sound");
        assert_eq!(FactPath::Expected.to_string(), "/expected");
        assert_eq!(FactPath::CommentDeleted("c".to_owned()).to_string(), "/comments/c/deleted");
    }

    #[test]
    fn what_a_scalar_says_is_what_is_read_of_it() {
        let reviewer = MemberId::new().to_string();
        let score = || FactPath::Score(reviewer.clone(), "Tone".to_owned());
        let tag = || FactPath::Tag("t".to_owned());
        let cases = [
            (score(), ScalarValue::Null),
            (score(), ScalarValue::Int(-1)),
            (score(), ScalarValue::Uint(1)),
            (score(), ScalarValue::F64(0.1)),
            (score(), "good".into()),
            (score(), ScalarValue::Boolean(true)),
            (tag(), ScalarValue::Boolean(false)),
            (FactPath::Completed(reviewer.clone()), ScalarValue::Timestamp(1_795_509_600_123)),
        ];
        for (path, value) in cases {
            let mut doc = seed(DocumentId::new()).with_actor(automerge::ActorId::random());
            let reviewer = Reviewer::Member(reviewer.parse().expect("a member"));
            apply(&mut doc, &[Edit::OpenReviewer { reviewer }], Moment(0), None).expect("edits");
            let mut writing = doc.transaction();
            let parts: Vec<String> = path.to_string().split('/').skip(1).map(str::to_owned).collect();
            let (name, above) = parts.split_last().expect("a path");
            let object =
                above.iter().fold(ROOT, |object, part| writing.get(&object, part).expect("read").expect("a map").1);
            writing.put(&object, name, value.clone()).expect("put");
            writing.commit();
            assert_eq!(of_scalar(&path, &value), find(&doc, &path), "{path} {value}");
        }
        assert_eq!(of_scalar(&FactPath::Status, &"complete".into()), None);
    }

    #[test]
    fn facts_read_as_json_and_absent_is_null() {
        let mut doc = seed(DocumentId::new()).with_actor(automerge::ActorId::random());
        let reviewer = Reviewer::Member(MemberId::new());
        let path = FactPath::Score(reviewer.to_string(), "Tone".to_owned());
        assert_eq!(find(&doc, &path), None);
        assert_eq!(value(&doc, &FactPath::Status), json!({"value": "none"}));
        let judgement = Judgement::Number(0.5);
        let edits = [
            Edit::SetScore { reviewer: reviewer.clone(), score: "Tone".to_owned(), judgement },
            Edit::SetNote { reviewer: reviewer.clone(), score: "Tone".to_owned(), text: "why".to_owned() },
            Edit::SetExpected { value: Value::Null },
            Edit::Complete { reviewer: reviewer.clone(), at: Moment(1_000_000) },
        ];
        apply(&mut doc, &edits, Moment(0), None).expect("edits");
        assert_eq!(value(&doc, &path), json!(0.5));
        assert_eq!(value(&doc, &FactPath::Note(reviewer.to_string(), "Tone".to_owned())), json!("why"));
        assert_eq!(find(&doc, &FactPath::Expected), Some(Value::Null));
        assert_eq!(value(&doc, &FactPath::Completed(reviewer.to_string())), json!("1970-01-01T00:00:01.000000Z"));
    }
}
