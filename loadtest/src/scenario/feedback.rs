//! How many judgements go in through the HTTP API, one a request.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::api::Api;
use crate::failure::Failure;
use crate::report::{FEEDBACK, FEEDBACK_P99, Report, Unit};
use crate::tally::percentile;
use crate::target::Target;
use crate::world::{Review, SCORE, World};

/// Reviews that each client judges in turn.
const ROWS: usize = 8;

/// Members whose keys the clients share.
const MEMBERS: usize = 4;

/// Clients that send one judgement after another.
#[derive(Debug, Clone, clap::Args)]
pub struct Feedback {
    /// Clients
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub clients: u16,
    /// How long
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
}

/// What a client did.
struct Judged {
    latencies: Vec<Duration>,
    /// For each of its rows, how many judgements were acknowledged and which was the last.
    rows: Vec<(usize, Option<f64>)>,
    failure: Option<Failure>,
}

/// Runs it.
pub(super) async fn feedback(target: &Target, options: &Feedback) -> Result<Report, Failure> {
    let clients = usize::from(options.clients);
    let world = World::make(&target.api, MEMBERS, clients * ROWS).await?;
    let mut reviews = Vec::with_capacity(world.rows.len());
    for (index, row) in world.rows.iter().enumerate() {
        reviews.push(world.open(&world.members[index / ROWS % MEMBERS], row).await?);
    }
    let path = format!("/v1/project_logs/{}/feedback", world.project);
    let (cpu, started) = (target.cpu(), Instant::now());
    let until = started + Duration::from_secs(options.seconds);
    let running: Vec<_> = reviews
        .chunks(ROWS)
        .enumerate()
        .map(|(client, rows)| {
            let api = world.members[client % MEMBERS].api.clone();
            let rows = rows.iter().map(|review| review.row.clone()).collect();
            tokio::spawn(judge(api, path.clone(), rows, until))
        })
        .collect();
    let mut judged = Vec::with_capacity(clients);
    for client in running {
        judged.push(client.await.map_err(|error| Failure::Protocol(format!("a client broke: {error}")))?);
    }
    let took = started.elapsed();
    let cpu = cpu.zip(target.cpu()).map(|(before, after)| after.saturating_sub(before));

    let mut report = Report::new(format!("judgements by REST: {clients} clients for {} s", options.seconds));
    let mut latencies: Vec<Duration> = judged.iter().flat_map(|client| client.latencies.iter().copied()).collect();
    report.figure("judgements", latencies.len() as f64 / took.as_secs_f64(), Unit::PerSecond, FEEDBACK);
    for (label, percent, budget) in [("p50", 50.0, None), ("p99", 99.0, FEEDBACK_P99)] {
        if let Some(latency) = percentile(&mut latencies, percent) {
            report.millis(format!("until acknowledged, {label}"), latency, budget);
        }
    }
    if let Some(cpu) = cpu {
        report.millis("server CPU per 1,000 judgements", cpu.mul_f64(1000.0 / latencies.len().max(1) as f64), None);
    }
    for (client, judged) in judged.into_iter().enumerate() {
        let member = &world.members[client % MEMBERS];
        report.faults(judged.failure.map(|failure| failure.to_string()));
        for (row, (count, last)) in judged.rows.into_iter().enumerate() {
            report.faults(check(&world.api, &member.id, &reviews[client * ROWS + row], count, last).await?);
        }
    }
    if report.is_sound() {
        report.note("every acknowledged judgement is in the history, and the last of each row is the stored one");
    }
    Ok(report)
}

async fn judge(api: Api, path: String, rows: Vec<String>, until: Instant) -> Judged {
    let mut judged = Judged { latencies: Vec::new(), rows: vec![(0, None); rows.len()], failure: None };
    for number in 1_u32.. {
        let started = Instant::now();
        if started >= until {
            break;
        }
        let row = number as usize % rows.len();
        // Different from the one before on the same row, or there would be nothing to store.
        let value = f64::from(number % 1_000_000) / 1e6;
        let body = json!({ "feedback": [{ "id": rows[row], "scores": { SCORE: value }, "source": "app" }] });
        match api.post(&path, &body).await {
            Ok(_) => {
                judged.latencies.push(started.elapsed());
                judged.rows[row] = (judged.rows[row].0 + 1, Some(value));
            }
            Err(failure) => {
                judged.failure = Some(failure);
                break;
            }
        }
    }
    judged
}

/// Holds a review and its history against what was acknowledged.
async fn check(
    api: &Api,
    member: &str,
    review: &Review,
    count: usize,
    last: Option<f64>,
) -> Result<Option<String>, Failure> {
    let stored = api.get(&format!("/api/review/{}", review.id)).await?;
    let value = stored["state"]["scores"][member][SCORE].as_f64();
    if value != last {
        return Ok(Some(format!("review {} holds {value:?}, acknowledged was {last:?}", review.id)));
    }
    let path = format!("/scores/{member}/{SCORE}");
    let (mut found, mut cursor) = (0, String::new());
    loop {
        let page = api.get(&format!("/api/review/{}/history?limit=1000{cursor}", review.id)).await?;
        let entries = page["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        found += entries.iter().filter(|entry| entry["path"] == path.as_str()).count();
        match page["cursor"].as_str() {
            Some(next) if !entries.is_empty() => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    Ok((found != count).then(|| format!("{found} of {count} judgements are in the history of review {}", review.id)))
}
