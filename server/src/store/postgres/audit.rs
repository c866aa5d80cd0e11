//! The audit chains of projects. A project is locked while its chain grows, so the last entry read is the last there is.

use std::collections::BTreeMap;

use concord_shared::ids::{ProjectId, Reviewer};
use serde_json::Value;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::reviews::object_type_number;
use crate::domain::audit;
use crate::domain::store::{NewChange, NewFact, ReviewCommit, StoreError};

/// The last place and hash of each chain that a batch writes to.
pub(super) struct Chains(BTreeMap<ProjectId, (i64, [u8; 32])>);

/// An entry with the texts and the hash that are stored.
struct Entry<'a> {
    sequence: i64,
    revision: u64,
    commit: &'a ReviewCommit,
    change: &'a NewChange,
    fact: &'a NewFact,
    from: String,
    to: String,
    hash: [u8; 32],
}

impl Chains {
    /// Reads how far the chains are.
    pub(super) async fn load(conn: &mut PgConnection, commits: &[&ReviewCommit]) -> Result<Self, StoreError> {
        let mut chains: BTreeMap<ProjectId, (i64, [u8; 32])> =
            commits.iter().map(|commit| (commit.key.project, (0, [0; 32]))).collect();
        if chains.is_empty() {
            return Ok(Self(chains));
        }
        let rows = sqlx::query(
            "select p.id, e.sequence, e.hash from unnest($1::uuid[]) as p (id) cross join lateral \
             (select sequence, hash from audit_entry where project_id = p.id order by sequence desc limit 1) e",
        )
        .bind(chains.keys().map(|project| project.0).collect::<Vec<_>>())
        .fetch_all(conn)
        .await?;
        for row in &rows {
            let hash: &[u8] = row.try_get("hash")?;
            let damaged = |_| StoreError::Corrupt { what: "audit hash", detail: format!("{} bytes", hash.len()) };
            let hash = hash.try_into().map_err(damaged)?;
            chains.insert(ProjectId(row.try_get::<Uuid, _>("id")?), (row.try_get("sequence")?, hash));
        }
        Ok(Self(chains))
    }

    /// Appends an entry for each fact, in the order of commits.
    pub(super) async fn append(mut self, conn: &mut PgConnection, commits: &[&ReviewCommit]) -> Result<(), StoreError> {
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for commit in commits {
            let (sequence, previous) = self.0.entry(commit.key.project).or_insert((0, [0; 32]));
            for (revision, change) in (commit.base.0 + 1..).zip(&commit.changes) {
                for fact in &change.facts {
                    *sequence += 1;
                    let (from, to) = (fact.from.to_string(), fact.to.to_string());
                    let entry = audit::Entry { sequence: *sequence, revision, key: &commit.key, change, fact };
                    let hash = entry.hash(previous, &from, &to);
                    *previous = hash;
                    entries.push(Entry { sequence: *sequence, revision, commit, change, fact, from, to, hash });
                }
            }
        }
        if entries.is_empty() { Ok(()) } else { insert(conn, &entries).await }
    }
}

async fn insert(conn: &mut PgConnection, entries: &[Entry<'_>]) -> Result<(), StoreError> {
    let keys = || entries.iter().map(|entry| &entry.commit.key);
    let changes = || entries.iter().map(|entry| entry.change);
    sqlx::query(
        "insert into audit_entry (project_id, sequence, document_id, object_type, object_id, row_id, revision, at, author_id, \
         on_behalf_of, source, path, \"from\", \"to\", change_hash, metadata, hash) \
         select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::smallint[], $5::uuid[], $6::text[], $7::bigint[], \
         $8::bigint[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bytea[], $16::text[], \
         $17::bytea[])",
    )
    .bind(keys().map(|key| key.project.0).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>())
    .bind(keys().map(|key| key.document.0).collect::<Vec<_>>())
    .bind(keys().map(|key| object_type_number(key.object.object_type)).collect::<Vec<_>>())
    .bind(keys().map(|key| key.object.object_id).collect::<Vec<_>>())
    .bind(keys().map(|key| &key.row_id[..]).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.revision as i64).collect::<Vec<_>>())
    .bind(changes().map(|change| change.received_at.0).collect::<Vec<_>>())
    .bind(changes().map(|change| change.author.map(|author| author.0)).collect::<Vec<_>>())
    .bind(changes().map(|change| change.on_behalf_of.as_ref().map(Reviewer::to_string)).collect::<Vec<_>>())
    .bind(changes().map(|change| change.source.as_str()).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| &entry.fact.path[..]).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| &entry.from[..]).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| &entry.to[..]).collect::<Vec<_>>())
    .bind(changes().map(|change| &change.hash[..]).collect::<Vec<_>>())
    .bind(changes().map(|change| change.metadata.as_ref().map(Value::to_string)).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| &entry.hash[..]).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
