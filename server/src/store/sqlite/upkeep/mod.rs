//! Upkeep of a SQLite file: one connection with one transaction, so that everything is read as of one moment and
//! rebuilt as a whole.

pub mod backup;
mod inspect;
mod mend;
mod rows;

use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::{SqliteStore, lock};
use crate::domain::store::{Store as _, StoreError};

/// A connection inside a transaction.
pub struct SqliteUpkeep {
    conn: SqliteConnection,
    /// Held while rebuilding: no server may write meanwhile.
    _lock: Option<File>,
    database: PathBuf,
}

impl SqliteUpkeep {
    /// To read, also while a server is writing. As long as it lives the log of the database grows.
    pub async fn inspect(path: &Path) -> Result<Self, StoreError> {
        must_exist(path).map_err(StoreError::Unavailable)?;
        migrate(SqliteStore::open_beside(path).await?).await;
        Self::begin(path, "begin", "on", None).await
    }

    /// To rebuild; refused while a server has the database.
    pub async fn exclusive(path: &Path) -> Result<Self, StoreError> {
        must_exist(path).map_err(StoreError::Unavailable)?;
        let held = lock(path)?;
        migrate(SqliteStore::open_beside(path).await?).await;
        Self::begin(path, "begin immediate", "off", Some(held)).await
    }

    async fn begin(
        path: &Path,
        begin: &'static str,
        read: &'static str,
        held: Option<File>,
    ) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(5))
            .pragma("synchronous", "full")
            .pragma("query_only", read)
            .pragma("mmap_size", "1073741824")
            .pragma("cache_size", "-65536");
        let mut conn = SqliteConnection::connect_with(&options).await?;
        sqlx::query(begin).execute(&mut conn).await?;
        // A transaction that only reads begins with its first read.
        sqlx::query("select sequence from progress").fetch_optional(&mut conn).await?;
        Ok(Self { conn, _lock: held, database: path.to_owned() })
    }
}

/// Opening has brought the schema up to date, which is all that was wanted.
async fn migrate(store: SqliteStore) {
    store.close().await;
}

fn must_exist(path: &Path) -> Result<(), String> {
    if path.is_file() { Ok(()) } else { Err(format!("there is no database at {}", path.display())) }
}
