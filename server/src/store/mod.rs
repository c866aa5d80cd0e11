//! SQL and nothing else: implementations of the domain's store traits.

use std::sync::Arc;

use crate::config::Database;
use crate::domain::store::{Store, StoreError};
use crate::domain::upkeep::{Inspect, Mend};

#[cfg(test)]
pub(crate) mod contract;
#[cfg(test)]
pub(crate) mod memory;
pub mod postgres;
pub mod sqlite;

/// Opens a database for a server and brings its schema up to date.
pub async fn open(database: &Database) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match database {
        Database::Sqlite(path) => Arc::new(sqlite::SqliteStore::open(path).await?),
        Database::Postgres(url) => Arc::new(postgres::PostgresStore::open(url).await?),
    })
}

/// Opens it for a short command, whether or not a server is running on it.
pub async fn open_beside(database: &Database) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match database {
        Database::Sqlite(path) => Arc::new(sqlite::SqliteStore::open_beside(path).await?),
        Database::Postgres(url) => Arc::new(postgres::PostgresStore::open(url).await?),
    })
}

/// Opens it to read everything as of one moment, whether or not a server is writing.
pub async fn inspect(database: &Database) -> Result<Box<dyn Inspect>, StoreError> {
    Ok(match database {
        Database::Sqlite(path) => Box::new(sqlite::upkeep::SqliteUpkeep::inspect(path).await?),
        Database::Postgres(url) => Box::new(postgres::upkeep::PostgresUpkeep::inspect(url).await?),
    })
}

/// Opens it to make anew what is derived; refused while a server has it.
pub async fn exclusive(database: &Database) -> Result<Box<dyn Mend>, StoreError> {
    Ok(match database {
        Database::Sqlite(path) => Box::new(sqlite::upkeep::SqliteUpkeep::exclusive(path).await?),
        Database::Postgres(url) => Box::new(postgres::upkeep::PostgresUpkeep::exclusive(url).await?),
    })
}
