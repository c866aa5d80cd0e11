//! Tasks around the domain's rooms: `GET /sync` and the commit path.

pub mod committer;
pub mod edits;
pub mod hub;
pub mod rederive;
mod room_task;
pub mod socket;
