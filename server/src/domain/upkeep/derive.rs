//! What follows from a row and its review, held against what is stored beside it (rules R3, R5).

use std::collections::BTreeSet;

use concord_shared::metric::Counters;
use concord_shared::review::state::{ReviewState, ReviewStatus};
use concord_shared::row::{Row, Spans};
use concord_shared::score::Score;
use serde::Serialize;
use serde_json::Value;

use super::finding::Flaw;
use super::{LoggedRecord, RowMend, RowRecord};
use crate::domain::line::{LoggedLine, billionths_of_dollars};
use crate::domain::measure::{self, Derived};
use crate::domain::version;

/// What should be stored beside a row.
pub(super) struct Right {
    /// Its derived columns.
    pub(super) mend: RowMend,
    /// What it adds to the counters of its object.
    pub(super) counted: Counters,
    as_logged: bool,
    /// What it shows, if its former states are kept.
    shown: Option<Row>,
}

/// Derives a row anew. A review that has no change yet may or may not have been seen when the row was derived; both are
/// right, and the one that is stored is returned.
pub(super) fn derive(record: &RowRecord, scores: &[Score]) -> Result<Right, Flaw> {
    let row = read(&record.logged)?;
    let line = LoggedLine::of(&row);
    let state: Option<ReviewState> = match &record.review {
        Some(review) => Some(serde_json::from_str(&review.state).map_err(|error| unreadable("state", &error))?),
        None => None,
    };
    let is_untouched = record.review.as_ref().is_some_and(|review| review.revision.0 == 0);
    let state = state.filter(|_| !is_untouched || record.derived.overlay.is_some());
    let derived = measure::derive(&line, row.is_root(), row.deleted, state.as_ref(), scores);
    let shown = version::is_kept(record.object).then(|| version::shown(&row, state.as_ref(), scores).into_owned());
    let status = state.map_or(ReviewStatus::None, |state| state.status.value);
    let Derived { overlay, scores, counted, as_logged, labels } = derived;
    let mend = RowMend {
        place: record.place,
        object: record.object,
        is_root: row.is_root(),
        line,
        overlay,
        status,
        counted: (!as_logged).then(|| counted.to_text()),
        scores,
        labels,
    };
    Ok(Right { mend, counted, as_logged, shown })
}

fn unreadable(what: &'static str, error: &serde_json::Error) -> Flaw {
    Flaw::new(what, format!("unreadable ({error})"), "JSON of its shape")
}

fn read(logged: &LoggedRecord) -> Result<Row, Flaw> {
    let parents = logged.span_parents.as_deref().map(serde_json::from_str).transpose();
    Ok(Row {
        id: logged.id.clone(),
        spans: Spans {
            span_id: logged.span_id.clone(),
            root_span_id: logged.root_span_id.clone(),
            span_parents: parents.map_err(|error| unreadable("list of parents", &error))?.unwrap_or_default(),
        },
        created: logged.created,
        logged: serde_json::from_str(&logged.logged).map_err(|error| unreadable("logged row", &error))?,
        deleted: logged.deleted,
    })
}

impl Right {
    /// The first stored value that is not right.
    pub(super) fn check(&self, record: &RowRecord) -> Result<(), Flaw> {
        let (stored, RowMend { line, .. }) = (&record.derived, &self.mend);
        same_json("line", Some(&stored.line), Some(line))?;
        same_json("overlay", stored.overlay.as_deref(), self.mend.overlay.as_ref())?;
        let counted = stored.counted.as_deref().map(Counters::from_text);
        let is_right = match counted {
            None => self.as_logged,
            Some(counted) => counted.as_ref() == Some(&self.counted),
        };
        if !is_right {
            return Err(Flaw::new("counted value", shown(&stored.counted), shown(&self.mend.counted)));
        }
        let right: Vec<(String, f64, String)> = self
            .mend
            .scores
            .iter()
            .map(|score| (score.score.clone(), score.value, score.source.as_str().to_owned()))
            .collect();
        let mut found = stored.scores.clone();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        if found != right {
            return Err(Flaw::new("list of effective scores", format!("{found:?}"), format!("{right:?}")));
        }
        let found: BTreeSet<&String> = stored.labels.iter().collect();
        if stored.labels.len() != found.len() || !found.into_iter().eq(&self.mend.labels) {
            let (found, right) = (format!("{:?}", stored.labels), format!("{:?}", self.mend.labels));
            return Err(Flaw::new("list of labels", found, right));
        }
        same("status", &stored.status.as_str(), &self.mend.status.as_str())?;
        same("root flag", &stored.is_root, &self.mend.is_root)?;
        same("name", &stored.name, &line.name)?;
        same("kind", &stored.kind, &line.kind)?;
        same("model", &stored.model, &line.model)?;
        same("duration", &stored.duration, &line.duration)?;
        same("token count", &stored.tokens, &line.tokens)?;
        same("cost", &stored.cost, &line.cost.map(billionths_of_dollars))?;
        same("error flag", &stored.has_error, &line.error.is_some())?;
        self.shown.as_ref().map_or(Ok(()), |right| check_version(record, right))
    }
}

/// Whether the last version of a row is what it shows.
fn check_version(record: &RowRecord, right: &Row) -> Result<(), Flaw> {
    let Some(found) = &record.version else {
        return Err(Flaw::new("list of versions", "empty", "one with what the row shows"));
    };
    same_json("last version", Some(&found.logged), Some(&right.logged))?;
    let found = read(found)?;
    same("last version's spans", &found.spans, &right.spans)?;
    same("last version's moment", &found.created, &right.created)?;
    same("last version's deletion", &found.deleted, &right.deleted)
}

fn shown(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("(as its line says)")
}

fn same<T: PartialEq + std::fmt::Debug>(what: &'static str, found: &T, right: &T) -> Result<(), Flaw> {
    if found == right { Ok(()) } else { Err(Flaw::new(what, format!("{found:?}"), format!("{right:?}"))) }
}

/// Compares a stored JSON text with the value that it should be of.
pub(super) fn same_json(what: &'static str, found: Option<&str>, right: Option<&impl Serialize>) -> Result<(), Flaw> {
    let right = right.map(|right| serde_json::to_value(right).unwrap_or_default());
    let read = found.map(serde_json::from_str::<Value>).transpose();
    let is_right = match (&read, &right) {
        (Ok(Some(found)), Some(right)) => equal(found, right),
        (Ok(None), None) => true,
        _ => false,
    };
    if is_right {
        return Ok(());
    }
    let text = right.map_or_else(|| "absent".to_owned(), |right| right.to_string());
    Err(Flaw::new(what, found.unwrap_or("absent"), text))
}

/// Whether two values are the same JSON. A database that keeps JSON its own way may write 10 for 1e1.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        (a, b) => a == b,
    }
}
