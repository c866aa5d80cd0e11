//! The writer's transaction: changes, review rows, derived rows, audit entries and metric counters, all or nothing.
//!
//! First everything is locked and read, then the batch takes its numbers, then everything is written, many rows in one
//! statement. Other servers wait for the numbers only while this one writes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use concord_shared::ids::{ObjectRef, ProjectId, XactId};
use concord_shared::metric::Counters;
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use tokio::time::timeout;

use super::audit::Chains;
use super::changes;
use super::metrics::add_counters;
use super::project_scores::read_score;
use super::rows::{ScoreBook, Sheet};
use super::webhooks::tell;
use super::{PostgresStore, locks, notices};
use crate::domain::store::{Batch, Commit, CommitStore, Committed, ReviewCommit, StoreError};

/// How long a transaction may take in all. More than the server allows one statement (see the settings of connections), so
/// this ends only what the server can no longer end: a connection to a host that is gone.
const PATIENCE: Duration = Duration::from_secs(60);

#[async_trait]
impl CommitStore for PostgresStore {
    async fn commit(&self, batch: Arc<[Commit]>, now: Moment) -> Result<Batch, StoreError> {
        match timeout(PATIENCE, self.store_batch(&batch, now)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(StoreError::Unavailable(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }

    async fn last_xact(&self) -> Result<XactId, StoreError> {
        Ok(XactId(sqlx::query_scalar("select xact from progress").fetch_one(&self.readers).await?))
    }
}

impl PostgresStore {
    async fn store_batch(&self, batch: &[Commit], now: Moment) -> Result<Batch, StoreError> {
        let mut transaction = self.writer.begin().await?;
        let conn = &mut *transaction;

        locks::take(conn, batch).await?;
        let scores = score_book(conn, batch).await?;
        let verdicts = changes::judge(conn, batch).await?;
        let accepted: Vec<&ReviewCommit> = batch.iter().zip(&verdicts).filter_map(accepted).collect();
        let chains = Chains::load(conn, &accepted).await?;
        let mut sheet = Sheet::load(conn, batch, &accepted).await?;
        let mut steps = Vec::new();
        for commit in batch {
            if let Commit::Rederive(step) = commit {
                let known = scores.get(&step.object).map_or(&[][..], |scores| scores);
                steps.push(sheet.load_step(conn, step, known).await?);
            }
        }

        let (sequence, first) = take_numbers(conn, batch.len(), now).await?;
        let mut steps = steps.into_iter();
        let mut results = Vec::with_capacity(batch.len());
        for ((commit, verdict), place) in batch.iter().zip(verdicts).zip(0..) {
            let xact = XactId(first.0 + place);
            results.push(match (commit, verdict) {
                (_, Err(refused)) => Err(refused),
                (Commit::Rows(commit), Ok(())) => {
                    sheet.write(commit, xact, now);
                    Ok(Committed::Rows(xact))
                }
                (Commit::Review(commit), Ok(())) => {
                    sheet.review(commit, xact);
                    Ok(Committed::Review)
                }
                (Commit::Rederive(_), Ok(())) => Ok(Committed::Rederived(steps.next().flatten())),
            });
        }

        changes::store(conn, &accepted).await?;
        chains.append(conn, &accepted).await?;
        tell(conn, &accepted).await?;
        notices::store(conn, &accepted).await?;
        let deltas = sheet.store(conn, &scores).await?;
        add_counters(conn, &deltas).await?;
        transaction.commit().await?;
        let moved = |(_, delta): &(ObjectRef, Counters)| !delta.is_empty();
        Ok(Batch { results, deltas: deltas.into_iter().filter(moved).collect(), sequence })
    }
}

fn accepted<'a>((commit, verdict): (&'a Commit, &Result<(), StoreError>)) -> Option<&'a ReviewCommit> {
    match (commit, verdict) {
        (Commit::Review(commit), Ok(())) => Some(commit),
        _ => None,
    }
}

/// The number of the batch, and the first of its commits' transaction ids. Whoever takes numbers next waits until this
/// transaction ends: numbers are in the order in which batches become visible.
async fn take_numbers(conn: &mut PgConnection, commits: usize, now: Moment) -> Result<(i64, XactId), StoreError> {
    let commits = commits as i64;
    let row = sqlx::query(
        "update progress set sequence = sequence + 1, xact = greatest($1, xact + 1) + $2 - 1 returning sequence, xact",
    )
    .bind(XactId::next(XactId(0), now.as_seconds()).0)
    .bind(commits)
    .fetch_one(conn)
    .await?;
    let last: i64 = row.try_get("xact")?;
    Ok((row.try_get("sequence")?, XactId(last - commits + 1)))
}

/// The score configurations that a batch needs.
async fn score_book(conn: &mut PgConnection, batch: &[Commit]) -> Result<ScoreBook, StoreError> {
    let objects: BTreeMap<ObjectRef, ProjectId> = batch
        .iter()
        .map(|commit| match commit {
            Commit::Review(commit) => (commit.key.object, commit.key.project),
            Commit::Rows(commit) => (commit.object, commit.project),
            Commit::Rederive(step) => (step.object, step.project),
        })
        .collect();
    let rows = sqlx::query("select * from project_score where project_id = any($1) order by position, id")
        .bind(objects.values().map(|project| project.0).collect::<Vec<_>>())
        .fetch_all(conn)
        .await?;
    let mut configured: BTreeMap<ProjectId, Vec<_>> = BTreeMap::new();
    for row in &rows {
        let score = read_score(row)?;
        // Stored configurations have been checked; one that an older version took is left out rather than in the way.
        if let Ok(parsed) = score.to_score() {
            configured.entry(score.project).or_default().push(parsed);
        }
    }
    let of = |project| configured.get(&project).map(Vec::as_slice).unwrap_or_default().into();
    Ok(objects.into_iter().map(|(object, project)| (object, of(project))).collect())
}
