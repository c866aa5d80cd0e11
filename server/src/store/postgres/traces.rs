//! Reading rows and traces.

use std::collections::BTreeMap;

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, OrganizationId, ProjectId, Revision, XactId};
use concord_shared::metric::{Counters, Extremes};
use concord_shared::moment::Moment;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use super::reviews::object_type_number;
use super::text::plain;
use super::{ONE_MOMENT, PostgresStore, metrics, row_columns};
use crate::domain::rows::{
    FETCH_BYTES, Fetched, FullRow, Order, Outcome, ProjectNumbers, RowLine, RowReview, RowStore, TraceDetail, TraceKey,
    TraceLine,
};
use crate::domain::store::StoreError;

/// A fetch ends with the trace that makes it longer than this: what a client and we can hold at once.
const FETCH_ROWS: usize = 10_000;

#[async_trait]
impl RowStore for PostgresStore {
    async fn traces(
        &self,
        object: ObjectRef,
        order: Order,
        after: Option<TraceKey>,
        limit: u32,
    ) -> Result<Vec<TraceLine>, StoreError> {
        let (sql, from) = match order {
            Order::Newest => (
                "select r.pk, r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.line, r.overlay, v.document_id, \
                 t.spans, t.errors, t.tokens as trace_tokens, t.cost as trace_cost, t.model as trace_model \
                 from row r \
                 left join trace t on t.object_type = $1 and t.object_id = $2 and t.root_span_id = r.root_span_id \
                 left join review v on v.object_type = $1 and v.object_id = $2 and v.row_id = r.id \
                 where r.object_type = $1 and r.object_id = $2 and r.is_root and not r.deleted and (r.created_at, r.pk) < ($3, $4) \
                 order by r.created_at desc, r.pk desc limit $5",
                TraceKey { created: Moment(i64::MAX), place: i64::MAX },
            ),
            Order::Oldest => (
                "select r.pk, r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.line, r.overlay, v.document_id, \
                 t.spans, t.errors, t.tokens as trace_tokens, t.cost as trace_cost, t.model as trace_model \
                 from row r \
                 left join trace t on t.object_type = $1 and t.object_id = $2 and t.root_span_id = r.root_span_id \
                 left join review v on v.object_type = $1 and v.object_id = $2 and v.row_id = r.id \
                 where r.object_type = $1 and r.object_id = $2 and r.is_root and not r.deleted and (r.created_at, r.pk) > ($3, $4) \
                 order by r.created_at, r.pk limit $5",
                TraceKey { created: Moment(i64::MIN), place: i64::MIN },
            ),
        };
        let after = after.unwrap_or(from);
        let rows = sqlx::query(sql)
            .bind(object_type_number(object.object_type))
            .bind(object.object_id)
            .bind(after.created.0)
            .bind(after.place)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(trace_line).collect()
    }

    async fn outcomes(
        &self,
        object: ObjectRef,
        after: Option<TraceKey>,
        limit: u32,
        whole: bool,
    ) -> Result<Vec<(TraceKey, Outcome)>, StoreError> {
        self.outcomes_page(object, after, limit, whole).await
    }

    async fn trace_scores(
        &self,
        object: ObjectRef,
        roots: &[String],
    ) -> Result<BTreeMap<String, Vec<(String, f64)>>, StoreError> {
        self.scores_of_traces(object, roots).await
    }

    async fn trace(
        &self,
        object: ObjectRef,
        root_span_id: &str,
        limit: u32,
    ) -> Result<Option<TraceDetail>, StoreError> {
        let mut read = self.readers.begin_with(ONE_MOMENT).await?;
        let rows = sqlx::query(
            "select r.pk, r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.line, r.overlay, v.document_id \
             from row r left join review v on v.object_type = $1 and v.object_id = $2 and v.row_id = r.id \
             where r.object_type = $1 and r.object_id = $2 and r.root_span_id = $3 and not r.deleted \
             order by r.is_root desc, r.created_at, r.pk limit $4",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(plain(root_span_id))
        .bind(i64::from(limit) + 1)
        .fetch_all(&mut *read)
        .await?;
        let Some(first) = rows.first() else {
            read.commit().await?;
            return Ok(None);
        };
        let mut spans: Vec<RowLine> = rows.iter().map(row_line).collect::<Result<_, _>>()?;
        let truncated = spans.len() > limit as usize;
        spans.truncate(limit as usize);
        let mut detail = TraceDetail { spans, truncated, previous: None, next: None, position: 0 };
        if !detail.spans.first().is_some_and(|span| span.spans.span_parents.is_empty()) {
            read.commit().await?;
            return Ok(Some(detail));
        }
        let around = sqlx::query(
            "select \
             (select count(*) from row where object_type = $1 and object_id = $2 and is_root and not deleted \
                and (created_at, pk) >= ($3, $4)) as position, \
             (select root_span_id from row where object_type = $1 and object_id = $2 and is_root and not deleted \
                and (created_at, pk) > ($3, $4) order by created_at, pk limit 1) as previous, \
             (select root_span_id from row where object_type = $1 and object_id = $2 and is_root and not deleted \
                and (created_at, pk) < ($3, $4) order by created_at desc, pk desc limit 1) as next",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(first.try_get::<i64, _>("created_at")?)
        .bind(first.try_get::<i64, _>("pk")?)
        .fetch_one(&mut *read)
        .await?;
        read.commit().await?;
        detail.position = around.try_get("position")?;
        detail.previous = around.try_get("previous")?;
        detail.next = around.try_get("next")?;
        Ok(Some(detail))
    }

    async fn row(&self, object: ObjectRef, id: &str) -> Result<Option<FullRow>, StoreError> {
        let mut rows = self.rows(object, &[id.to_owned()]).await?;
        Ok(rows.remove(id))
    }

    async fn rows(&self, object: ObjectRef, ids: &[String]) -> Result<BTreeMap<String, FullRow>, StoreError> {
        let rows = sqlx::query(
            "select r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.xact, r.deleted, r.logged, v.document_id, \
             v.revision, v.state from row r \
             left join review v on v.object_type = $1 and v.object_id = $2 and v.row_id = r.id \
             where r.object_type = $1 and r.object_id = $2 and r.id = any($3) and not r.deleted",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(ids)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(full_row).map(|row| row.map(|row| (row.row.id.clone(), row))).collect()
    }

    async fn reviewed(&self, object: ObjectRef, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let reviewed = sqlx::query_scalar(
            "select row_id from review where object_type = $1 and object_id = $2 and row_id = any($3)",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(ids)
        .fetch_all(&self.readers)
        .await?;
        Ok(reviewed)
    }

    async fn places(&self, object: ObjectRef, ids: &[String]) -> Result<BTreeMap<String, i64>, StoreError> {
        let rows = sqlx::query("select id, pk from row where object_type = $1 and object_id = $2 and id = any($3)")
            .bind(object_type_number(object.object_type))
            .bind(object.object_id)
            .bind(ids)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("pk")?))).collect()
    }

    async fn locate(&self, object: ObjectRef, text: &str) -> Result<Option<RowLine>, StoreError> {
        // Three lookups, each by its own index; the first that finds something decides.
        const BY: [&str; 3] = [
            "select r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.line, r.overlay, null::uuid as document_id from row r \
             where r.object_type = $1 and r.object_id = $2 and r.id = $3 and not r.deleted",
            "select r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.line, r.overlay, null::uuid as document_id from row r \
             where r.object_type = $1 and r.object_id = $2 and r.span_id = $3 and r.span_id <> r.id and not r.deleted limit 1",
            "select r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.line, r.overlay, null::uuid as document_id from row r \
             where r.object_type = $1 and r.object_id = $2 and r.root_span_id = $3 and not r.deleted \
             order by r.is_root desc, r.created_at, r.pk limit 1",
        ];
        for sql in BY {
            let row = sqlx::query(sql)
                .bind(object_type_number(object.object_type))
                .bind(object.object_id)
                .bind(plain(text))
                .fetch_optional(&self.readers)
                .await?;
            if let Some(row) = row {
                return row_line(&row).map(Some);
            }
        }
        Ok(None)
    }

    async fn fetch(
        &self,
        object: ObjectRef,
        before: Option<(XactId, String)>,
        limit: u32,
    ) -> Result<Fetched, StoreError> {
        let (xact, root) = before.unwrap_or((XactId(i64::MAX), String::new()));
        let mut read = self.readers.begin_with(ONE_MOMENT).await?;
        let traces = sqlx::query(
            "select root_span_id, xact from trace where object_type = $1 and object_id = $2 and (xact, root_span_id) < ($3, $4) \
             and spans > 0 order by xact desc, root_span_id desc limit $5",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(xact.0)
        .bind(root)
        .bind(i64::from(limit))
        .fetch_all(&mut *read)
        .await?;
        let mut fetched = Fetched { rows: Vec::new(), traces: Vec::new(), last: None };
        let mut bytes = 0;
        for (index, trace) in traces.iter().enumerate() {
            let key = (XactId(trace.try_get("xact")?), trace.try_get::<String, _>("root_span_id")?);
            let rows = rows_of_trace(&mut read, object, &key.1).await?;
            for row in &rows {
                bytes += row.try_get::<&str, _>("logged")?.len();
                fetched.rows.push(full_row(row)?);
            }
            fetched.traces.push(key.clone());
            let full = fetched.rows.len() >= FETCH_ROWS || bytes >= FETCH_BYTES;
            if full || index + 1 == limit as usize {
                fetched.last = Some(key);
                break;
            }
        }
        read.commit().await?;
        Ok(fetched)
    }

    async fn whole_trace(&self, object: ObjectRef, root_span_id: &str) -> Result<Vec<(i64, FullRow)>, StoreError> {
        let mut read = self.readers.acquire().await?;
        let rows = rows_of_trace(&mut read, object, root_span_id).await?;
        rows.iter().map(|row| Ok((row.try_get("pk")?, full_row(row)?))).collect()
    }

    async fn traces_of_span(&self, object: ObjectRef, span_id: &str) -> Result<Vec<String>, StoreError> {
        // Spans that are named like their row are found by its identity, the others by an index of their own.
        let roots = sqlx::query_scalar(
            "select root_span_id from row r where object_type = $1 and object_id = $2 and id = $3 and span_id = id and not r.deleted \
             union select root_span_id from row r where object_type = $1 and object_id = $2 and span_id = $3 and span_id <> id \
             and not r.deleted order by 1",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(plain(span_id))
        .fetch_all(&self.readers)
        .await?;
        Ok(roots)
    }

    async fn versions(
        &self,
        object: ObjectRef,
        as_of: XactId,
        before: Option<(XactId, String)>,
        limit: u32,
    ) -> Result<Fetched, StoreError> {
        self.versions_page(object, as_of, before, limit).await
    }

    async fn comment_row(&self, object: ObjectRef, comment: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query_scalar(
            "select row_id from row_comment where object_type = $1 and object_id = $2 and comment_id = $3",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(plain(comment))
        .fetch_optional(&self.readers)
        .await?;
        Ok(row)
    }

    async fn counters(&self, object: ObjectRef) -> Result<Counters, StoreError> {
        metrics::counters(&self.readers, object).await
    }

    async fn extremes(&self, object: ObjectRef) -> Result<Extremes, StoreError> {
        metrics::extremes(&self.readers, object).await
    }

    async fn project_numbers(&self, project: ProjectId, since: Moment) -> Result<ProjectNumbers, StoreError> {
        metrics::project_numbers(&self.readers, project, since).await
    }

    async fn member_names(&self, organization: OrganizationId) -> Result<BTreeMap<MemberId, String>, StoreError> {
        let rows = sqlx::query("select id, name from member where organization_id = $1")
            .bind(organization.0)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| Ok((MemberId(row.try_get("id")?), row.try_get("name")?))).collect()
    }
}

/// Rows of a trace, the most recently written first.
async fn rows_of_trace(
    read: &mut PgConnection,
    object: ObjectRef,
    root_span_id: &str,
) -> Result<Vec<PgRow>, StoreError> {
    let rows = sqlx::query(
        "select r.pk, r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.xact, r.deleted, r.logged, \
         v.document_id, v.revision, v.state from row r \
         left join review v on v.object_type = $1 and v.object_id = $2 and v.row_id = r.id \
         where r.object_type = $1 and r.object_id = $2 and r.root_span_id = $3 and not r.deleted \
         order by r.xact desc, r.is_root desc, r.created_at, r.pk",
    )
    .bind(object_type_number(object.object_type))
    .bind(object.object_id)
    .bind(plain(root_span_id))
    .fetch_all(read)
    .await?;
    Ok(rows)
}

fn row_line(row: &PgRow) -> Result<RowLine, StoreError> {
    Ok(RowLine {
        id: row.try_get("id")?,
        spans: row_columns::spans(row)?,
        created: Moment(row.try_get("created_at")?),
        line: row_columns::json(row, "line")?,
        overlay: row_columns::optional_json(row, "overlay")?,
        document: row.try_get::<Option<Uuid>, _>("document_id")?.map(DocumentId),
    })
}

pub(super) fn trace_line(row: &PgRow) -> Result<TraceLine, StoreError> {
    let sum = |column: &str| row.try_get::<Option<i64>, _>(column).map(|sum| sum.filter(|sum| *sum > 0));
    Ok(TraceLine {
        root: row_line(row)?,
        place: row.try_get("pk")?,
        spans: sum("spans")?.unwrap_or(1),
        errors: sum("errors")?.unwrap_or(0),
        tokens: sum("trace_tokens")?,
        cost: sum("trace_cost")?.map(|cost| cost as f64 / 1e9),
        model: row.try_get("trace_model")?,
    })
}

pub(super) fn full_row(row: &PgRow) -> Result<FullRow, StoreError> {
    let review = match row.try_get("document_id")? {
        Some(document) => Some(RowReview {
            document: DocumentId(document),
            revision: Revision(row.try_get::<i64, _>("revision")? as u64),
            state: row_columns::review_state(row)?,
        }),
        None => None,
    };
    Ok(FullRow { row: row_columns::read_row(row)?, xact: XactId(row.try_get("xact")?), review })
}
