//! Figures of this process for `GET /metrics`, in Prometheus' text format. Counting costs an atomic addition; names and
//! labels are made once, at the start. What can be asked for is asked when somebody reads ([`Depths`]).

use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus::core::Collector;
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use crate::domain::store::StoreError;

/// Classes of routes: the first part of the path, and the web app for all others.
const ROUTES: [&str; 13] = [
    "api",
    "v1",
    "logs3",
    "btql",
    "otel",
    "version",
    "sync",
    "live",
    "metrics",
    "health",
    "ready",
    "openapi.json",
    "web",
];

/// Classes of statuses.
const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Seconds: a commit takes a tenth of a millisecond to a second on a bad disk.
const SECONDS: [f64; 12] = [0.000_025, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

/// Commits in one transaction; 256 is the bound.
const SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The names of both sockets.
pub const SOCKETS: [&str; 2] = ["sync", "live"];

/// What is asked for when somebody reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depths {
    /// Open rooms.
    pub rooms: usize,
    /// Bytes of open documents, as estimated.
    pub document_bytes: usize,
    /// Messages that wait for rooms.
    pub inboxes: usize,
    /// Commits that wait for the committer.
    pub committer: usize,
    /// Rows that full text does not have yet.
    pub full_text: usize,
}

/// All figures of a process.
#[derive(Clone)]
pub struct Gauges(Arc<Inner>);

struct Inner {
    registry: Registry,
    rooms: IntGauge,
    document_bytes: IntGauge,
    inboxes: IntGauge,
    committer: IntGauge,
    full_text: IntGauge,
    /// Messages that wait for their socket.
    outboxes: IntGauge,
    connections: [IntGauge; SOCKETS.len()],
    batch_commits: Histogram,
    batch_seconds: Histogram,
    gate_fast: Histogram,
    gate_full: Histogram,
    refusals: IntCounterVec,
    rows: IntCounter,
    store_errors: IntCounterVec,
    requests: [[IntCounter; STATUSES.len()]; ROUTES.len()],
}

impl Gauges {
    /// Everything at zero. `budget` is what open documents may weigh.
    ///
    /// # Errors
    /// When two figures have one name, which a test would show.
    pub fn new(budget: usize) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let depth = vec(IntGaugeVec::new, "concord_queue_depth", "Messages or commits that wait.", "queue")?;
        let connections = vec(IntGaugeVec::new, "concord_connections", "Open WebSockets.", "socket")?;
        let refusals = vec(IntCounterVec::new, "concord_refusals_total", "Changes that the gate refused.", "code")?;
        let store_errors =
            vec(IntCounterVec::new, "concord_store_errors_total", "Batches that were not stored.", "kind")?;
        let requests = IntCounterVec::new(
            Opts::new("concord_http_requests_total", "Answered requests by first part of their path."),
            &["route", "status"],
        )?;
        let gates = HistogramVec::new(
            seconds(
                "concord_gate_seconds",
                "Judging what waits for a review: the full path saves and loads the draft.",
            ),
            &["path"],
        )?;
        let inner = Inner {
            rooms: IntGauge::new("concord_rooms", "Open reviews.")?,
            document_bytes: IntGauge::new("concord_document_bytes", "What open reviews weigh, estimated.")?,
            inboxes: depth.with_label_values(&["inbox"]),
            committer: depth.with_label_values(&["committer"]),
            full_text: depth.with_label_values(&["full_text"]),
            outboxes: depth.with_label_values(&["outbox"]),
            connections: SOCKETS.map(|socket| connections.with_label_values(&[socket])),
            batch_commits: Histogram::with_opts(
                HistogramOpts::new("concord_batch_commits", "Commits in one transaction.").buckets(SIZES.to_vec()),
            )?,
            batch_seconds: Histogram::with_opts(seconds("concord_batch_seconds", "Storing one transaction."))?,
            gate_fast: gates.with_label_values(&["fast"]),
            gate_full: gates.with_label_values(&["full"]),
            rows: IntCounter::new("concord_ingest_rows_total", "Logged rows that were stored.")?,
            requests: ROUTES.map(|route| STATUSES.map(|status| requests.with_label_values(&[route, status]))),
            refusals: refusals.clone(),
            store_errors: store_errors.clone(),
            registry,
        };
        let budget_bytes = IntGauge::new("concord_document_budget_bytes", "What open reviews may weigh.")?;
        budget_bytes.set(clamp(budget));
        let all: [Box<dyn Collector>; 12] = [
            Box::new(inner.rooms.clone()),
            Box::new(inner.document_bytes.clone()),
            Box::new(budget_bytes),
            Box::new(depth),
            Box::new(connections),
            Box::new(inner.batch_commits.clone()),
            Box::new(inner.batch_seconds.clone()),
            Box::new(gates),
            Box::new(refusals),
            Box::new(inner.rows.clone()),
            Box::new(store_errors),
            Box::new(requests),
        ];
        for collector in all {
            inner.registry.register(collector)?;
        }
        Ok(Self(Arc::new(inner)))
    }

    /// A socket of [`SOCKETS`] is open until the answer is dropped.
    pub fn connection(&self, socket: &str) -> Held {
        let place = SOCKETS.iter().position(|name| *name == socket).unwrap_or(0);
        Held::new(&self.0.connections[place])
    }

    /// So many more messages wait for their sockets.
    pub fn outgoing(&self, more: i64) {
        self.0.outboxes.add(more);
    }

    /// One transaction with so many commits and rows was stored.
    pub fn batch(&self, commits: usize, rows: usize, took: Duration) {
        self.0.batch_commits.observe(commits as f64);
        self.0.batch_seconds.observe(took.as_secs_f64());
        self.0.rows.inc_by(rows as u64);
    }

    /// One transaction was not stored.
    pub fn store_error(&self, error: &StoreError) {
        let kind = match error {
            StoreError::Conflict { .. } => "conflict",
            StoreError::Stale(_) => "stale",
            StoreError::ReplicaTaken { .. } => "replica-taken",
            StoreError::Repeated { .. } => "repeated",
            StoreError::Unavailable(_) => "unavailable",
            StoreError::Uncertain(_) => "uncertain",
            StoreError::Corrupt { .. } => "corrupt",
        };
        self.0.store_errors.with_label_values(&[kind]).inc();
    }

    /// What waited for a review was judged. `full`: with saving and loading the draft.
    pub fn gate(&self, full: bool, took: Duration) {
        if full { &self.0.gate_full } else { &self.0.gate_fast }.observe(took.as_secs_f64());
    }

    /// A change was refused.
    pub fn refusal(&self, code: &str) {
        self.0.refusals.with_label_values(&[code]).inc();
    }

    /// A request was answered.
    pub fn request(&self, path: &str, status: u16) {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let route = ROUTES.iter().position(|route| *route == first).unwrap_or(ROUTES.len() - 1);
        let status = usize::from(status / 100).saturating_sub(1).min(STATUSES.len() - 1);
        self.0.requests[route][status].inc();
    }

    /// Everything as Prometheus reads it.
    ///
    /// # Errors
    /// When a figure cannot be written, which the library allows for.
    pub fn text(&self, depths: Depths) -> Result<String, prometheus::Error> {
        let inner = &self.0;
        inner.rooms.set(clamp(depths.rooms));
        inner.document_bytes.set(clamp(depths.document_bytes));
        inner.inboxes.set(clamp(depths.inboxes));
        inner.committer.set(clamp(depths.committer));
        inner.full_text.set(clamp(depths.full_text));
        let mut text = Vec::new();
        TextEncoder::new().encode(&inner.registry.gather(), &mut text)?;
        String::from_utf8(text).map_err(|error| prometheus::Error::Msg(error.to_string()))
    }
}

/// Measures how long something takes. The one clock beside [`crate::clock::Clock`]: what it shows decides nothing.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// One more of something, until it is dropped.
#[derive(Debug)]
pub struct Held(IntGauge);

impl Held {
    fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn vec<T>(
    make: impl Fn(Opts, &[&str]) -> Result<T, prometheus::Error>,
    name: &str,
    help: &str,
    label: &str,
) -> Result<T, prometheus::Error> {
    make(Opts::new(name, help), &[label])
}

fn seconds(name: &str, help: &str) -> HistogramOpts {
    HistogramOpts::new(name, help).buckets(SECONDS.to_vec())
}

fn clamp(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(gauges: &Gauges, name: &str) -> String {
        let text = gauges
            .text(Depths { rooms: 3, document_bytes: 70_000, inboxes: 2, committer: 1, full_text: 9 })
            .expect("text");
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("no {name} in\n{text}")).to_owned()
    }

    #[test]
    fn figures_move() {
        let gauges = Gauges::new(1000).expect("distinct names");
        let _sync = gauges.connection("sync");
        gauges.outgoing(3);
        gauges.outgoing(-2);
        drop(gauges.connection("live"));
        gauges.batch(4, 200, Duration::from_micros(300));
        gauges.gate(true, Duration::from_micros(700));
        gauges.gate(false, Duration::from_micros(30));
        gauges.refusal("not-yours");
        gauges.store_error(&StoreError::Unavailable("disk full".into()));
        for (path, status) in [("/v1/project", 200), ("/v1", 404), ("/p/some/page", 200), ("/sync", 101)] {
            gauges.request(path, status);
        }
        for (name, value) in [
            ("concord_rooms", "3"),
            ("concord_document_bytes", "70000"),
            ("concord_document_budget_bytes", "1000"),
            (r#"concord_queue_depth{queue="inbox"}"#, "2"),
            (r#"concord_queue_depth{queue="committer"}"#, "1"),
            (r#"concord_queue_depth{queue="full_text"}"#, "9"),
            (r#"concord_queue_depth{queue="outbox"}"#, "1"),
            (r#"concord_connections{socket="sync"}"#, "1"),
            (r#"concord_connections{socket="live"}"#, "0"),
            (r#"concord_batch_commits_bucket{le="2"}"#, "0"),
            (r#"concord_batch_commits_bucket{le="4"}"#, "1"),
            ("concord_batch_seconds_sum", "0.0003"),
            (r#"concord_gate_seconds_count{path="fast"}"#, "1"),
            (r#"concord_gate_seconds_bucket{path="full",le="0.0005"}"#, "0"),
            (r#"concord_refusals_total{code="not-yours"}"#, "1"),
            ("concord_ingest_rows_total", "200"),
            (r#"concord_store_errors_total{kind="unavailable"}"#, "1"),
            (r#"concord_http_requests_total{route="v1",status="2xx"}"#, "1"),
            (r#"concord_http_requests_total{route="v1",status="4xx"}"#, "1"),
            (r#"concord_http_requests_total{route="web",status="2xx"}"#, "1"),
            (r#"concord_http_requests_total{route="sync",status="1xx"}"#, "1"),
        ] {
            assert_eq!(line(&gauges, name), value, "{name}");
        }
    }
}
