//! Black-box tests of the running server, one module per topic.

mod access;
mod accounts;
mod frame;
mod projects;
mod scores;
