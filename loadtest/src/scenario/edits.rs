//! Clients that edit reviews: what fan-out and saturation share. Connects, lets them edit, waits until everything has
//! arrived, and compares every copy with the stored document.

use std::sync::Arc;
use std::time::{Duration, Instant};

use automerge::ChangeHash;
use concord_shared::review::read::read;
use concord_shared::review::state::{Judgement, ReviewState};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::api::Api;
use crate::connection::Connection;
use crate::editor::{Editor, Outcome, Pace, Phase, Progress};
use crate::failure::Failure;
use crate::process;
use crate::replica::Replica;
use crate::tally::{Journal, Tally};
use crate::target::Target;
use crate::world::{Review, SCORE, World};

/// How long nothing may arrive before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long clients go on listening after the last delivery, for repetitions and for the last acknowledgements.
const QUIET: Duration = Duration::from_millis(500);

/// What a run of edits showed.
pub(super) struct Measured {
    /// Deliveries.
    pub tally: Tally,
    /// How long clients edited.
    pub editing: Duration,
    /// Notices that edits are stored.
    pub saved: u64,
    /// Processor time of the server, from the first edit to the last delivery.
    pub server_cpu: Option<Duration>,
    /// The same of this process.
    pub own_cpu: Option<Duration>,
    /// Memory of the server before and after clients connected, and at the end.
    pub memory: [Option<u64>; 3],
    /// What is wrong.
    pub faults: Vec<String>,
}

/// Runs all members of `world` on all its rows, each with the pace that `pace(review, member)` answers.
pub(super) async fn run(
    target: &Target,
    world: &World,
    seconds: u64,
    pace: impl Fn(usize, usize) -> Pace,
) -> Result<Measured, Failure> {
    let reviews = world.open_all().await?;
    let before = target.memory();
    let progress = Arc::new(Progress::default());
    let (phase, listener) = watch::channel(Phase::Waiting);
    let mut clients = Vec::new();
    for (index, review) in reviews.iter().enumerate() {
        for (number, member) in world.members.iter().enumerate() {
            let mut connection = Connection::open(world.api.address(), &member.api.ticket().await?).await?;
            let copy = connection.fetch(&review.document).await?;
            let editor = Editor {
                review: index,
                reviewer: member.id.clone(),
                document: review.document.clone(),
                connection,
                replica: Replica::new(copy, &member.id, SCORE)?,
                pace: pace(index, number),
                progress: progress.clone(),
            };
            clients.push(tokio::spawn(editor.run(listener.clone())));
        }
    }
    let connected = target.memory();

    let (server_cpu, own_cpu) = (target.cpu(), process::cpu(std::process::id()));
    let started = Instant::now();
    phase.send_replace(Phase::Editing);
    sleep(Duration::from_secs(seconds)).await;
    phase.send_replace(Phase::Settling);
    let editing = started.elapsed();
    let others = world.members.len().saturating_sub(1) as u64;
    all_arrived(&progress, others).await;
    let used = |before: Option<Duration>, after: Option<Duration>| Some(after?.saturating_sub(before?));
    let server_cpu = used(server_cpu, target.cpu());
    let own_cpu = used(own_cpu, process::cpu(std::process::id()));
    sleep(QUIET).await;
    let memory = [before, connected, target.memory()];
    phase.send_replace(Phase::Done);

    let mut outcomes: Vec<Vec<Outcome>> = reviews.iter().map(|_| Vec::new()).collect();
    for client in clients {
        let outcome = client.await.map_err(|error| Failure::Protocol(format!("a client broke: {error}")))?;
        outcomes[outcome.review].push(outcome);
    }
    let (mut tally, mut faults, mut saved) = (Tally::default(), Vec::new(), 0);
    for (review, mut outcomes) in reviews.iter().zip(outcomes) {
        faults.extend(outcomes.iter_mut().flat_map(|outcome| std::mem::take(&mut outcome.faults)));
        saved += outcomes.iter().map(|outcome| outcome.saved).sum::<u64>();
        let journals: Vec<Journal<ChangeHash>> =
            outcomes.iter_mut().map(|outcome| std::mem::take(&mut outcome.journal)).collect();
        tally.add(&journals);
        faults.extend(compare(&world.api, review, outcomes).await?);
    }
    let mut found = tally.faults();
    found.extend(faults);
    Ok(Measured { tally, editing, saved, server_cpu, own_cpu, memory, faults: found })
}

/// Waits until every edit has reached everybody else, or nothing has moved for a while.
async fn all_arrived(progress: &Progress, others: u64) {
    let mut last = (progress.read(), Instant::now());
    loop {
        sleep(Duration::from_millis(20)).await;
        let now = progress.read();
        let (edits, receipts) = now;
        if now != last.0 {
            last = (now, Instant::now());
        } else if receipts >= edits * others || last.1.elapsed() > PATIENCE {
            return;
        }
    }
}

/// Holds every client's copy against the stored document.
async fn compare(api: &Api, review: &Review, outcomes: Vec<Outcome>) -> Result<Vec<String>, Failure> {
    let path = format!("/api/review/{}", review.id);
    let stored = api.get(&path).await?;
    let unreadable = |what: &str| Failure::Answer { call: path.clone(), answer: format!("{what}: {stored}") };
    let mut heads: Vec<String> =
        serde_json::from_value(stored["heads"].clone()).map_err(|_| unreadable("no heads in hex"))?;
    heads.sort_unstable();
    let mut state: ReviewState =
        serde_json::from_value(stored["state"].clone()).map_err(|_| unreadable("no readable state"))?;
    // Derived from the rest.
    state.latest.clear();

    let mut faults = Vec::new();
    for outcome in outcomes {
        let who = format!("the copy of {} of review {}", outcome.reviewer, review.id);
        if !outcome.replica.is_whole() {
            faults.push(format!("{who} has changes whose causes never came"));
        }
        let document = match outcome.replica.document() {
            Ok(document) => document,
            Err(failure) => {
                faults.push(format!("{who}: {failure}"));
                continue;
            }
        };
        let mut own: Vec<String> = document.get_heads().iter().map(ToString::to_string).collect();
        own.sort_unstable();
        if own != heads {
            faults.push(format!("{who} has the heads {own:?}, the stored document {heads:?}"));
        }
        let mut shown = read(&document);
        shown.latest.clear();
        if shown != state {
            faults.push(format!("{who} reads other than the stored document"));
        }
        let reviewer = outcome.reviewer.parse().ok();
        let judged = reviewer.and_then(|reviewer| state.scores.get(&reviewer)?.get(SCORE).cloned());
        if outcome.last_value.is_some() && judged != outcome.last_value.map(Judgement::Number) {
            faults.push(format!("{who} last wrote {:?}, stored is {judged:?}", outcome.last_value));
        }
        // The seed has no revision; every other change has one (rule R2).
        let changes = document.get_changes_meta(&[]).len() as u64;
        if stored["revision"].as_u64().is_some_and(|revision| revision + 1 != changes) {
            faults.push(format!("{who} has {changes} changes, the stored revision is {}", stored["revision"]));
        }
    }
    if stored["revision"] == Value::Null {
        return Err(unreadable("no revision"));
    }
    Ok(faults)
}
