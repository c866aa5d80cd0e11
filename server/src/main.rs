//! Starts Concord.
fn main() {}
