//! Ends the server in the middle of its work, again and again, and looks whether everything that anybody was told is
//! stored, or was shown, is still there when it is back.

mod caller;
mod crowd;
mod person;
mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use self::crowd::{Crowd, PEOPLE};
use self::server::Server;
use crate::api::Api;
use crate::failure::Failure;
use crate::process;
use crate::report::{Report, Unit};
use crate::world::World;

/// Rounds of work, each ended in another way.
#[derive(Debug, Clone, clap::Args)]
pub struct Crash {
    /// How often the server is ended
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rounds: u32,
    /// How it is ended, chosen anew for each round
    #[arg(long, value_delimiter = ',', default_values_t = [End::Kill, End::Term, End::Backup])]
    pub ends: Vec<End>,
    /// Longest work before the end, in milliseconds
    #[arg(long, default_value_t = 800, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    pub millis: u64,
    /// Reviews; two people, an end user each
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub reviews: u16,
    /// Repeats the rounds of an earlier run, as far as the machine does [default: another each time]
    #[arg(long)]
    pub seed: Option<u64>,
}

/// How a round ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum End {
    /// `kill -9`
    Kill,
    /// SIGTERM, twice
    Term,
    /// `concord backup`, `kill -9` a little later, `concord restore` elsewhere
    Backup,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Kill => "kill",
            Self::Term => "term",
            Self::Backup => "backup",
        })
    }
}

#[derive(Default)]
struct Tally {
    ends: BTreeMap<End, u32>,
    edits: usize,
    checked: usize,
    faults: Vec<String>,
}

/// Runs it.
pub async fn crash(binary: &Path, options: &Crash) -> Result<Report, Failure> {
    let load = process::load_average();
    let seed = options.seed.unwrap_or_else(|| u64::from(uuid::Uuid::new_v4().as_fields().0));
    let mut dice = Dice(seed);
    let mut server = Server::start(binary).await?;
    let world = World::make(&Api::new(&server.url, &server.key), PEOPLE, usize::from(options.reviews)).await?;
    let reviews = world.open_all().await?;
    let mut crowd = Crowd::of(&world, &reviews);
    let mut tally = Tally::default();
    for round in 1..=options.rounds {
        let end = options.ends[dice.below(options.ends.len() as u64) as usize];
        let millis = 1 + dice.below(options.millis);
        *tally.ends.entry(end).or_default() += 1;
        let before = tally.faults.len();
        crowd = run_round(&mut server, crowd, (round, end, millis), &mut tally).await?;
        for fault in &mut tally.faults[before..] {
            *fault = format!("round {round} ({end} after {millis} ms): {fault}");
        }
    }
    server.kill().await?;
    let mut report =
        Report::new(format!("crash: {} rounds of at most {} ms, seed {seed}", options.rounds, options.millis));
    match server.run(&["audit", "verify"]).await {
        Ok(said) => report.note(said.lines().last().unwrap_or_default().to_owned()),
        Err(fault) => tally.faults.push(fault),
    }
    report.figure("edits over the socket", tally.edits as f64, Unit::Count, None);
    report.figure("promises that were checked", tally.checked as f64, Unit::Count, None);
    for (end, count) in &tally.ends {
        report.figure(format!("ended by {end}"), f64::from(*count), Unit::Count, None);
    }
    report.faults(tally.faults);
    report.machine(load);
    Ok(report)
}

/// Everybody works, the server ends, comes back, and is asked for everything that it owes.
async fn run_round(
    server: &mut Server,
    mut crowd: Crowd,
    (round, end, millis): (u32, End, u64),
    tally: &mut Tally,
) -> Result<Crowd, Failure> {
    crowd.go_to(&server.url);
    let edits = crowd.edits();
    let kept = crowd.shared();
    let work = tokio::spawn(crowd.work());
    sleep(Duration::from_millis(millis)).await;
    let mut owed = None;
    match end {
        End::Kill => server.kill().await?,
        End::Term => tally.faults.extend(server.stop().await?),
        End::Backup => {
            owed = Some(kept.owed());
            let path = server.backup_path(round);
            let path = path.to_string_lossy();
            let written = server.run(&["backup", &path]).await;
            server.kill().await?;
            server.move_to_new_data(round);
            for done in [written, server.run(&["restore", &path]).await, server.run(&["audit", "verify"]).await] {
                tally.faults.extend(done.err());
            }
        }
    }
    let mut crowd = work.await.map_err(|error| Failure::Protocol(format!("somebody broke: {error}")))?;
    for person in &mut crowd.people {
        tally.faults.append(&mut person.faults);
        if end == End::Term && person.closed.is_some_and(|code| code != 1012) {
            tally.faults.push(format!("{} was closed with {:?}, not with 1012", person.reviewer, person.closed));
        }
    }
    tally.edits += crowd.edits() - edits;
    let is_older = owed.is_some();
    let owed = owed.unwrap_or_else(|| crowd.owed());
    server.run_on().await?;
    crowd.go_to(&server.url);
    crowd.check(&owed, tally).await?;
    // What came after the backup is gone, and nobody may build on it.
    if is_older { crowd.start_again().await } else { Ok(crowd) }
}

/// Numbers that look random and are the same for the same seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
