//! A stopped server's database with something of everything in it, and ways to alter copies of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use concord_server::domain::upkeep::{Finding, Inspect, Stop, Summary, verify};
use concord_server::store::sqlite::upkeep::SqliteUpkeep;
use concord_tests::database::TestDatabase;
use concord_tests::review::Review;
use concord_tests::server::TestServer;
use serde_json::json;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

/// Changes beyond the first snapshot.
const EDITS: usize = 205;

/// A database that nobody has open.
pub(super) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// Of a server that was filled and stopped.
    pub(super) async fn closed() -> Self {
        // A file, which can be copied and altered.
        let server = TestServer::start_on(TestDatabase::new_file(), Some(TestServer::acme())).await;
        let mut review = Review::on(server).await;
        fill(&review).await;
        review.server.stop().await;
        let folder = TempDir::new().expect("a folder");
        let file = review.server.database().file().expect("a file");
        std::fs::copy(file, folder.path().join("origin.db")).expect("a copy");
        Self { folder }
    }

    /// A copy of its own.
    pub(super) fn copy(&self, name: &str) -> PathBuf {
        let to = self.folder.path().join(name);
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", to.display()));
        }
        std::fs::copy(self.folder.path().join("origin.db"), &to).expect("a copy");
        to
    }
}

/// Members edit over the socket, end users over REST; a dataset has versions; rows come as traces, one is deleted, one is never reviewed and has
/// numbers that take all of their digits.
pub(super) async fn fill(review: &Review) {
    let failure = json!({"categories": [{"name": "Late", "value": 0}, {"name": "Rude", "value": 1}],
        "config": {"destination": "expected", "multi_select": true}});
    review.server.score(&review.project, "Failure", "categorical", failure).await;
    let call = |id: &str, model: &str| {
        json!({"id": id, "span_id": id, "root_span_id": "row-1", "span_parents": ["row-1"], "input": "q",
            "span_attributes": {"type": "llm", "name": "call"}, "metadata": {"model": model}, "error": "late",
            "metrics": {"tokens": 12, "cost": 0.25, "start": 1.0, "end": 2.5}, "scores": {"Tone": 0.75}})
    };
    review.log(call("call-1", "small")).await;
    review.log(call("call-2", "small")).await;
    review.log(json!({"id": "call-2", "_object_delete": true})).await;
    review.log(json!({"id": "plain", "input": "nobody reviews this", "scores": {"Correctness": 1, "Tone": 0.8400000000000001},
        "metrics": {"start": 1794909639.6198945, "end": 1794909642.657073}})).await;

    let (eva, noor) = (review.server.member("reviewer").await, review.server.member("lead").await);
    let mut a = review.peer(&eva, "a").await;
    let mut b = review.peer(&noor, "b").await;
    for edit in 0..EDITS {
        review.server.wait(Duration::from_secs(1));
        a.score(&eva.id, "Tone", edit as f64 / 1000.0).await;
    }
    b.score(&noor.id, "Tone", 0.5).await;
    a.settle().await;
    b.settle().await;
    let feedback = format!("/v1/project_logs/{}/feedback", review.project);
    for (client, item) in [
        (&noor.client, json!({"id": "row-1", "scores": {"Failure": ["Rude"]}, "comment": "see", "source": "app"})),
        (
            &review.server.owner(),
            json!({"id": "call-1", "feedback_id": "f1", "scores": {"Tone": 0}, "expected": "better", "tags": ["new"],
                "metadata": {"user_id": "u1", "page": "/help"}}),
        ),
    ] {
        review.server.wait(Duration::from_secs(1));
        client.post(&feedback, json!({"feedback": [item]})).await.ok();
    }

    // A record of a dataset with three versions: written, changed, corrected; and one that was deleted.
    let owner = review.server.owner();
    let dataset = owner.post("/v1/dataset", json!({"project_id": review.project, "name": "Cases"})).await.ok();
    let path = |call: &str| format!("/v1/dataset/{}/{call}", dataset["id"].as_str().expect("an id"));
    for event in [
        json!({"id": "case-1", "input": "q", "expected": "first", "tags": []}),
        json!({"id": "case-1", "_is_merge": true, "expected": "second"}),
        json!({"id": "case-2", "input": "r"}),
        json!({"id": "case-2", "_object_delete": true}),
    ] {
        owner.post(&path("insert"), json!({"events": [event]})).await.ok();
    }
    owner
        .post(&path("feedback"), json!({"feedback": [{"id": "case-1", "expected": "third", "source": "app"}]}))
        .await
        .ok();
}

/// A connection that may break everything.
pub(super) async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
    SqliteConnection::connect_with(&options).await.expect("a database")
}

/// Runs statements.
pub(super) async fn run(path: &Path, statements: &[&str]) {
    let mut conn = connect(path).await;
    for statement in statements {
        let altered = sqlx::query(sqlx::AssertSqlSafe(*statement)).execute(&mut conn).await;
        let altered = altered.unwrap_or_else(|error| panic!("{statement}: {error}"));
        assert!(altered.rows_affected() > 0, "{statement} alters nothing");
    }
    conn.close().await.expect("it closes");
}

/// What a verification says.
pub(super) async fn verified(path: &Path) -> Result<Summary, Finding> {
    let mut store = SqliteUpkeep::inspect(path).await.expect("a database");
    outcome(&mut store).await
}

/// The same of whatever database.
pub(super) async fn outcome(store: &mut dyn Inspect) -> Result<Summary, Finding> {
    match verify(store, &mut |_, _, _| {}).await {
        Ok(summary) => Ok(summary),
        Err(Stop::Found(finding)) => Err(*finding),
        Err(Stop::Store(error)) => panic!("{error}"),
    }
}
