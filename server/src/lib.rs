//! The Concord server. `ARCHITECTURE.md` beside this folder has the map, the life of a change and the numbered rules.

pub mod access_log;
pub mod accounts;
pub mod app;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod files;
pub mod gauges;
pub mod http;
pub mod ingest;
pub mod live;
pub mod model;
pub mod passwords;
pub mod query;
pub mod random;
#[cfg(test)]
mod sim;
pub mod socket;
pub mod store;
pub mod sync;
pub mod telemetry;
pub mod web;
pub mod webhooks;
