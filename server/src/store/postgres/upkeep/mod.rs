//! Upkeep of a PostgreSQL database: one connection with one transaction, so that everything is read as of one moment and
//! rebuilt as a whole.

mod inspect;
mod mend;
mod rows;

use sqlx::postgres::PgConnection;

use super::{ONE_MOMENT, PostgresStore, SERVERS};
use crate::domain::store::StoreError;

/// PostgreSQL's code for a lock that did not come in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// A connection inside a transaction. Without the time limits of servers: a large database takes as long as it takes.
pub struct PostgresUpkeep {
    conn: PgConnection,
}

impl PostgresUpkeep {
    /// To read, also while servers are writing.
    pub async fn inspect(url: &str) -> Result<Self, StoreError> {
        let (mut conn, _) = PostgresStore::connect(url).await?;
        sqlx::query(ONE_MOMENT).execute(&mut conn).await?;
        Ok(Self { conn })
    }

    /// To rebuild; refused while a server, or a command such as `concord member`, is connected.
    pub async fn exclusive(url: &str) -> Result<Self, StoreError> {
        let (mut conn, _) = PostgresStore::connect(url).await?;
        // A server that has just ended may still be leaving.
        sqlx::query("set lock_timeout = '2s'").execute(&mut conn).await?;
        // Held until the connection ends, so that no server starts meanwhile.
        let alone = sqlx::query("select pg_advisory_lock(hashtextextended(current_schema(), $1))");
        match alone.bind(SERVERS).execute(&mut conn).await {
            Ok(_) => {}
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => {
                let in_use = "the database is in use by a concord server; stop all of them first";
                return Err(StoreError::Unavailable(in_use.to_owned()));
            }
            Err(other) => return Err(other.into()),
        }
        sqlx::query("begin isolation level repeatable read").execute(&mut conn).await?;
        Ok(Self { conn })
    }
}
