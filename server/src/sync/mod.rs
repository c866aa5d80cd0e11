//! Tasks around the domain's rooms: `GET /sync` and the commit path.

pub mod committer;
pub mod edits;
pub mod hub;
mod ledger;
pub mod rederive;
mod room_task;
pub mod socket;
