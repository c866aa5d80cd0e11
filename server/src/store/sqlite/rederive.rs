//! Bringing stored rows in line with what changed beside them: their review, or the configuration of scores. Reads no payload
//! but those of datasets, whose versions show what reviews corrected.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::metric::Counters;
use concord_shared::review::state::{ReviewState, ReviewStatus};
use concord_shared::score::Score;
use rusqlite::{Connection, Row, params};

use super::labels::{LabelIds, change_labels};
use super::reviews::object_type_number;
use super::scores::change_scores;
use super::writer::Known;
use super::{bulk, row_columns, stored, versions};
use crate::domain::line::{LoggedLine, Overlay};
use crate::domain::measure::{self, RowScore};
use crate::domain::search::label;
use crate::domain::store::StoreError;
use crate::domain::version;

/// What has to be known of a row to bring it in line, as it stands in the database.
pub(super) struct SettledRow {
    pk: i64,
    is_root: bool,
    deleted: bool,
    root_span_id: String,
    line: LoggedLine,
    counted: Counters,
    /// Its rows of `row_score`, if they were written by this process.
    scores: Option<Vec<RowScore>>,
    /// How many comments of its review `row_comment` knows.
    comments: usize,
    /// Labels that may be stored of it.
    labels: BTreeSet<String>,
    /// A hash of what its comments say, if they were last written by this process.
    said: Option<u64>,
}

impl SettledRow {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let line: LoggedLine = stored::json(row, "line")?;
        let overlay: Option<Overlay> = stored::optional_json(row, "overlay")?;
        Ok(Self {
            labels: label::stored(&line, row.get("deleted")?, overlay.as_ref()),
            pk: row.get("pk")?,
            is_root: row.get("is_root")?,
            deleted: row.get("deleted")?,
            root_span_id: row.get("root_span_id")?,
            counted: stored::counted(row, &line)?,
            line,
            scores: None,
            comments: 0,
            said: None,
        })
    }

    fn find(conn: &Connection, object: ObjectRef, row_id: &str) -> Result<Option<Self>, StoreError> {
        let mut select = conn.prepare_cached(
            "select pk, is_root, root_span_id, deleted, counted, line, overlay from row \
             where object_type = ? and object_id = ? and id = ?",
        )?;
        let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
        let mut rows = select.query(params![object_type, object_id, row_id])?;
        rows.next()?.map(Self::read).transpose()
    }
}

/// Brings a row in line with its review after that changed. Returns how the counters move; nothing moves while the row has not
/// arrived, and its first write will find the review.
pub(super) fn rederive(
    conn: &Connection,
    known: &mut Known,
    object: ObjectRef,
    row_id: &str,
    state: &ReviewState,
    scores: &[Score],
    xact: XactId,
) -> Result<Counters, StoreError> {
    let key = (object, row_id.to_owned());
    let row = match known.settled.remove(&key) {
        Some(row) => Some(row),
        None => SettledRow::find(conn, object, row_id)?,
    };
    // Comments are marked as deleted and never taken out, so that as many are the same ones.
    if state.comments.len() != row.as_ref().map_or(0, |row| row.comments) {
        remember_comments(conn, object, row_id, state)?;
    }
    let Some(mut row) = row else { return Ok(Counters::new()) };
    row.comments = state.comments.len();
    let delta = settle(conn, &mut known.labels, object, &mut row, Some(state), scores, xact)?;
    let said = said(state);
    if row.said.unwrap_or(NOTHING_SAID) != said {
        known.rewritten.push(row.pk);
    }
    row.said = Some(said);
    if version::is_kept(object) {
        versions::store_reviewed(conn, object, row_id, state, scores, xact)?;
    }
    conn.prepare_cached(
        "update trace set xact = ?1 where object_type = ?2 and object_id = ?3 and root_span_id = ?4 and xact < ?1",
    )?
    .execute(params![
        xact.0,
        object_type_number(object.object_type),
        object.object_id.as_bytes(),
        row.root_span_id
    ])?;
    known.settled.insert(key, row);
    Ok(delta)
}

/// [`said`] of no comments.
const NOTHING_SAID: u64 = 0;

/// A hash of what comments say.
fn said(state: &ReviewState) -> u64 {
    if state.comments.is_empty() {
        return NOTHING_SAID;
    }
    let mut hasher = DefaultHasher::new();
    for (id, comment) in &state.comments {
        (id, &comment.text, comment.deleted).hash(&mut hasher);
    }
    hasher.finish()
}

/// Keys of one step of [`rederive_after`], of whatever object: few enough that writers behind it hardly notice.
const STEP: i64 = 500;

/// Brings rows in line with a changed configuration of scores, a step at a time, from the row after `after`. Returns how the
/// counters move and where to go on; `None`: all rows are in line. Only rows whose derived values can depend on a
/// configuration are touched: reviewed ones, and those with a number that may have become, or ceased to be, an option or a part of a computed score.
pub(super) fn rederive_after(
    conn: &Connection,
    labels: &mut LabelIds,
    object: ObjectRef,
    scores: &[Score],
    after: i64,
) -> Result<(Counters, Option<i64>), StoreError> {
    let decisive = scores.iter().flat_map(Score::reads);
    let mut select = conn.prepare_cached(
        "select r.pk, r.is_root, r.deleted, r.root_span_id, r.counted, r.line, r.overlay, r.xact, v.state from row r \
         left join review v on v.object_type = ?1 and v.object_id = ?2 and v.row_id = r.id \
         where +r.object_type = ?1 and +r.object_id = ?2 and r.pk > ?3 and r.pk <= ?5 and (r.overlay is not null or r.counted is not null \
           or exists (select 1 from row_score s where s.row = r.pk and s.score in (select value from json_each(?4)))) \
         order by r.pk",
    )?;
    let mut rows = select.query(params![
        object_type_number(object.object_type),
        object.object_id.as_bytes(),
        after,
        bulk::json_list(decisive),
        after + STEP,
    ])?;
    let mut delta = Counters::new();
    while let Some(row) = rows.next()? {
        let state: Option<ReviewState> = stored::optional_json(row, "state")?;
        let xact = XactId(row.get("xact")?); // nobody wrote anything
        delta.merge(&settle(conn, labels, object, &mut SettledRow::read(row)?, state.as_ref(), scores, xact)?);
    }
    let mut further = conn.prepare_cached("select exists (select 1 from row where pk > ?)")?;
    let more: bool = further.query_row([after + STEP], |row| row.get(0))?;
    Ok((delta, more.then_some(after + STEP)))
}

/// Derives a stored row anew, stores what follows, and returns how it moves the counters.
fn settle(
    conn: &Connection,
    labels: &mut LabelIds,
    object: ObjectRef,
    row: &mut SettledRow,
    state: Option<&ReviewState>,
    scores: &[Score],
    xact: XactId,
) -> Result<Counters, StoreError> {
    let derived = measure::derive(&row.line, row.is_root, row.deleted, state, scores);
    conn.prepare_cached("update row set xact = ?, status = ?, overlay = ?, counted = ? where pk = ?")?.execute(
        params![
            xact.0,
            state.map_or(ReviewStatus::None, |state| state.status.value).as_str(),
            derived.overlay.as_ref().map(row_columns::to_json).transpose()?,
            row_columns::counted_text(&derived),
            row.pk,
        ],
    )?;
    change_scores(conn, object, row.pk, row.scores.as_deref(), &derived.scores)?;
    change_labels(conn, labels, object, row.pk, &row.labels, &derived.labels)?;
    let delta = derived.counted.clone().minus(&row.counted);
    (row.counted, row.scores, row.labels) = (derived.counted, Some(derived.scores), derived.labels);
    Ok(delta)
}

/// So that the deletion of a comment, which names only the comment, finds its row.
fn remember_comments(
    conn: &Connection,
    object: ObjectRef,
    row_id: &str,
    state: &ReviewState,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "insert into row_comment (object_type, object_id, comment_id, row_id) select ?1, ?2, value, ?4 from json_each(?3) where true \
         on conflict do nothing",
    )?
    .execute(params![
        object_type_number(object.object_type),
        object.object_id.as_bytes(),
        bulk::json_list(state.comments.keys()),
        row_id,
    ])?;
    Ok(())
}
