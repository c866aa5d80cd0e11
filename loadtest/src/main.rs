//! The command line of the load generator.
//!
//! Exit code 0: sound; 1: the server did something wrong (an edit missing, doubled, copies that differ); 2: the
//! scenario could not be run.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use concord_loadtest::failure::Failure;
use concord_loadtest::report::Report;
use concord_loadtest::scenario;
use concord_loadtest::target::{Target, TargetOptions};
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
    /// Threads of the load generator; more of them take time from a server on the same machine
    #[arg(long, global = true, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    threads: u8,
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// How long until others see an edit
    Fanout(scenario::Fanout),
    /// How many edits go through with windows always full
    Saturate(scenario::Saturate),
    /// What idle connections and open documents cost
    Idle(scenario::Idle),
    /// How fast logged rows become readable
    Ingest(scenario::Ingest),
    /// How many judgements go in by REST
    Feedback(scenario::Feedback),
    /// A short run of each
    Bench,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(usize::from(cli.threads)).enable_all().build();
    let outcome = runtime.map_err(Failure::Io).and_then(|runtime| runtime.block_on(run(&cli)));
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
    let mut sound = true;
    let mut reports: Vec<Value> = Vec::new();
    let mut show = |report: Report| {
        sound &= report.is_sound();
        if cli.json {
            reports.push(report.to_json());
        } else {
            println!("{}", report.to_text());
        }
    };
    if let Scenario::Bench = cli.scenario {
        scenario::bench(&cli.target, &mut show).await?;
    } else {
        let target = Target::open(&cli.target).await?;
        let report = match &cli.scenario {
            Scenario::Fanout(options) => scenario::fanout(&target, options).await,
            Scenario::Saturate(options) => scenario::saturate(&target, options).await,
            Scenario::Idle(options) => scenario::idle(&target, options).await,
            Scenario::Ingest(options) => scenario::ingest(&target, options).await,
            Scenario::Feedback(options) => scenario::feedback(&target, options).await,
            Scenario::Bench => return Ok(sound),
        };
        show(scenario::closed(report, target).await?);
    }
    if cli.json {
        println!("{}", Value::Array(reports));
    }
    Ok(sound)
}
