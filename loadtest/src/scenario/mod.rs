//! What can be measured, one file each.

mod crash;
mod edits;
mod fanout;
mod feedback;
mod idle;
mod ingest;
mod saturate;

pub use crash::{Crash, End, crash};
pub use fanout::Fanout;
pub use feedback::Feedback;
pub use idle::Idle;
pub use ingest::Ingest;
pub use saturate::Saturate;

use crate::failure::Failure;
use crate::process;
use crate::report::Report;
use crate::target::{Target, TargetOptions};

/// One scenario and its size.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Scenario {
    /// How long until others see an edit
    Fanout(Fanout),
    /// How many edits go through with windows always full
    Saturate(Saturate),
    /// What idle connections and open documents cost
    Idle(Idle),
    /// How fast logged rows become readable
    Ingest(Ingest),
    /// How many judgements go in by REST
    Feedback(Feedback),
}

/// The short set behind `make bench`: a few minutes, each scenario on a server of its own.
pub fn short_set() -> Vec<Scenario> {
    vec![
        Scenario::Fanout(Fanout { documents: 50, reviewers: 4, rate: 800, seconds: 15 }),
        Scenario::Saturate(Saturate { pairs: 32, inflight: 16, seconds: 5 }),
        Scenario::Idle(Idle { connections: 1000, documents: 500 }),
        Scenario::Ingest(Ingest { rows: 50_000, batch: 100, clients: 8 }),
        Scenario::Feedback(Feedback { clients: 16, seconds: 5 }),
    ]
}

impl Scenario {
    /// Runs it so many times, each on a server of its own if servers are started here, and answers the medians.
    pub async fn measure(&self, options: &TargetOptions, runs: u16) -> Result<Report, Failure> {
        let mut reports = Vec::with_capacity(usize::from(runs));
        for _ in 0..runs.max(1) {
            let before = process::load_average();
            let target = Target::open(options).await?;
            let report = match self {
                Self::Fanout(options) => fanout::fanout(&target, options).await,
                Self::Saturate(options) => saturate::saturate(&target, options).await,
                Self::Idle(options) => idle::idle(&target, options).await,
                Self::Ingest(options) => ingest::ingest(&target, options).await,
                Self::Feedback(options) => feedback::feedback(&target, options).await,
            };
            let mut report = closed(report, target).await?;
            report.machine(before);
            reports.push(report);
        }
        Report::of_runs(reports).ok_or_else(|| Failure::Server("it was not run once".to_owned()))
    }
}

/// Stops the server whether or not the scenario could be run; a server that cannot stop is a fault as well.
async fn closed(report: Result<Report, Failure>, target: Target) -> Result<Report, Failure> {
    let end = target.close().await;
    let mut report = report?;
    report.faults(end?);
    Ok(report)
}
