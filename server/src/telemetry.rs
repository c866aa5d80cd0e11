//! The log: human-readable lines on stderr, so that stdout keeps what scripts wait for.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging. `CONCORD_LOG` takes the filter syntax of `tracing`, such as `debug` or `concord_server::http=trace`.
pub fn start() {
    // automerge opens a span for every change that it reads, which costs more than reading it.
    let quiet = || EnvFilter::new("info,sqlx=warn,automerge=error");
    let filter = EnvFilter::try_from_env("CONCORD_LOG").unwrap_or_else(|_| quiet());
    // A second start (tests) keeps the first subscriber.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    let _ = lines.with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal()).try_init();
}
