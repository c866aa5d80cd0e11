//! PostgreSQL 15 or newer: several servers may write to one database.
//!
//! Every statement names its rows by key, so each connection is told to find them by index: while tables are young their
//! statistics say that they are empty, and a plan made then would read them from end to end later.

mod accounts;
mod attachments;
mod audit;
mod changes;
mod commits;
mod keys;
mod labels;
mod locks;
mod metrics;
mod notices;
mod objects;
mod outcomes;
mod project_scores;
mod projects;
mod rederive;
mod reviews;
mod row_columns;
mod rows;
mod scores;
#[cfg(test)]
pub(crate) mod scratch;
mod search;
mod tags;
mod text;
mod trace_sums;
mod traces;
pub mod upkeep;
mod versions;
mod views;
mod webhooks;

use std::str::FromStr as _;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

use crate::domain::store::{Store, StoreError};

/// The first version that is tested. Servers say their version as one number.
const OLDEST: i32 = 150_000;

/// Connections that write: the committer's one transaction, and accounts, new reviews and snapshots beside it. With
/// [`READERS`] twelve for each process: eight processes fit into the hundred that PostgreSQL allows unless told otherwise.
const WRITERS: u32 = 4;

/// Connections that read: as many as a small server has cores to answer with, so that one slow list does not hold up the rest.
const READERS: u32 = 8;

/// How long a caller waits for a connection before the answer is "unavailable".
const POOL_WAIT: Duration = Duration::from_secs(5);

/// How long the first connection may take; beyond it the host is taken to be unreachable.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// For every connection, checked by the server. A statement that takes half a minute, or waits as long for another server's
/// lock, is broken off, and so is a transaction whose client has fallen silent with locks in its hand: the other servers go
/// on. A disconnected client's statement ends within ten seconds, not when it is done.
const SETTINGS: [(&str, &str); 7] = [
    ("statement_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "30s"),
    ("client_connection_check_interval", "10s"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
];

/// Begins a transaction whose statements all see the database as of the first.
const ONE_MOMENT: &str = "begin isolation level repeatable read read only";

/// Names the advisory lock that every writing connection shares and that a rebuild has alone, together with the schema: such locks
/// are the database's, and several Concords may live in one. The letters are "concord".
const SERVERS: i64 = 0x63_6f6e_636f_7264;

/// A PostgreSQL database.
#[derive(Debug)]
pub struct PostgresStore {
    /// Connections that write.
    writer: PgPool,
    /// Connections that only read, so that readers never keep writers waiting for one.
    readers: PgPool,
}

impl PostgresStore {
    /// Connects and brings the schema up to date. Several servers may do so at once: they take turns.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let (mut connection, options) = Self::connect(url).await?;
        // The pools try again and again until they give up without a reason; this says it.
        register(&mut connection).await.map_err(|error| unreachable(&error))?;
        labels::make_missing(&mut connection).await?;
        connection.close().await?;
        let options = options.options(SETTINGS);
        let pool = || PgPoolOptions::new().acquire_timeout(POOL_WAIT);
        let writer = pool()
            .max_connections(WRITERS)
            .min_connections(1)
            .after_connect(|connection, _| Box::pin(register(connection)))
            .connect_with(options.clone())
            .await
            .map_err(|error| unreachable(&error))?;
        let readers = options.options([("default_transaction_read_only", "on")]);
        Ok(Self { writer, readers: pool().max_connections(READERS).connect_lazy_with(readers) })
    }

    /// One connection, to a database whose schema is up to date. Without the time limits of the pools, since a migration of a
    /// large database may take its time.
    async fn connect(url: &str) -> Result<(PgConnection, PgConnectOptions), StoreError> {
        let options = PgConnectOptions::from_str(url).map_err(|error| unreachable(&error))?;
        let options = options.application_name("concord");
        let connecting = tokio::time::timeout(CONNECT_WAIT, PgConnection::connect_with(&options));
        let mut connection = connecting
            .await
            .map_err(|_| StoreError::Unavailable(format!("no answer within {} s", CONNECT_WAIT.as_secs())))?
            .map_err(|error| unreachable(&error))?;
        check_version(&mut connection).await?;
        sqlx::migrate!("../migrations/postgres").run(&mut connection).await.map_err(|error| {
            StoreError::Unavailable(format!("cannot bring the schema up to date: {}", one_line(&error.to_string())))
        })?;
        Ok((connection, options))
    }
}

/// Shows for as long as a connection lives that somebody may write. Refused while `concord rebuild` is at work.
async fn register(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let query = sqlx::query_scalar("select pg_try_advisory_lock_shared(hashtextextended(current_schema(), $1))");
    if query.bind(SERVERS).fetch_one(connection).await? {
        Ok(())
    } else {
        Err(sqlx::Error::Protocol("the database is being rebuilt; wait until concord rebuild has ended".to_owned()))
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn is_shared(&self) -> bool {
        true
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn check_version(connection: &mut PgConnection) -> Result<(), StoreError> {
    let (number, shown): (i32, String) =
        sqlx::query_as("select current_setting('server_version_num')::integer, current_setting('server_version')")
            .fetch_one(connection)
            .await?;
    if number < OLDEST {
        return Err(StoreError::Unavailable(format!("it is PostgreSQL {shown}; version 15 or newer is needed")));
    }
    Ok(())
}

/// Why there is no connection, without the URL, which may hold a password.
fn unreachable(error: &sqlx::Error) -> StoreError {
    StoreError::Unavailable(match error {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => one_line(error.message()),
        sqlx::Error::Protocol(detail) => one_line(detail),
        sqlx::Error::Configuration(error) => {
            format!("its URL is not like postgres://user:password@host:5432/name: {error}")
        }
        other => one_line(&other.to_string()),
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
