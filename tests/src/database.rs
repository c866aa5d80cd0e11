//! Where a test server keeps its data: a file, or with `CONCORD_TEST_STORE=postgres` a schema of the PostgreSQL that
//! `CONCORD_TEST_POSTGRES` names. Either vanishes with the test.

use std::path::PathBuf;

use concord_server::config::Database;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;

/// A database of a test's own.
pub enum TestDatabase {
    /// `concord.db` in this folder.
    File(TempDir),
    /// A schema.
    Schema(Schema),
}

impl TestDatabase {
    /// Makes one of the kind that the environment asks for.
    pub async fn new() -> Self {
        match std::env::var("CONCORD_TEST_STORE").as_deref() {
            Ok("postgres") => {
                let schema = Schema::new().await;
                Self::Schema(schema.expect("CONCORD_TEST_POSTGRES; say tests/setup/postgres.sh cargo test"))
            }
            Ok("sqlite") | Err(_) => Self::new_file(),
            Ok(other) => panic!("CONCORD_TEST_STORE is {other:?}, not sqlite or postgres"),
        }
    }

    /// A file, whatever the environment asks for.
    pub fn new_file() -> Self {
        Self::File(TempDir::new().expect("a temporary folder"))
    }

    /// Where it is.
    pub fn place(&self) -> Database {
        match self {
            Self::File(folder) => Database::Sqlite(folder.path().join("concord.db")),
            Self::Schema(schema) => Database::Postgres(schema.url()),
        }
    }

    /// Where its attachments are.
    pub fn attachments(&self) -> PathBuf {
        match self {
            Self::File(folder) => folder.path().join("attachments"),
            Self::Schema(schema) => schema.attachments.path().to_path_buf(),
        }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::File(folder) => Some(folder.path().join("concord.db")),
            Self::Schema(_) => None,
        }
    }
}

/// A schema that nobody else uses.
pub struct Schema {
    server: String,
    name: String,
    attachments: TempDir,
}

impl Schema {
    /// `None`, said aloud, where no server was named.
    pub async fn new() -> Option<Self> {
        let Ok(server) = std::env::var("CONCORD_TEST_POSTGRES") else {
            eprintln!("SKIPPED: CONCORD_TEST_POSTGRES names no PostgreSQL; say tests/setup/postgres.sh cargo test");
            return None;
        };
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        run(&server, format!("create schema {name}")).await;
        Some(Self { server, name, attachments: TempDir::new().expect("a temporary folder") })
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("{}?options=-csearch_path%3D{}", self.server, self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (server, drop) = (self.server.clone(), format!("drop schema {} cascade", self.name));
        // A runtime cannot be entered from within another.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(run(&server, drop));
        });
        // A failure has been printed; a second panic while a test fails would hide why.
        let _ = dropping.join();
    }
}

async fn run(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server).await.expect("PostgreSQL answers");
    // Safe: the name is made of hex.
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.expect("a statement that succeeds");
}
