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
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::metrics::add_counters;
use super::reviews::object_type_number;
use super::row_columns::{self, Record};
use super::scores::replace_scores;
use super::trace_sums::{TraceSums, Traces};
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

/// Stores the rows of several requests, in order, each under its transaction id, and moves the counters. Reviews of the same batch
/// must be stored before.
pub(super) async fn store_rows(
    conn: &mut SqliteConnection,
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
        let delta = store_object(conn, object, &commits, configured, now).await?;
        if !delta.is_empty() {
            deltas.insert(object, delta);
        }
    }
    Ok(deltas)
}

async fn store_object(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    commits: &[(XactId, &RowsCommit)],
    scores: &[Score],
    now: Moment,
) -> Result<Counters, StoreError> {
    let writes = || commits.iter().flat_map(|(xact, commit)| commit.writes.iter().map(move |write| (*xact, write)));
    let ids: BTreeSet<&str> =
        writes().flat_map(|(_, write)| [Some(write.id.as_str()), write.parent_id.as_deref()]).flatten().collect();
    let wanted = serde_json::to_string(&ids).expect("ids are texts");
    let mut entries = load(conn, object, &wanted).await?;
    let reviews = load_reviews(conn, object, &wanted).await?;
    for (xact, write) in writes() {
        let parent: Option<Spans> =
            write.parent_id.as_ref().and_then(|id| entries.get(id)?.row.as_ref().map(|row| row.spans.clone()));
        let entry = entries.entry(write.id.clone()).or_default();
        entry.row = apply(entry.row.take(), write, parent.as_ref(), now);
        entry.xact = Some(xact);
    }
    write_entries(conn, object, entries, &reviews, scores).await
}

async fn write_entries(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    entries: HashMap<String, Entry>,
    reviews: &HashMap<String, ReviewState>,
    scores: &[Score],
) -> Result<Counters, StoreError> {
    let mut delta = Counters::new();
    let mut traces = Traces::default();
    let (mut inserted, mut updated) = (Vec::new(), Vec::new());
    let mut next_pk = next_pk(conn).await?;
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
    row_columns::insert(conn, object, &inserted).await?;
    for record in &updated {
        row_columns::update(conn, record).await?;
    }
    replace_scores(conn, object, &inserted, &updated).await?;
    traces.store(conn, object).await?;
    add_counters(conn, object, &delta).await?;
    Ok(delta)
}

async fn next_pk(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("select coalesce(max(pk), 0) + 1 from row").fetch_one(conn).await?)
}

async fn load(conn: &mut SqliteConnection, object: ObjectRef, ids: &str) -> Result<HashMap<String, Entry>, StoreError> {
    let rows = sqlx::query(
        "select pk, id, span_id, root_span_id, span_parents, is_root, created_at, kind, tokens, cost, has_error, model, deleted, \
         line, counted, logged from row where object_type = $1 and object_id = $2 and id in (select value from json_each($3))",
    )
    .bind(object_type_number(object.object_type))
    .bind(object.object_id.as_bytes().as_slice())
    .bind(ids)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let stored = Stored {
                pk: row.try_get("pk")?,
                counted: counted(row)?,
                root_span_id: row.try_get("root_span_id")?,
                sums: TraceSums::stored(row)?,
            };
            let row = row_columns::read_row(row)?;
            Ok((row.id.clone(), Entry { stored: Some(stored), row: Some(row), xact: None }))
        })
        .collect()
}

/// What a stored row has added to the counters. Most rows add what their line says, which is not spelt out.
pub(super) fn counted(row: &SqliteRow) -> Result<Counters, StoreError> {
    match row.try_get::<Option<&str>, _>("counted")? {
        Some(text) => Counters::from_text(text)
            .ok_or_else(|| StoreError::Corrupt { what: "counters of a row", detail: text.chars().take(64).collect() }),
        None => {
            let line: LoggedLine = row_columns::json(row, "line")?;
            Ok(measure::derive(&line, row.try_get("is_root")?, row.try_get("deleted")?, None, &[]).counted)
        }
    }
}

async fn load_reviews(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    ids: &str,
) -> Result<HashMap<String, ReviewState>, StoreError> {
    let rows = sqlx::query(
        "select row_id, state from review where object_type = $1 and object_id = $2 \
         and row_id in (select value from json_each($3))",
    )
    .bind(object_type_number(object.object_type))
    .bind(object.object_id.as_bytes().as_slice())
    .bind(ids)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("row_id")?, row_columns::review_state(row)?))).collect()
}
