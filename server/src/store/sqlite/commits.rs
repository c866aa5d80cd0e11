//! The writer's transaction: changes, review row, derived rows, audit entries and metric counters, all or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, ProjectId, Reviewer, Revision, XactId};
use concord_shared::metric::Counters;
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::SqliteStore;
use super::project_scores::scores_of;
use super::rederive::{rederive, rederive_after};
use super::reviews::{join_heads, object_type_number, optional_uuid};
use super::rows::{Deltas, ScoreBook, store_rows};
use crate::domain::audit;
use crate::domain::store::{
    Batch, Commit, CommitStore, Committed, NewChange, NewRefusal, ReviewCommit, RowsCommit, StoreError,
};

#[async_trait]
impl CommitStore for SqliteStore {
    async fn commit(&self, batch: Arc<[Commit]>, now: Moment) -> Result<Batch, StoreError> {
        let mut transaction = self.writer.begin_with("begin immediate").await?;
        let conn = &mut *transaction;
        let progress = sqlx::query("update progress set sequence = sequence + 1 returning sequence, xact")
            .fetch_one(&mut *conn)
            .await?;
        let sequence = progress.try_get("sequence")?;
        let mut xact = XactId(progress.try_get("xact")?);
        let scores = score_book(conn, &batch).await?;
        let mut deltas = Deltas::new();
        let mut results: Vec<Result<Committed, StoreError>> = Vec::with_capacity(batch.len());
        let mut rows: Vec<(XactId, &RowsCommit)> = Vec::new();
        for commit in batch.iter() {
            xact = XactId::next(xact, now.as_seconds());
            results.push(match commit {
                Commit::Rows(commit) => {
                    rows.push((xact, commit));
                    Ok(Committed::Rows(xact))
                }
                Commit::Rederive(step) => {
                    let known = scores.get(&step.object).map_or(&[][..], |scores| scores);
                    let (delta, next) = rederive_after(conn, step.object, known, step.after).await?;
                    deltas.entry(step.object).or_default().merge(&delta);
                    Ok(Committed::Rederived(next))
                }
                Commit::Review(commit) => match store_review(conn, commit).await {
                    Ok(()) if commit.changes.is_empty() => Ok(Committed::Review),
                    Ok(()) => {
                        let object = commit.key.object;
                        let known = scores.get(&object).map_or(&[][..], |scores| scores);
                        let delta = rederive(conn, object, &commit.key.row_id, &commit.state, known, xact).await?;
                        deltas.entry(object).or_default().merge(&delta);
                        Ok(Committed::Review)
                    }
                    // Found before anything was written: the rest of the batch goes on without it.
                    Err(
                        error @ (StoreError::Stale(_) | StoreError::ReplicaTaken { .. } | StoreError::Repeated { .. }),
                    ) => Err(error),
                    Err(error) => return Err(error),
                },
            });
        }
        for (object, delta) in store_rows(conn, &rows, &scores, now).await? {
            deltas.entry(object).or_default().merge(&delta);
        }
        sqlx::query("update progress set xact = $1").bind(xact.0).execute(conn).await?;
        transaction.commit().await?;
        let moved = |(_, delta): &(ObjectRef, Counters)| !delta.is_empty();
        Ok(Batch { results, deltas: deltas.into_iter().filter(moved).collect(), sequence })
    }

    async fn last_xact(&self) -> Result<XactId, StoreError> {
        Ok(XactId(sqlx::query_scalar("select xact from progress").fetch_one(&self.readers).await?))
    }
}

/// The score configurations that a batch needs, each read once.
async fn score_book(conn: &mut SqliteConnection, batch: &[Commit]) -> Result<ScoreBook, StoreError> {
    let objects: BTreeMap<ObjectRef, ProjectId> = batch
        .iter()
        .map(|commit| match commit {
            Commit::Review(commit) => (commit.key.object, commit.key.project),
            Commit::Rows(commit) => (commit.object, commit.project),
            Commit::Rederive(step) => (step.object, step.project),
        })
        .collect();
    let mut book = ScoreBook::new();
    for (object, project) in objects {
        let configured = scores_of(&mut *conn, project).await?;
        // Stored configurations have been checked; one that an older version took is left out rather than in the way.
        book.insert(object, configured.iter().filter_map(|score| score.to_score().ok()).collect());
    }
    Ok(book)
}

/// Stores a review commit, all but the rows that are derived from it. Everything that can refuse it for a reason of its
/// own is asked before anything is written, so one stale commit does not cost the others of its batch.
pub(super) async fn store_review(conn: &mut SqliteConnection, commit: &ReviewCommit) -> Result<(), StoreError> {
    let document = commit.key.document;
    let stored: i64 = sqlx::query_scalar("select revision from review where document_id = $1")
        .bind(document.as_bytes())
        .fetch_one(&mut *conn)
        .await?;
    if stored as u64 != commit.base.0 {
        return Err(StoreError::Stale(Revision(stored as u64)));
    }
    for change in commit.changes.iter().filter(|change| change.seq == 1) {
        check_replica(conn, change).await?;
    }
    check_feedback(conn, commit).await?;
    for refusal in &commit.refusals {
        insert_refusal(conn, document, refusal).await?;
    }
    if commit.changes.is_empty() {
        return Ok(());
    }
    for (index, change) in commit.changes.iter().enumerate() {
        insert_change(conn, document, commit.base.0 + 1 + index as u64, change).await?;
    }
    append_audit(conn, commit).await?;
    update_review(conn, commit).await
}

/// Rule R7: a replica id belongs to the author who first used it, in whatever document.
async fn check_replica(conn: &mut SqliteConnection, change: &NewChange) -> Result<(), StoreError> {
    let bound = sqlx::query("select author_id from review_actor where replica = $1")
        .bind(change.replica.as_slice())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(bound) = bound else { return Ok(()) };
    let owner = optional_uuid(&bound, "author_id")?.map(MemberId);
    if owner == change.author {
        Ok(())
    } else {
        Err(StoreError::ReplicaTaken { replica: change.replica.clone(), owner })
    }
}

/// Rule R8: feedback is stored once, also when two requests carry it at the same moment.
async fn check_feedback(conn: &mut SqliteConnection, commit: &ReviewCommit) -> Result<(), StoreError> {
    let mut brought = BTreeSet::new();
    for feedback_id in commit.changes.iter().filter_map(|change| change.feedback_id.as_deref()) {
        let stored: bool = sqlx::query_scalar(
            "select exists (select 1 from review_change where document_id = $1 and feedback_id = $2)",
        )
        .bind(commit.key.document.as_bytes())
        .bind(feedback_id)
        .fetch_one(&mut *conn)
        .await?;
        if stored || !brought.insert(feedback_id) {
            return Err(StoreError::Repeated { feedback_id: feedback_id.to_owned() });
        }
    }
    Ok(())
}

async fn insert_change(
    conn: &mut SqliteConnection,
    document: DocumentId,
    revision: u64,
    change: &NewChange,
) -> Result<(), StoreError> {
    if change.seq == 1 {
        sqlx::query(
            "insert into review_actor (replica, author_id, document_id, first_seen) values ($1, $2, $3, $4) \
             on conflict (replica) do nothing",
        )
        .bind(change.replica.as_slice())
        .bind(change.author.as_ref().map(MemberId::as_bytes))
        .bind(document.as_bytes())
        .bind(change.received_at.0)
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query(
        "insert into review_change (document_id, revision, hash, replica, seq, author_id, on_behalf_of, source, connection, \
         client_time, received_at, bytes, feedback_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(document.as_bytes())
    .bind(revision as i64)
    .bind(change.hash.as_slice())
    .bind(change.replica.as_slice())
    .bind(change.seq as i64)
    .bind(change.author.as_ref().map(MemberId::as_bytes))
    .bind(change.on_behalf_of.as_ref().map(Reviewer::to_string))
    .bind(change.source.as_str())
    .bind(change.connection.map(|connection| connection.0 as i64))
    .bind(change.client_time.0)
    .bind(change.received_at.0)
    .bind(change.bytes.as_slice())
    .bind(change.feedback_id.as_deref())
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_refusal(
    conn: &mut SqliteConnection,
    document: DocumentId,
    refusal: &NewRefusal,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into review_refusal (document_id, author_id, connection, hash, code, reason, bytes, at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(document.as_bytes())
    .bind(refusal.member.as_ref().map(MemberId::as_bytes))
    .bind(refusal.connection.map(|connection| connection.0 as i64))
    .bind(refusal.hash.as_slice())
    .bind(refusal.code.as_str())
    .bind(refusal.reason.as_str())
    .bind(refusal.bytes.as_slice())
    .bind(refusal.at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Last entry of a project's chain: its place and hash.
async fn chain_tip(conn: &mut SqliteConnection, project: ProjectId) -> Result<(i64, [u8; 32]), StoreError> {
    let row =
        sqlx::query("select sequence, hash from audit_entry where project_id = $1 order by sequence desc limit 1")
            .bind(project.as_bytes())
            .fetch_optional(conn)
            .await?;
    let Some(row) = row else { return Ok((0, [0; 32])) };
    let hash: &[u8] = row.try_get("hash")?;
    let hash = hash
        .try_into()
        .map_err(|_| StoreError::Corrupt { what: "audit hash", detail: format!("{} bytes", hash.len()) })?;
    Ok((row.try_get("sequence")?, hash))
}

async fn append_audit(conn: &mut SqliteConnection, commit: &ReviewCommit) -> Result<(), StoreError> {
    if commit.changes.iter().all(|change| change.facts.is_empty()) {
        return Ok(());
    }
    let (mut sequence, mut previous) = chain_tip(conn, commit.key.project).await?;
    for (index, change) in commit.changes.iter().enumerate() {
        let revision = commit.base.0 + 1 + index as u64;
        for fact in &change.facts {
            sequence += 1;
            let entry = audit::Entry { sequence, revision, key: &commit.key, change, fact };
            let (from, to) = (fact.from.to_string(), fact.to.to_string());
            let hash = entry.hash(&previous, &from, &to);
            sqlx::query(
                "insert into audit_entry (project_id, sequence, document_id, object_type, object_id, row_id, revision, at, \
                 author_id, on_behalf_of, source, path, \"from\", \"to\", change_hash, metadata, hash) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
            )
            .bind(commit.key.project.as_bytes())
            .bind(sequence)
            .bind(commit.key.document.as_bytes())
            .bind(object_type_number(commit.key.object.object_type))
            .bind(commit.key.object.object_id.as_bytes().as_slice())
            .bind(commit.key.row_id.as_str())
            .bind(revision as i64)
            .bind(change.received_at.0)
            .bind(change.author.as_ref().map(MemberId::as_bytes))
            .bind(change.on_behalf_of.as_ref().map(Reviewer::to_string))
            .bind(change.source.as_str())
            .bind(fact.path.as_str())
            .bind(from)
            .bind(to)
            .bind(change.hash.as_slice())
            .bind(change.metadata.as_ref().map(serde_json::Value::to_string))
            .bind(hash.as_slice())
            .execute(&mut *conn)
            .await?;
            previous = hash;
        }
    }
    Ok(())
}

async fn update_review(conn: &mut SqliteConnection, commit: &ReviewCommit) -> Result<(), StoreError> {
    let revision = commit.base.0 + commit.changes.len() as u64;
    let state = serde_json::to_string(&commit.state)
        .map_err(|error| StoreError::Corrupt { what: "review state", detail: error.to_string() })?;
    sqlx::query(
        "update review set revision = $1, heads = $2, status = $3, state = $4, updated_at = $5 where document_id = $6",
    )
    .bind(revision as i64)
    .bind(join_heads(&commit.heads))
    .bind(commit.state.status.value.as_str())
    .bind(state)
    .bind(commit.at.0)
    .bind(commit.key.document.as_bytes())
    .execute(&mut *conn)
    .await?;
    if let Some(snapshot) = &commit.snapshot {
        sqlx::query("update review set snapshot = $1, snapshot_revision = $2 where document_id = $3")
            .bind(snapshot.as_slice())
            .bind(revision as i64)
            .bind(commit.key.document.as_bytes())
            .execute(conn)
            .await?;
    }
    Ok(())
}
