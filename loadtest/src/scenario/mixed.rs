//! Everything at once: people edit, one review has an audience, an SDK logs, and judgements come by REST.

use super::{Fanout, Feedback, Ingest, Watch, fanout, feedback, ingest, watch};
use crate::failure::Failure;
use crate::report::Report;
use crate::target::Target;

/// Scenarios that start together.
const SCENARIOS: usize = 4;

/// A bit of everything at the same time.
#[derive(Debug, Clone, clap::Args)]
pub struct Mixed {
    /// How long
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// Rows that are logged meanwhile
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub rows: u32,
}

/// Runs it. Server figures of the parts are left out: nobody can tell whose work it was.
pub(super) async fn mixed(target: &Target, options: &Mixed) -> Result<Report, Failure> {
    let seconds = options.seconds;
    let together = target.together(SCENARIOS);
    let shapes = (
        Fanout { documents: 25, reviewers: 4, rate: 200, seconds },
        Watch { watchers: 100, rate: 5, seconds },
        Feedback { clients: 4, seconds },
        Ingest { rows: options.rows, batch: 100, clients: 2 },
    );
    let cpu = target.cpu();
    let (edits, audience, judgements, rows) = tokio::try_join!(
        fanout::fanout(&together, &shapes.0),
        watch::watch(&together, &shapes.1),
        feedback::feedback(&together, &shapes.2),
        ingest::ingest(&together, &shapes.3),
    )?;
    let cpu = cpu.zip(target.cpu()).map(|(before, after)| after.saturating_sub(before));
    let mut report = Report::new(format!("mixed: all at once for {seconds} s"));
    for part in [edits, audience, judgements, rows] {
        report.absorb(part);
    }
    if let Some(cpu) = cpu {
        report.millis("server CPU, setting up included", cpu, None);
    }
    Ok(report)
}
