//! Writing rows inside the writer's transaction: load what is stored, apply the merges in memory, derive, write in bulk. One pass
//! over a whole batch of requests, so that a row written twice in it is read and written once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::metric::Counters;
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;
use concord_shared::row::{Row, RowWrite, Spans, apply};
use concord_shared::score::Score;
use rusqlite::{Connection, params};

use super::labels::change_labels;
use super::reviews::object_type_number;
use super::row_columns::{self, Record};
use super::scores::{insert_scores, replace_scores};
use super::search::RowText;
use super::stored;
use super::trace_sums::{TraceSums, Traces};
use super::versions::{self, Versions};
use super::writer::Known;
use crate::domain::line::{LoggedLine, Overlay};
use crate::domain::logged_row::LoggedRow;
use crate::domain::measure;
use crate::domain::search::label;
use crate::domain::search::terms::{self, Terms};
use crate::domain::store::{RowsCommit, StoreError};
use crate::domain::version;

/// Score configurations by object.
pub(crate) type ScoreBook = HashMap<ObjectRef, Arc<[Score]>>;

/// How counters moved, by object.
pub(crate) type Deltas = BTreeMap<ObjectRef, Counters>;

/// A row of the batch: as stored, and as it will be.
#[derive(Default)]
struct Entry<'a> {
    stored: Option<Stored>,
    next: Next<'a>,
    xact: Option<XactId>,
}

/// What a row will be.
#[derive(Default)]
enum Next<'a> {
    /// It does not exist.
    #[default]
    None,
    /// What one write says, whatever was stored.
    Said(&'a RowWrite, &'a LoggedRow, Moment),
    /// What several writes, or a write and what was stored, make together.
    Merged(Row),
}

/// What has to be known of a stored row.
struct Stored {
    pk: i64,
    counted: Counters,
    root_span_id: String,
    sums: TraceSums,
    /// Labels that may be stored of it.
    labels: BTreeSet<String>,
}

impl<'a> Entry<'a> {
    fn spans(&self) -> Option<&Spans> {
        match &self.next {
            Next::None => None,
            Next::Said(_, said, _) => Some(&said.spans),
            Next::Merged(row) => Some(&row.spans),
        }
    }

    fn created(&self) -> Option<Moment> {
        match &self.next {
            Next::None => None,
            Next::Said(_, _, created) => Some(*created),
            Next::Merged(row) => Some(row.created),
        }
    }

    /// The whole row as it is to be.
    fn row(&self) -> Option<Row> {
        match &self.next {
            Next::None => None,
            Next::Said(write, _, created) => apply(None, write, None, *created),
            Next::Merged(row) => Some(row.clone()),
        }
    }

    /// Applies a write.
    fn write(&mut self, write: &'a RowWrite, said: Option<&'a LoggedRow>, parent: Option<&Spans>, now: Moment) {
        if let Some(said) = said {
            let created = write.created.or(self.created()).unwrap_or(now);
            self.next = Next::Said(write, said, created);
            return;
        }
        let before = match std::mem::take(&mut self.next) {
            Next::None => None,
            Next::Said(write, _, created) => apply(None, write, None, created),
            Next::Merged(row) => Some(row),
        };
        self.next = apply(before, write, parent, now).map_or(Next::None, Next::Merged);
    }
}

/// Stores the rows of several requests, in order, each under its transaction id, and says how the counters move. Reviews of the same
/// batch must be stored before.
pub(super) fn store_rows(
    conn: &Connection,
    known: &mut Known,
    batch: &[(XactId, &RowsCommit)],
    scores: &ScoreBook,
    now: Moment,
) -> Result<Deltas, StoreError> {
    let mut objects: BTreeMap<ObjectRef, Vec<(XactId, &RowsCommit)>> = BTreeMap::new();
    for (xact, commit) in batch {
        objects.entry(commit.object).or_default().push((*xact, commit));
    }
    let mut deltas = Deltas::new();
    for (object, commits) in objects {
        let configured = scores.get(&object).map_or(&[][..], |scores| scores);
        deltas.insert(object, store_object(conn, known, object, &commits, configured, now)?);
    }
    Ok(deltas)
}

fn store_object<'a>(
    conn: &Connection,
    known: &mut Known,
    object: ObjectRef,
    commits: &[(XactId, &'a RowsCommit)],
    scores: &[Score],
    now: Moment,
) -> Result<Counters, StoreError> {
    let writes = || {
        let writes = |(xact, commit): &(XactId, &'a RowsCommit)| {
            let xact = *xact;
            commit.prepared().map(move |(write, said)| (xact, write, said))
        };
        commits.iter().flat_map(writes)
    };
    let ids: BTreeSet<&str> =
        writes().flat_map(|(_, write, _)| [Some(write.id.as_str()), write.parent_id.as_deref()]).flatten().collect();
    let mut entries = load(conn, object, &ids)?;
    let reviews = load_reviews(conn, object, &ids)?;
    let mut made = Versions::new();
    for (xact, write, said) in writes() {
        let parent = write.parent_id.as_ref().and_then(|id| entries.get(id.as_str())?.spans().cloned());
        let entry = entries.entry(&write.id).or_default();
        entry.write(write, said, parent.as_ref(), now);
        entry.xact = Some(xact);
        if version::is_kept(object) {
            made.extend(entry.row().map(|row| (xact, row)));
        }
    }
    versions::store(conn, object, &made, &reviews, scores)?;
    write_entries(conn, known, object, entries, &reviews, scores)
}

fn write_entries(
    conn: &Connection,
    known: &mut Known,
    object: ObjectRef,
    entries: HashMap<&str, Entry<'_>>,
    reviews: &HashMap<String, ReviewState>,
    scores: &[Score],
) -> Result<Counters, StoreError> {
    let mut delta = Counters::new();
    let mut traces = Traces::default();
    let (mut inserted, mut updated) = (Vec::new(), Vec::new());
    let mut next_pk = match known.next_pk {
        Some(next) => next,
        None => conn.prepare_cached("select coalesce(max(pk), 0) + 1 from row")?.query_row([], |row| row.get(0))?,
    };
    // By transaction and id, so that equal batches make equal databases.
    let mut touched: Vec<(XactId, Moment, &str, Entry<'_>)> =
        entries.into_iter().filter_map(|(id, entry)| Some((entry.xact?, entry.created()?, id, entry))).collect();
    touched.sort_by_key(|(xact, created, id, _)| (*xact, *created, *id));
    for (xact, created, id, entry) in touched {
        let (logged, deleted) = match entry.next {
            Next::None => continue,
            Next::Said(_, said, _) => (Cow::Borrowed(said), false),
            Next::Merged(row) => (Cow::Owned(LoggedRow::of(&row)), row.deleted),
        };
        let review = reviews.get(id);
        let derived = if review.is_none() && !deleted && !measure::needs_configuration(&logged.line, scores) {
            logged.alone.clone()
        } else {
            measure::derive(&logged.line, logged.is_root(), deleted, review, scores)
        };
        delta.merge(&derived.counted);
        traces.add(&logged.spans.root_span_id, &TraceSums::of(&logged.line, deleted), xact);
        let mut labels = None;
        let pk = match entry.stored {
            Some(stored) => {
                labels = Some(stored.labels);
                delta = delta.minus(&stored.counted);
                traces.take(&stored.root_span_id, &stored.sums, xact);
                stored.pk
            }
            None => {
                next_pk += 1;
                next_pk - 1
            }
        };
        let record = Record::new(pk, id, logged, (created, deleted, xact), derived)?;
        match labels {
            Some(labels) => updated.push((record, labels)),
            None => inserted.push(record),
        }
    }
    known.next_pk = Some(next_pk);
    row_columns::insert(conn, object, &inserted)?;
    let object_term: Arc<str> = terms::object(object).into();
    known.texts.extend(inserted.iter().map(|record| {
        let comments = reviews.get(record.id).map(Terms::of_comments);
        RowText { pk: record.pk, object: Arc::clone(&object_term), terms: record.terms(comments) }
    }));
    for record in &inserted {
        insert_scores(conn, object, record.pk, &record.scores)?;
        change_labels(conn, &mut known.labels, object, record.pk, &BTreeSet::new(), &record.labels)?;
    }
    for (record, labels) in &updated {
        known.settled.remove(&(object, record.id.to_owned()));
        row_columns::update(conn, record)?;
        replace_scores(conn, object, record.pk, &record.scores)?;
        change_labels(conn, &mut known.labels, object, record.pk, labels, &record.labels)?;
        known.rewritten.push(record.pk);
    }
    traces.store(conn, object)?;
    Ok(delta)
}

fn load<'a>(
    conn: &Connection,
    object: ObjectRef,
    ids: &BTreeSet<&'a str>,
) -> Result<HashMap<&'a str, Entry<'a>>, StoreError> {
    let mut select = conn.prepare_cached(
        "select pk, id, span_id, root_span_id, span_parents, is_root, created_at, kind, tokens, cost, has_error, model, deleted, \
         line, overlay, counted, logged from row where object_type = ? and object_id = ? and id = ?",
    )?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let mut found = HashMap::with_capacity(ids.len());
    for id in ids {
        let mut rows = select.query(params![object_type, object_id, id])?;
        let Some(row) = rows.next()? else { continue };
        let line: LoggedLine = stored::json(row, "line")?;
        let overlay: Option<Overlay> = stored::optional_json(row, "overlay")?;
        let stored = Stored {
            pk: row.get("pk")?,
            counted: stored::counted(row, &line)?,
            labels: label::stored(&line, row.get("deleted")?, overlay.as_ref()),
            root_span_id: row.get("root_span_id")?,
            sums: TraceSums::stored(row)?,
        };
        let next = Next::Merged(stored::read_row(row)?);
        found.insert(*id, Entry { stored: Some(stored), next, xact: None });
    }
    Ok(found)
}

fn load_reviews(
    conn: &Connection,
    object: ObjectRef,
    ids: &BTreeSet<&str>,
) -> Result<HashMap<String, ReviewState>, StoreError> {
    let mut select =
        conn.prepare_cached("select state from review where object_type = ? and object_id = ? and row_id = ?")?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let mut found = HashMap::new();
    for id in ids {
        let mut rows = select.query(params![object_type, object_id, id])?;
        if let Some(row) = rows.next()? {
            found.insert((*id).to_owned(), stored::json(row, "state")?);
        }
    }
    Ok(found)
}
