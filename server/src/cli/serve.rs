//! `concord serve`.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use super::{failed, misconfigured};
use crate::app::{self, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry;

/// Serves until it is told to stop.
pub(super) async fn run(config: Config) -> ExitCode {
    telemetry::start();
    // Listened for from the start: a signal during the start must not be lost.
    let (mut terminate, mut interrupt) = match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
        (Err(error), _) | (_, Err(error)) => return failed(&format!("cannot listen for signals: {error}")),
    };
    let running = match app::start(config, Clock::system()).await {
        Ok(running) => running,
        Err(StartError::Configuration(line)) => return misconfigured(&line),
        Err(StartError::Failed(line)) => return failed(&line),
    };
    for notice in &running.notices {
        println!("{notice}");
    }
    println!("listening on http://{}", running.address);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    ExitCode::SUCCESS
}
