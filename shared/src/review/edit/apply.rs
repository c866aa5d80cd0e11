//! One edit on an open transaction.

use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as Held};
use serde_json::{Map, Value};

use super::{Edit, EditError};
use crate::ids::Reviewer;
use crate::moment::Moment;
use crate::review::json::{self, number_scalar, read_at};
use crate::review::schema::{self, check_key, units};
use crate::review::state::{Comment, Judgement, ReviewStatus};

type Outcome = Result<(), EditError>;

pub(super) fn one(tx: &mut Transaction<'_>, edit: &Edit) -> Outcome {
    match edit {
        Edit::OpenReviewer { reviewer } => {
            own_map(tx, schema::SCORES, reviewer)?;
            own_map(tx, schema::NOTES, reviewer).map(drop)
        }
        Edit::OpenFields { names } => names.iter().try_for_each(|name| {
            let fields = part(tx, schema::FIELDS)?;
            named_text(tx, &fields, "free-form score", name, schema::FIELD_COUNT).map(drop)
        }),
        Edit::SetScore { reviewer, score, judgement } => set_score(tx, reviewer, score, judgement),
        Edit::SetNote { reviewer, score, text } => {
            let own = own_map(tx, schema::NOTES, reviewer)?;
            set_text(tx, &own, "note", score, text, schema::SCORES_EACH)
        }
        Edit::SetExpected { value } => set_expected(tx, value),
        Edit::MergeExpected { path, value } => merge_expected(tx, path, value),
        Edit::UnsetExpected => {
            let expected = part(tx, schema::EXPECTED)?;
            Ok(tx.put(&expected, schema::SET, false)?)
        }
        Edit::SetField { name, text } => {
            let fields = part(tx, schema::FIELDS)?;
            set_text(tx, &fields, "free-form score", name, text, schema::FIELD_COUNT)
        }
        Edit::AddTag { tag } => set_tag(tx, tag, Some(true)),
        Edit::RemoveTag { tag } => set_tag(tx, tag, Some(false)),
        Edit::ClearTag { tag } => set_tag(tx, tag, None),
        Edit::AddComment { id, comment } => add_comment(tx, id, comment),
        Edit::EditComment { id, text, at } => {
            let comment = comment(tx, id)?;
            let text = words(text)?;
            let Some((Held::Object(ObjType::Text), body)) = tx.get(&comment, schema::TEXT)? else {
                return Err(EditError::UnknownComment(id.clone()));
            };
            if tx.text(&body)? != text {
                tx.update_text(&body, text)?;
                tx.put(&comment, schema::EDITED_AT, timestamp(*at))?;
            }
            Ok(())
        }
        Edit::DeleteComment { id } => {
            let comment = comment(tx, id)?;
            Ok(tx.put(&comment, schema::DELETED, true)?)
        }
        Edit::ResolveComment { id, resolved } => {
            let comment = comment(tx, id)?;
            let absent = tx.get(&comment, schema::RESOLVED)?.is_none();
            if absent && !resolved { Ok(()) } else { Ok(tx.put(&comment, schema::RESOLVED, *resolved)?) }
        }
        Edit::SetStatus { by, at, value } => set_status(tx, by, *at, *value),
        Edit::Assign { member, by, at } => {
            let assignees = part(tx, schema::ASSIGNEES)?;
            let name = member.to_string();
            if tx.get(&assignees, name.as_str())?.is_some() {
                return Ok(());
            }
            room(tx, &assignees, "assignees", schema::ASSIGNEE_COUNT)?;
            let entry = tx.put_object(&assignees, name, ObjType::Map)?;
            tx.put(&entry, schema::BY, by.to_string())?;
            Ok(tx.put(&entry, schema::AT, timestamp(*at))?)
        }
        Edit::Unassign { member } => remove(tx, schema::ASSIGNEES, &member.to_string()),
        Edit::Complete { reviewer, at } => {
            let completed = part(tx, schema::COMPLETED)?;
            let name = reviewer.to_string();
            check("reviewer", &name)?;
            if tx.get(&completed, name.as_str())?.is_none() {
                room(tx, &completed, "reviewers", schema::REVIEWERS)?;
                tx.put(&completed, name, timestamp(*at))?;
            }
            Ok(())
        }
        Edit::Uncomplete { reviewer } => remove(tx, schema::COMPLETED, &reviewer.to_string()),
    }
}

/// A map that the seed made.
fn part(tx: &Transaction<'_>, name: &'static str) -> Result<ObjId, EditError> {
    match tx.get(ROOT, name)? {
        Some((Held::Object(ObjType::Map), id)) => Ok(id),
        _ => Err(EditError::NotAReview(name)),
    }
}

fn check(what: &'static str, name: &str) -> Outcome {
    check_key(name).map_err(|reason| EditError::Key { what, name: name.chars().take(160).collect(), reason })
}

/// Refuses one more entry of a full map.
fn room(tx: &Transaction<'_>, obj: &ObjId, what: &'static str, max: usize) -> Outcome {
    if tx.length(obj) < max { Ok(()) } else { Err(EditError::Full { what, max }) }
}

fn timestamp(at: Moment) -> ScalarValue {
    ScalarValue::Timestamp(at.as_millis())
}

/// The reviewer's map under `name`, made if missing.
fn own_map(tx: &mut Transaction<'_>, name: &'static str, reviewer: &Reviewer) -> Result<ObjId, EditError> {
    let all = part(tx, name)?;
    let own = reviewer.to_string();
    if let Some((Held::Object(ObjType::Map), id)) = tx.get(&all, own.as_str())? {
        return Ok(id);
    }
    check("reviewer", &own)?;
    room(tx, &all, "reviewers", schema::REVIEWERS)?;
    Ok(tx.put_object(&all, own, ObjType::Map)?)
}

fn set_score(tx: &mut Transaction<'_>, reviewer: &Reviewer, score: &str, judgement: &Judgement) -> Outcome {
    check("score", score)?;
    let own = own_map(tx, schema::SCORES, reviewer)?;
    let current = tx.get(&own, score)?;
    if current.is_none() {
        room(tx, &own, "scores of one reviewer", schema::SCORES_EACH)?;
    }
    match judgement {
        Judgement::Number(number) if !(0.0..=1.0).contains(number) => {
            Err(EditError::Range { score: score.to_owned(), number: *number })
        }
        Judgement::Number(number) => {
            // 1 and 1.0 are one value: automerge would see a change of kind.
            let same = current.and_then(|(value, _)| value.as_f64().or(value.as_i64().map(|int| int as f64)));
            if same == Some(*number) { Ok(()) } else { Ok(tx.put(&own, score, number_scalar(*number, None))?) }
        }
        Judgement::Option(option) => {
            check("option", option)?;
            Ok(tx.put(&own, score, option.as_str())?)
        }
        Judgement::Options(options) => {
            let next = options.iter().map(|option| (option.clone(), Value::Bool(true))).collect::<Map<_, _>>();
            options.iter().try_for_each(|option| check("option", option))?;
            Ok(json::write(tx, &own, score, &Value::Object(next), false)?)
        }
        // Withdrawing what was never given says nothing.
        Judgement::Withdrawn if current.is_none() => Ok(()),
        Judgement::Withdrawn => Ok(tx.put(&own, score, ScalarValue::Null)?),
    }
}

/// The text at `name` of `map`, made if missing.
fn named_text(
    tx: &mut Transaction<'_>,
    map: &ObjId,
    what: &'static str,
    name: &str,
    max: usize,
) -> Result<ObjId, EditError> {
    if let Some((Held::Object(ObjType::Text), id)) = tx.get(map, name)? {
        return Ok(id);
    }
    check(what, name)?;
    room(tx, map, what, max)?;
    Ok(tx.put_object(map, name, ObjType::Text)?)
}

fn set_text(tx: &mut Transaction<'_>, map: &ObjId, what: &'static str, name: &str, text: &str, max: usize) -> Outcome {
    fits(what, text)?;
    if text.is_empty() && tx.get(map, name)?.is_none() {
        return Ok(());
    }
    let id = named_text(tx, map, what, name, max)?;
    if tx.text(&id)? != text {
        tx.update_text(&id, text)?;
    }
    Ok(())
}

fn fits(what: &'static str, text: &str) -> Outcome {
    match units(text) {
        units if units > schema::TEXT_UNITS => Err(EditError::Long { what, units }),
        _ => Ok(()),
    }
}

/// A comment's words: some, and not too many.
fn words(text: &str) -> Result<&str, EditError> {
    fits("comment", text)?;
    if text.trim().is_empty() { Err(EditError::EmptyComment) } else { Ok(text) }
}

fn set_expected(tx: &mut Transaction<'_>, value: &Value) -> Outcome {
    json::check(value)?;
    let expected = part(tx, schema::EXPECTED)?;
    tx.put(&expected, schema::SET, true)?;
    if read_at(tx, &expected, schema::VALUE).is_none_or(|current| current != *value) {
        json::write(tx, &expected, schema::VALUE, value, true)?;
    }
    Ok(())
}

fn merge_expected(tx: &mut Transaction<'_>, path: &[String], value: &Value) -> Outcome {
    let expected = part(tx, schema::EXPECTED)?;
    let set = tx.get(&expected, schema::SET)?.is_some_and(|(set, _)| set.as_bool() == Some(true));
    let mut whole = if set { read_at(tx, &expected, schema::VALUE).unwrap_or_default() } else { Value::Null };
    let mut place = &mut whole;
    for name in path {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[name.as_str()];
    }
    *place = value.clone();
    set_expected(tx, &whole)
}

fn set_tag(tx: &mut Transaction<'_>, tag: &str, state: Option<bool>) -> Outcome {
    let Some(state) = state else { return remove(tx, schema::TAGS, tag) };
    check("tag", tag)?;
    let tags = part(tx, schema::TAGS)?;
    if tx.get(&tags, tag)?.is_none() {
        room(tx, &tags, "tags", schema::TAG_COUNT)?;
    }
    Ok(tx.put(&tags, tag, state)?)
}

fn remove(tx: &mut Transaction<'_>, name: &'static str, entry: &str) -> Outcome {
    let map = part(tx, name)?;
    Ok(tx.delete(&map, entry)?)
}

fn add_comment(tx: &mut Transaction<'_>, id: &str, comment: &Comment) -> Outcome {
    let comments = part(tx, schema::COMMENTS)?;
    if tx.get(&comments, id)?.is_some() {
        return Ok(());
    }
    check("comment id", id)?;
    let text = words(&comment.text)?;
    if let Some(anchor) = &comment.anchor {
        json::check(anchor).map_err(EditError::Anchor)?;
    }
    if let Some(parent) = &comment.parent {
        check("answered comment", parent)?;
    }
    room(tx, &comments, "comments", schema::COMMENT_COUNT)?;
    let made = tx.put_object(&comments, id, ObjType::Map)?;
    write_comment(tx, &made, comment, text).map_err(EditError::from)
}

fn write_comment(tx: &mut Transaction<'_>, made: &ObjId, comment: &Comment, text: &str) -> Result<(), AutomergeError> {
    tx.put(made, schema::AUTHOR, comment.author.to_string())?;
    tx.put(made, schema::AT, timestamp(comment.at))?;
    let body = tx.put_object(made, schema::TEXT, ObjType::Text)?;
    tx.splice_text(&body, 0, 0, text)?;
    if let Some(parent) = &comment.parent {
        tx.put(made, schema::PARENT, parent.as_str())?;
    }
    if let Some(anchor) = &comment.anchor {
        json::write(tx, made, schema::ANCHOR, anchor, false)?;
    }
    if let Some(source) = &comment.source {
        tx.put(made, schema::SOURCE, source.as_str())?;
    }
    if let Some(at) = comment.edited_at {
        tx.put(made, schema::EDITED_AT, timestamp(at))?;
    }
    for (name, flag) in [(schema::DELETED, comment.deleted), (schema::RESOLVED, comment.resolved)] {
        if flag {
            tx.put(made, name, true)?;
        }
    }
    Ok(())
}

fn comment(tx: &Transaction<'_>, id: &str) -> Result<ObjId, EditError> {
    let comments = part(tx, schema::COMMENTS)?;
    match tx.get(&comments, id)? {
        Some((Held::Object(ObjType::Map), comment)) => Ok(comment),
        _ => Err(EditError::UnknownComment(id.chars().take(160).collect())),
    }
}

fn set_status(tx: &mut Transaction<'_>, by: &Reviewer, at: Moment, value: ReviewStatus) -> Outcome {
    let status = part(tx, schema::STATUS)?;
    let stands = tx.get(&status, schema::VALUE)?.is_some_and(|(word, _)| word.as_str() == Some(value.as_str()));
    if !stands {
        tx.put(&status, schema::VALUE, value.as_str())?;
        tx.put(&status, schema::BY, by.to_string())?;
        tx.put(&status, schema::AT, timestamp(at))?;
    }
    Ok(())
}
