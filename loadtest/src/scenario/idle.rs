//! What a connection and an open document cost when nothing happens.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::api::Api;
use crate::connection::{Connection, Incoming};
use crate::failure::Failure;
use crate::report::{CONNECTION, DOCUMENT, Report, Unit};
use crate::target::Target;
use crate::world::World;

/// Documents that the idle connections share.
const SHARED: usize = 10;

/// Documents that one connection opens when documents are counted; the server allows a thousand.
const PER_CONNECTION: usize = 500;

/// Handshakes under way at once.
const CONCURRENT: usize = 16;

/// Until freed memory is back and late frames are out.
const QUIET: Duration = Duration::from_secs(2);

/// Connections and documents at rest.
#[derive(Debug, Clone, clap::Args)]
pub struct Idle {
    /// Connections, on ten documents
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..))]
    pub connections: u16,
    /// Documents that are opened besides
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..))]
    pub documents: u16,
}

/// Runs it.
pub async fn idle(target: &Target, options: &Idle) -> Result<Report, Failure> {
    let (connections, documents) = (usize::from(options.connections), usize::from(options.documents));
    let world = World::make(&target.api, 1, SHARED + documents).await?;
    let member = &world.members[0];
    let mut shared = Vec::new();
    for row in &world.rows[..SHARED] {
        shared.push(world.open(member, row).await?.document);
    }
    let mut own = Vec::new();
    for row in &world.rows[SHARED..] {
        own.push(world.open(member, row).await?.document);
    }
    let (stop, stopped) = watch::channel(false);
    // The shared documents are open before the count begins.
    let mut held = vec![hold(&member.api, shared.clone(), stopped.clone()).await?];
    sleep(QUIET).await;

    let before = target.memory();
    let one_each = (0..connections).map(|number| vec![shared[number % SHARED].clone()]);
    held.extend(hold_all(&member.api, one_each, &stopped).await?);
    sleep(QUIET).await;
    let connected = target.memory();
    held.extend(hold_all(&member.api, own.chunks(PER_CONNECTION).map(<[String]>::to_vec), &stopped).await?);
    sleep(QUIET).await;
    let opened = target.memory();

    stop.send_replace(true);
    let mut report =
        Report::new(format!("idle: {connections} connections on {SHARED} documents, {documents} documents"));
    for client in held {
        let ended = client.await.map_err(|error| Failure::Protocol(format!("a client broke: {error}")))?;
        report.faults(ended.map(|reason| format!("an idle connection was closed: {reason}")));
    }
    if let (Some(before), Some(connected), Some(opened)) = (before, connected, opened) {
        let kib = |bytes: u64| bytes as f64 / 1024.0;
        let per_connection = kib(connected.saturating_sub(before)) / connections as f64;
        let per_document = kib(opened.saturating_sub(connected)) / documents as f64;
        report.figure("memory per idle connection on shared documents", per_connection, Unit::Kibibytes, CONNECTION);
        report.figure("memory per open document", per_document, Unit::Kibibytes, DOCUMENT);
        report.figure("server memory before", kib(before), Unit::Kibibytes, None);
        report.figure("server memory after", kib(opened), Unit::Kibibytes, None);
    } else {
        report.note("no memory is known of a server that was not started here; name its process with --pid");
    }
    report.machine();
    Ok(report)
}

type Held = JoinHandle<Option<String>>;

async fn hold_all(
    api: &Api,
    clients: impl Iterator<Item = Vec<String>>,
    stopped: &watch::Receiver<bool>,
) -> Result<Vec<Held>, Failure> {
    let connecting = clients.map(|documents| hold(api, documents, stopped.clone()));
    stream::iter(connecting).buffer_unordered(CONCURRENT).try_collect().await
}

/// Connects, opens the documents, and stays; the task answers why it was closed, if it was.
async fn hold(api: &Api, documents: Vec<String>, mut stopped: watch::Receiver<bool>) -> Result<Held, Failure> {
    let mut connection = Connection::open(api.address(), &api.ticket().await?).await?;
    for document in &documents {
        connection.fetch(document).await?;
    }
    Ok(tokio::spawn(async move {
        loop {
            let incoming = tokio::select! {
                _ = stopped.changed() => return None,
                incoming = connection.read() => incoming,
            };
            match incoming {
                Ok(Incoming::Closed(reason)) => return Some(reason),
                Ok(_) => {}
                Err(failure) => return Some(failure.to_string()),
            }
            // The answer to a ping is queued by reading it.
            if let Err(failure) = connection.flush().await {
                return Some(failure.to_string());
            }
        }
    }))
}
