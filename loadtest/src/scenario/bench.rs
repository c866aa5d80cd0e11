//! The short set behind `make bench`: a minute and a half, each scenario on a server of its own.

use crate::failure::Failure;
use crate::report::Report;
use crate::scenario::{Fanout, Feedback, Idle, Ingest, Saturate};
use crate::scenario::{fanout, feedback, idle, ingest, saturate};
use crate::target::{Target, TargetOptions};

/// Runs the set; `show` is given each report as soon as it is there.
pub async fn bench(options: &TargetOptions, mut show: impl FnMut(Report)) -> Result<(), Failure> {
    let target = Target::open(options).await?;
    let shape = Fanout { documents: 50, reviewers: 4, rate: 800, seconds: 15 };
    show(closed(fanout(&target, &shape).await, target).await?);

    let target = Target::open(options).await?;
    show(closed(saturate(&target, &Saturate { pairs: 32, inflight: 16, seconds: 5 }).await, target).await?);

    let target = Target::open(options).await?;
    show(closed(idle(&target, &Idle { connections: 500, documents: 500 }).await, target).await?);

    let target = Target::open(options).await?;
    show(closed(ingest(&target, &Ingest { rows: 50_000, batch: 100, clients: 8 }).await, target).await?);

    let target = Target::open(options).await?;
    show(closed(feedback(&target, &Feedback { clients: 16, seconds: 5 }).await, target).await?);
    Ok(())
}

/// Stops the server whether or not the scenario could be run; a server that cannot stop is a fault as well.
pub async fn closed(report: Result<Report, Failure>, target: Target) -> Result<Report, Failure> {
    let end = target.close().await;
    let mut report = report?;
    report.faults(end?);
    Ok(report)
}
