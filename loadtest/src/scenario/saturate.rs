//! How many edits go through when writers never wait for anything but their window.

use super::edits;
use crate::client::Pace;
use crate::failure::Failure;
use crate::report::{Report, SATURATED, Unit};
use crate::tally::percentile;
use crate::target::Target;
use crate::world::World;

/// Pairs of a writer and a reader, each pair on a document of its own.
#[derive(Debug, Clone, clap::Args)]
pub struct Saturate {
    /// Pairs
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=5000))]
    pub pairs: u16,
    /// Edits of each writer that its reader has not seen yet
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub inflight: u16,
    /// How long
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
}

/// Runs it.
pub(super) async fn saturate(target: &Target, options: &Saturate) -> Result<Report, Failure> {
    let pairs = usize::from(options.pairs);
    let world = World::make(&target.api, 2, pairs).await?;
    // Clients are numbered review by review.
    let places = |review: usize| vec![(0, Pace::Window(u32::from(options.inflight))), (1, Pace::Watch(review * 2))];
    let mut measured = edits::run(target, &world, options.seconds, places).await?;

    let mut report = Report::new(format!(
        "saturation: {pairs} pairs, {} edits in flight each, for {} s",
        options.inflight, options.seconds
    ));
    let edits = measured.tally.edits as f64;
    report.figure("edits", edits / measured.editing.as_secs_f64(), Unit::PerSecond, SATURATED);
    for (label, percent) in [("p50", 50.0), ("p99", 99.0)] {
        if let Some(latency) = percentile(&mut measured.tally.latencies, percent) {
            report.millis(format!("until the other sees an edit, {label}"), latency, None);
        }
    }
    if let Some(cpu) = measured.server_cpu {
        report.millis("server CPU per 1,000 edits", cpu.mul_f64(1000.0 / edits.max(1.0)), None);
    }
    if let Some(cpu) = measured.own_cpu {
        report.millis("load generator's CPU per 1,000 edits", cpu.mul_f64(1000.0 / edits.max(1.0)), None);
        report.note(format!(
            "the load generator used {:.0} % of a core",
            100.0 * cpu.as_secs_f64() / measured.editing.as_secs_f64()
        ));
    }
    report.note(format!(
        "{edits} edits: {} deliveries once, {} missing, {} repeated; {} came back to their writer",
        measured.tally.delivered, measured.tally.missing, measured.tally.doubled, measured.tally.echoed
    ));
    report.faults(measured.faults);
    Ok(report)
}
