//! Helpers of the black-box tests.

pub mod client;
pub mod database;
pub mod double;
pub mod live;
pub mod peer;
pub mod review;
pub mod server;
