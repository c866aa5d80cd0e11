//! Both databases hold the same things under the same names.

use std::collections::BTreeMap;

use concord_server::config::Database;
use concord_server::store;
use concord_tests::database::{Schema, TestDatabase};
use sqlx::Row as _;

/// What a column is, whatever the dialect calls it.
type Column = (String, bool);

/// Tables, columns, and for each its kind and whether it may be absent.
type Tables = BTreeMap<String, BTreeMap<String, Column>>;

/// The word of both dialects for what a type holds.
fn kind(declared: &str) -> &'static str {
    match declared.to_ascii_lowercase().as_str() {
        "blob" | "bytea" | "uuid" => "bytes",
        "integer" | "bigint" | "smallint" | "boolean" => "number",
        "real" | "double precision" => "fraction",
        "text" => "text",
        other => panic!("a type that no table should have: {other}"),
    }
}

fn add(tables: &mut Tables, table: String, column: String, declared: &str, required: bool) {
    // SQLite has full text in a file of its own, filled in its own way.
    if !table.starts_with("_sqlx") && table != "row_text" {
        tables.entry(table).or_default().insert(column, (kind(declared).to_owned(), required));
    }
}

async fn of_sqlite(database: &Database) -> Tables {
    let Database::Sqlite(path) = database else { panic!("not a file") };
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("a database");
    let rows = sqlx::query(
        "select t.name as \"table\", c.name, c.type, c.\"notnull\" from sqlite_schema t, pragma_table_info(t.name) c \
         where t.type = 'table' and t.name not like 'sqlite_%'",
    );
    let mut tables = Tables::new();
    for row in rows.fetch_all(&pool).await.expect("columns") {
        add(&mut tables, row.get("table"), row.get("name"), row.get("type"), row.get("notnull"));
    }
    pool.close().await;
    tables
}

async fn of_postgres(database: &Database) -> Tables {
    let Database::Postgres(url) = database else { panic!("not a URL") };
    let pool = sqlx::PgPool::connect(url).await.expect("a database");
    let rows = sqlx::query(
        "select table_name::text, column_name::text, data_type::text, is_nullable = 'NO' as required \
         from information_schema.columns where table_schema = current_schema()",
    );
    let mut tables = Tables::new();
    for row in rows.fetch_all(&pool).await.expect("columns") {
        add(&mut tables, row.get(0), row.get(1), row.get(2), row.get(3));
    }
    pool.close().await;
    tables
}

#[tokio::test]
async fn both_dialects_have_the_same_tables_and_columns() {
    let Some(schema) = Schema::new().await else { return };
    let (file, schema) = (TestDatabase::new_file(), TestDatabase::Schema(schema));
    for database in [&file, &schema] {
        store::open(&database.place()).await.expect("a store").close().await;
    }
    let (sqlite, mut postgres) = (of_sqlite(&file.place()).await, of_postgres(&schema.place()).await);
    for (table, columns) in &sqlite {
        for (column, (kind, required)) in columns {
            let other = postgres.get_mut(table).and_then(|columns| columns.remove(column));
            // A key that SQLite numbers by itself is declared without `not null` and never absent.
            let required = *required || (column == "id" && kind == "number");
            assert_eq!(other, Some((kind.clone(), required)), "{table}.{column}");
        }
    }
    postgres.retain(|_, columns| !columns.is_empty());
    assert_eq!(postgres, Tables::new(), "only PostgreSQL has these");
    assert!(sqlite.len() > 15, "{:?}", sqlite.keys());
}
