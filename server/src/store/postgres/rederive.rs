//! Rows whose derived values may depend on the configuration of scores, a step at a time. Never reads a payload.

use concord_shared::review::state::ReviewState;
use concord_shared::score::Score;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::reviews::object_type_number;
use super::row_columns::{self, Stored};
use super::rows::Key;
use crate::domain::store::{Rederive, StoreError};

/// Keys of one step, of whatever object: few enough that writers behind it hardly notice.
const STEP: i64 = 500;

/// The rows of a step, and where to go on; `None`: there are no more. Only rows whose derived values can depend on a
/// configuration are read: reviewed ones, and those with a number that may have become, or ceased to be, an option or a part of a computed score.
pub(super) async fn load(
    conn: &mut PgConnection,
    step: &Rederive,
    scores: &[Score],
) -> Result<(Vec<(Key, Stored, Option<ReviewState>)>, Option<i64>), StoreError> {
    let end = step.after + STEP;
    let decisive = scores.iter().flat_map(Score::reads);
    let rows = sqlx::query(
        "select r.pk, r.id, r.span_id, r.root_span_id, r.span_parents, r.is_root, r.kind, r.tokens, r.cost, r.has_error, \
         r.deleted, r.xact, r.counted, r.line, v.state from row r \
         left join review v on v.object_type = $1 and v.object_id = $2 and v.row_id = r.id \
         where r.object_type = $1 and r.object_id = $2 and r.pk > $3 and r.pk <= $4 \
         and (r.overlay is not null or r.counted is not null \
           or exists (select 1 from row_score s where s.row = r.pk and s.score = any($5))) \
         order by r.pk",
    )
    .bind(object_type_number(step.object.object_type))
    .bind(step.object.object_id)
    .bind(step.after)
    .bind(end)
    .bind(decisive.collect::<Vec<_>>())
    .fetch_all(&mut *conn)
    .await?;
    let read = |row| -> Result<_, StoreError> {
        let key = (step.object, row_columns::id(row)?);
        Ok((key, Stored::read(row)?, row_columns::optional_json(row, "state")?))
    };
    let rows = rows.iter().map(read).collect::<Result<_, _>>()?;
    let more = sqlx::query("select exists (select 1 from row where pk > $1) as more").bind(end).fetch_one(conn).await?;
    Ok((rows, more.try_get::<bool, _>("more")?.then_some(end)))
}
