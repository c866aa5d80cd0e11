//! Counters, moved by differences, and what an index answers better than a counter.

use async_trait::async_trait;
use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::metric::{CounterKey, Counters, Extremes};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewStatus;
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgExecutor, PgPool};

use super::reviews::{object_type_from, object_type_number};
use super::rows::Deltas;
use super::{ONE_MOMENT, PostgresStore};
use crate::domain::rows::ProjectNumbers;
use crate::domain::store::{MetricSnapshot, MetricStore, ReviewCounts, StoreError};

/// Adds differences to the stored counters, in the order of their keys.
pub(super) async fn add_counters(conn: &mut PgConnection, deltas: &Deltas) -> Result<(), StoreError> {
    let moved = || deltas.iter().flat_map(|(object, delta)| delta.iter().map(move |(key, n)| (object, key, n)));
    if moved().next().is_none() {
        return Ok(());
    }
    sqlx::query(
        "insert into metric_counter (object_type, object_id, key, value) \
         select * from unnest($1::smallint[], $2::uuid[], $3::text[], $4::bigint[]) \
         on conflict (object_type, object_id, key) do update set value = metric_counter.value + excluded.value",
    )
    .bind(moved().map(|(object, ..)| object_type_number(object.object_type)).collect::<Vec<_>>())
    .bind(moved().map(|(object, ..)| object.object_id).collect::<Vec<_>>())
    .bind(moved().map(|(_, key, _)| key.to_text()).collect::<Vec<_>>())
    .bind(moved().map(|(_, _, n)| *n).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn counters(reader: impl PgExecutor<'_>, object: ObjectRef) -> Result<Counters, StoreError> {
    let rows = sqlx::query("select key, value from metric_counter where object_type = $1 and object_id = $2")
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .fetch_all(reader)
        .await?;
    let counts = rows.iter().map(|row| {
        let text: &str = row.try_get("key")?;
        let key = CounterKey::from_text(text);
        let key = key.ok_or_else(|| StoreError::Corrupt { what: "counter", detail: text.to_owned() })?;
        Ok((key, row.try_get("value")?))
    });
    counts.collect()
}

/// By two steps into the index for each score, however many rows there are.
pub(super) async fn extremes(reader: impl PgExecutor<'_>, object: ObjectRef) -> Result<Extremes, StoreError> {
    let rows = sqlx::query(
        "with recursive names (score) as ( \
           select min(score) from row_score where object_type = $1 and object_id = $2 \
           union all \
           select (select min(s.score) from row_score s where s.object_type = $1 and s.object_id = $2 and s.score > names.score) \
           from names where names.score is not null) \
         select score, \
           (select min(value) from row_score s where s.object_type = $1 and s.object_id = $2 and s.score = names.score) as low, \
           (select max(value) from row_score s where s.object_type = $1 and s.object_id = $2 and s.score = names.score) as high \
         from names where score is not null",
    )
    .bind(object_type_number(object.object_type))
    .bind(object.object_id)
    .fetch_all(reader)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("score")?, (row.try_get("low")?, row.try_get("high")?)))).collect()
}

pub(super) async fn project_numbers(
    readers: &PgPool,
    project: ProjectId,
    since: Moment,
) -> Result<ProjectNumbers, StoreError> {
    let counted = counters(readers, ObjectRef::logs(project)).await?;
    let row = sqlx::query(
        "select (select count(*) from row where object_type = 0 and object_id = $1 and is_root and not deleted and created_at >= $2) \
           as recent, \
         (select max(created_at) from row where object_type = 0 and object_id = $1 and is_root and not deleted) as last",
    )
    .bind(project.0)
    .bind(since.0)
    .fetch_one(readers)
    .await?;
    let status = |status| counted.get(&CounterKey::Status(status));
    Ok(ProjectNumbers {
        traces: counted.get(&CounterKey::Traces),
        traces_since: row.try_get("recent")?,
        awaiting: status(ReviewStatus::Awaiting),
        in_progress: status(ReviewStatus::InProgress),
        complete: status(ReviewStatus::Complete),
        last_activity: row.try_get::<Option<i64>, _>("last")?.map(Moment),
    })
}

#[async_trait]
impl MetricStore for PostgresStore {
    async fn metrics(&self, object: ObjectRef) -> Result<MetricSnapshot, StoreError> {
        // One transaction: the counters are exactly those of the batch whose number goes with them.
        let mut read = self.readers.begin_with(ONE_MOMENT).await?;
        let sequence = sqlx::query_scalar("select sequence from progress").fetch_one(&mut *read).await?;
        let counters = counters(&mut *read, object).await?;
        let extremes = extremes(&mut *read, object).await?;
        read.commit().await?;
        Ok(MetricSnapshot { counters, extremes, sequence })
    }

    async fn review_counts(&self, project: ProjectId) -> Result<ReviewCounts, StoreError> {
        // Texts of keys: a quote is followed by the next character, so these are all of the two kinds.
        let rows = sqlx::query(
            "select m.object_type, m.key, sum(m.value)::bigint as value from ( \
               select 0::smallint as object_type, $1::uuid as id union all \
               select object_type, id from object where project_id = $1 and deleted_at is null) o \
             join metric_counter m on m.object_type = o.object_type and m.object_id = o.id \
               and (m.key >= '{\"status\"' and m.key < '{\"status#' or m.key >= '{\"waiting\"' and m.key < '{\"waiting#') \
             group by 1, 2",
        )
        .bind(project.0)
        .fetch_all(&self.readers)
        .await?;
        let mut counts = ReviewCounts::new();
        for row in &rows {
            let text: &str = row.try_get("key")?;
            let key = CounterKey::from_text(text);
            let key = key.ok_or_else(|| StoreError::Corrupt { what: "counter", detail: text.to_owned() })?;
            let object_type = object_type_from(row.try_get("object_type")?)?;
            counts.entry(object_type).or_default().add(key, row.try_get("value")?);
        }
        Ok(counts)
    }
}
