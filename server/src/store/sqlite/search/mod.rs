//! Searching: full text in a file of its own, filled by a thread beside the writing one, and queries over it and the tables of
//! labels, numbers and moments.
//!
//! Full text follows the rows instead of being written with them, since it would take half of the time of the one thread that
//! writes. Nobody notices: rows that it does not have yet are looked at one by one, whatever is asked ([`index::Behind`]).

mod filler;
mod index;
mod plan;
mod read;
mod sql;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use concord_shared::ids::ObjectRef;

pub(super) use self::index::{Index, Indexer, RowText};
pub(super) use self::read::Readers;
use super::SqliteStore;
use crate::domain::rows::TraceLine;
use crate::domain::search::{SearchStore, Sieve, Sifted, Volume};
use crate::domain::store::StoreError;

/// The file of full text beside a database. It follows from the database and may be deleted while no server runs.
pub(super) fn text_path(database: &Path) -> PathBuf {
    PathBuf::from(format!("{}-text", database.display()))
}

/// Removes the file of full text of a database that no server has; the next one makes it anew.
pub(super) fn forget_texts(database: &Path) {
    for end in ["", "-wal", "-shm"] {
        let path = format!("{}{end}", text_path(database).display());
        if let Err(error) = std::fs::remove_file(&path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path, "full text cannot be removed");
        }
    }
}

#[async_trait]
impl SearchStore for SqliteStore {
    async fn sift(
        &self,
        object: ObjectRef,
        sieve: &Sieve,
        before: i64,
        limit: u32,
        deadline: Instant,
    ) -> Result<Sifted, StoreError> {
        let (sieve, index) = (sieve.clone(), Arc::clone(self.indexer.index()));
        let sift = move |conn: &rusqlite::Connection| plan::sift(conn, &index, object, &sieve, before, limit, deadline);
        self.searches.read(Some(deadline), sift).await
    }

    async fn trace_lines(&self, object: ObjectRef, roots: &[String]) -> Result<Vec<TraceLine>, StoreError> {
        self.lines_of_traces(object, roots).await
    }

    async fn labels(
        &self,
        object: ObjectRef,
        prefix: &str,
        limit: u32,
        most: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let prefix = prefix.to_owned();
        self.searches.read(None, move |conn| read::labels(conn, object, &prefix, limit, most)).await
    }

    async fn volume(&self, object: ObjectRef, from: i64, width: i64, count: u32) -> Result<Vec<Volume>, StoreError> {
        self.searches.read(None, move |conn| read::volume(conn, object, from, width, count)).await
    }

    async fn full_text_behind(&self) -> Result<i64, StoreError> {
        let behind = self.indexer.index().behind();
        let last = move |conn: &rusqlite::Connection| {
            let last: i64 = conn.query_row("select coalesce(max(pk), 0) from row", [], |row| row.get(0))?;
            Ok((last - behind.after).max(0) + behind.rewritten.len() as i64)
        };
        self.searches.read(None, last).await
    }

    async fn span_of_time(&self, object: ObjectRef) -> Result<Option<(i64, i64)>, StoreError> {
        self.searches.read(None, move |conn| read::span_of_time(conn, object)).await
    }
}
