//! Everything that a batch does to rows: read what is stored, apply the writes in memory, derive, write in bulk. A row that is
//! written twice, or written and reviewed, in one batch is read and written once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::metric::Counters;
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;
use concord_shared::row::{Row, Spans, apply};
use concord_shared::score::Score;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::reviews::object_type_number;
use super::row_columns::{self, Record, Settled, Stored};
use super::trace_sums::{TraceSums, Traces};
use super::versions::{self, Version};
use super::{labels, rederive, scores};
use crate::domain::line::LoggedLine;
use crate::domain::measure;
use crate::domain::store::{Commit, Rederive, ReviewCommit, RowsCommit, StoreError};
use crate::domain::version;

/// Score configurations by object.
pub(super) type ScoreBook = HashMap<ObjectRef, Arc<[Score]>>;

/// How counters moved, by object.
pub(super) type Deltas = BTreeMap<ObjectRef, Counters>;

/// A row's identity.
pub(super) type Key = (ObjectRef, String);

/// The rows that a batch touches.
#[derive(Default)]
pub(super) struct Sheet<'a> {
    entries: BTreeMap<Key, Entry<'a>>,
    comments: Vec<(&'a ReviewCommit, &'a str)>,
    /// What rows of datasets were logged as after each transaction of the batch.
    versions: BTreeMap<(Key, XactId), Row>,
}

/// One row: as stored, and what the batch does to it.
#[derive(Default)]
struct Entry<'a> {
    stored: Option<Stored>,
    /// The whole row, for those that are written.
    row: Option<Row>,
    review: Option<Cow<'a, ReviewState>>,
    touch: Touch,
    xact: Option<XactId>,
}

/// What happened to a row.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
enum Touch {
    /// It was only looked at.
    #[default]
    None,
    /// What follows from it is to be derived anew.
    Configured,
    /// Its review has changed.
    Reviewed,
    /// It was logged, or a part of it.
    Written,
}

/// What is to be written, by object.
#[derive(Default)]
struct Outcome {
    inserted: Vec<Record>,
    updated: Vec<Record>,
    settled: Vec<Settled>,
    traces: Traces,
}

impl<'a> Sheet<'a> {
    /// Reads the rows that a batch writes, their parents, and those whose reviews it changes; without payloads, where they
    /// are not written.
    pub(super) async fn load(
        conn: &mut PgConnection,
        batch: &[Commit],
        reviews: &[&ReviewCommit],
    ) -> Result<Self, StoreError> {
        let mut wanted: BTreeMap<(ObjectRef, &str), bool> = BTreeMap::new();
        for commit in reviews.iter().filter(|commit| !commit.changes.is_empty()) {
            wanted.insert((commit.key.object, &commit.key.row_id), version::is_kept(commit.key.object));
        }
        for commit in batch {
            let Commit::Rows(RowsCommit { object, writes, .. }) = commit else { continue };
            for parent in writes.iter().filter_map(|write| write.parent_id.as_deref()) {
                wanted.entry((*object, parent)).or_insert(false);
            }
            for write in writes {
                wanted.insert((*object, &write.id), true);
            }
        }
        let mut sheet = Self::default();
        if wanted.is_empty() {
            return Ok(sheet);
        }
        for (key, stored, row) in row_columns::load(conn, &wanted).await? {
            sheet.entries.insert(key, Entry { stored: Some(stored), row, ..Entry::default() });
        }
        let written = wanted.into_iter().filter(|(_, whole)| *whole).map(|(key, _)| key).collect();
        for (key, state) in load_reviews(conn, written).await? {
            sheet.entries.entry(key).or_default().review = Some(Cow::Owned(state));
        }
        Ok(sheet)
    }

    /// Reads the rows of a step in bringing an object in line with changed scores. Returns where the next one begins.
    pub(super) async fn load_step(
        &mut self,
        conn: &mut PgConnection,
        step: &Rederive,
        scores: &[Score],
    ) -> Result<Option<i64>, StoreError> {
        let (rows, next) = rederive::load(conn, step, scores).await?;
        for (key, stored, state) in rows {
            // One that is written or reviewed in the same batch is derived anew anyway.
            let entry = self.entries.entry(key).or_default();
            entry.touch = Touch::Configured;
            if entry.review.is_none() {
                entry.review = state.map(Cow::Owned);
            }
            entry.stored.get_or_insert(stored);
        }
        Ok(next)
    }

    /// Applies the writes of one request.
    pub(super) fn write(&mut self, commit: &RowsCommit, xact: XactId, now: Moment) {
        for write in &commit.writes {
            let parent: Option<Spans> = write.parent_id.as_ref().and_then(|id| {
                let entry = self.entries.get(&(commit.object, id.clone()))?;
                let written = entry.row.as_ref().map(|row| &row.spans);
                written.or(entry.stored.as_ref().map(|stored| &stored.spans)).cloned()
            });
            let entry = self.entries.entry((commit.object, write.id.clone())).or_default();
            entry.row = apply(entry.row.take(), write, parent.as_ref(), now);
            entry.touch = Touch::Written;
            entry.xact = Some(xact);
            if let Some(row) = entry.row.as_ref().filter(|_| version::is_kept(commit.object)) {
                self.versions.insert(((commit.object, row.id.clone()), xact), row.clone());
            }
        }
    }

    /// Takes note of a changed review. Nothing more follows while its row has not arrived; the row's first write will find the
    /// review.
    pub(super) fn review(&mut self, commit: &'a ReviewCommit, xact: XactId) {
        if commit.changes.is_empty() {
            return;
        }
        self.comments.extend(commit.state.comments.keys().map(|comment| (commit, comment.as_str())));
        let entry = self.entries.entry((commit.key.object, commit.key.row_id.clone())).or_default();
        entry.review = Some(Cow::Borrowed(&*commit.state));
        if entry.touch < Touch::Reviewed {
            entry.touch = Touch::Reviewed;
        }
        entry.xact = entry.xact.max(Some(xact));
        if let Some(row) = entry.row.as_ref().filter(|_| version::is_kept(commit.key.object)) {
            self.versions.insert(((commit.key.object, row.id.clone()), xact), row.clone());
        }
    }

    /// What rows of datasets showed, by the reviews as of the end of the batch.
    fn made_versions(&self, book: &ScoreBook) -> Vec<Version> {
        let made = self.versions.iter().map(|((key, xact), row)| {
            let review = self.entries.get(key).and_then(|entry| entry.review.as_deref());
            let scores = book.get(&key.0).map_or(&[][..], |scores| scores);
            Version { object: key.0, xact: *xact, row: version::shown(row, review, scores).into_owned() }
        });
        made.collect()
    }

    /// Derives what follows and stores all of it but the counters, whose movement it returns.
    pub(super) async fn store(self, conn: &mut PgConnection, book: &ScoreBook) -> Result<Deltas, StoreError> {
        remember_comments(conn, &self.comments).await?;
        versions::store(conn, &self.made_versions(book)).await?;
        let mut deltas = Deltas::new();
        let mut outcome = Outcome::default();
        // By transaction and id, so that equal batches make equal databases.
        let mut touched: Vec<(Key, Entry<'_>)> =
            self.entries.into_iter().filter(|(_, entry)| entry.touch > Touch::None).collect();
        touched.sort_by(|(a, left), (b, right)| order(a, left).cmp(&order(b, right)));
        let new = touched.iter().filter(|(_, entry)| entry.stored.is_none() && entry.row.is_some()).count();
        let mut places = next_places(conn, new).await?.into_iter();
        for (key, entry) in touched {
            let scores = book.get(&key.0).map_or(&[][..], |scores| scores);
            let delta = deltas.entry(key.0).or_default();
            if entry.touch == Touch::Written {
                write_row(&mut outcome, delta, key.0, entry, &mut places, scores)?;
            } else {
                settle_row(&mut outcome, delta, key.0, entry, scores)?;
            }
        }
        row_columns::insert(conn, &outcome.inserted).await?;
        row_columns::update(conn, &outcome.updated).await?;
        row_columns::settle(conn, &outcome.settled).await?;
        let rewritten = outcome.updated.iter().map(|record| record.pk);
        let rewritten: Vec<i64> = rewritten.chain(outcome.settled.iter().map(|settled| settled.pk)).collect();
        let written = outcome.inserted.iter().chain(&outcome.updated);
        let numbers = written.map(|record| (record.pk, record.object, &record.scores[..]));
        let settled = outcome.settled.iter().map(|settled| (settled.pk, settled.object, &settled.scores[..]));
        scores::replace(conn, rewritten.clone(), numbers.chain(settled)).await?;
        let written = || outcome.inserted.iter().chain(&outcome.updated);
        let labels = written().map(|record| (record.pk, record.object, &record.labels));
        let settled = outcome.settled.iter().map(|settled| (settled.pk, settled.object, &settled.labels));
        labels::replace(conn, rewritten, labels.chain(settled)).await?;
        let texts: Vec<_> =
            written().map(|record| (record.pk, record.texts.0.clone(), record.texts.1.clone())).collect();
        labels::store_texts(conn, &texts).await?;
        let comments = outcome.settled.iter().filter_map(|settled| Some((settled.pk, settled.comments.clone()?)));
        labels::store_comments(conn, &comments.collect::<Vec<_>>()).await?;
        outcome.traces.store(conn).await?;
        Ok(deltas)
    }
}

/// Where a row stands among those that its batch creates.
fn order<'e>(key: &'e Key, entry: &'e Entry<'_>) -> (Option<XactId>, Option<Moment>, &'e str) {
    (entry.xact, entry.row.as_ref().map(|row| row.created), &key.1)
}

fn write_row(
    outcome: &mut Outcome,
    delta: &mut Counters,
    object: ObjectRef,
    entry: Entry<'_>,
    places: &mut impl Iterator<Item = i64>,
    scores: &[Score],
) -> Result<(), StoreError> {
    let (Some(row), Some(xact)) = (entry.row, entry.xact) else { return Ok(()) };
    let line = LoggedLine::of(&row);
    let review = entry.review.as_deref();
    let derived = measure::derive(&line, row.is_root(), row.deleted, review, scores);
    delta.merge(&derived.counted);
    outcome.traces.add((object, &row.spans.root_span_id), &TraceSums::of(&line, row.deleted), xact);
    match entry.stored {
        Some(stored) => {
            *delta = std::mem::take(delta).minus(&stored.counted);
            outcome.traces.take((object, &stored.spans.root_span_id), &stored.sums, xact);
            outcome.updated.push(Record::new(stored.pk, object, row, xact, line, (review, derived))?);
        }
        None => {
            let missing = || StoreError::Corrupt { what: "row", detail: "no place was made for it".into() };
            let pk = places.next().ok_or_else(missing)?;
            outcome.inserted.push(Record::new(pk, object, row, xact, line, (review, derived))?);
        }
    }
    Ok(())
}

fn settle_row(
    outcome: &mut Outcome,
    delta: &mut Counters,
    object: ObjectRef,
    entry: Entry<'_>,
    scores: &[Score],
) -> Result<(), StoreError> {
    let Some(stored) = entry.stored else { return Ok(()) };
    let review = entry.review.as_deref();
    let derived = measure::derive(&stored.line, stored.is_root, stored.deleted, review, scores);
    delta.merge(&derived.counted);
    *delta = std::mem::take(delta).minus(&stored.counted);
    if let Some(xact) = entry.xact {
        outcome.traces.add((object, &stored.spans.root_span_id), &TraceSums::default(), xact);
    }
    // Where only the configuration changed, nobody wrote anything: the row keeps its transaction.
    outcome.settled.push(Settled::new(object, &stored, entry.xact.unwrap_or(stored.xact), review, derived)?);
    Ok(())
}

/// Places for new rows. They grow with the order of commits within a project, which is locked.
async fn next_places(conn: &mut PgConnection, rows: usize) -> Result<Vec<i64>, StoreError> {
    if rows == 0 {
        return Ok(Vec::new());
    }
    let query = sqlx::query_scalar("select nextval('row_pk_seq') from generate_series(1, $1)");
    Ok(query.bind(rows as i64).fetch_all(conn).await?)
}

async fn load_reviews(
    conn: &mut PgConnection,
    rows: Vec<(ObjectRef, &str)>,
) -> Result<Vec<(Key, ReviewState)>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found = sqlx::query(
        "select w.place, v.state from unnest($1::smallint[], $2::uuid[], $3::text[]) with ordinality \
         as w (object_type, object_id, row_id, place) \
         join review v on v.object_type = w.object_type and v.object_id = w.object_id and v.row_id = w.row_id",
    )
    .bind(rows.iter().map(|(object, _)| object_type_number(object.object_type)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(object, _)| object.object_id).collect::<Vec<Uuid>>())
    .bind(rows.iter().map(|(_, id)| *id).collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    let state = |row| -> Result<_, StoreError> {
        let (object, id) = rows[row_columns::place(row)?];
        Ok(((object, id.to_owned()), row_columns::review_state(row)?))
    };
    found.iter().map(state).collect()
}

/// So that the deletion of a comment, which names only the comment, finds its row.
async fn remember_comments(conn: &mut PgConnection, comments: &[(&ReviewCommit, &str)]) -> Result<(), StoreError> {
    if comments.is_empty() {
        return Ok(());
    }
    let keys = || comments.iter().map(|(commit, _)| &commit.key);
    sqlx::query(
        "insert into row_comment (object_type, object_id, comment_id, row_id) \
         select * from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[]) on conflict do nothing",
    )
    .bind(keys().map(|key| object_type_number(key.object.object_type)).collect::<Vec<_>>())
    .bind(keys().map(|key| key.object.object_id).collect::<Vec<_>>())
    .bind(comments.iter().map(|(_, comment)| *comment).collect::<Vec<_>>())
    .bind(keys().map(|key| &key.row_id[..]).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
