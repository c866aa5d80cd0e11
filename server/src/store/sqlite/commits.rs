//! A batch as one transaction: changes, review rows, derived rows, audit entries and metric counters, all or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, ProjectId, Reviewer, Revision, XactId};
use concord_shared::moment::Moment;
use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;

use super::SqliteStore;
use super::metrics::add_counters;
use super::notices::store_notices;
use super::project_scores::stored_scores;
use super::rederive::{rederive, rederive_after};
use super::reviews::{join_heads, object_type_number};
use super::rows::{Deltas, ScoreBook, store_rows};
use super::webhooks::tell;
use super::writer::Known;
use crate::domain::audit;
use crate::domain::store::{
    Batch, Commit, CommitStore, Committed, NewChange, NewRefusal, ReviewCommit, RowsCommit, StoreError,
};

#[async_trait]
impl CommitStore for SqliteStore {
    async fn commit(&self, batch: Arc<[Commit]>, now: Moment) -> Result<Batch, StoreError> {
        let _turn = self.turn.lock().await;
        self.batches.commit(batch, now).await
    }

    async fn last_xact(&self) -> Result<XactId, StoreError> {
        Ok(XactId(sqlx::query_scalar("select xact from progress").fetch_one(&self.readers).await?))
    }
}

/// Stores a batch inside the transaction of `conn`.
pub(super) fn store(conn: &Connection, known: &mut Known, batch: &[Commit], now: Moment) -> Result<Batch, StoreError> {
    let (sequence, mut xact) = match known.progress {
        Some((sequence, xact)) => (sequence + 1, xact),
        None => conn
            .prepare_cached("select sequence + 1, xact from progress")?
            .query_row([], |row| Ok((row.get(0)?, XactId(row.get(1)?))))?,
    };
    let scores = score_book(conn, known, batch)?;
    let mut deltas = Deltas::new();
    let mut results: Vec<Result<Committed, StoreError>> = Vec::with_capacity(batch.len());
    let mut rows: Vec<(XactId, &RowsCommit)> = Vec::new();
    let mut accepted: Vec<&ReviewCommit> = Vec::new();
    for commit in batch {
        xact = XactId::next(xact, now.as_seconds());
        results.push(match commit {
            Commit::Rows(commit) => {
                rows.push((xact, commit));
                Ok(Committed::Rows(xact))
            }
            Commit::Rederive(step) => {
                let configured = scores.get(&step.object).map_or(&[][..], |scores| scores);
                known.settled.clear();
                let (delta, next) = rederive_after(conn, &mut known.labels, step.object, configured, step.after)?;
                deltas.entry(step.object).or_default().merge(&delta);
                Ok(Committed::Rederived(next))
            }
            Commit::Review(commit) => match store_review(conn, known, commit) {
                Ok(()) if commit.changes.is_empty() => Ok(Committed::Review),
                Ok(()) => {
                    let object = commit.key.object;
                    let configured = scores.get(&object).map_or(&[][..], |scores| scores);
                    let delta = rederive(conn, known, object, &commit.key.row_id, &commit.state, configured, xact)?;
                    deltas.entry(object).or_default().merge(&delta);
                    accepted.push(commit);
                    Ok(Committed::Review)
                }
                // Found before anything was written: the rest of the batch goes on without it.
                Err(error @ (StoreError::Stale(_) | StoreError::ReplicaTaken { .. } | StoreError::Repeated { .. })) => {
                    Err(error)
                }
                Err(error) => return Err(error),
            },
        });
    }
    store_notices(conn, &accepted)?;
    for (object, delta) in store_rows(conn, known, &rows, &scores, now)? {
        deltas.entry(object).or_default().merge(&delta);
    }
    deltas.retain(|_, delta| !delta.is_empty());
    for (object, delta) in &deltas {
        add_counters(conn, *object, delta)?;
    }
    conn.prepare_cached("update progress set sequence = ?, xact = ?")?.execute(params![sequence, xact.0])?;
    known.progress = Some((sequence, xact));
    Ok(Batch { results, deltas: deltas.into_iter().collect(), sequence })
}

/// The score configurations that a batch needs.
fn score_book(conn: &Connection, known: &mut Known, batch: &[Commit]) -> Result<ScoreBook, StoreError> {
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
        let scores = match known.scores.get(&project) {
            Some(scores) => scores.clone(),
            None => {
                let read: Arc<_> = stored_scores(conn, project)?.into();
                known.scores.insert(project, read);
                known.scores[&project].clone()
            }
        };
        book.insert(object, scores);
    }
    Ok(book)
}

/// Stores a review commit, all but the rows that are derived from it. Everything that can refuse it for a reason of its
/// own is asked before anything is written, so one stale commit does not cost the others of its batch.
fn store_review(conn: &Connection, known: &mut Known, commit: &ReviewCommit) -> Result<(), StoreError> {
    let document = commit.key.document;
    let stored: i64 = conn
        .prepare_cached("select revision from review where document_id = ?")?
        .query_row([document.as_bytes()], |row| row.get(0))?;
    if stored as u64 != commit.base.0 {
        return Err(StoreError::Stale(Revision(stored as u64)));
    }
    for change in commit.changes.iter().filter(|change| change.seq == 1) {
        check_replica(conn, change)?;
    }
    check_feedback(conn, commit)?;
    for refusal in &commit.refusals {
        insert_refusal(conn, document, refusal)?;
    }
    if commit.changes.is_empty() {
        return Ok(());
    }
    for (index, change) in commit.changes.iter().enumerate() {
        insert_change(conn, document, commit.base.0 + 1 + index as u64, change)?;
    }
    append_audit(conn, known, commit)?;
    tell(conn, commit)?;
    update_review(conn, commit)
}

/// Rule R7: a replica id belongs to the author who first used it, in whatever document.
fn check_replica(conn: &Connection, change: &NewChange) -> Result<(), StoreError> {
    let bound: Option<Option<[u8; 16]>> = conn
        .prepare_cached("select author_id from review_actor where replica = ?")?
        .query_row([change.replica.as_slice()], |row| row.get(0))
        .optional()?;
    let Some(owner) = bound.map(|owner| owner.map(|id| MemberId(Uuid::from_bytes(id)))) else { return Ok(()) };
    if owner == change.author {
        Ok(())
    } else {
        Err(StoreError::ReplicaTaken { replica: change.replica.clone(), owner })
    }
}

/// Rule R8: feedback is stored once, also when two requests carry it at the same moment.
fn check_feedback(conn: &Connection, commit: &ReviewCommit) -> Result<(), StoreError> {
    let mut brought = BTreeSet::new();
    for feedback_id in commit.changes.iter().filter_map(|change| change.feedback_id.as_deref()) {
        let stored = conn
            .prepare_cached("select 1 from review_change where document_id = ? and feedback_id = ?")?
            .exists(params![commit.key.document.as_bytes(), feedback_id])?;
        if stored || !brought.insert(feedback_id) {
            return Err(StoreError::Repeated { feedback_id: feedback_id.to_owned() });
        }
    }
    Ok(())
}

fn insert_change(conn: &Connection, document: DocumentId, revision: u64, change: &NewChange) -> Result<(), StoreError> {
    let author = change.author.as_ref().map(MemberId::as_bytes);
    if change.seq == 1 {
        conn.prepare_cached(
            "insert into review_actor (replica, author_id, document_id, first_seen) values (?, ?, ?, ?) \
             on conflict (replica) do nothing",
        )?
        .execute(params![change.replica, author, document.as_bytes(), change.received_at.0])?;
    }
    conn.prepare_cached(
        "insert into review_change (document_id, revision, hash, replica, seq, author_id, on_behalf_of, source, connection, \
         client_time, received_at, bytes, feedback_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        document.as_bytes(),
        revision as i64,
        change.hash,
        change.replica,
        change.seq as i64,
        author,
        change.on_behalf_of.as_ref().map(Reviewer::to_string),
        change.source.as_str(),
        change.connection.map(|connection| connection.0 as i64),
        change.client_time.0,
        change.received_at.0,
        change.bytes,
        change.feedback_id,
    ])?;
    Ok(())
}

fn insert_refusal(conn: &Connection, document: DocumentId, refusal: &NewRefusal) -> Result<(), StoreError> {
    conn.prepare_cached(
        "insert into review_refusal (document_id, author_id, connection, hash, code, reason, bytes, at) \
         values (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        document.as_bytes(),
        refusal.member.as_ref().map(MemberId::as_bytes),
        refusal.connection.map(|connection| connection.0 as i64),
        refusal.hash,
        refusal.code,
        refusal.reason,
        refusal.bytes,
        refusal.at.0,
    ])?;
    Ok(())
}

/// Last entry of a project's chain: its place and hash.
fn chain_tip(conn: &Connection, project: ProjectId) -> Result<(i64, [u8; 32]), StoreError> {
    let tip = conn
        .prepare_cached("select sequence, hash from audit_entry where project_id = ? order by sequence desc limit 1")?
        .query_row([project.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(tip.unwrap_or((0, [0; 32])))
}

fn append_audit(conn: &Connection, known: &mut Known, commit: &ReviewCommit) -> Result<(), StoreError> {
    if commit.changes.iter().all(|change| change.facts.is_empty()) {
        return Ok(());
    }
    let key = &commit.key;
    let (mut sequence, mut previous) = match known.tips.get(&key.project) {
        Some(tip) => *tip,
        None => chain_tip(conn, key.project)?,
    };
    let mut insert = conn.prepare_cached(
        "insert into audit_entry (project_id, sequence, document_id, object_type, object_id, row_id, revision, at, \
         author_id, on_behalf_of, source, path, \"from\", \"to\", change_hash, metadata, hash) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for (index, change) in commit.changes.iter().enumerate() {
        let revision = commit.base.0 + 1 + index as u64;
        for fact in &change.facts {
            sequence += 1;
            let entry = audit::Entry { sequence, revision, key, change, fact };
            let (from, to) = (fact.from.to_string(), fact.to.to_string());
            let hash = entry.hash(&previous, &from, &to);
            insert.execute(params![
                key.project.as_bytes(),
                sequence,
                key.document.as_bytes(),
                object_type_number(key.object.object_type),
                key.object.object_id.as_bytes(),
                key.row_id,
                revision as i64,
                change.received_at.0,
                change.author.as_ref().map(MemberId::as_bytes),
                change.on_behalf_of.as_ref().map(Reviewer::to_string),
                change.source.as_str(),
                fact.path,
                from,
                to,
                change.hash,
                change.metadata.as_ref().map(serde_json::Value::to_string),
                hash,
            ])?;
            previous = hash;
        }
    }
    known.tips.insert(key.project, (sequence, previous));
    Ok(())
}

fn update_review(conn: &Connection, commit: &ReviewCommit) -> Result<(), StoreError> {
    let document = commit.key.document;
    let revision = (commit.base.0 + commit.changes.len() as u64) as i64;
    let state = serde_json::to_string(&commit.state)
        .map_err(|error| StoreError::Corrupt { what: "review state", detail: error.to_string() })?;
    conn.prepare_cached(
        "update review set revision = ?, heads = ?, status = ?, state = ?, updated_at = ? where document_id = ?",
    )?
    .execute(params![
        revision,
        join_heads(&commit.heads),
        commit.state.status.value.as_str(),
        state,
        commit.at.0,
        document.as_bytes(),
    ])?;
    if let Some(snapshot) = &commit.snapshot {
        conn.prepare_cached("update review set snapshot = ?, snapshot_revision = ? where document_id = ?")?
            .execute(params![snapshot, revision, document.as_bytes()])?;
    }
    Ok(())
}
