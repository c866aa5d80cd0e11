//! Helpers of the black-box tests.

pub mod client;
pub mod database;
pub mod model;
pub mod peer;
pub mod review;
pub mod server;
