//! What only a file can do. Everything that any store must do is in `store::contract`.

use std::sync::Arc;

use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::moment::Moment;
use concord_shared::row::{Write, parse};
use serde_json::json;

use super::SqliteStore;
use super::writer::{self, Writer};
use crate::domain::rows::RowStore;
use crate::domain::store::{Commit, CommitStore, RowsCommit, StoreError};

fn commit(project: ProjectId, id: &str, input: &str) -> Arc<[Commit]> {
    let row = json!({"id": id, "input": input}).to_string();
    let Write::Row(write) = parse(&row, &mut || "made".into()).expect("a row").write else { panic!("a comment") };
    Arc::new([Commit::Rows(RowsCommit::new(project, ObjectRef::logs(project), vec![*write]))])
}

/// SQLite rolls a transaction back by itself when the disk is full. The writing connection must not be lost to that.
#[tokio::test]
async fn writing_goes_on_after_a_full_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("concord.db");
    let mut store = SqliteStore::open(&path).await.expect("a store");
    let connection = writer::open(&path).expect("a connection");
    // Of 4 KiB: a third of them hold the schema.
    connection.execute_batch("pragma max_page_count = 200").expect("a disk of that size");
    store.batches = Writer::start(connection, Arc::clone(store.indexer.index())).expect("a writer");
    let project = ProjectId::new();
    store.commit(commit(project, "before", ""), Moment(0)).await.expect("stored");
    let refused = store.commit(commit(project, "large", &"x".repeat(1 << 20)), Moment(1)).await;
    let refused = refused.expect_err("no room for it");
    assert!(matches!(&refused, StoreError::Unavailable(text) if text.contains("full")), "{refused}");
    store.commit(commit(project, "small", "y"), Moment(2)).await.expect("writing goes on");
    let ids = ["before".to_owned(), "large".to_owned(), "small".to_owned()];
    let stored = store.rows(ObjectRef::logs(project), &ids).await.expect("rows");
    assert_eq!(stored.keys().collect::<Vec<_>>(), ["before", "small"]);
}
