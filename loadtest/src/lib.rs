//! Load by the thousand against a Concord server, with every edit accounted for. A figure without its proof would be
//! worth nothing: a server that loses edits is a fast one.

pub mod api;
pub mod bytes;
pub mod caller;
pub mod chunk;
pub mod client;
pub mod connection;
pub mod crowd;
pub mod edit;
pub mod failure;
pub mod frame;
pub mod message;
pub mod prepared;
pub mod process;
pub mod replica;
pub mod report;
pub mod scenario;
pub mod socket;
pub mod swarm;
pub mod tally;
pub mod target;
pub mod world;
