//! What can be measured, one file each.

mod bench;
mod edits;
mod fanout;
mod feedback;
mod idle;
mod ingest;
mod saturate;

pub use bench::{bench, closed};
pub use fanout::{Fanout, fanout};
pub use feedback::{Feedback, feedback};
pub use idle::{Idle, idle};
pub use ingest::{Ingest, ingest};
pub use saturate::{Saturate, saturate};
