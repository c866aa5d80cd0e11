//! One stored value altered at a time.

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column as _, Connection as _, Row as _, TypeInfo as _, ValueRef as _};

use super::desk::{Desk, connect, run, verified};

/// Tables that a verification covers.
const TABLES: [&str; 11] = [
    "audit_entry",
    "review_change",
    "review_actor",
    "review",
    "row",
    "row_score",
    "label",
    "row_label",
    "row_comment",
    "trace",
    "metric_counter",
];

/// Columns that nothing stored tells the right value of.
const FREE: [&str; 13] = [
    // Keys of their own, or where they stand.
    "audit_entry.id",
    "row.pk",
    // Said once, repeated nowhere.
    "review_change.connection",
    "review_change.feedback_id",
    "review.created_at",
    // Logged rows have no hash: what lists, scores, sums and counters show of them is checked, the rest is theirs.
    "row.id",
    "row.span_id",
    "row.span_parents",
    "row.created_at",
    "row.xact",
    "row.logged",
    // Hints: at least what rows say, and a model that some row had.
    "trace.xact",
    "trace.model",
];

#[tokio::test]
async fn r2_r3_r5_r7_an_altered_value_is_found_wherever_it_stands() {
    let desk = Desk::closed().await;
    let summary = verified(&desk.copy("sound.db")).await.unwrap_or_else(|finding| panic!("{finding}"));
    assert!(summary.changes > 55 && summary.tips.len() == 1, "{summary:?}");

    let mut conn = connect(&desk.copy("columns.db")).await;
    let (mut missed, mut tried) = (Vec::new(), 0);
    for table in TABLES {
        for column in columns(&mut conn, table).await {
            let name = format!("{table}.{column}");
            if FREE.contains(&name.as_str()) {
                continue;
            }
            let path = desk.copy("tampered.db");
            alter(&path, table, &column).await;
            tried += 1;
            match verified(&path).await {
                Ok(_) => missed.push(name),
                Err(finding) => println!("{name}: {finding}"),
            }
        }
    }
    assert!(missed.is_empty(), "altered and not found: {missed:?}");
    assert!(tried > 60, "{tried} columns");
}

async fn columns(conn: &mut SqliteConnection, table: &str) -> Vec<String> {
    let query = format!("select name from pragma_table_info('{table}')");
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(conn).await.expect("columns")
}

/// Flips the lowest bit of the middle byte of one value, the one in the middle of its table.
async fn alter(path: &std::path::Path, table: &str, column: &str) {
    let mut conn = connect(path).await;
    let select = format!("select \"{column}\" from {table} where \"{column}\" is not null");
    let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&mut conn).await.expect("rows");
    let row = rows.get(rows.len() / 2).unwrap_or_else(|| panic!("no row of {table} has a {column}"));
    let literal = |value: &str| format!("{value} where \"{column}\" = {}", shown(row, false));
    let update = format!("update or replace {table} set \"{column}\" = {}", literal(&shown(row, true)));
    sqlx::query(AssertSqlSafe(update.clone()))
        .execute(&mut conn)
        .await
        .unwrap_or_else(|error| panic!("{update}: {error}"));
    conn.close().await.expect("it closes");
}

/// A value as a literal, altered or not.
fn shown(row: &SqliteRow, altered: bool) -> String {
    let value = row.try_get_raw(0).expect("a value");
    let flip = |mut bytes: Vec<u8>| {
        let middle = bytes.len() / 2;
        if let Some(byte) = bytes.get_mut(middle).filter(|_| altered) {
            *byte ^= 1;
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    match value.type_info().name() {
        "INTEGER" => (row.get::<i64, _>(0) ^ i64::from(altered)).to_string(),
        "REAL" => format!("{:?}", row.get::<f64, _>(0) + if altered { 0.125 } else { 0.0 }),
        "BLOB" => format!("x'{}'", flip(row.get(0))),
        "TEXT" => format!("cast(x'{}' as text)", flip(row.get::<String, _>(0).into_bytes())),
        other => panic!("a column {} of type {other}", row.columns()[0].name()),
    }
}

#[tokio::test]
async fn the_first_bad_entry_is_named_with_what_was_found_and_what_would_be_right() {
    let desk = Desk::closed().await;
    for (name, statements, expected) in [
        (
            "an entry cut out",
            &["delete from audit_entry where sequence = 7"][..],
            &["entry 8", "entry 7 is missing", "right would be 7"][..],
        ),
        (
            "the end cut off",
            &["delete from audit_entry where sequence > 50"],
            &["revision", "audit entry is missing", "one of /"],
        ),
        (
            "an entry rewritten",
            &["update audit_entry set \"to\" = '1' where sequence = 9"],
            &["entry 9", "revision", "the hash is"],
        ),
        (
            "a change cut out",
            &["delete from review_change where revision = 9"],
            &["the change is not stored", "revision 9"],
        ),
        (
            "a change and its entries cut off",
            &[
                "delete from audit_entry where at = (select max(at) from audit_entry)",
                "delete from review_change where received_at = (select max(received_at) from review_change)",
            ],
            &["the revision is", "(its changes)"],
        ),
        (
            "an author changed everywhere but in the chain",
            &[
                "update review_change set author_id = x'000102030405060708090a0b0c0d0e0f' where author_id is not null",
                "update review_actor set author_id = x'000102030405060708090a0b0c0d0e0f' where author_id is not null",
            ],
            &["the author is", "by the entry", "one and the same"],
        ),
        (
            "a replica bound to another",
            &["update review_actor set author_id = x'000102030405060708090a0b0c0d0e0f' where author_id is not null"],
            &["by the binding of its replica"],
        ),
        (
            "a judgement raised",
            &["update review set state = replace(state, '0.204', '0.205')"],
            &["document", "the state is", "right would be"],
        ),
        (
            "a score raised",
            &["update row_score set value = 0.99 where source = 'human'"],
            &["row \"row-1\"", "effective scores", "0.99"],
        ),
        (
            "a counter raised",
            &["update metric_counter set value = value + 1 where key = '\"rows\"'"],
            &["counter \"rows\"", "by a recount"],
        ),
        ("a counter lost", &["delete from metric_counter where key = '\"rows\"'"], &["counter \"rows\"", "missing"]),
        ("a trace lost", &["delete from trace where root_span_id = 'row-1'"], &["trace \"row-1\"", "missing"]),
        (
            "the last version of a record altered",
            &["update row_version set logged = replace(logged, 'third', 'other')"],
            &["row \"case-1\"", "the last version is", "third"],
        ),
        (
            "the last version of a record lost",
            &["delete from row_version where logged like '%third%'"],
            &["row \"case-1\"", "the last version is", "second"],
        ),
        ("all versions of a record lost", &["delete from row_version where id = 'case-2'"], &["list of versions"]),
        (
            "a version of no record",
            &["update row_version set id = 'nobody' where logged like '%first%'"],
            &["version", "row nobody", "absent"],
        ),
        ("a row lost", &["delete from row where id = 'plain'"], &["right would be"]),
    ] {
        let path = desk.copy("tampered.db");
        run(&path, statements).await;
        let finding = verified(&path).await.err().unwrap_or_else(|| panic!("{name}: not found")).to_string();
        for part in expected {
            assert!(finding.contains(part), "{name}: {finding}");
        }
    }
}
