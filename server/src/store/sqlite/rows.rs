//! Writing rows inside the writer's transaction: load what is stored, apply the merges in memory, derive, write in bulk. One pass
//! over a whole batch of requests, so that a row written twice in it is read and written once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::metric::Counters;
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;
use concord_shared::row::{Row, Spans, apply};
use concord_shared::score::Score;
use rusqlite::{Connection, params};

use super::reviews::object_type_number;
use super::row_columns::{self, Record};
use super::scores::{insert_scores, replace_scores};
use super::stored;
use super::trace_sums::{TraceSums, Traces};
use super::writer::Known;
use crate::domain::line::LoggedLine;
use crate::domain::measure;
use crate::domain::store::{RowsCommit, StoreError};

/// Score configurations by object.
pub(crate) type ScoreBook = HashMap<ObjectRef, Arc<[Score]>>;

/// How counters moved, by object.
pub(crate) type Deltas = BTreeMap<ObjectRef, Counters>;

/// A row of the batch: as stored, and as it will be.
#[derive(Default)]
struct Entry {
    stored: Option<Stored>,
    row: Option<Row>,
    xact: Option<XactId>,
}

/// What has to be known of a stored row.
struct Stored {
    pk: i64,
    counted: Counters,
    root_span_id: String,
    sums: TraceSums,
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

fn store_object(
    conn: &Connection,
    known: &mut Known,
    object: ObjectRef,
    commits: &[(XactId, &RowsCommit)],
    scores: &[Score],
    now: Moment,
) -> Result<Counters, StoreError> {
    let writes = || commits.iter().flat_map(|(xact, commit)| commit.writes.iter().map(move |write| (*xact, write)));
    let ids: BTreeSet<&str> =
        writes().flat_map(|(_, write)| [Some(write.id.as_str()), write.parent_id.as_deref()]).flatten().collect();
    let mut entries = load(conn, object, &ids)?;
    let reviews = load_reviews(conn, object, &ids)?;
    for (xact, write) in writes() {
        let parent: Option<Spans> =
            write.parent_id.as_ref().and_then(|id| entries.get(id)?.row.as_ref().map(|row| row.spans.clone()));
        let entry = entries.entry(write.id.clone()).or_default();
        entry.row = apply(entry.row.take(), write, parent.as_ref(), now);
        entry.xact = Some(xact);
    }
    write_entries(conn, known, object, entries, &reviews, scores)
}

fn write_entries(
    conn: &Connection,
    known: &mut Known,
    object: ObjectRef,
    entries: HashMap<String, Entry>,
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
    let mut touched: Vec<(XactId, Row, Option<Stored>)> =
        entries.into_values().filter_map(|entry| Some((entry.xact?, entry.row?, entry.stored))).collect();
    touched.sort_by(|a, b| (a.0, a.1.created, &a.1.id).cmp(&(b.0, b.1.created, &b.1.id)));
    for (xact, row, stored) in touched {
        let line = LoggedLine::of(&row);
        let derived = measure::derive(&line, row.is_root(), row.deleted, reviews.get(&row.id), scores);
        delta.merge(&derived.counted);
        traces.add(&row.spans.root_span_id, &TraceSums::of(&line, row.deleted), xact);
        let known = stored.is_some();
        let pk = match stored {
            Some(stored) => {
                delta = delta.minus(&stored.counted);
                traces.take(&stored.root_span_id, &stored.sums, xact);
                stored.pk
            }
            None => {
                next_pk += 1;
                next_pk - 1
            }
        };
        let record = Record::new(pk, row, xact, line, derived)?;
        if known { updated.push(record) } else { inserted.push(record) }
    }
    known.next_pk = Some(next_pk);
    row_columns::insert(conn, object, &inserted)?;
    for record in &inserted {
        insert_scores(conn, object, record.pk, &record.scores)?;
    }
    for record in &updated {
        row_columns::update(conn, record)?;
        replace_scores(conn, object, record.pk, &record.scores)?;
    }
    traces.store(conn, object)?;
    Ok(delta)
}

fn load(conn: &Connection, object: ObjectRef, ids: &BTreeSet<&str>) -> Result<HashMap<String, Entry>, StoreError> {
    let mut select = conn.prepare_cached(
        "select pk, id, span_id, root_span_id, span_parents, is_root, created_at, kind, tokens, cost, has_error, model, deleted, \
         line, counted, logged from row where object_type = ? and object_id = ? and id = ?",
    )?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let mut found = HashMap::new();
    for id in ids {
        let mut rows = select.query(params![object_type, object_id, id])?;
        let Some(row) = rows.next()? else { continue };
        let stored = Stored {
            pk: row.get("pk")?,
            counted: stored::counted(row, &stored::json(row, "line")?)?,
            root_span_id: row.get("root_span_id")?,
            sums: TraceSums::stored(row)?,
        };
        let entry = Entry { stored: Some(stored), row: Some(stored::read_row(row)?), xact: None };
        found.insert((*id).to_owned(), entry);
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
