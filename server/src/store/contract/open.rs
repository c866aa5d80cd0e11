//! An empty store of each kind.

use std::any::Any;
use std::sync::Arc;

use crate::domain::store::Store;
use crate::store::memory::MemoryStore;
use crate::store::postgres::{PostgresStore, scratch::Scratch};
use crate::store::sqlite::SqliteStore;

/// An empty store, and whatever must live as long as it does.
pub(super) struct Opened {
    pub(super) store: Arc<dyn Store>,
    pub(super) keep: Box<dyn Any + Send>,
}

/// Maps behind a lock.
pub(super) async fn memory() -> Option<Opened> {
    Some(Opened { store: Arc::new(MemoryStore::default()), keep: Box::new(()) })
}

/// A file in a folder of its own.
pub(super) async fn sqlite() -> Option<Opened> {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("concord.db")).await.expect("a store");
    Some(Opened { store: Arc::new(store), keep: Box::new(folder) })
}

/// A schema of its own in the PostgreSQL that `CONCORD_TEST_POSTGRES` names.
pub(super) async fn postgres() -> Option<Opened> {
    let scratch = Scratch::new().await?;
    let store = PostgresStore::open(&scratch.url()).await.expect("a store");
    Some(Opened { store: Arc::new(store), keep: Box::new(scratch) })
}
