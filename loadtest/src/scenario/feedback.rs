//! How many judgements go in through the HTTP API, one a request.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::api::Api;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::process;
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
#[derive(Default)]
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
    let mut chains = Vec::with_capacity(clients);
    for (client, rows) in reviews.chunks(ROWS).enumerate() {
        let caller = Caller::open(world.api.address(), world.members[client % MEMBERS].api.key())?;
        chains.push((caller, rows.iter().map(|review| review.row.clone()).collect()));
    }
    let (start, server, seconds) = (target.start_line(), target.pid(), Duration::from_secs(options.seconds));
    let judging = move || {
        start.wait();
        let (before, started) = (server.and_then(process::cpu), Instant::now());
        let judged = judge_all(chains, &path, started + seconds);
        let cpu = before.zip(server.and_then(process::cpu)).map(|(before, after)| after.saturating_sub(before));
        (judged, started.elapsed(), cpu)
    };
    let judged = tokio::task::spawn_blocking(judging).await;
    let (judged, took, cpu) = judged.map_err(|error| Failure::Protocol(format!("the clients broke: {error}")))?;

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

/// A thread for each client: whoever waits for an answer costs nothing.
fn judge_all(chains: Vec<(Caller, Vec<String>)>, path: &str, until: Instant) -> Vec<Judged> {
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            chains.into_iter().map(|(caller, rows)| scope.spawn(move || judge(caller, path, &rows, until))).collect();
        threads
            .into_iter()
            .map(|thread| {
                let broken =
                    || Judged { failure: Some(Failure::Protocol("a client broke".to_owned())), ..Judged::default() };
                thread.join().unwrap_or_else(|_| broken())
            })
            .collect()
    })
}

fn judge(mut caller: Caller, path: &str, rows: &[String], until: Instant) -> Judged {
    let mut judged = Judged { latencies: Vec::new(), rows: vec![(0, None); rows.len()], failure: None };
    let mut body = String::new();
    for number in 1_u32.. {
        let started = Instant::now();
        if started >= until {
            break;
        }
        let row = number as usize % rows.len();
        // Different from the one before on the same row, or there would be nothing to store.
        let value = f64::from(number % 1_000_000) / 1e6;
        body.clear();
        let written =
            write!(body, r#"{{"feedback":[{{"id":"{}","scores":{{"{SCORE}":{value}}},"source":"app"}}]}}"#, rows[row]);
        debug_assert!(written.is_ok(), "a String takes every character");
        match caller.post(path, body.as_bytes()) {
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
