//! Black-box tests of the running server, one module per topic.

mod access;
mod accounts;
mod feedback;
mod frame;
mod logs;
mod projects;
mod scores;
mod sync;
mod upkeep;
