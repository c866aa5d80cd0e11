//! How long until others see an edit.

use std::time::Duration;

use super::edits::{self, Measured};
use crate::client::Pace;
use crate::failure::Failure;
use crate::report::{FANOUT_CPU, FANOUT_P50, FANOUT_P99, Report, Unit};
use crate::tally::percentile;
use crate::target::Target;
use crate::world::World;

/// Several reviewers on each of many documents, editing evenly.
#[derive(Debug, Clone, clap::Args)]
pub struct Fanout {
    /// Reviews that are open at once
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=5000))]
    pub documents: u16,
    /// Reviewers of each, a connection per review and reviewer
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(2..=500))]
    pub reviewers: u16,
    /// Edits a second of all together
    #[arg(long, default_value_t = 800, value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: u32,
    /// How long
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
}

/// Runs it.
pub(super) async fn fanout(target: &Target, options: &Fanout) -> Result<Report, Failure> {
    let (documents, reviewers) = (usize::from(options.documents), usize::from(options.reviewers));
    let world = World::make(&target.api, reviewers, documents).await?;
    let between = Duration::from_secs(1) / options.rate;
    let period = between * (documents * reviewers) as u32;
    // Neighbours in time are of different documents, as with people who do not know of each other.
    let pace =
        |review: usize, member: usize| Pace::Every { first: between * (member * documents + review) as u32, period };
    let places = |review: usize| (0..reviewers).map(|member| (member, pace(review, member))).collect();
    let measured = edits::run(target, &world, options.seconds, places).await?;

    let mut report = Report::new(format!(
        "fan-out: {documents} documents x {reviewers} reviewers, {} edits/s for {} s",
        options.rate, options.seconds
    ));
    let Measured { mut tally, editing, saved, server_cpu, own_cpu, memory, faults } = measured;
    for (label, percent, budget) in
        [("p50", 50.0, FANOUT_P50), ("p90", 90.0, None), ("p99", 99.0, FANOUT_P99), ("longest", 100.0, None)]
    {
        if let Some(latency) = percentile(&mut tally.latencies, percent) {
            report.millis(format!("until others see an edit, {label}"), latency, budget);
        }
    }
    report.figure("edits", tally.edits as f64 / editing.as_secs_f64(), Unit::PerSecond, None);
    let per_thousand = |cpu: Duration| cpu.mul_f64(1000.0 / tally.edits.max(1) as f64);
    if let Some(cpu) = server_cpu {
        report.millis("server CPU per 1,000 edits", per_thousand(cpu), FANOUT_CPU);
    }
    if let Some(cpu) = own_cpu {
        report.millis("load generator's CPU per 1,000 edits", per_thousand(cpu), None);
    }
    let kib = |bytes: u64| bytes as f64 / 1024.0;
    if let [Some(before), Some(connected), Some(end)] = memory {
        report.figure("server memory", kib(end), Unit::Kibibytes, None);
        let grown = kib(connected.saturating_sub(before));
        report.figure("of it per connection", grown / (documents * reviewers) as f64, Unit::Kibibytes, None);
        report.figure("of it per document with its connections", grown / documents as f64, Unit::Kibibytes, None);
    }
    report.note(format!(
        "{} edits, each owed to {} others: {} deliveries once, {} missing, {} repeated; {} came back to their writer; {saved} \"saved\" notices",
        tally.edits,
        reviewers - 1,
        tally.delivered,
        tally.missing,
        tally.doubled,
        tally.echoed
    ));
    if faults.is_empty() {
        report.note("all copies and the stored documents are equal");
    }
    report.faults(faults);
    Ok(report)
}
