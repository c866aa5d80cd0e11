//! Counters, moved by differences, and what an index answers better than a counter.

use async_trait::async_trait;
use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::metric::{CounterKey, Counters, Extremes};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewStatus;
use rusqlite::{Connection, params};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteExecutor, SqlitePool};

use super::SqliteStore;
use super::reviews::{object_type_from, object_type_number};
use crate::domain::rows::ProjectNumbers;
use crate::domain::store::{MetricSnapshot, MetricStore, ReviewCounts, StoreError};

/// Adds differences to the stored counters.
pub(super) fn add_counters(conn: &Connection, object: ObjectRef, delta: &Counters) -> Result<(), StoreError> {
    let mut add = conn.prepare_cached(
        "insert into metric_counter (object_type, object_id, key, value) values (?, ?, ?, ?) \
         on conflict do update set value = value + excluded.value",
    )?;
    let (object_type, object_id) = (object_type_number(object.object_type), object.object_id.as_bytes());
    for (key, n) in delta.iter() {
        add.execute(params![object_type, object_id, key.to_text(), n])?;
    }
    Ok(())
}

pub(super) async fn counters(reader: impl SqliteExecutor<'_>, object: ObjectRef) -> Result<Counters, StoreError> {
    let rows = sqlx::query("select key, value from metric_counter where object_type = $1 and object_id = $2")
        .bind(object_type_number(object.object_type))
        .bind(object.object_id.as_bytes().as_slice())
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
pub(super) async fn extremes(reader: impl SqliteExecutor<'_>, object: ObjectRef) -> Result<Extremes, StoreError> {
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
    .bind(object.object_id.as_bytes().as_slice())
    .fetch_all(reader)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("score")?, (row.try_get("low")?, row.try_get("high")?)))).collect()
}

pub(super) async fn project_numbers(
    readers: &SqlitePool,
    project: ProjectId,
    since: Moment,
) -> Result<ProjectNumbers, StoreError> {
    let counted = counters(readers, ObjectRef::logs(project)).await?;
    let row = sqlx::query(
        "select (select count(*) from row where object_type = 0 and object_id = $1 and is_root = 1 and deleted = 0 and created_at >= $2) \
           as recent, \
         (select max(created_at) from row where object_type = 0 and object_id = $1 and is_root = 1 and deleted = 0) as last",
    )
    .bind(project.as_bytes())
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
impl MetricStore for SqliteStore {
    async fn metrics(&self, object: ObjectRef) -> Result<MetricSnapshot, StoreError> {
        // One transaction: the counters are exactly those of the batch whose number goes with them.
        let mut read = self.readers.begin().await?;
        let sequence = sqlx::query_scalar("select sequence from progress").fetch_one(&mut *read).await?;
        let counters = counters(&mut *read, object).await?;
        let extremes = extremes(&mut *read, object).await?;
        Ok(MetricSnapshot { counters, extremes, sequence })
    }

    async fn review_counts(&self, project: ProjectId) -> Result<ReviewCounts, StoreError> {
        // Texts of keys: a quote is followed by the next character, so these are all of the two kinds.
        let rows = sqlx::query(
            "select m.object_type, m.key, sum(m.value) as value from ( \
               select 0 as object_type, $1 as id union all \
               select object_type, id from object where project_id = $1 and deleted_at is null) o \
             cross join metric_counter m on m.object_type = o.object_type and m.object_id = o.id \
               and (m.key >= '{\"status\"' and m.key < '{\"status#' or m.key >= '{\"waiting\"' and m.key < '{\"waiting#') \
             group by 1, 2",
        )
        .bind(project.as_bytes())
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
