//! Load by the thousand against a Concord server, with every edit accounted for. A figure without its proof would be
//! worth nothing: a server that loses edits is a fast one.

pub mod api;
pub mod chunk;
pub mod connection;
pub mod editor;
pub mod failure;
pub mod process;
pub mod replica;
pub mod report;
pub mod scenario;
pub mod tally;
pub mod target;
pub mod world;
