//! Bringing stored rows in line with what changed beside them: their review, or the configuration of scores. Never reads a payload.

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::metric::Counters;
use concord_shared::review::state::{ReviewState, ReviewStatus};
use concord_shared::score::{Score, ScoreKind};
use rusqlite::{Connection, Row, params};

use super::reviews::object_type_number;
use super::scores::replace_scores;
use super::{bulk, row_columns, stored};
use crate::domain::line::LoggedLine;
use crate::domain::measure;
use crate::domain::store::StoreError;

/// Brings a row in line with its review after that changed. Returns how the counters move; nothing moves while the row has not
/// arrived, and its first write will find the review.
pub(super) fn rederive(
    conn: &Connection,
    object: ObjectRef,
    row_id: &str,
    state: &ReviewState,
    scores: &[Score],
    xact: XactId,
) -> Result<Counters, StoreError> {
    remember_comments(conn, object, row_id, state)?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    let mut select = conn.prepare_cached(
        "select pk, is_root, root_span_id, deleted, counted, line, xact from row \
         where object_type = ? and object_id = ? and id = ?",
    )?;
    let mut rows = select.query(params![object_type, object_id, row_id])?;
    let Some(row) = rows.next()? else { return Ok(Counters::new()) };
    let delta = settle(conn, object, row, Some(state), scores, xact)?;
    conn.prepare_cached(
        "update trace set xact = ?1 where object_type = ?2 and object_id = ?3 and root_span_id = ?4 and xact < ?1",
    )?
    .execute(params![xact.0, object_type, object_id, row.get::<_, String>("root_span_id")?])?;
    Ok(delta)
}

/// Keys of one step of [`rederive_after`], of whatever object: few enough that writers behind it hardly notice.
const STEP: i64 = 500;

/// Brings rows in line with a changed configuration of scores, a step at a time, from the row after `after`. Returns how the
/// counters move and where to go on; `None`: all rows are in line. Only rows whose derived values can depend on a
/// configuration are touched: reviewed ones, and those with a number that may have become, or ceased to be, an option.
pub(super) fn rederive_after(
    conn: &Connection,
    object: ObjectRef,
    scores: &[Score],
    after: i64,
) -> Result<(Counters, Option<i64>), StoreError> {
    let with_options = scores.iter().filter(|score| matches!(score.kind, ScoreKind::Categorical { .. }));
    let mut select = conn.prepare_cached(
        "select r.pk, r.is_root, r.deleted, r.counted, r.line, r.xact, v.state from row r \
         left join review v on v.object_type = ?1 and v.object_id = ?2 and v.row_id = r.id \
         where +r.object_type = ?1 and +r.object_id = ?2 and r.pk > ?3 and r.pk <= ?5 and (r.overlay is not null or r.counted is not null \
           or exists (select 1 from row_score s where s.row = r.pk and s.score in (select value from json_each(?4)))) \
         order by r.pk",
    )?;
    let mut rows = select.query(params![
        object_type_number(object.object_type),
        object.object_id.as_bytes(),
        after,
        bulk::json_list(with_options.map(|score| &score.name)),
        after + STEP,
    ])?;
    let mut delta = Counters::new();
    while let Some(row) = rows.next()? {
        let state: Option<ReviewState> = stored::optional_json(row, "state")?;
        let xact = XactId(row.get("xact")?); // nobody wrote anything
        delta.merge(&settle(conn, object, row, state.as_ref(), scores, xact)?);
    }
    let mut further = conn.prepare_cached("select exists (select 1 from row where pk > ?)")?;
    let more: bool = further.query_row([after + STEP], |row| row.get(0))?;
    Ok((delta, more.then_some(after + STEP)))
}

/// Derives a stored row anew, stores what follows, and returns how it moves the counters.
fn settle(
    conn: &Connection,
    object: ObjectRef,
    row: &Row<'_>,
    state: Option<&ReviewState>,
    scores: &[Score],
    xact: XactId,
) -> Result<Counters, StoreError> {
    let line: LoggedLine = stored::json(row, "line")?;
    let (pk, is_root, deleted): (i64, bool, bool) = (row.get("pk")?, row.get("is_root")?, row.get("deleted")?);
    let before = stored::counted(row, &line)?;
    let derived = measure::derive(&line, is_root, deleted, state, scores);
    conn.prepare_cached("update row set xact = ?, status = ?, overlay = ?, counted = ? where pk = ?")?.execute(
        params![
            xact.0,
            state.map_or(ReviewStatus::None, |state| state.status.value).as_str(),
            derived.overlay.as_ref().map(row_columns::to_json).transpose()?,
            row_columns::counted_text(&derived),
            pk,
        ],
    )?;
    replace_scores(conn, object, pk, &derived.scores)?;
    Ok(derived.counted.minus(&before))
}

/// So that the deletion of a comment, which names only the comment, finds its row.
fn remember_comments(
    conn: &Connection,
    object: ObjectRef,
    row_id: &str,
    state: &ReviewState,
) -> Result<(), StoreError> {
    if state.comments.is_empty() {
        return Ok(());
    }
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
