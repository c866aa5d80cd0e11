//! A document as plain values.
//!
//! Tolerant: whatever has not the shape of the schema is left out, without a word. Only changes that passed the gate
//! are stored, so that happens only to documents of a later version.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, ScalarValueRef, ValueRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::{pointer, read_at, read_json, scalar_json};
use super::schema as key;
use super::state::{Assignment, Comment, Expected, Judgement, ReviewState, ReviewStatus, StatusEntry};
use crate::ids::Reviewer;
use crate::moment::Moment;

/// Most conflicts that are listed: more than a person would settle one by one.
const CONFLICTS: usize = 50;

/// Everything that a document says.
pub fn read(doc: &Automerge) -> ReviewState {
    let mut state = ReviewState::default();
    for part in doc.map_range(ROOT, ..) {
        if !matches!(part.value, ValueRef::Object(ObjType::Map)) {
            continue;
        }
        let id = part.id();
        match part.key.as_ref() {
            key::SCORES => (state.scores, state.latest) = scores(doc, &id),
            key::NOTES => {
                state.notes = keyed(doc, &id, |of, _| maps(doc, of, |of| texts(doc, of)));
                state.notes.retain(|_, notes| !notes.is_empty());
            }
            key::EXPECTED => state.expected = expected(doc, &id),
            key::FIELDS => state.fields = texts(doc, &id),
            key::TAGS => state.tags = keyed(doc, &id, |_, value| boolean(value)),
            key::COMMENTS => state.comments = keyed(doc, &id, |of, _| maps(doc, of, |of| comment(doc, of)).flatten()),
            key::STATUS => state.status = status(doc, &id),
            key::ASSIGNEES => {
                state.assignees = keyed(doc, &id, |of, _| maps(doc, of, |of| assignment(doc, of)).flatten());
            }
            key::COMPLETED => state.completed = keyed(doc, &id, |_, value| moment(value)),
            _ => {}
        }
    }
    state
}

/// The entries of a map whose keys and values can be read.
fn keyed<K: std::str::FromStr + Ord, V>(
    doc: &Automerge,
    obj: &ObjId,
    read: impl Fn(&ObjId, &ValueRef<'_>) -> Option<V>,
) -> BTreeMap<K, V> {
    doc.map_range(obj, ..).filter_map(|item| Some((item.key.parse().ok()?, read(&item.id(), &item.value)?))).collect()
}

/// `read` of `obj` if it is a map.
fn maps<V>(doc: &Automerge, obj: &ObjId, read: impl Fn(&ObjId) -> V) -> Option<V> {
    matches!(doc.object_type(obj), Ok(ObjType::Map)).then(|| read(obj))
}

type Judged = BTreeMap<Reviewer, BTreeMap<String, Judgement>>;

/// Judgements, and who judged each score last. Operation counters grow along causes, so the largest is the last
/// judgement that its writer made knowing the others; of judgements made at the same moment it names one, and every
/// node the same one.
fn scores(doc: &Automerge, obj: &ObjId) -> (Judged, BTreeMap<String, Reviewer>) {
    let mut judged = Judged::new();
    // By score: operation counters of members' numbers. Equal counters fall to the larger member id.
    let mut order: BTreeMap<String, Vec<(u64, Reviewer)>> = BTreeMap::new();
    for own in doc.map_range(obj, ..) {
        let Ok(reviewer) = own.key.parse::<Reviewer>() else { continue };
        if !matches!(own.value, ValueRef::Object(ObjType::Map)) {
            continue;
        }
        let mut values = BTreeMap::new();
        for item in doc.map_range(own.id(), ..) {
            let Some(judgement) = judgement(doc, &item.id(), &item.value) else { continue };
            let is_number = matches!((&judgement, &reviewer), (Judgement::Number(_), Reviewer::Member(_)));
            if let (true, ObjId::Id(counter, _, _)) = (is_number, item.id()) {
                order.entry(item.key.to_string()).or_default().push((counter, reviewer.clone()));
            }
            values.insert(item.key.into_owned(), judgement);
        }
        if !values.is_empty() {
            judged.insert(reviewer, values);
        }
    }
    let several = order.into_iter().filter(|(_, judges)| judges.len() > 1);
    let latest = several.filter_map(|(score, judges)| Some((score, judges.into_iter().max()?.1)));
    (judged, latest.collect())
}

/// A judgement as stored at a leaf of `/scores/<reviewer>`.
pub(crate) fn judgement(doc: &impl ReadDoc, id: &ObjId, value: &ValueRef<'_>) -> Option<Judgement> {
    match value {
        ValueRef::Scalar(ScalarValueRef::Null) => Some(Judgement::Withdrawn),
        ValueRef::Scalar(ScalarValueRef::Int(number)) => Some(Judgement::Number(*number as f64)),
        ValueRef::Scalar(ScalarValueRef::Uint(number)) => Some(Judgement::Number(*number as f64)),
        ValueRef::Scalar(ScalarValueRef::F64(number)) => Some(Judgement::Number(*number)),
        ValueRef::Scalar(ScalarValueRef::Str(option)) => Some(Judgement::Option(option.to_string())),
        ValueRef::Object(ObjType::Map) => Some(Judgement::Options(
            doc.map_range(id, ..)
                .filter(|item| boolean(&item.value) == Some(true))
                .map(|item| item.key.into_owned())
                .collect::<BTreeSet<_>>(),
        )),
        _ => None,
    }
}

/// The judgement that a scalar is.
pub(crate) fn scalar_judgement(value: &ScalarValue) -> Option<Judgement> {
    match value {
        ScalarValue::Null => Some(Judgement::Withdrawn),
        ScalarValue::Int(number) => Some(Judgement::Number(*number as f64)),
        ScalarValue::Uint(number) => Some(Judgement::Number(*number as f64)),
        ScalarValue::F64(number) => Some(Judgement::Number(*number)),
        ScalarValue::Str(option) => Some(Judgement::Option(option.to_string())),
        _ => None,
    }
}

/// Texts by name, empty ones left out.
fn texts(doc: &Automerge, obj: &ObjId) -> BTreeMap<String, String> {
    keyed(doc, obj, |id, value| match value {
        ValueRef::Object(ObjType::Text) => doc.text(id).ok().filter(|text| !text.is_empty()),
        _ => None,
    })
}

fn expected(doc: &Automerge, obj: &ObjId) -> Expected {
    let set = doc.get(obj, key::SET).ok().flatten().and_then(|(value, _)| value.as_bool()).unwrap_or(false);
    let value = if set { read_at(doc, obj, key::VALUE).unwrap_or_default() } else { Value::Null };
    Expected { set, value }
}

pub(crate) fn comment(doc: &impl ReadDoc, obj: &ObjId) -> Option<Comment> {
    let (mut author, mut at, mut text) = (None, None, None);
    let (mut edited_at, mut deleted, mut resolved) = (None, false, false);
    let (mut parent, mut anchor, mut source) = (None, None, None);
    for item in doc.map_range(obj, ..) {
        match item.key.as_ref() {
            key::AUTHOR => author = string(&item.value).and_then(|text| text.parse().ok()),
            key::AT => at = moment(&item.value),
            key::TEXT => text = doc.text(item.id()).ok(),
            key::EDITED_AT => edited_at = moment(&item.value),
            key::DELETED => deleted = boolean(&item.value).unwrap_or(false),
            key::RESOLVED => resolved = boolean(&item.value).unwrap_or(false),
            key::PARENT => parent = string(&item.value).map(str::to_owned),
            key::SOURCE => source = string(&item.value).map(str::to_owned),
            key::ANCHOR => {
                anchor = Some(match &item.value {
                    ValueRef::Object(_) => read_json(doc, &item.id()),
                    ValueRef::Scalar(scalar) => scalar_json(scalar),
                });
            }
            _ => {}
        }
    }
    Some(Comment { author: author?, at: at?, text: text?, edited_at, deleted, resolved, parent, anchor, source })
}

pub(crate) fn status(doc: &impl ReadDoc, obj: &ObjId) -> StatusEntry {
    let mut entry = StatusEntry::default();
    for item in doc.map_range(obj, ..) {
        match item.key.as_ref() {
            key::VALUE => entry.value = string(&item.value).and_then(ReviewStatus::parse).unwrap_or_default(),
            key::BY => entry.by = string(&item.value).and_then(|text| text.parse().ok()),
            key::AT => entry.at = moment(&item.value),
            _ => {}
        }
    }
    entry
}

pub(crate) fn assignment(doc: &impl ReadDoc, obj: &ObjId) -> Option<Assignment> {
    let (mut by, mut at) = (None, None);
    for item in doc.map_range(obj, ..) {
        match item.key.as_ref() {
            key::BY => by = string(&item.value).and_then(|text| text.parse().ok()),
            key::AT => at = moment(&item.value),
            _ => {}
        }
    }
    Some(Assignment { by: by?, at: at? })
}

fn boolean(value: &ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Scalar(ScalarValueRef::Boolean(flag)) => Some(*flag),
        _ => None,
    }
}

fn string<'a>(value: &'a ValueRef<'_>) -> Option<&'a str> {
    match value {
        ValueRef::Scalar(ScalarValueRef::Str(text)) => Some(text),
        _ => None,
    }
}

pub(crate) fn moment(value: &ValueRef<'_>) -> Option<Moment> {
    match value {
        ValueRef::Scalar(ScalarValueRef::Timestamp(millis)) => Some(Moment::from_millis(*millis)),
        _ => None,
    }
}

/// Values that several people wrote at the same moment in one place of `expected`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// JSON Pointer into the document.
    pub path: String,
    /// The value that is shown comes first.
    pub values: Vec<Value>,
}

/// The conflicts in `expected`; equal rivals are none.
pub fn conflicts(doc: &Automerge) -> Vec<Conflict> {
    let mut found = Vec::new();
    let Ok(Some((_, expected))) = doc.get(ROOT, key::EXPECTED) else { return found };
    let set = matches!(doc.get(&expected, key::SET), Ok(Some((value, _))) if value.as_bool() == Some(true));
    if set {
        for item in doc.map_range(&expected, key::VALUE.to_owned()..=key::VALUE.to_owned()) {
            let path = pointer(&pointer("", key::EXPECTED), key::VALUE);
            visit(doc, &expected, key::VALUE.into(), (item.conflict, &item.value, item.id()), path, &mut found);
        }
    }
    found
}

fn visit(
    doc: &Automerge,
    parent: &ObjId,
    prop: automerge::Prop,
    (conflict, value, id): (bool, &ValueRef<'_>, ObjId),
    path: String,
    found: &mut Vec<Conflict>,
) {
    if found.len() >= CONFLICTS {
        return;
    }
    if conflict {
        let mut values = Vec::new();
        // The winner is the last one; rivals that say the same are one.
        for (held, rival) in doc.get_all(parent, prop).unwrap_or_default().into_iter().rev() {
            let json = match held {
                automerge::Value::Object(_) => read_json(doc, &rival),
                automerge::Value::Scalar(scalar) => scalar_json(&ScalarValueRef::from(scalar.into_owned())),
            };
            if !values.contains(&json) {
                values.push(json);
            }
        }
        if values.len() > 1 {
            found.push(Conflict { path: path.clone(), values });
        }
    }
    match value {
        ValueRef::Object(ObjType::Map) => {
            for item in doc.map_range(&id, ..) {
                let prop = item.key.as_ref().into();
                visit(doc, &id, prop, (item.conflict, &item.value, item.id()), pointer(&path, &item.key), found);
            }
        }
        ValueRef::Object(ObjType::List) => {
            for item in doc.list_range(&id, ..) {
                let inner = pointer(&path, &item.index.to_string());
                visit(doc, &id, item.index.into(), (item.conflict, &item.value, item.id()), inner, found);
            }
        }
        _ => {}
    }
}
