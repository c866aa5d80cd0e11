//! Clients that edit reviews: what fan-out and saturation share. Connects, lets them edit, waits until everything has
//! arrived, and compares every copy with the stored document.

use std::time::{Duration, Instant};

use concord_shared::review::read::read;
use concord_shared::review::state::{Judgement, ReviewState};
use serde_json::Value;

use crate::api::Api;
use crate::bytes::Hash;
use crate::client::{Client, Pace, Role};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::process;
use crate::replica::Replica;
use crate::swarm::{Mark, Swarm};
use crate::tally::{Journal, Tally};
use crate::target::{StartLine, Target};
use crate::world::{Review, SCORE, World};

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

/// A client to be.
struct Seat {
    role: Role,
    document: String,
    key: String,
}

/// What is known of the two processes at one moment.
#[derive(Clone, Copy)]
struct Gauge {
    at: Instant,
    server_cpu: Option<Duration>,
    own_cpu: Option<Duration>,
    memory: Option<u64>,
}

impl Gauge {
    fn read(server: Option<u32>) -> Self {
        Self {
            at: Instant::now(),
            server_cpu: server.and_then(process::cpu),
            own_cpu: process::cpu(std::process::id()),
            memory: server.and_then(process::memory),
        }
    }
}

/// Runs clients on all rows of `world`: on each those that `places(review)` answers, as members with a pace.
pub(super) async fn run(
    target: &Target,
    world: &World,
    seconds: u64,
    places: impl Fn(usize) -> Vec<(usize, Pace)>,
) -> Result<Measured, Failure> {
    let reviews = world.open_all().await?;
    let mut seats = Vec::new();
    for (index, review) in reviews.iter().enumerate() {
        for (member, pace) in places(index) {
            let member = &world.members[member];
            let role = Role { review: index, reviewer: member.id.clone(), pace };
            seats.push(Seat { role, document: review.document.clone(), key: member.api.key().to_owned() });
        }
    }
    let (address, server) = (world.api.address().to_owned(), target.pid());
    let start = target.start_line();
    let edit = move || edit(&address, server, seats, Duration::from_secs(seconds), &start);
    let edited = tokio::task::spawn_blocking(edit).await;
    let (clients, gauges) = edited.map_err(|error| Failure::Protocol(format!("the clients broke: {error}")))??;

    let mut of_reviews: Vec<Vec<Client>> = reviews.iter().map(|_| Vec::new()).collect();
    for client in clients {
        of_reviews[client.role.review].push(client);
    }
    let (mut tally, mut faults, mut saved) = (Tally::default(), Vec::new(), 0);
    for (review, mut clients) in reviews.iter().zip(of_reviews) {
        faults.extend(clients.iter_mut().flat_map(|client| std::mem::take(&mut client.faults)));
        saved += clients.iter().map(|client| client.saved).sum::<u64>();
        let journals: Vec<Journal<Hash>> =
            clients.iter_mut().map(|client| std::mem::take(&mut client.journal)).collect();
        tally.add(&journals);
        faults.extend(compare(&world.api, review, clients).await?);
    }
    let mut found = tally.faults();
    found.extend(faults);
    let [before, started, stopped, arrived] = gauges;
    let used = |before: Option<Duration>, after: Option<Duration>| Some(after?.saturating_sub(before?));
    Ok(Measured {
        tally,
        editing: stopped.at - started.at,
        saved,
        server_cpu: used(started.server_cpu, arrived.server_cpu),
        own_cpu: used(started.own_cpu, arrived.own_cpu),
        memory: [before.memory, started.memory, arrived.memory],
        faults: found,
    })
}

/// Connects everybody and lets them edit. The gauges are from before the first connection and of the run's marks.
fn edit(
    address: &str,
    server: Option<u32>,
    seats: Vec<Seat>,
    editing: Duration,
    start: &StartLine,
) -> Result<(Vec<Client>, [Gauge; 4]), Failure> {
    let mut gauges = [Gauge::read(server); 4];
    let mut clients = Vec::with_capacity(seats.len());
    for Seat { role, document, key } in seats {
        let mut connection = Connection::open(address, &key)?;
        let replica = Replica::new(connection.fetch(&document)?, &role.reviewer, SCORE)?;
        clients.push(Client::new(role, connection, &document, replica)?);
    }
    let swarm = Swarm::new(clients)?;
    start.wait();
    let clients = swarm.run(editing, |mark| {
        let place = match mark {
            Mark::Started => 1,
            Mark::Edited => 2,
            Mark::Arrived => 3,
        };
        gauges[place] = Gauge::read(server);
    })?;
    Ok((clients, gauges))
}

/// Holds every client's copy against the stored document.
async fn compare(api: &Api, review: &Review, clients: Vec<Client>) -> Result<Vec<String>, Failure> {
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
    for client in clients {
        let who = format!("the copy of {} of review {}", client.role.reviewer, review.id);
        if !client.replica.is_whole() {
            faults.push(format!("{who} has changes whose causes never came"));
        }
        let document = match client.replica.document() {
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
        let reviewer = client.role.reviewer.parse().ok();
        let judged = reviewer.and_then(|reviewer| state.scores.get(&reviewer)?.get(SCORE).cloned());
        if client.last_value.is_some() && judged != client.last_value.map(Judgement::Number) {
            faults.push(format!("{who} last wrote {:?}, stored is {judged:?}", client.last_value));
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
