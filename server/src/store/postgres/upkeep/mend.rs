//! Writing anew what is derived.

use async_trait::async_trait;
use concord_shared::ids::ObjectRef;
use concord_shared::metric::Counters;
use sqlx::Connection as _;

use super::super::reviews::object_type_number;
use super::super::row_columns::to_json;
use super::PostgresUpkeep;
use crate::domain::line::billionths_of_dollars;
use crate::domain::store::StoreError;
use crate::domain::upkeep::{Mend, ReviewMend, RowMend, TraceMend};

#[async_trait]
impl Mend for PostgresUpkeep {
    async fn mend_reviews(&mut self, reviews: &[ReviewMend]) -> Result<(), StoreError> {
        for review in reviews {
            sqlx::query("update review set status = $2, state = $3 where document_id = $1")
                .bind(review.key.document.0)
                .bind(review.status.as_str())
                .bind(review.state.as_str())
                .execute(&mut self.conn)
                .await?;
            if let Some((snapshot, revision)) = &review.snapshot {
                sqlx::query("update review set snapshot = $2, snapshot_revision = $3 where document_id = $1")
                    .bind(review.key.document.0)
                    .bind(snapshot.as_slice())
                    .bind(revision.0 as i64)
                    .execute(&mut self.conn)
                    .await?;
            }
            self.mend_comments(review).await?;
        }
        Ok(())
    }

    async fn mend_rows(&mut self, rows: &[RowMend]) -> Result<(), StoreError> {
        for row in rows {
            self.mend_row(row).await?;
        }
        Ok(())
    }

    async fn mend_traces(&mut self, traces: &[TraceMend]) -> Result<(), StoreError> {
        for trace in traces {
            sqlx::query(
                "insert into trace (object_type, object_id, root_span_id, xact, spans, errors, tokens, cost, model) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, (select model from row where object_type = $1 and object_id = $2 \
                   and root_span_id = $3 and not deleted and kind = 'llm' and model is not null order by xact desc, pk desc limit 1)) \
                 on conflict (object_type, object_id, root_span_id) do update set xact = excluded.xact, spans = excluded.spans, errors = excluded.errors, \
                   tokens = excluded.tokens, cost = excluded.cost, model = coalesce(trace.model, excluded.model)",
            )
            .bind(object_type_number(trace.key.object.object_type))
            .bind(trace.key.object.object_id)
            .bind(trace.key.root_span_id.as_str())
            .bind(trace.xact.0)
            .bind(trace.sums.spans)
            .bind(trace.sums.errors)
            .bind(trace.sums.tokens)
            .bind(trace.sums.cost)
            .execute(&mut self.conn)
            .await?;
        }
        Ok(())
    }

    async fn mend_counters(&mut self, object: ObjectRef, counters: &Counters) -> Result<(), StoreError> {
        sqlx::query("delete from metric_counter where object_type = $1 and object_id = $2")
            .bind(object_type_number(object.object_type))
            .bind(object.object_id)
            .execute(&mut self.conn)
            .await?;
        for (key, value) in counters.iter() {
            sqlx::query("insert into metric_counter (object_type, object_id, key, value) values ($1, $2, $3, $4)")
                .bind(object_type_number(object.object_type))
                .bind(object.object_id)
                .bind(key.to_text())
                .bind(value)
                .execute(&mut self.conn)
                .await?;
        }
        Ok(())
    }

    async fn sweep(&mut self) -> Result<u64, StoreError> {
        let swept = sqlx::query(
            "delete from row_score where not exists (select 1 from row r where r.pk = row_score.row \
             and r.object_type = row_score.object_type and r.object_id = row_score.object_id)",
        )
        .execute(&mut self.conn)
        .await?;
        let labels = sqlx::query(
            "delete from row_label where not exists (select 1 from row r join label l on l.object_type = r.object_type \
             and l.object_id = r.object_id where r.pk = row_label.row and l.id = row_label.label)",
        )
        .execute(&mut self.conn)
        .await?;
        Ok(swept.rows_affected() + labels.rows_affected())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), StoreError> {
        // The next server makes them anew.
        sqlx::query("delete from row_text").execute(&mut self.conn).await?;
        sqlx::query("commit").execute(&mut self.conn).await?;
        Ok(self.conn.close().await?)
    }
}

impl PostgresUpkeep {
    async fn mend_comments(&mut self, review: &ReviewMend) -> Result<(), StoreError> {
        let object = review.key.object;
        sqlx::query(
            "insert into row_comment (object_type, object_id, comment_id, row_id) select $1, $2, comment, $4 \
             from unnest($3::text[]) as comment on conflict do nothing",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(&review.comments)
        .bind(review.key.row_id.as_str())
        .execute(&mut self.conn)
        .await?;
        sqlx::query(
            "delete from row_comment where object_type = $1 and object_id = $2 and row_id = $4 \
             and comment_id <> all($3)",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(&review.comments)
        .bind(review.key.row_id.as_str())
        .execute(&mut self.conn)
        .await?;
        Ok(())
    }

    async fn mend_row(&mut self, row: &RowMend) -> Result<(), StoreError> {
        sqlx::query(
            "update row set is_root = $2, name = $3, kind = $4, model = $5, duration = $6, tokens = $7, cost = $8, \
             has_error = $9, status = $10, line = $11, overlay = $12, counted = $13 where pk = $1",
        )
        .bind(row.place)
        .bind(row.is_root)
        .bind(row.line.name.as_deref())
        .bind(row.line.kind.as_deref())
        .bind(row.line.model.as_deref())
        .bind(row.line.duration)
        .bind(row.line.tokens)
        .bind(row.line.cost.map(billionths_of_dollars))
        .bind(row.line.error.is_some())
        .bind(row.status.as_str())
        .bind(to_json(&row.line)?)
        .bind(row.overlay.as_ref().map(to_json).transpose()?)
        .bind(row.counted.as_deref())
        .execute(&mut self.conn)
        .await?;
        sqlx::query("delete from row_score where row = $1").bind(row.place).execute(&mut self.conn).await?;
        for score in &row.scores {
            sqlx::query(
                "insert into row_score (row, score, object_type, object_id, value, source) values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(row.place)
            .bind(score.score.as_str())
            .bind(object_type_number(row.object.object_type))
            .bind(row.object.object_id)
            .bind(score.value)
            .bind(score.source.as_str())
            .execute(&mut self.conn)
            .await?;
        }
        sqlx::query("delete from row_label where row = $1").bind(row.place).execute(&mut self.conn).await?;
        for text in &row.labels {
            sqlx::query("insert into label (object_type, object_id, text) values ($1, $2, $3) on conflict do nothing")
                .bind(object_type_number(row.object.object_type))
                .bind(row.object.object_id)
                .bind(text.as_str())
                .execute(&mut self.conn)
                .await?;
            sqlx::query(
                "insert into row_label (label, row) select id, $4 from label \
                 where object_type = $1 and object_id = $2 and text = $3",
            )
            .bind(object_type_number(row.object.object_type))
            .bind(row.object.object_id)
            .bind(text.as_str())
            .bind(row.place)
            .execute(&mut self.conn)
            .await?;
        }
        Ok(())
    }
}
