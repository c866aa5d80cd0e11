//! SQL and nothing else: implementations of the domain's store traits.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod memory;
pub mod sqlite;
