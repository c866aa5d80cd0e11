//! What can be measured, one file each.

mod cold;
mod crash;
mod edits;
mod fanout;
mod feedback;
mod find;
mod idle;
mod ingest;
mod mixed;
mod saturate;
mod watch;

pub use cold::Cold;
pub use crash::{Crash, End, crash};
pub use fanout::Fanout;
pub use feedback::Feedback;
pub use find::Find;
pub use idle::Idle;
pub use ingest::Ingest;
pub use mixed::Mixed;
pub use saturate::Saturate;
pub use watch::Watch;

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
    /// How long a document takes to open among very many
    Cold(Cold),
    /// How long until many watchers of one document see an edit
    Watch(Watch),
    /// How fast logged rows become readable
    Ingest(Ingest),
    /// How long it takes to find rows among very many
    Find(Find),
    /// How many judgements go in by REST
    Feedback(Feedback),
    /// Everything at once
    Mixed(Mixed),
}

/// The short set behind `make bench`: a few minutes, each scenario on a server of its own.
pub fn short_set() -> Vec<Scenario> {
    vec![
        Scenario::Fanout(Fanout { documents: 50, reviewers: 4, rate: 800, seconds: 15 }),
        Scenario::Saturate(Saturate { pairs: 32, inflight: 16, seconds: 5 }),
        Scenario::Idle(Idle { connections: 1000, documents: 500 }),
        Scenario::Cold(Cold { documents: 5000, opens: 1000, prepared: None }),
        Scenario::Watch(Watch { watchers: 500, rate: 10, seconds: 10 }),
        Scenario::Ingest(Ingest { rows: 50_000, batch: 100, clients: 8 }),
        Scenario::Feedback(Feedback { clients: 16, seconds: 5 }),
        Scenario::Mixed(Mixed { seconds: 10, rows: 20_000 }),
    ]
}

impl Scenario {
    /// Runs it so many times, each on a server of its own if servers are started here, and answers the medians.
    pub async fn measure(&self, options: &TargetOptions, runs: u16) -> Result<Report, Failure> {
        let mut reports = Vec::with_capacity(usize::from(runs));
        for _ in 0..runs.max(1) {
            let before = process::load_average();
            let mut report = self.run(options).await?;
            report.machine(before);
            reports.push(report);
        }
        Report::of_runs(reports).ok_or_else(|| Failure::Server("it was not run once".to_owned()))
    }

    async fn run(&self, options: &TargetOptions) -> Result<Report, Failure> {
        match self {
            // They choose the database of their server themselves.
            Self::Cold(shape) => cold::cold(options, shape).await,
            Self::Find(shape) => find::find(options, shape).await,
            Self::Fanout(shape) => on(options, async |target| fanout::fanout(target, shape).await).await,
            Self::Saturate(shape) => on(options, async |target| saturate::saturate(target, shape).await).await,
            Self::Idle(shape) => on(options, async |target| idle::idle(target, shape).await).await,
            Self::Watch(shape) => on(options, async |target| watch::watch(target, shape).await).await,
            Self::Ingest(shape) => on(options, async |target| ingest::ingest(target, shape).await).await,
            Self::Feedback(shape) => on(options, async |target| feedback::feedback(target, shape).await).await,
            Self::Mixed(shape) => on(options, async |target| mixed::mixed(target, shape).await).await,
        }
    }
}

async fn on(
    options: &TargetOptions,
    scenario: impl AsyncFnOnce(&Target) -> Result<Report, Failure>,
) -> Result<Report, Failure> {
    let target = Target::open(options).await?;
    let report = scenario(&target).await;
    closed(report, target).await
}

/// Stops the server whether or not the scenario could be run; a server that cannot stop is a fault as well.
async fn closed(report: Result<Report, Failure>, target: Target) -> Result<Report, Failure> {
    let end = target.close().await;
    let mut report = report?;
    report.faults(end?);
    Ok(report)
}
