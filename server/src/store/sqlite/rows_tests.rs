//! What only a file can do. Everything that any store must do is in `store::contract`.

use std::sync::Arc;

use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::moment::Moment;
use concord_shared::row::{Write, parse};
use serde_json::json;

use super::SqliteStore;
use crate::domain::rows::RowStore;
use crate::domain::store::{Commit, CommitStore, RowsCommit, StoreError};

fn commit(project: ProjectId, id: &str, input: &str) -> Arc<[Commit]> {
    let row = json!({"id": id, "input": input}).to_string();
    let Write::Row(write) = parse(&row, &mut || "made".into()).expect("a row").write else { panic!("a comment") };
    Arc::new([Commit::Rows(RowsCommit { project, object: ObjectRef::logs(project), writes: vec![*write] })])
}

/// SQLite rolls a transaction back by itself when the disk is full. The one writing connection must not be lost to that.
#[tokio::test]
async fn writing_goes_on_once_a_full_disk_has_room_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("concord.db")).await.expect("a store");
    let project = ProjectId::new();
    store.commit(commit(project, "before", ""), Moment(0)).await.expect("stored");
    let pages: i64 = sqlx::query_scalar("pragma page_count").fetch_one(&store.writer).await.expect("a count");
    let bound = format!("pragma max_page_count = {}", pages + 2);
    sqlx::query(sqlx::AssertSqlSafe(bound)).execute(&store.writer).await.expect("a disk of that size");
    let refused = store.commit(commit(project, "large", &"x".repeat(1 << 20)), Moment(1)).await;
    let refused = refused.expect_err("no room for it");
    assert!(matches!(&refused, StoreError::Unavailable(text) if text.contains("full")), "{refused}");
    // The bound was the connection's own: its successor has room.
    store.commit(commit(project, "small", "y"), Moment(2)).await.expect("writing goes on");
    let ids = ["before".to_owned(), "large".to_owned(), "small".to_owned()];
    let stored = store.rows(ObjectRef::logs(project), &ids).await.expect("rows");
    assert_eq!(stored.keys().collect::<Vec<_>>(), ["before", "small"]);
}
