//! Changes of reviews: what of a batch may be stored, and storing it.

use std::collections::{BTreeMap, HashMap, HashSet};

use concord_shared::ids::{DocumentId, MemberId, Reviewer, Revision};
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::reviews::join_heads;
use super::text::plain;
use crate::domain::store::{Commit, NewChange, NewRefusal, ReviewCommit, StoreError};

/// For each commit of a batch whether it may be stored. Asked of everything before anything is written, so that a refused
/// commit leaves no trace and costs the others nothing; each is held against what those before it will have stored.
pub(super) async fn judge(
    conn: &mut PgConnection,
    batch: &[Commit],
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    let reviews = || batch.iter().filter_map(review);
    let mut revisions = revisions(conn, reviews().map(|commit| commit.key.document.0).collect()).await?;
    let mut owners = owners(conn, reviews().flat_map(first_uses).map(|change| &change.replica[..]).collect()).await?;
    let mut seen = seen_feedback(conn, reviews().flat_map(feedback).collect()).await?;
    let mut verdicts = Vec::with_capacity(batch.len());
    for commit in batch {
        let Some(commit) = review(commit) else {
            verdicts.push(Ok(()));
            continue;
        };
        let document = commit.key.document;
        let missing = || StoreError::Corrupt { what: "review", detail: format!("{document} does not exist") };
        let revision = revisions.get_mut(&document.0).ok_or_else(missing)?;
        let verdict = judge_one(commit, *revision, &owners, &seen);
        if verdict.is_ok() {
            *revision += commit.changes.len() as u64;
            owners.extend(first_uses(commit).map(|change| (change.replica.clone(), change.author)));
            seen.extend(feedback(commit).map(|(document, id)| (document, id.to_owned())));
        }
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

fn judge_one(
    commit: &ReviewCommit,
    revision: u64,
    owners: &HashMap<Vec<u8>, Option<MemberId>>,
    seen: &HashSet<(Uuid, String)>,
) -> Result<(), StoreError> {
    if revision != commit.base.0 {
        return Err(StoreError::Stale(Revision(revision)));
    }
    // Rule R7: a replica id belongs to the author who first used it, in whatever document.
    for change in first_uses(commit) {
        if let Some(owner) = owners.get(&change.replica).filter(|owner| **owner != change.author) {
            return Err(StoreError::ReplicaTaken { replica: change.replica.clone(), owner: *owner });
        }
    }
    // Rule R8: feedback is stored once, also when two requests carry it at the same moment.
    let mut brought = HashSet::new();
    for (document, id) in feedback(commit) {
        if seen.contains(&(document, id.to_owned())) || !brought.insert(id) {
            return Err(StoreError::Repeated { feedback_id: id.to_owned() });
        }
    }
    Ok(())
}

fn review(commit: &Commit) -> Option<&ReviewCommit> {
    match commit {
        Commit::Review(commit) => Some(commit),
        Commit::Rows(_) | Commit::Rederive(_) => None,
    }
}

fn first_uses(commit: &ReviewCommit) -> impl Iterator<Item = &NewChange> {
    commit.changes.iter().filter(|change| change.seq == 1)
}

fn feedback(commit: &ReviewCommit) -> impl Iterator<Item = (Uuid, &str)> {
    commit.changes.iter().filter_map(|change| Some((commit.key.document.0, change.feedback_id.as_deref()?)))
}

/// Stored revisions, each held as it is until the transaction ends.
async fn revisions(conn: &mut PgConnection, documents: Vec<Uuid>) -> Result<HashMap<Uuid, u64>, StoreError> {
    if documents.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query(
        "select document_id, revision from review where document_id = any($1) order by document_id for no key update",
    )
    .bind(documents)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("document_id")?, row.try_get::<i64, _>("revision")? as u64))).collect()
}

async fn owners(
    conn: &mut PgConnection,
    replicas: Vec<&[u8]>,
) -> Result<HashMap<Vec<u8>, Option<MemberId>>, StoreError> {
    if replicas.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query("select replica, author_id from review_actor where replica = any($1)")
        .bind(replicas)
        .fetch_all(conn)
        .await?;
    let owner = |author: Option<Uuid>| author.map(MemberId);
    rows.iter().map(|row| Ok((row.try_get("replica")?, owner(row.try_get("author_id")?)))).collect()
}

async fn seen_feedback(
    conn: &mut PgConnection,
    feedback: Vec<(Uuid, &str)>,
) -> Result<HashSet<(Uuid, String)>, StoreError> {
    if feedback.is_empty() {
        return Ok(HashSet::new());
    }
    let (documents, ids): (Vec<_>, Vec<_>) = feedback.into_iter().unzip();
    let rows = sqlx::query(
        "select c.document_id, c.feedback_id from unnest($1::uuid[], $2::text[]) as f (document_id, feedback_id) \
         join review_change c on c.document_id = f.document_id and c.feedback_id = f.feedback_id",
    )
    .bind(documents)
    .bind(ids)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("document_id")?, row.try_get("feedback_id")?))).collect()
}

/// Stores changes, refusals and the new state of each review; all but the rows that are derived from them.
pub(super) async fn store(conn: &mut PgConnection, commits: &[&ReviewCommit]) -> Result<(), StoreError> {
    let refusals =
        commits.iter().flat_map(|commit| commit.refusals.iter().map(|refusal| (commit.key.document, refusal)));
    insert_refusals(conn, &refusals.collect::<Vec<_>>()).await?;
    let changes: Vec<(DocumentId, u64, &NewChange)> = commits
        .iter()
        .flat_map(|commit| {
            (commit.base.0 + 1..).zip(&commit.changes).map(|(n, change)| (commit.key.document, n, change))
        })
        .collect();
    if changes.is_empty() {
        return Ok(());
    }
    bind_replicas(conn, &changes).await?;
    insert_changes(conn, &changes).await?;
    update_reviews(conn, commits).await
}

async fn bind_replicas(conn: &mut PgConnection, changes: &[(DocumentId, u64, &NewChange)]) -> Result<(), StoreError> {
    let first = || changes.iter().filter(|(.., change)| change.seq == 1);
    if first().next().is_none() {
        return Ok(());
    }
    sqlx::query(
        "insert into review_actor (replica, author_id, document_id, first_seen) \
         select * from unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::bigint[]) on conflict (replica) do nothing",
    )
    .bind(first().map(|(.., change)| &change.replica[..]).collect::<Vec<_>>())
    .bind(first().map(|(.., change)| change.author.map(|author| author.0)).collect::<Vec<_>>())
    .bind(first().map(|(document, ..)| document.0).collect::<Vec<_>>())
    .bind(first().map(|(.., change)| change.received_at.0).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_changes(conn: &mut PgConnection, changes: &[(DocumentId, u64, &NewChange)]) -> Result<(), StoreError> {
    let column = || changes.iter().map(|(.., change)| *change);
    sqlx::query(
        "insert into review_change (document_id, revision, hash, replica, seq, author_id, on_behalf_of, source, connection, \
         client_time, received_at, bytes, feedback_id) \
         select * from unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[], $6::uuid[], $7::text[], \
         $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bytea[], $13::text[])",
    )
    .bind(changes.iter().map(|(document, ..)| document.0).collect::<Vec<_>>())
    .bind(changes.iter().map(|(_, revision, _)| *revision as i64).collect::<Vec<_>>())
    .bind(column().map(|change| &change.hash[..]).collect::<Vec<_>>())
    .bind(column().map(|change| &change.replica[..]).collect::<Vec<_>>())
    .bind(column().map(|change| change.seq as i64).collect::<Vec<_>>())
    .bind(column().map(|change| change.author.map(|author| author.0)).collect::<Vec<_>>())
    .bind(column().map(|change| change.on_behalf_of.as_ref().map(Reviewer::to_string)).collect::<Vec<_>>())
    .bind(column().map(|change| change.source.as_str()).collect::<Vec<_>>())
    .bind(column().map(|change| change.connection.map(|connection| connection.0 as i64)).collect::<Vec<_>>())
    .bind(column().map(|change| change.client_time.0).collect::<Vec<_>>())
    .bind(column().map(|change| change.received_at.0).collect::<Vec<_>>())
    .bind(column().map(|change| &change.bytes[..]).collect::<Vec<_>>())
    .bind(column().map(|change| change.feedback_id.as_deref()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_refusals(conn: &mut PgConnection, refusals: &[(DocumentId, &NewRefusal)]) -> Result<(), StoreError> {
    if refusals.is_empty() {
        return Ok(());
    }
    let column = || refusals.iter().map(|(_, refusal)| *refusal);
    sqlx::query(
        "insert into review_refusal (document_id, author_id, connection, hash, code, reason, bytes, at) \
         select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bytea[], $5::text[], $6::text[], $7::bytea[], \
         $8::bigint[])",
    )
    .bind(refusals.iter().map(|(document, _)| document.0).collect::<Vec<_>>())
    .bind(column().map(|refusal| refusal.member.map(|member| member.0)).collect::<Vec<_>>())
    .bind(column().map(|refusal| refusal.connection.map(|connection| connection.0 as i64)).collect::<Vec<_>>())
    .bind(column().map(|refusal| &refusal.hash[..]).collect::<Vec<_>>())
    .bind(column().map(|refusal| &refusal.code[..]).collect::<Vec<_>>())
    .bind(column().map(|refusal| plain(&refusal.reason).into_owned()).collect::<Vec<_>>())
    .bind(column().map(|refusal| &refusal.bytes[..]).collect::<Vec<_>>())
    .bind(column().map(|refusal| refusal.at.0).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// A whole document, and the revision of which it is.
type Snapshot<'a> = (&'a [u8], i64);

/// What the last commit of each document made of its review.
async fn update_reviews(conn: &mut PgConnection, commits: &[&ReviewCommit]) -> Result<(), StoreError> {
    let mut last: BTreeMap<DocumentId, (&ReviewCommit, Option<Snapshot<'_>>)> = BTreeMap::new();
    for commit in commits.iter().filter(|commit| !commit.changes.is_empty()) {
        let snapshot = commit.snapshot.as_deref().map(|snapshot| (snapshot, revision(commit)));
        let before = last.get(&commit.key.document).and_then(|(_, snapshot)| *snapshot);
        last.insert(commit.key.document, (*commit, snapshot.or(before)));
    }
    let states = last.values().map(|(commit, _)| serde_json::to_string(&commit.state)).collect::<Result<Vec<_>, _>>();
    let states = states.map_err(|error| StoreError::Corrupt { what: "review state", detail: error.to_string() })?;
    let column = || last.values().map(|(commit, _)| *commit);
    let snapshots = || last.values().map(|(_, snapshot)| *snapshot);
    sqlx::query(
        "update review r set revision = n.revision, heads = n.heads, status = n.status, state = n.state, \
         updated_at = n.updated_at, snapshot = coalesce(n.snapshot, r.snapshot), \
         snapshot_revision = coalesce(n.snapshot_revision, r.snapshot_revision) \
         from unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::bigint[]) \
         as n (document_id, revision, heads, status, state, updated_at, snapshot, snapshot_revision) \
         where r.document_id = n.document_id",
    )
    .bind(last.keys().map(|document| document.0).collect::<Vec<_>>())
    .bind(column().map(revision).collect::<Vec<_>>())
    .bind(column().map(|commit| join_heads(&commit.heads)).collect::<Vec<_>>())
    .bind(column().map(|commit| commit.state.status.value.as_str()).collect::<Vec<_>>())
    .bind(states)
    .bind(column().map(|commit| commit.at.0).collect::<Vec<_>>())
    .bind(snapshots().map(|snapshot| Some(snapshot?.0)).collect::<Vec<_>>())
    .bind(snapshots().map(|snapshot| Some(snapshot?.1)).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// The revision that a commit leads to.
fn revision(commit: &ReviewCommit) -> i64 {
    (commit.base.0 + commit.changes.len() as u64) as i64
}
