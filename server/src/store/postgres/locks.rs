//! What keeps two transactions that write the same things apart, in this process and in others.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnection;

use crate::domain::store::{Commit, StoreError};

/// Waits for everything that a batch will write, until its transaction ends: the projects, each of which stands for its audit
/// chain and for the rows, traces and counters of its objects; and the replica ids that it binds to their authors. All in one
/// order, so that two batches never wait for each other. Whatever is read from here on is as the last writer left it.
pub(super) async fn take(conn: &mut PgConnection, batch: &[Commit]) -> Result<(), StoreError> {
    sqlx::query("select pg_advisory_xact_lock(key) from unnest($1::bigint[]) as key")
        .bind(keys(batch).into_iter().collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}

fn keys(batch: &[Commit]) -> BTreeSet<i64> {
    let mut keys = BTreeSet::new();
    for commit in batch {
        let project = match commit {
            Commit::Review(commit) => {
                let first = commit.changes.iter().filter(|change| change.seq == 1);
                keys.extend(first.map(|change| key("replica", &change.replica)));
                commit.key.project
            }
            Commit::Rows(commit) => commit.project,
            Commit::Rederive(step) => step.project,
        };
        keys.insert(key("project", project.as_bytes()));
    }
    keys
}

/// PostgreSQL's advisory locks are numbers. Two things of one number merely wait for each other without need.
fn key(kind: &str, id: &[u8]) -> i64 {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(id).finalize();
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | i64::from(*byte))
}
