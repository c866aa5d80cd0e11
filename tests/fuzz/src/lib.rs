//! What is fuzzed: one function for each way in which bytes of strangers come in. Each panics when a promise is broken.
//!
//! With libFuzzer on stable Rust: rustc's own coverage pass is a stable flag, and without `unsafe` code of ours there is
//! nothing for a sanitizer of memory to find. `run.sh` builds and runs; `tests/replay.rs` repeats every known input in
//! each `cargo test`, without instruments.

// Its own unit tests would be those of the server once more, which run there.
#![cfg(not(test))]

// The rules of the server know neither axum nor sqlx nor tokio, so they compile here as they are.
#[path = "../../../server/src/domain/mod.rs"]
pub mod domain;
#[path = "../../../server/src/ingest/envelope.rs"]
pub mod envelope;

pub mod corpus;
pub mod scene;
pub mod seeds;
mod target;

pub use target::{Target, run};
