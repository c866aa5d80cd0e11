//! Whatever is derived can be thrown away.

use std::path::Path;

use concord_server::domain::upkeep::{Finding, Mend as _, Rebuilt, Witness, rebuild};
use concord_server::store::sqlite::upkeep::SqliteUpkeep;
use sqlx::{AssertSqlSafe, Connection as _};

use super::desk::{Desk, connect, run, verified};

#[derive(Default)]
struct Notes(Vec<String>);

impl Witness for Notes {
    fn progress(&mut self, _: &'static str, _: u64, _: u64) {}
    fn mended(&mut self, finding: &Finding) {
        self.0.push(finding.to_string());
    }
    fn failed(&mut self, finding: &Finding) {
        self.0.push(format!("failed: {finding}"));
    }
}

async fn rebuilt(path: &Path, keep: bool) -> (Rebuilt, Vec<String>) {
    let mut store = Box::new(SqliteUpkeep::exclusive(path).await.expect("a database"));
    let mut notes = Notes::default();
    let done = rebuild(&mut *store, &mut notes).await.unwrap_or_else(|stop| panic!("{stop:?}"));
    if keep {
        store.finish().await.expect("it is kept");
    }
    (done, notes.0)
}

/// Everything in the derived tables and columns, as one text.
async fn derived(path: &Path) -> String {
    let mut conn = connect(path).await;
    let mut all = String::new();
    for (table, columns) in [
        ("row", "pk, name, kind, model, duration, tokens, cost, has_error, is_root, status, line, overlay, counted"),
        ("row_score", "row, score, value, source"),
        ("row_comment", "comment_id, row_id"),
        ("trace", "root_span_id, xact, spans, errors, tokens, cost, model"),
        ("metric_counter", "hex(object_id), key, value"),
        ("review", "hex(document_id), revision, hex(heads), status, state"),
    ] {
        let filter = if table == "metric_counter" { "where value <> 0" } else { "" };
        let query = format!(
            "select json_group_array(json_array({columns})) from (select * from {table} {filter} order by 1, 2, 3)"
        );
        let text: String = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut conn).await.expect("rows");
        all += &text;
    }
    conn.close().await.expect("it closes");
    all
}

#[tokio::test]
async fn r3_r5_what_is_derived_can_be_thrown_away_and_comes_back_the_same() {
    let desk = Desk::closed().await;
    let origin = desk.copy("origin-derived.db");
    let before = derived(&origin).await;
    let (done, notes) = rebuilt(&origin, true).await;
    assert_eq!((done.mended, done.failed, notes), (0, 0, vec![]), "a sound database is left as it is");

    let path = desk.copy("thrown.db");
    run(
        &path,
        &[
            "delete from row_score",
            "delete from row_comment",
            "delete from trace",
            "delete from metric_counter",
            "insert into row_score values (4711, 'Tone', 0, x'00', 1, 'human')",
            "update review set state = '{}', status = 'complete' where revision > 0",
            "update review set snapshot = x'00' where snapshot is not null",
            "update row set line = '{}', overlay = null, counted = null, status = 'awaiting', name = 'x', cost = 1, is_root = 0",
        ],
    )
    .await;
    let (done, _) = rebuilt(&path, false).await;
    assert!(done.mended > 8, "{done:?}");
    assert_ne!(derived(&path).await, before, "an interrupted rebuild has changed nothing");
    let (again, notes) = rebuilt(&path, true).await;
    assert_eq!(again, done);
    assert!(notes.iter().any(|note| note.contains("row \"row-1\": the line is {}; right would be")), "{notes:#?}");
    assert_eq!(derived(&path).await, before);
    verified(&path).await.unwrap_or_else(|finding| panic!("{finding}"));
}

#[tokio::test]
async fn what_cannot_be_derived_is_left_and_named() {
    let desk = Desk::closed().await;
    let path = desk.copy("damaged.db");
    run(&path, &["update review_change set bytes = x'00' where revision = 3", "delete from row_score"]).await;
    let (done, notes) = rebuilt(&path, true).await;
    assert!(done.failed > 0 && done.mended > 0, "{done:?}");
    assert!(
        notes.iter().any(|note| note.starts_with("failed: document ") && note.contains("revision 3")),
        "{notes:#?}"
    );
}
