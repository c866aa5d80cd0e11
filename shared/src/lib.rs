//! What Concord's server, tests, load generator and web app must agree on. No I/O, no tokio, no SQL.
//!
//! Depends on nothing else of the project; everything else depends on it.

pub mod filter;
pub mod ids;
pub mod metric;
pub mod moment;
pub mod problem;
pub mod review;
pub mod role;
pub mod row;
pub mod score;
pub mod wire;
