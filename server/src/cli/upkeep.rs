//! `concord audit verify`, `concord rebuild`, `concord backup`, `concord restore`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::meter::Meter;
use super::{Attachments, Database, copy_files, failed, misconfigured};
use crate::config;
use crate::domain::upkeep::{self, Finding, Stop, Witness, hex};
use crate::files::Place;
use crate::store;
use crate::store::sqlite::upkeep::backup::{self, CopyError};

/// Differences that a rebuild prints one by one; beyond it they are only counted.
const SHOWN: u64 = 100;

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Check every audit entry, change, document, row and counter; exit code 1 at the first that is wrong
    Verify(Database),
}

/// `concord audit verify`.
pub(super) async fn verify(database: &Database) -> ExitCode {
    let database = match database.check() {
        Ok(database) => database,
        Err(line) => return misconfigured(&line),
    };
    let mut store = match store::inspect(&database).await {
        Ok(store) => store,
        Err(error) => return misconfigured(&format!("cannot open the database {database}: {error}")),
    };
    let mut meter = Meter::default();
    match upkeep::verify(&mut *store, &mut |part, done, of| meter.show(part, done, of)).await {
        Ok(summary) => {
            for (project, tip) in &summary.tips {
                println!("project {project}: {} entries, the last {}", tip.sequence, hex(&tip.hash));
            }
            let extent = summary.extent;
            println!(
                "sound: {} audit entries, {} reviews with {} changes, {} rows",
                extent.entries, extent.reviews, summary.changes, extent.rows
            );
            ExitCode::SUCCESS
        }
        Err(Stop::Found(finding)) => failed(&finding.to_string()),
        Err(Stop::Store(error)) => failed(&error.to_string()),
    }
}

/// `concord rebuild`.
pub(super) async fn rebuild(database: &Database) -> ExitCode {
    let database = match database.check() {
        Ok(database) => database,
        Err(line) => return misconfigured(&line),
    };
    let mut store = match store::exclusive(&database).await {
        Ok(store) => store,
        Err(error) => return misconfigured(&format!("cannot open the database {database}: {error}")),
    };
    let mut printer = Printer::default();
    let rebuilt = match upkeep::rebuild(&mut *store, &mut printer).await {
        Ok(rebuilt) => rebuilt,
        Err(Stop::Found(finding)) => return failed(&finding.to_string()),
        Err(Stop::Store(error)) => return failed(&error.to_string()),
    };
    if let Err(error) = store.finish().await {
        return failed(&format!("nothing was changed: {error}"));
    }
    if printer.mended > SHOWN {
        println!("… and {} more", printer.mended - SHOWN);
    }
    let extent = rebuilt.extent;
    println!("rebuilt: {} reviews, {} rows; {} differed", extent.reviews, extent.rows, rebuilt.mended);
    if rebuilt.failed > 0 {
        return failed(&format!(
            "{} could not be derived, because what they are derived from is damaged; concord audit verify says more",
            rebuilt.failed
        ));
    }
    ExitCode::SUCCESS
}

#[derive(Default)]
struct Printer {
    meter: Meter,
    mended: u64,
}

impl Witness for Printer {
    fn progress(&mut self, part: &'static str, done: u64, of: u64) {
        self.meter.show(part, done, of);
    }

    fn mended(&mut self, finding: &Finding) {
        self.mended += 1;
        if self.mended <= SHOWN {
            println!("{finding}");
        }
    }

    fn failed(&mut self, finding: &Finding) {
        eprintln!("left as it is: {finding}");
    }
}

/// The file of a SQLite database and where its attachments are. PostgreSQL has programs of its own that copy a database as of one
/// moment.
fn places(database: &Database, attachments: Attachments, instead: &str) -> Result<(PathBuf, Place), String> {
    let database = database.check()?;
    let place = config::attachments(attachments.place.filter(|place| !place.trim().is_empty()), &database)?;
    match database {
        config::Database::Sqlite(path) => Ok((path, place)),
        config::Database::Postgres(_) => Err(format!("this copies a SQLite file; for PostgreSQL say: {instead}")),
    }
}

/// `concord backup`.
pub(super) async fn backup(dest: &Path, database: &Database, attachments: Attachments) -> ExitCode {
    let instead = "pg_dump --format=custom --file=COPY postgres://…, then copy the folder of attachments";
    let (path, place) = match places(database, attachments, instead) {
        Ok(places) => places,
        Err(line) => return misconfigured(&line),
    };
    finish(backup::backup(&path, dest).await, dest, || copy_files::save(&place, dest))
}

/// `concord restore`.
pub(super) async fn restore(source: &Path, database: &Database, attachments: Attachments) -> ExitCode {
    let instead = "pg_restore --exit-on-error --dbname=postgres://… COPY, then copy the folder of attachments";
    let places = places(database, attachments, instead);
    let checked = places.and_then(|(path, place)| copy_files::check(&place, source).map(|()| (path, place)));
    let (path, place) = match checked {
        Ok(places) => places,
        Err(line) => return misconfigured(&line),
    };
    finish(backup::restore(source, &path).await, &path, || copy_files::restore(&place, source))
}

/// Says what was written; `files` copies the attachments once the database is there.
fn finish(written: Result<u64, CopyError>, to: &Path, files: impl FnOnce() -> copy_files::Outcome) -> ExitCode {
    match written {
        Ok(bytes) => println!("wrote {} ({bytes} bytes)", to.display()),
        Err(CopyError::Refused(line)) => return misconfigured(&line),
        Err(error @ CopyError::Failed(_)) => return failed(&error.to_string()),
    }
    match files() {
        Ok(line) => {
            line.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Err(line) => failed(&line),
    }
}
