//! What a connection and an open document cost when nothing happens.

use std::time::Duration;

use crate::connection::Connection;
use crate::crowd::Crowd;
use crate::failure::Failure;
use crate::process;
use crate::report::{CONNECTION, DOCUMENT, Report, Unit};
use crate::target::Target;
use crate::world::World;

/// Documents that the idle connections share.
const SHARED: usize = 10;

/// Documents that one connection opens when documents are counted; the server allows a thousand.
const PER_CONNECTION: usize = 500;

/// Files that either side has open besides: the database, the binary, a few calls.
const OTHER_FILES: u64 = 100;

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
pub(super) async fn idle(target: &Target, options: &Idle) -> Result<Report, Failure> {
    let (connections, documents) = (usize::from(options.connections), usize::from(options.documents));
    let (files, _) = rlimit::Resource::NOFILE.get()?;
    if files < connections as u64 + OTHER_FILES {
        let needed = connections as u64 + OTHER_FILES;
        let detail =
            format!("{connections} connections need {needed} open files, and {files} are allowed (ulimit -Hn)");
        return Err(Failure::Server(detail));
    }
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
    let (address, key) = (world.api.address().to_owned(), member.api.key().to_owned());
    let server = target.pid();
    let rest = move || rest(&address, &key, server, [&shared, &own], connections);
    let rested = tokio::task::spawn_blocking(rest).await;
    let Rested { before, connected, opened, faults } =
        rested.map_err(|error| Failure::Protocol(format!("the clients broke: {error}")))??;

    let mut report =
        Report::new(format!("idle: {connections} connections on {SHARED} documents, {documents} documents"));
    report.faults(faults);
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
    Ok(report)
}

/// Memory of the server at three moments, and what went wrong.
struct Rested {
    before: Option<u64>,
    connected: Option<u64>,
    opened: Option<u64>,
    faults: Vec<String>,
}

/// Connects, rests, and looks at the server's memory in between.
fn rest(
    address: &str,
    key: &str,
    server: Option<u32>,
    [shared, own]: [&[String]; 2],
    connections: usize,
) -> Result<Rested, Failure> {
    let mut crowd = Crowd::new()?;
    let hold = |documents: &[String], crowd: &mut Crowd| {
        let mut connection = Connection::open(address, key)?;
        for document in documents {
            connection.fetch(document)?;
        }
        crowd.add(connection)?;
        // Those who are here already answer pings while others connect.
        crowd.rest(Duration::ZERO)
    };
    let memory = |crowd: &mut Crowd| {
        crowd.rest(QUIET)?;
        Ok::<_, Failure>(server.and_then(process::memory))
    };
    // The shared documents are open before the count begins.
    hold(shared, &mut crowd)?;
    let before = memory(&mut crowd)?;
    for document in shared.iter().cycle().take(connections) {
        hold(std::slice::from_ref(document), &mut crowd)?;
    }
    let connected = memory(&mut crowd)?;
    for documents in own.chunks(PER_CONNECTION) {
        hold(documents, &mut crowd)?;
    }
    let opened = memory(&mut crowd)?;
    Ok(Rested { before, connected, opened, faults: crowd.into_faults() })
}
