//! A schema of its own for each test, in the database that `CONCORD_TEST_POSTGRES` names; it vanishes with the test.
//! `tests/setup/postgres.sh COMMAND` runs a command with such a database.

#![allow(clippy::unwrap_used)]

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

/// A schema that nobody else uses.
pub(crate) struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    /// `None`, said aloud, where no server was named.
    pub(crate) async fn new() -> Option<Self> {
        let Ok(server) = std::env::var("CONCORD_TEST_POSTGRES") else {
            eprintln!("SKIPPED: CONCORD_TEST_POSTGRES names no PostgreSQL; say tests/setup/postgres.sh cargo test");
            return None;
        };
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        run(&server, format!("create schema {name}")).await;
        Some(Self { server, name })
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("{}?options=-csearch_path%3D{}", self.server, self.name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let (server, drop) = (self.server.clone(), format!("drop schema {} cascade", self.name));
        // A runtime cannot be entered from within another.
        let dropping = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run(&server, drop));
        });
        dropping.join().unwrap();
    }
}

async fn run(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    // Safe: the name is made of hex.
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}
