//! What the traces of an experiment came to.

use std::collections::{BTreeMap, HashMap};

use concord_shared::ids::ObjectRef;
use concord_shared::moment::Moment;
use serde_json::Map;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::reviews::object_type_number;
use super::row_columns::optional_json;
use super::{SqliteStore, bulk};
use crate::domain::rows::{Outcome, TraceKey, trace_scores};
use crate::domain::store::StoreError;

impl SqliteStore {
    pub(super) async fn outcomes_page(
        &self,
        object: ObjectRef,
        after: Option<TraceKey>,
        limit: u32,
        whole: bool,
    ) -> Result<Vec<(TraceKey, Outcome)>, StoreError> {
        let after = after.unwrap_or(TraceKey { created: Moment(i64::MIN), place: 0 });
        let mut read = self.readers.begin().await?;
        let rows = sqlx::query(
            "select r.pk, r.root_span_id, r.created_at, r.duration, coalesce(r.tokens, nullif(t.tokens, 0)) as tokens, \
             coalesce(r.cost, nullif(t.cost, 0)) as cost, case when $6 then r.logged end as logged from row r \
             left join trace t on t.object_type = $1 and t.object_id = $2 and t.root_span_id = r.root_span_id \
             where r.object_type = $1 and r.object_id = $2 and r.is_root = 1 and r.deleted = 0 \
             and (r.created_at, r.pk) > ($3, $4) order by r.created_at, r.pk limit $5",
        )
        .bind(object_type_number(object.object_type))
        .bind(object.object_id.as_bytes().as_slice())
        .bind(after.created.0)
        .bind(after.place)
        .bind(limit)
        .bind(whole)
        .fetch_all(&mut *read)
        .await?;
        let outcomes = rows.iter().map(outcome).collect::<Result<Vec<_>, _>>()?;
        let roots: Vec<String> = outcomes.iter().map(|(root, ..)| root.clone()).collect();
        let mut scores = span_scores(&mut read, object, &roots).await?;
        let scored = |(root, key, mut outcome): (String, TraceKey, Outcome)| {
            outcome.take_scores(scores.remove(&root).unwrap_or_default());
            (key, outcome)
        };
        Ok(outcomes.into_iter().map(scored).collect())
    }

    pub(super) async fn scores_of_traces(
        &self,
        object: ObjectRef,
        roots: &[String],
    ) -> Result<BTreeMap<String, Vec<(String, f64)>>, StoreError> {
        let mut read = self.readers.acquire().await?;
        let scores = span_scores(&mut read, object, roots).await?;
        Ok(scores.into_iter().map(|(root, scores)| (root, trace_scores(scores))).collect())
    }
}

/// Effective numbers of the spans of these traces, by root: whether it is the root, name, number.
async fn span_scores(
    read: &mut SqliteConnection,
    object: ObjectRef,
    roots: &[String],
) -> Result<HashMap<String, Vec<(bool, String, f64)>>, StoreError> {
    let numbers = sqlx::query(
        "select r.root_span_id, r.is_root, s.score, s.value from row r join row_score s on s.row = r.pk \
         where r.object_type = $1 and r.object_id = $2 and r.root_span_id in (select value from json_each($3)) and r.deleted = 0 \
         order by r.pk, s.score",
    )
    .bind(object_type_number(object.object_type))
    .bind(object.object_id.as_bytes().as_slice())
    .bind(bulk::json_list(roots.iter()))
    .fetch_all(read)
    .await?;
    let mut scores: HashMap<String, Vec<(bool, String, f64)>> = HashMap::new();
    for number in &numbers {
        let score = (number.try_get("is_root")?, number.try_get("score")?, number.try_get("value")?);
        scores.entry(number.try_get("root_span_id")?).or_default().push(score);
    }
    Ok(scores)
}

fn outcome(row: &SqliteRow) -> Result<(String, TraceKey, Outcome), StoreError> {
    let key = TraceKey { created: Moment(row.try_get("created_at")?), place: row.try_get("pk")? };
    let outcome = Outcome {
        logged: optional_json(row, "logged")?.unwrap_or_else(Map::new),
        scores: Vec::new(),
        duration: row.try_get("duration")?,
        tokens: row.try_get("tokens")?,
        cost: row.try_get::<Option<i64>, _>("cost")?.map(|cost| cost as f64 / 1e9),
    };
    Ok((row.try_get("root_span_id")?, key, outcome))
}
