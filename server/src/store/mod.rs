//! SQL and nothing else: implementations of the domain's store traits.

pub mod sqlite;
