//! From what somebody says about a row to edits of its review.

use concord_shared::ids::{DocumentId, EXTERNAL_NAME_BYTES, MemberId, ObjectType, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::edit::Edit;
use concord_shared::review::state::{Comment, ReviewState, ReviewStatus};
use concord_shared::row::AuditSource;
use concord_shared::score::value::{check, check_text, check_unconfigured};
use concord_shared::score::{Score, ScoreKind};
use serde_json::{Map, Value};

use crate::domain::access::Principal;
use crate::domain::rows::FullRow;
use crate::domain::store::Source;

/// Whose judgement feedback is: that of the member who calls, or that of an end user. A feedback key speaks for end users only.
pub fn reviewer(
    principal: &Principal,
    source: AuditSource,
    metadata: Option<&Map<String, Value>>,
) -> Result<(Reviewer, Source), String> {
    let by_member = match source {
        AuditSource::App => Some(Source::App),
        AuditSource::Api => Some(Source::Api),
        AuditSource::External => None,
    };
    if let (Some(source), Some(member), None) = (by_member, principal.member, &principal.limits) {
        return Ok((Reviewer::Member(member), source));
    }
    let name = match metadata.and_then(|metadata| metadata.get("user_id")) {
        Some(Value::String(name)) if !name.is_empty() => name.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => match (principal.key, principal.member) {
            (Some(key), _) => key.to_string(),
            (None, Some(member)) => member.to_string(),
            (None, None) => "unknown".to_owned(),
        },
    };
    if name.len() > EXTERNAL_NAME_BYTES || name.chars().any(char::is_control) {
        return Err(format!(
            "metadata.user_id is no name (at most {EXTERNAL_NAME_BYTES} bytes, no control characters)"
        ));
    }
    Ok((Reviewer::External(name), Source::External))
}

/// What a review is edited against: the row and its review as far as they are stored.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The kind of object that the row is in.
    pub of: ObjectType,
    /// Scores of the project.
    pub scores: &'a [Score],
    /// The row, if it has arrived.
    pub row: Option<&'a FullRow>,
    /// When the edit is made.
    pub now: Moment,
}

impl<'a> Known<'a> {
    /// The review, if there is one.
    pub fn state(&self) -> Option<&'a ReviewState> {
        self.row.and_then(|row| row.review.as_ref()).map(|review| &review.state)
    }

    /// The review's document, if there is one.
    pub fn document(&self) -> Option<DocumentId> {
        self.row.and_then(|row| row.review.as_ref()).map(|review| review.document)
    }

    /// `expected` as logged; null without one.
    pub fn logged_expected(&self) -> Value {
        self.row.and_then(|row| row.row.field("expected")).cloned().unwrap_or_default()
    }

    fn expected(&self) -> Value {
        match self.state() {
            Some(state) if state.expected.set => state.expected.value.clone(),
            _ => self.logged_expected(),
        }
    }

    fn shows_tag(&self, tag: &str) -> bool {
        let by_review = self.state().and_then(|state| state.tags.get(tag)).copied();
        by_review.unwrap_or_else(|| self.row.is_some_and(|row| row.row.tags().contains(&tag)))
    }
}

/// Judgements. An unknown option or a number out of range is refused; an unconfigured name takes a number from 0 to 1.
pub fn judge(known: Known<'_>, reviewer: &Reviewer, scores: &Map<String, Value>) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::with_capacity(scores.len());
    for (name, value) in scores {
        if let Some(problem) = concord_shared::row::score_name_problem(name) {
            return Err(format!("scores: {name:?} {problem}"));
        }
        // Clients turn true and false into 1 and 0; those who do not mean the same.
        let value = if let Value::Bool(flag) = value { &Value::from(u8::from(*flag)) } else { value };
        let configured = known.scores.iter().find(|score| score.name == *name);
        let unasked = match configured {
            Some(score) => score.unasked(known.of),
            None => (known.of == ObjectType::Dataset).then(|| {
                format!("rows of datasets take choices that are written to expected and free-form texts; {name:?} is no score of this project")
            }),
        };
        if let Some(reason) = unasked {
            return Err(format!("scores: {reason}"));
        }
        let judgement = match configured {
            Some(score) if matches!(score.kind, ScoreKind::FreeForm { .. }) => {
                let text = check_text(score, value).map_err(|error| error.to_string())?;
                edits.push(Edit::SetField { name: name.clone(), text });
                continue;
            }
            Some(score) => check(score, value),
            None => check_unconfigured(name, value),
        };
        let judgement = judgement.map_err(|error| error.to_string())?;
        edits.push(Edit::SetScore { reviewer: reviewer.clone(), score: name.clone(), judgement });
    }
    Ok(edits)
}

/// A corrected output; an object merges into an object, anything else overwrites (rule M14).
pub fn correct(known: Known<'_>, value: &Value) -> Edit {
    let mut expected = known.expected();
    deep_merge(&mut expected, value);
    Edit::SetExpected { value: expected }
}

fn deep_merge(into: &mut Value, value: &Value) {
    match (into, value) {
        (Value::Object(into), Value::Object(value)) => {
            for (key, value) in value {
                deep_merge(into.entry(key.as_str()).or_insert(Value::Null), value);
            }
        }
        (into, value) => *into = value.clone(),
    }
}

/// Tags to add and to take away, as far as they are not so already.
pub fn tag(known: Known<'_>, add: &[String], remove: &[String]) -> Vec<Edit> {
    let added = add.iter().filter(|tag| !known.shows_tag(tag)).map(|tag| Edit::AddTag { tag: tag.clone() });
    let gone = remove.iter().filter(|tag| !add.contains(tag) && known.shows_tag(tag));
    added.chain(gone.map(|tag| Edit::RemoveTag { tag: tag.clone() })).collect()
}

/// A comment, or its new words when the writer sends its id again.
pub fn comment(known: Known<'_>, id: &str, comment: Comment) -> Edit {
    match known.state().and_then(|state| state.comments.get(id)) {
        Some(stored) if stored.author == comment.author && stored.text != comment.text => {
            Edit::EditComment { id: id.to_owned(), text: comment.text, at: known.now }
        }
        _ => Edit::AddComment { id: id.to_owned(), comment },
    }
}

/// A status, unless it stands already.
pub fn flag(known: Known<'_>, by: &Reviewer, value: ReviewStatus) -> Option<Edit> {
    let stands = known.state().map_or(ReviewStatus::None, |state| state.status.value);
    (stands != value).then(|| Edit::SetStatus { by: by.clone(), at: known.now, value })
}

/// The whole list of those who are asked to review.
pub fn assign(known: Known<'_>, by: &Reviewer, members: &[MemberId]) -> Vec<Edit> {
    let stands = known.state().map(|state| state.assignees.keys().copied().collect::<Vec<_>>()).unwrap_or_default();
    let new = members.iter().filter(|member| !stands.contains(member));
    let asked = new.map(|member| Edit::Assign { member: *member, by: by.clone(), at: known.now });
    let gone =
        stands.iter().filter(|member| !members.contains(member)).map(|member| Edit::Unassign { member: *member });
    asked.chain(gone).collect()
}

/// What a later write of `expected` or `tags` means for the review of its row: only what differs from the last logged value is
/// an edit, so an exact retry changes nothing, and what people decided since stands.
pub fn rewrite(state: &ReviewState, before: &concord_shared::row::Row, after: &concord_shared::row::Row) -> Vec<Edit> {
    let mut edits = Vec::new();
    let expected = after.field("expected").cloned().unwrap_or_default();
    if state.expected.set && before.field("expected") != after.field("expected") {
        edits.push(Edit::SetExpected { value: expected });
    }
    let (old, new) = (before.tags(), after.tags());
    for tag in new.iter().filter(|tag| !old.contains(tag) && state.tags.get(**tag) == Some(&false)) {
        edits.push(Edit::ClearTag { tag: (*tag).to_owned() });
    }
    for tag in old.iter().filter(|tag| !new.contains(tag) && state.tags.get(**tag) == Some(&true)) {
        edits.push(Edit::ClearTag { tag: (*tag).to_owned() });
    }
    edits
}
