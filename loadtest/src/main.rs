//! The command line of the load generator.
//!
//! Exit code 0: sound; 1: the server did something wrong (an edit missing, doubled, copies that differ); 2: the
//! scenario could not be run.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use concord_loadtest::failure::Failure;
use concord_loadtest::report::Report;
use concord_loadtest::scenario::{Crash, Scenario, crash, short_set};
use concord_loadtest::target::TargetOptions;
use serde_json::Value;

/// Puts load on a Concord server and checks every edit
#[derive(Debug, Parser)]
#[command(name = "loadtest")]
struct Cli {
    #[command(flatten)]
    target: TargetOptions,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    json: bool,
    /// Run each scenario so often, and print medians with least and most
    #[arg(long, global = true, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    runs: u16,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    #[command(flatten)]
    One(Scenario),
    /// Whether anything is lost when the server is killed, stopped or restored under load (needs --server)
    Crash(Crash),
    /// A short run of each
    Bench,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // The server that is started here inherits it. What is needed is checked where it is known.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        eprintln!("the limit of open files stays as it is: {error}");
    }
    // One thread: more of them would take time from a server on the same machine.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime.map_err(Failure::Io).and_then(|runtime| {
        let outcome = runtime.block_on(run(&cli));
        // After a failure of one of several scenarios the others may be waiting for it.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(2)
        }
    }
}

/// Whether the server did everything right.
async fn run(cli: &Cli) -> Result<bool, Failure> {
    let scenarios = match &cli.what {
        What::One(scenario) => vec![scenario.clone()],
        What::Crash(_) => vec![],
        What::Bench => short_set(),
    };
    let (mut sound, mut reports) = (true, Vec::new());
    let mut show = |report: Report| {
        sound &= report.is_sound();
        if cli.json {
            reports.push(report.to_json());
        } else {
            println!("{}", report.to_text());
        }
    };
    if let What::Crash(options) = &cli.what {
        let binary = cli.target.server.as_ref();
        let binary = binary.ok_or_else(|| Failure::Server("crash needs --server PATH, to end it".to_owned()))?;
        show(crash(binary, options).await?);
    }
    for scenario in scenarios {
        show(scenario.measure(&cli.target, cli.runs).await?);
    }
    if cli.json {
        println!("{}", Value::Array(reports));
    }
    Ok(sound)
}
