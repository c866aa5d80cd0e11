//! Helpers of the black-box tests.

pub mod client;
pub mod server;
