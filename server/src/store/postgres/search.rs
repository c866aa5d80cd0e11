//! Searching. The planner of the database chooses which table leads.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use concord_shared::ids::ObjectRef;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::{QueryBuilder, Row as _};
use tokio::time::timeout;

use super::PostgresStore;
use super::reviews::object_type_number;
use super::traces::{full_row, trace_line};
use crate::domain::rows::{FullRow, TraceLine};
use crate::domain::search::sieve::{Leaf, Range};
use crate::domain::search::{Label, SearchStore, Sieve, Sifted, Volume, terms};
use crate::domain::store::StoreError;

/// How long a search may go on after its deadline, which only ends it between two statements elsewhere.
const GRACE: Duration = Duration::from_secs(5);

/// Begins a search: rows of the object with their labels, by place.
fn select(columns: &str, object: ObjectRef, sieve: &Sieve) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(columns);
    query.push(
        " from label a join row_label c on c.label = a.id join row r on r.pk = c.row \
         left join review v on v.object_type = r.object_type and v.object_id = r.object_id and v.row_id = r.id \
         where a.object_type = ",
    );
    query.push_bind(object_type_number(object.object_type)).push(" and a.object_id = ").push_bind(object.object_id);
    query.push(" and a.text = ").push_bind(Label::Row.to_text());
    query.push(" and ");
    condition(&mut query, object, sieve);
    query
}

fn condition(query: &mut QueryBuilder<Postgres>, object: ObjectRef, sieve: &Sieve) {
    let mut all = |parts: &[Sieve], between: &str, none: &str| {
        if parts.is_empty() {
            query.push(none);
        }
        for (index, part) in parts.iter().enumerate() {
            query.push(if index == 0 { "(" } else { between });
            condition(query, object, part);
        }
        if !parts.is_empty() {
            query.push(")");
        }
    };
    match sieve {
        Sieve::All => drop(query.push("true")),
        Sieve::And(parts) => all(parts, " and ", "true"),
        Sieve::Or(parts) => all(parts, " or ", "false"),
        Sieve::Is(leaf) => is(query, object, leaf),
        Sieve::Not(leaf) => {
            query.push("not ");
            is(query, object, leaf);
        }
    }
}

fn is(query: &mut QueryBuilder<Postgres>, object: ObjectRef, leaf: &Leaf) {
    match leaf {
        Leaf::Term(term) => {
            let column = if term.starts_with(terms::COMMENT) { "comments" } else { "terms" };
            query.push(format!("c.row in (select t.row from row_text t where t.{column} @@ "));
            // Letters and digits; rows of too many terms are in every answer.
            query.push_bind(format!("'{term}' | '{}'", terms::MORE)).push("::tsquery)");
        }
        Leaf::Label(label) => {
            query.push("exists (select 1 from label l join row_label b on b.label = l.id and b.row = c.row where l.object_type = ");
            query.push_bind(object_type_number(object.object_type)).push(" and l.object_id = ");
            query.push_bind(object.object_id).push(" and l.text = ").push_bind(label.to_text()).push(")");
        }
        Leaf::Score { name, range } => {
            query.push("exists (select 1 from row_score s where s.row = c.row and s.score = ").push_bind(name.clone());
            let Range { low, high } = *range;
            for (end, open, closed) in [(low, ">", ">="), (high, "<", "<=")] {
                if let Some((number, within)) = end {
                    query.push(format!(" and s.value {} ", if within { closed } else { open })).push_bind(number);
                }
            }
            query.push(")");
        }
        Leaf::Created(moments) => {
            query.push("r.created_at between ").push_bind(moments.from.0).push(" and ").push_bind(moments.to.0);
        }
    }
}

const COLUMNS: &str = "select r.pk, r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.xact, r.deleted, r.logged, \
     v.document_id, v.revision, v.state";

fn placed(row: &PgRow) -> Result<(i64, FullRow), StoreError> {
    Ok((row.try_get("pk")?, full_row(row)?))
}

#[async_trait]
impl SearchStore for PostgresStore {
    async fn sift(
        &self,
        object: ObjectRef,
        sieve: &Sieve,
        before: i64,
        limit: u32,
        deadline: Instant,
    ) -> Result<Sifted, StoreError> {
        let mut query = select(COLUMNS, object, sieve);
        query.push(" and c.row < ").push_bind(before).push(" order by c.row desc limit ").push_bind(i64::from(limit));
        let left = deadline.saturating_duration_since(Instant::now()) + GRACE;
        let rows = timeout(left, query.build().fetch_all(&self.readers)).await.map_err(|_| {
            StoreError::Unavailable("the search takes too long; ask for less, such as a shorter time".into())
        })??;
        let rows: Vec<_> = rows.iter().map(placed).collect::<Result<_, _>>()?;
        let next = rows.last().filter(|_| rows.len() == limit as usize).map(|(place, _)| *place);
        Ok(Sifted { rows, next })
    }

    async fn trace_lines(&self, object: ObjectRef, roots: &[String]) -> Result<Vec<TraceLine>, StoreError> {
        let rows = sqlx::query(
            "select r.pk, r.id, r.span_id, r.root_span_id, r.span_parents, r.created_at, r.line, r.overlay, v.document_id, \
             t.spans, t.errors, t.tokens as trace_tokens, t.cost as trace_cost, t.model as trace_model \
             from unnest($3::text[]) with ordinality w (root, place) \
             join row r on r.object_type = $1 and r.object_id = $2 and r.root_span_id = w.root and r.is_root and not r.deleted \
             left join trace t on t.object_type = $1 and t.object_id = $2 and t.root_span_id = r.root_span_id \
             left join review v on v.object_type = $1 and v.object_id = $2 and v.row_id = r.id order by w.place, r.pk",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(roots)
        .fetch_all(&self.readers)
        .await?;
        let mut lines: Vec<TraceLine> = rows.iter().map(trace_line).collect::<Result<_, _>>()?;
        // A trace of several roots is shown by its first.
        lines.dedup_by(|next, first| next.root.spans.root_span_id == first.root.spans.root_span_id);
        Ok(lines)
    }

    async fn labels(
        &self,
        object: ObjectRef,
        prefix: &str,
        limit: u32,
        most: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query(
            "select l.text, (select count(*) from (select 1 from row_label b where b.label = l.id limit $1) n) as rows from label l \
             where l.object_type = $2 and l.object_id = $3 and starts_with(l.text, $4) order by l.text limit $5",
        )
        .bind(i64::from(most))
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(prefix)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        let labels = rows.iter().map(|row| Ok((row.try_get("text")?, row.try_get::<i64, _>("rows")?.unsigned_abs())));
        let labels: Vec<(String, u64)> = labels.collect::<Result<_, StoreError>>()?;
        Ok(labels.into_iter().filter(|(_, rows)| *rows > 0).collect())
    }

    async fn volume(&self, object: ObjectRef, from: i64, width: i64, count: u32) -> Result<Vec<Volume>, StoreError> {
        let rows = sqlx::query(
            "select (created_at - $3) / $4 as place, count(*) as rows, count(*) filter (where has_error) as errors from row \
             where object_type = $1 and object_id = $2 and is_root and not deleted and created_at >= $3 and created_at < $5 group by 1",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(from)
        .bind(width)
        .bind(from.saturating_add(width.saturating_mul(i64::from(count))))
        .fetch_all(&self.readers)
        .await?;
        let mut volumes = vec![Volume::default(); count as usize];
        for row in rows {
            if let Some(volume) = volumes.get_mut(row.try_get::<i64, _>("place")? as usize) {
                *volume = Volume { rows: row.try_get("rows")?, errors: row.try_get("errors")? };
            }
        }
        Ok(volumes)
    }

    async fn span_of_time(&self, object: ObjectRef) -> Result<Option<(i64, i64)>, StoreError> {
        let row = sqlx::query(
            "select min(created_at) as first, max(created_at) as last from row \
             where object_type = $1 and object_id = $2 and is_root and not deleted",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get::<Option<i64>, _>("first")?.zip(row.try_get("last")?))
    }
}
