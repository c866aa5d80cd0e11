//! Copies of a database, whole and of one moment, whether or not a server writes meanwhile.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::super::search::forget_texts;
use super::super::{lock, make_folder};
use super::must_exist;
use crate::domain::store::StoreError;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// What was asked for cannot be done; says what would be right.
    #[error("{0}")]
    Refused(String),
    /// Something failed on the way.
    #[error(transparent)]
    Failed(#[from] StoreError),
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

fn refused(line: String) -> CopyError {
    CopyError::Refused(line)
}

/// Writes everything that is durable now to a new file; its size in bytes. The file is there whole or not at all.
pub async fn backup(database: &Path, dest: &Path) -> Result<u64, CopyError> {
    must_exist(database).map_err(refused)?;
    if dest.exists() {
        let right = "a backup overwrites nothing; name a file that does not exist";
        return Err(refused(format!("{} exists already: {right}", dest.display())));
    }
    copy(database, dest).await
}

/// Makes a new database of a backup; its size in bytes.
pub async fn restore(source: &Path, database: &Path) -> Result<u64, CopyError> {
    must_exist(source).map_err(refused)?;
    make_folder(database)?;
    let _lock = lock(database).map_err(|error| refused(error.to_string()))?;
    if database.exists() || beside(database, "-wal").exists() {
        let right = "restoring overwrites nothing; move it away, or name another with --database";
        return Err(refused(format!("{} exists already: {right}", database.display())));
    }
    check(source).await?;
    // That of a database which stood here before.
    forget_texts(database);
    copy(source, database).await
}

/// Whether a file is a database of ours, sound, and not of a later version.
async fn check(source: &Path) -> Result<(), CopyError> {
    let not_ours = |detail: String| refused(format!("{} cannot be restored: {detail}", source.display()));
    let mut conn = open(source).await.map_err(|error| not_ours(error.to_string()))?;
    let version: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations, progress")
        .fetch_one(&mut conn)
        .await
        .map_err(|error| not_ours(format!("it is no database of Concord ({error})")))?;
    let known = sqlx::migrate!("../migrations/sqlite").iter().map(|migration| migration.version).max();
    if Some(version) > known {
        return Err(not_ours("it was written by a later version of Concord".to_owned()));
    }
    let found: Vec<String> = sqlx::query_scalar("pragma integrity_check(1)").fetch_all(&mut conn).await?;
    match found.into_iter().find(|line| line != "ok") {
        Some(damage) => Err(not_ours(damage)),
        None => Ok(conn.close().await?),
    }
}

async fn open(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(5));
    SqliteConnection::connect_with(&options).await
}

/// A copy as of one moment under a name of its own, which becomes `to` once it is on the disk.
async fn copy(from: &Path, to: &Path) -> Result<u64, CopyError> {
    let partial = Partial(beside(to, &format!(".{}.partial", std::process::id())));
    let mut conn = open(from).await?;
    sqlx::query("vacuum into $1").bind(partial.0.to_string_lossy()).execute(&mut conn).await?;
    conn.close().await?;
    let kept = keep(&partial.0, to);
    Ok(kept.map_err(|error| StoreError::Unavailable(format!("{}: {error}", to.display())))?)
}

/// Removed again unless it has got its name.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn keep(partial: &Path, to: &Path) -> io::Result<u64> {
    let file = File::open(partial)?;
    file.sync_all()?;
    // Unlike a rename, a link never overwrites; not every file system has them.
    if let Err(error) = fs::hard_link(partial, to) {
        if error.kind() == io::ErrorKind::AlreadyExists || to.exists() {
            return Err(error);
        }
        fs::rename(partial, to)?;
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()?;
    Ok(file.metadata()?.len())
}

/// The path with `end` after its name.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
