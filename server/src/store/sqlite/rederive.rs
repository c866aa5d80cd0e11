//! Bringing stored rows in line with what changed beside them: their review, or the configuration of scores. Never reads a payload.

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::metric::Counters;
use concord_shared::review::state::{ReviewState, ReviewStatus};
use concord_shared::score::{Score, ScoreKind};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::metrics::add_counters;
use super::reviews::object_type_number;
use super::rows::counted;
use super::scores::replace_one;
use super::{bulk, row_columns};
use crate::domain::line::LoggedLine;
use crate::domain::measure;
use crate::domain::store::StoreError;

/// Brings a row in line with its review after that changed. Returns how the counters moved; nothing moves while the row has not
/// arrived, and its first write will find the review.
pub(super) async fn rederive(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    row_id: &str,
    state: &ReviewState,
    scores: &[Score],
    xact: XactId,
) -> Result<Counters, StoreError> {
    remember_comments(conn, object, row_id, state).await?;
    let row = sqlx::query(
        "select pk, is_root, root_span_id, deleted, counted, line, xact from row \
         where object_type = $1 and object_id = $2 and id = $3",
    )
    .bind(object_type_number(object.object_type))
    .bind(object.object_id.as_bytes().as_slice())
    .bind(row_id)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(Counters::new()) };
    let delta = settle(conn, object, &row, Some(state), scores, xact).await?;
    sqlx::query(
        "update trace set xact = $1 where object_type = $2 and object_id = $3 and root_span_id = $4 and xact < $1",
    )
    .bind(xact.0)
    .bind(object_type_number(object.object_type))
    .bind(object.object_id.as_bytes().as_slice())
    .bind(row.try_get::<&str, _>("root_span_id")?)
    .execute(&mut *conn)
    .await?;
    add_counters(conn, object, &delta).await?;
    Ok(delta)
}

/// Keys of one step of [`rederive_after`], of whatever object: few enough that writers behind it hardly notice.
const STEP: i64 = 500;

/// Brings rows in line with a changed configuration of scores, a step at a time, from the row after `after`. Returns how the
/// counters moved and where to go on; `None`: all rows are in line. Only rows whose derived values can depend on a
/// configuration are touched: reviewed ones, and those with a number that may have become, or ceased to be, an option.
pub(super) async fn rederive_after(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    scores: &[Score],
    after: i64,
) -> Result<(Counters, Option<i64>), StoreError> {
    let with_options = scores.iter().filter(|score| matches!(score.kind, ScoreKind::Categorical { .. }));
    let rows = sqlx::query(
        "select r.pk, r.is_root, r.deleted, r.counted, r.line, r.xact, v.state from row r \
         left join review v on v.object_type = $1 and v.object_id = $2 and v.row_id = r.id \
         where +r.object_type = $1 and +r.object_id = $2 and r.pk > $3 and r.pk <= $5 and (r.overlay is not null or r.counted is not null \
           or exists (select 1 from row_score s where s.row = r.pk and s.score in (select value from json_each($4)))) \
         order by r.pk",
    )
    .bind(object_type_number(object.object_type))
    .bind(object.object_id.as_bytes().as_slice())
    .bind(after)
    .bind(bulk::json_list(with_options.map(|score| &score.name)))
    .bind(after + STEP)
    .fetch_all(&mut *conn)
    .await?;
    let mut delta = Counters::new();
    for row in &rows {
        let state: Option<ReviewState> = row_columns::optional_json(row, "state")?;
        let xact = XactId(row.try_get("xact")?); // nobody wrote anything
        delta.merge(&settle(conn, object, row, state.as_ref(), scores, xact).await?);
    }
    add_counters(conn, object, &delta).await?;
    let more: bool = sqlx::query_scalar("select exists (select 1 from row where pk > $1)")
        .bind(after + STEP)
        .fetch_one(conn)
        .await?;
    Ok((delta, more.then_some(after + STEP)))
}

/// Derives a stored row anew, stores what follows, and returns how it moves the counters.
async fn settle(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    row: &SqliteRow,
    state: Option<&ReviewState>,
    scores: &[Score],
    xact: XactId,
) -> Result<Counters, StoreError> {
    let line: LoggedLine = row_columns::json(row, "line")?;
    let (pk, is_root, deleted): (i64, bool, bool) =
        (row.try_get("pk")?, row.try_get("is_root")?, row.try_get("deleted")?);
    let before = counted(row)?;
    let derived = measure::derive(&line, is_root, deleted, state, scores);
    sqlx::query("update row set xact = $1, status = $2, overlay = $3, counted = $4 where pk = $5")
        .bind(xact.0)
        .bind(state.map_or(ReviewStatus::None, |state| state.status.value).as_str())
        .bind(derived.overlay.as_ref().map(row_columns::to_json).transpose()?)
        .bind(row_columns::counted_text(&derived))
        .bind(pk)
        .execute(&mut *conn)
        .await?;
    replace_one(conn, object, pk, &derived.scores).await?;
    Ok(derived.counted.minus(&before))
}

/// So that the deletion of a comment, which names only the comment, finds its row.
async fn remember_comments(
    conn: &mut SqliteConnection,
    object: ObjectRef,
    row_id: &str,
    state: &ReviewState,
) -> Result<(), StoreError> {
    if state.comments.is_empty() {
        return Ok(());
    }
    let ids = bulk::json_list(state.comments.keys());
    sqlx::query(
        "insert into row_comment (object_type, object_id, comment_id, row_id) select $1, $2, value, $4 from json_each($3) where true \
         on conflict do nothing",
    )
    .bind(object_type_number(object.object_type))
    .bind(object.object_id.as_bytes().as_slice())
    .bind(ids)
    .bind(row_id)
    .execute(conn)
    .await?;
    Ok(())
}
