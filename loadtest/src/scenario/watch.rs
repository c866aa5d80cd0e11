//! How long until everybody sees an edit when one document has many watchers.

use std::time::Duration;

use super::edits;
use crate::client::Pace;
use crate::failure::Failure;
use crate::report::{Report, Unit, WATCHERS_P99};
use crate::tally::percentile;
use crate::target::Target;
use crate::world::World;

/// Members whose keys the watchers share.
const MEMBERS: usize = 4;

/// One writer and many watchers of one document.
#[derive(Debug, Clone, clap::Args)]
pub struct Watch {
    /// Watchers
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub watchers: u16,
    /// Edits a second
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: u32,
    /// How long
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
}

/// Runs it.
pub(super) async fn watch(target: &Target, options: &Watch) -> Result<Report, Failure> {
    let world = World::make(&target.api, 1 + MEMBERS, 1).await?;
    let seats = |_: usize| {
        let writer = (0, Pace::Every { first: Duration::ZERO, period: Duration::from_secs(1) / options.rate });
        let watchers = (0..usize::from(options.watchers)).map(|number| (1 + number % MEMBERS, Pace::Never));
        std::iter::once(writer).chain(watchers).collect()
    };
    let mut measured = edits::run(target, &world, options.seconds, seats).await?;

    let mut report = Report::new(format!(
        "watchers: one document, {} watchers, {} edits/s for {} s",
        options.watchers, options.rate, options.seconds
    ));
    for (label, percent, budget) in [("p50", 50.0, None), ("p99", 99.0, WATCHERS_P99), ("longest", 100.0, None)] {
        if let Some(latency) = percentile(&mut measured.tally.latencies, percent) {
            report.millis(format!("until a watcher sees an edit, {label}"), latency, budget);
        }
    }
    let edits = measured.tally.edits.max(1) as f64;
    report.figure(
        "deliveries",
        measured.tally.delivered as f64 / measured.editing.as_secs_f64(),
        Unit::PerSecond,
        None,
    );
    if let Some(cpu) = measured.server_cpu {
        report.millis("server CPU per edit", cpu.div_f64(edits), None);
    }
    if let Some(cpu) = measured.own_cpu {
        report.millis("load generator's CPU per edit", cpu.div_f64(edits), None);
    }
    report.note(format!(
        "{} edits: {} deliveries once, {} missing, {} repeated",
        measured.tally.edits, measured.tally.delivered, measured.tally.missing, measured.tally.doubled
    ));
    report.faults(measured.faults);
    Ok(report)
}
