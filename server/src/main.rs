//! Starts Concord.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    concord_server::cli::run().await
}
