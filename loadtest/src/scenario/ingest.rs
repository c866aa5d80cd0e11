//! How fast logged rows come in, until they can be read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::caller::Caller;
use crate::failure::Failure;
use crate::report::{INGEST, Report, Unit};
use crate::target::Target;
use crate::world::{World, row};

/// Rows that are read back whole and compared.
const SAMPLES: usize = 25;

/// How long rows may take to become readable after the last was acknowledged.
const PATIENCE: Duration = Duration::from_secs(30);

/// Rows of a kilobyte through `POST /logs3`.
#[derive(Debug, Clone, clap::Args)]
pub struct Ingest {
    /// Rows
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub rows: u32,
    /// Rows in a request; SDKs send 100 at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub batch: u16,
    /// Requests under way at once
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub clients: u16,
}

/// Runs it.
pub(super) async fn ingest(target: &Target, options: &Ingest) -> Result<Report, Failure> {
    let world = World::make(&target.api, 0, 0).await?;
    let (api, count) = (&world.api, options.rows as usize);
    let rows: Vec<Value> = (0..count).map(|number| row(&world.project, &format!("row-{number}"))).collect();
    let bodies: Vec<Vec<u8>> = rows
        .chunks(usize::from(options.batch))
        .map(|batch| json!({ "rows": batch, "api_version": 2 }).to_string().into_bytes())
        .collect();
    let bytes: usize = bodies.iter().map(Vec::len).sum();

    let mut callers = Vec::with_capacity(usize::from(options.clients));
    for _ in 0..options.clients {
        callers.push(Caller::open(api.address(), api.key())?);
    }
    let (start, cpu) = (target.start_line(), target.cpu());
    let writing = move || {
        start.wait();
        let started = Instant::now();
        write_all(callers, &bodies).map(|acknowledged| (acknowledged, started, started.elapsed()))
    };
    let written = tokio::task::spawn_blocking(writing).await;
    let (acknowledged, started, written) =
        written.map_err(|error| Failure::Protocol(format!("the clients broke: {error}")))??;
    let list = format!("/api/trace?object_type=project_logs&object_id={}&limit=1", world.project);
    let mut readable = api.get(&list).await?["total"].as_u64().unwrap_or(0);
    while readable < u64::from(options.rows) && started.elapsed() < written + PATIENCE {
        sleep(Duration::from_millis(5)).await;
        readable = api.get(&list).await?["total"].as_u64().unwrap_or(0);
    }
    let took = started.elapsed();
    target.await_full_text(PATIENCE).await?;
    let indexed = started.elapsed();
    let cpu = cpu.zip(target.cpu()).map(|(before, after)| after.saturating_sub(before));

    let mut report =
        Report::new(format!("ingest: {count} rows, {} a request, {} at once", options.batch, options.clients));
    // Whatever full text does not have yet is found by looking at it, so this is the stricter figure.
    report.figure(
        "rows until readable and in full text",
        count as f64 / indexed.as_secs_f64(),
        Unit::PerSecond,
        INGEST,
    );
    report.figure("rows until readable", count as f64 / took.as_secs_f64(), Unit::PerSecond, None);
    report.figure("rows until acknowledged", count as f64 / written.as_secs_f64(), Unit::PerSecond, None);
    report.figure("bytes of a row", bytes as f64 / count as f64, Unit::Count, None);
    if let Some(cpu) = cpu {
        report.millis("server CPU per 1,000 rows", cpu.mul_f64(1000.0 / count as f64), None);
    }
    if acknowledged != count {
        report.faults([format!("{acknowledged} of {count} rows were acknowledged")]);
    }
    if readable != u64::from(options.rows) {
        report.faults([format!("{readable} of {count} rows can be read")]);
    }
    for sample in rows.iter().step_by((count / SAMPLES).max(1)) {
        let id = sample["id"].as_str().unwrap_or_default();
        let path = format!("/api/span?object_type=project_logs&object_id={}&id={id}", world.project);
        let stored = api.get(&path).await?;
        for field in ["input", "output", "metadata", "scores", "tags", "root_span_id"] {
            if stored[field] != sample[field] {
                report.faults([format!("row {id} has another {field:?} than was written: {}", stored[field])]);
            }
        }
    }
    Ok(report)
}

/// Writes all bodies, each client the next one; answers how many rows were acknowledged.
fn write_all(callers: Vec<Caller>, bodies: &[Vec<u8>]) -> Result<usize, Failure> {
    let next = AtomicUsize::new(0);
    let write = |mut caller: Caller| -> Result<usize, Failure> {
        let mut acknowledged = 0;
        while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
            let answer: Value = serde_json::from_slice(caller.post("/logs3", body)?).unwrap_or_default();
            acknowledged += answer["ids"].as_array().map_or(0, Vec::len);
        }
        Ok(acknowledged)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = callers.into_iter().map(|caller| scope.spawn(|| write(caller))).collect();
        let broken = || Err(Failure::Protocol("a client broke".to_owned()));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| broken())).sum()
    })
}
