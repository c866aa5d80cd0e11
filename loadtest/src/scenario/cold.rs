//! How long a document takes to open that nobody has open, among very many.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use concord_shared::review::read::read;
use serde_json::Value;

use super::closed;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::prepared::{Prepared, Sample};
use crate::report::{COLD_P50, COLD_P99, Report, Unit};
use crate::tally::percentile;
use crate::target::{Target, TargetOptions};

/// Documents that one connection opens; the server allows a thousand.
const PER_CONNECTION: usize = 500;

/// One of so many documents is compared with the stored one as well.
const COMPARED: usize = 20;

/// Reviews of a database that was made before, opened one after another.
#[derive(Debug, Clone, clap::Args)]
pub struct Cold {
    /// Reviews in the database, each of a row with a judgement
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    pub documents: u32,
    /// How many of them are opened
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub opens: u32,
    /// Folder of the prepared database, made when it is missing and used again [default: in TMPDIR]
    #[arg(long, value_name = "PATH")]
    pub prepared: Option<PathBuf>,
}

/// Runs it on a server of its own.
pub(super) async fn cold(options: &TargetOptions, shape: &Cold) -> Result<Report, Failure> {
    let Some(binary) = &options.server else {
        return Err(Failure::Server(
            "cold opens need --server PATH, since it is started on a prepared database".into(),
        ));
    };
    let folder = shape
        .prepared
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("concord-prepared-{}-{}", shape.documents, shape.opens)));
    let prepared = Prepared::find_or_make(binary, &folder, shape.documents, shape.opens).await?;
    let started = Instant::now();
    let target = Target::start_in(binary, &folder, &prepared.owner_key).await?;
    let start = started.elapsed();
    let report = open_all(&target, shape, prepared, &folder, start).await;
    closed(report, target).await
}

async fn open_all(
    target: &Target,
    shape: &Cold,
    prepared: Prepared,
    folder: &Path,
    start: Duration,
) -> Result<Report, Failure> {
    let (address, samples) = (target.api.address().to_owned(), prepared.samples.clone());
    let (cpu, before) = (target.cpu(), target.memory());
    let opening = move || open(&address, &prepared.reviewer_key, &prepared.samples);
    let opened = tokio::task::spawn_blocking(opening).await;
    let opened = opened.map_err(|error| Failure::Protocol(format!("the client broke: {error}")))??;
    let cpu = cpu.zip(target.cpu()).map(|(before, after)| after.saturating_sub(before));

    let count = opened.latencies.len();
    let mut latencies = opened.latencies;
    let mut report = Report::new(format!("cold open: {count} of {} documents", shape.documents));
    for (label, percent, budget) in [("p50", 50.0, COLD_P50), ("p99", 99.0, COLD_P99), ("longest", 100.0, None)] {
        if let Some(latency) = percentile(&mut latencies, percent) {
            report.millis(format!("until the document is here, {label}"), latency, budget);
        }
    }
    if let Some(cpu) = cpu {
        report.millis("server CPU per 1,000 opens", cpu.mul_f64(1000.0 / count.max(1) as f64), None);
    }
    report.millis("start of the server", start, None);
    if let (Some(before), Some(after)) = (before, target.memory()) {
        let grown = after.saturating_sub(before) as f64 / 1024.0 / count.max(1) as f64;
        report.figure("memory per opened document", grown, Unit::Kibibytes, None);
    }
    report.note(format!("database {}; every document shows its judgement", folder.display()));
    report.faults(opened.faults);
    for (sample, heads) in samples.iter().zip(opened.heads).step_by(COMPARED) {
        let stored = target.api.get(&format!("/api/review/{}", sample.review)).await?;
        if stored["heads"] != Value::from(heads) {
            report.faults([format!("review {} came with other heads than are stored", sample.review)]);
        }
    }
    Ok(report)
}

#[derive(Default)]
struct Opened {
    latencies: Vec<Duration>,
    heads: Vec<Vec<String>>,
    faults: Vec<String>,
}

/// Opens one after another, as one person does who goes from review to review.
fn open(address: &str, key: &str, samples: &[Sample]) -> Result<Opened, Failure> {
    let mut opened = Opened::default();
    for samples in samples.chunks(PER_CONNECTION) {
        let mut connection = Connection::open(address, key)?;
        for sample in samples {
            let (latency, document) = connection.first_answer(&sample.document)?;
            opened.latencies.push(latency);
            opened.heads.push(document.get_heads().iter().map(ToString::to_string).collect());
            let shown = serde_json::to_value(read(&document)).unwrap_or_default();
            let judged = shown["scores"].as_object().into_iter().flat_map(|scores| scores.values());
            if !judged.flat_map(|own| own.as_object()).any(|own| own.values().any(|value| *value == sample.value)) {
                opened.faults.push(format!("review {} does not show {}", sample.review, sample.value));
            }
        }
    }
    Ok(opened)
}
