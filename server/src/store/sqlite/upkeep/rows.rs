//! Reading rows and traces with what is derived from them.

use concord_shared::ids::{ObjectType, ProjectId, Revision, XactId};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::super::reviews::{object_type_number, optional_uuid};
use super::SqliteUpkeep;
use super::inspect::object;
use crate::domain::store::StoreError;
use crate::domain::upkeep::{
    DerivedRecord, LoggedRecord, RowRecord, RowReviewRecord, TraceKey, TraceRecord, TraceSums,
};
use crate::domain::version;

impl SqliteUpkeep {
    pub(super) async fn row_page(&mut self, after: i64, limit: u32) -> Result<Vec<RowRecord>, StoreError> {
        let rows = sqlx::query(
            "select r.*, v.revision, v.state, o.project_id as of_project from row r left join review v \
               on v.object_type = r.object_type and v.object_id = r.object_id and v.row_id = r.id \
             left join object o on o.id = r.object_id and o.object_type = r.object_type \
             where r.pk > $1 order by r.pk limit $2",
        )
        .bind(after)
        .bind(limit)
        .fetch_all(&mut self.conn)
        .await?;
        let mut records = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = records.last().map(|record| record.place) else { return Ok(records) };
        // As numbers: SQLite writes JSON with 15 digits, and a number may need 17.
        let scores = "select row, score, value, source from row_score where row > $1 and row <= $2 order by row, score";
        for row in sqlx::query(scores).bind(after).bind(last).fetch_all(&mut self.conn).await? {
            let place: i64 = row.try_get("row")?;
            // One without its row is found as a stray.
            let Ok(index) = records.binary_search_by_key(&place, |record| record.place) else { continue };
            let score = (row.try_get("score")?, row.try_get("value")?, row.try_get("source")?);
            records[index].derived.scores.push(score);
        }
        let labels = "select c.row, case when l.object_type = r.object_type and l.object_id = r.object_id then l.text \
             else '?' || l.text end as text from label l join row_label c on c.label = l.id join row r on r.pk = c.row \
             where c.row > $1 and c.row <= $2";
        for row in sqlx::query(labels).bind(after).bind(last).fetch_all(&mut self.conn).await? {
            let place: i64 = row.try_get("row")?;
            let Ok(index) = records.binary_search_by_key(&place, |record| record.place) else { continue };
            records[index].derived.labels.push(row.try_get("text")?);
        }
        let last = "select * from row_version where object_id = $1 and id = $2 order by xact desc limit 1";
        for record in records.iter_mut().filter(|record| version::is_kept(record.object)) {
            let found = sqlx::query(last).bind(record.object.object_id.as_bytes().as_slice()).bind(&record.logged.id);
            record.version = found.fetch_optional(&mut self.conn).await?.as_ref().map(logged).transpose()?;
        }
        Ok(records)
    }

    pub(super) async fn trace_page(
        &mut self,
        after: Option<&TraceKey>,
        limit: u32,
    ) -> Result<Vec<TraceRecord>, StoreError> {
        // Both halves walk an index in its order and stop at the limit.
        let rows = sqlx::query(
            "with keys as ( \
               select * from (select object_type, object_id, root_span_id from trace \
                 where $1 is null or (object_type, object_id, root_span_id) > ($1, $2, $3) order by 1, 2, 3 limit $4) \
               union \
               select * from (select distinct object_type, object_id, root_span_id from row \
                 where $1 is null or (object_type, object_id, root_span_id) > ($1, $2, $3) order by 1, 2, 3 limit $4) \
               order by 1, 2, 3 limit $4) \
             select k.object_type, k.object_id, k.root_span_id, t.spans, t.errors, t.tokens, t.cost, t.xact, \
               count(r.pk) filter (where r.deleted = 0) as r_spans, \
               coalesce(sum(r.has_error) filter (where r.deleted = 0), 0) as r_errors, \
               coalesce(sum(r.tokens) filter (where r.deleted = 0 and r.kind = 'llm'), 0) as r_tokens, \
               coalesce(sum(r.cost) filter (where r.deleted = 0 and r.kind = 'llm'), 0) as r_cost, \
               max(r.xact) as r_xact \
             from keys k \
             left join trace t on t.object_type = k.object_type and t.object_id = k.object_id \
               and t.root_span_id = k.root_span_id \
             left join row r on r.object_type = k.object_type and r.object_id = k.object_id \
               and r.root_span_id = k.root_span_id \
             group by k.object_type, k.object_id, k.root_span_id order by 1, 2, 3",
        )
        .bind(after.map(|key| object_type_number(key.object.object_type)))
        .bind(after.map(|key| key.object.object_id.as_bytes().as_slice()))
        .bind(after.map(|key| key.root_span_id.as_str()))
        .bind(limit)
        .fetch_all(&mut self.conn)
        .await?;
        rows.iter().map(trace).collect()
    }
}

fn record(row: &SqliteRow) -> Result<RowRecord, StoreError> {
    let object = object(row)?;
    let project = match object.object_type {
        ObjectType::ProjectLogs => ProjectId(object.object_id),
        ObjectType::Experiment | ObjectType::Dataset => {
            let project = optional_uuid(row, "of_project")?;
            let homeless = || StoreError::Corrupt { what: "object", detail: format!("{object} is of no project") };
            ProjectId(project.ok_or_else(homeless)?)
        }
    };
    let review = match row.try_get::<Option<String>, _>("state")? {
        Some(state) => Some(RowReviewRecord { revision: Revision(row.try_get::<i64, _>("revision")? as u64), state }),
        None => None,
    };
    Ok(RowRecord {
        place: row.try_get("pk")?,
        project,
        object,
        logged: logged(row)?,
        derived: DerivedRecord {
            is_root: row.try_get("is_root")?,
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            model: row.try_get("model")?,
            duration: row.try_get("duration")?,
            tokens: row.try_get("tokens")?,
            cost: row.try_get("cost")?,
            has_error: row.try_get("has_error")?,
            status: row.try_get("status")?,
            line: row.try_get("line")?,
            overlay: row.try_get("overlay")?,
            counted: row.try_get("counted")?,
            scores: Vec::new(),
            labels: Vec::new(),
        },
        review,
        version: None,
    })
}

/// What a row and a version of it have in common.
fn logged(row: &SqliteRow) -> Result<LoggedRecord, StoreError> {
    Ok(LoggedRecord {
        id: row.try_get("id")?,
        span_id: row.try_get("span_id")?,
        root_span_id: row.try_get("root_span_id")?,
        span_parents: row.try_get("span_parents")?,
        created: Moment(row.try_get("created_at")?),
        deleted: row.try_get("deleted")?,
        logged: row.try_get("logged")?,
    })
}

fn trace(row: &SqliteRow) -> Result<TraceRecord, StoreError> {
    let stored = match row.try_get::<Option<i64>, _>("xact")? {
        Some(xact) => {
            let sums = TraceSums {
                spans: row.try_get("spans")?,
                errors: row.try_get("errors")?,
                tokens: row.try_get("tokens")?,
                cost: row.try_get("cost")?,
            };
            Some((sums, XactId(xact)))
        }
        None => None,
    };
    Ok(TraceRecord {
        key: TraceKey { object: object(row)?, root_span_id: row.try_get("root_span_id")? },
        stored,
        counted: TraceSums {
            spans: row.try_get("r_spans")?,
            errors: row.try_get("r_errors")?,
            tokens: row.try_get("r_tokens")?,
            cost: row.try_get("r_cost")?,
        },
        last: row.try_get::<Option<i64>, _>("r_xact")?.map(XactId),
    })
}
